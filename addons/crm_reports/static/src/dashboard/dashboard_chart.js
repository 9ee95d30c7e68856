import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { browser } from "@web/core/browser/browser";
import { formatCompact, formatFigure } from "./formatters";
import { colorOf, GRID, hasMeaning, INK, QUIET } from "./palette";

const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * Columns, a line or a ring on a canvas. A click, or the arrow keys and Enter, open the records
 * behind a point.
 */
export class DashboardChart extends Component {
    static template = "crm_reports.DashboardChart";
    static props = { tile: Object, open: Function, label: String };

    setup() {
        this.canvasRef = useRef("canvas");
        this.state = useState({ announcement: "" });
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.tile]
        );
        onWillUnmount(() => this.chart && this.chart.destroy());
    }

    get tile() {
        return this.props.tile;
    }

    get isRing() {
        return this.tile.chart_type === "pie";
    }

    draw() {
        if (this.chart) {
            this.chart.destroy();
        }
        const reduced = browser.matchMedia("(prefers-reduced-motion: reduce)").matches;
        this.position = -1;
        // eslint-disable-next-line no-undef
        this.chart = new Chart(this.canvasRef.el, {
            type: { bar: "bar", line: "line", pie: "doughnut" }[this.tile.chart_type],
            data: { labels: this.tile.rows.map((row) => row.label), datasets: this.datasets },
            options: {
                responsive: true,
                maintainAspectRatio: false,
                animation: reduced ? false : { duration: 300 },
                font: { family: window.getComputedStyle(document.body).fontFamily },
                interaction: { mode: this.isRing ? "nearest" : "index", intersect: false },
                onClick: (ev) => this.onClick(ev),
                onHover: (ev, elements) => {
                    ev.native.target.style.cursor = elements.length ? "pointer" : "default";
                },
                plugins: { legend: this.legend, tooltip: this.tooltip },
                ...(this.isRing ? { cutout: "66%" } : { scales: this.scales }),
            },
        });
    }

    get datasets() {
        const { columns, rows, chart_type } = this.tile;
        if (this.isRing) {
            return [
                {
                    data: rows.map((row) => row.cells[0].value),
                    backgroundColor: rows.map((row, index) => colorOf(row, index)),
                    borderWidth: 2,
                    borderColor: "#fff",
                    hoverOffset: 4,
                },
            ];
        }
        const byRow = columns.length === 1 && hasMeaning(rows);
        return columns.map((column, index) => {
            const color = colorOf(column, index);
            return {
                label: column.label,
                data: rows.map((row) => row.cells[index].value),
                backgroundColor: byRow
                    ? rows.map((row, position) => colorOf(row, position))
                    : chart_type === "line"
                      ? `${color}1F`
                      : color,
                borderColor: color,
                ...(chart_type === "line"
                    ? { borderWidth: 2, tension: 0.25, fill: columns.length === 1, pointRadius: 3 }
                    : { borderRadius: 4, maxBarThickness: 42, categoryPercentage: 0.7 }),
            };
        });
    }

    get scales() {
        const { columns, stacked } = this.tile;
        return {
            x: {
                stacked,
                grid: { display: false },
                border: { color: GRID },
                ticks: { color: QUIET, maxRotation: 0, autoSkip: true, autoSkipPadding: 12 },
            },
            y: {
                stacked,
                beginAtZero: true,
                grid: { color: GRID },
                border: { display: false },
                ticks: {
                    color: QUIET,
                    maxTicksLimit: 6,
                    precision: columns[0].kind === "integer" ? 0 : undefined,
                    callback: (value) => formatCompact(value, columns[0]),
                },
            },
        };
    }

    get legend() {
        return {
            display: !this.isRing && this.tile.columns.length > 1,
            position: "top",
            align: "start",
            labels: { color: INK, usePointStyle: true, pointStyle: "circle", boxHeight: 7 },
        };
    }

    get tooltip() {
        const { columns, currency } = this.tile;
        return {
            backgroundColor: "#1F2937",
            padding: 10,
            cornerRadius: 6,
            usePointStyle: true,
            callbacks: {
                label: (item) => {
                    const column = columns[this.isRing ? 0 : item.datasetIndex];
                    const figure = formatFigure(item.raw, column, currency);
                    return ` ${this.isRing ? item.label : column.label}: ${figure}`;
                },
            },
        };
    }

    onClick(ev) {
        const [element] = this.chart.getElementsAtEventForMode(
            ev.native,
            "nearest",
            { intersect: false },
            false
        );
        if (element) {
            this.openPoint(element.index, this.isRing ? 0 : element.datasetIndex);
        }
    }

    onKeydown(ev) {
        const count = this.tile.rows.length * (this.isRing ? 1 : this.tile.columns.length);
        if (ev.key in MOVES) {
            ev.preventDefault();
            this.position = (this.position + MOVES[ev.key] + count) % count;
            this.showPoint();
        } else if (ev.key === "Enter" && this.position >= 0) {
            ev.preventDefault();
            this.openPoint(...this.point);
        }
    }

    get point() {
        const width = this.isRing ? 1 : this.tile.columns.length;
        return [Math.floor(this.position / width), this.position % width];
    }

    showPoint() {
        const [index, datasetIndex] = this.point;
        this.chart.setActiveElements([{ index, datasetIndex }]);
        this.chart.tooltip.setActiveElements([{ index, datasetIndex }], { x: 0, y: 0 });
        this.chart.update("none");
        const row = this.tile.rows[index];
        const column = this.tile.columns[datasetIndex];
        const figure = formatFigure(row.cells[datasetIndex].value, column, this.tile.currency);
        this.state.announcement = `${row.label}, ${column.label}: ${figure}`;
    }

    openPoint(index, column) {
        const row = this.tile.rows[index];
        this.props.open(row.cells[column].domain, row.label);
    }
}
