import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { DashboardBars } from "./dashboard_bars";
import { DashboardChart } from "./dashboard_chart";
import { DashboardTable } from "./dashboard_table";
import { formatChange, formatCompact, formatFigure, formatHeadline } from "./formatters";
import { colorOf } from "./palette";

const ERROR_ICONS = { access: "fa-lock", definition: "fa-wrench", network: "fa-plug" };
const CANVAS_CHARTS = ["bar", "line", "pie"];

/** One card of a dashboard: a headline, its figures, and a way to the records behind each. */
export class DashboardTile extends Component {
    static template = "crm_reports.DashboardTile";
    static components = { DashboardBars, DashboardChart, DashboardTable };
    static props = {
        tile: Object,
        loading: Boolean,
        canWiden: Boolean,
        open: Function,
        retry: Function,
        widen: Function,
    };

    setup() {
        this.state = useState({ asTable: false });
        this.open = (domain, part) => this.props.open(this.tile, domain, part);
    }

    get tile() {
        return this.props.tile;
    }

    get content() {
        const { error, chart_type, count } = this.tile;
        if (error) {
            return "error";
        }
        if (!("totals" in this.tile)) {
            return "loading";
        }
        if (chart_type === "kpi") {
            return "figure";
        }
        if (!count || !this.tile.rows.length) {
            return "empty";
        }
        if (this.state.asTable || chart_type === "table") {
            return "table";
        }
        return CANVAS_CHARTS.includes(chart_type) ? "chart" : "bars";
    }

    get canToggle() {
        return ["chart", "bars", "table"].includes(this.content) && this.tile.chart_type !== "table";
    }

    get errorIcon() {
        return ERROR_ICONS[this.tile.error.kind] || "fa-exclamation-triangle";
    }

    get figures() {
        const { columns, totals, previous, currency } = this.tile;
        return totals.map((total, index) => ({
            label: columns[index].label,
            domain: total.domain,
            headline: formatHeadline(total.value, columns[index], currency),
            full: formatFigure(total.value, columns[index], currency),
            change:
                previous &&
                formatChange(total.value, previous.totals[index].value, columns[index]),
        }));
    }

    /** @returns {string} what a screen reader says instead of showing the chart */
    get chartLabel() {
        const { name, columns, totals, currency } = this.tile;
        const figures = columns.map(
            (column, index) =>
                `${column.label}: ${formatFigure(totals[index].value, column, currency)}`
        );
        return _t("%(title)s. Total %(figures)s. Use the arrow keys to walk through the values.", {
            title: name,
            figures: figures.join(", "),
        });
    }

    get ringTotal() {
        const { columns, totals, currency } = this.tile;
        return formatCompact(totals[0].value, columns[0], currency);
    }

    get ringLegend() {
        const { rows, columns, totals, currency } = this.tile;
        const total = totals[0].value || 0;
        return rows.map((row, index) => ({
            ...row,
            color: colorOf(row, index),
            figure: formatHeadline(row.cells[0].value, columns[0], currency),
            share: total ? `${Math.round((row.cells[0].value / total) * 100)}%` : "",
        }));
    }

    get notes() {
        const { dated, as_of, rate_basis, ignored_labels } = this.tile;
        const notes = [];
        if (!dated) {
            notes.push(_t("As of %s", as_of));
        }
        if (ignored_labels.length) {
            notes.push(_t("Not filtered by: %s", ignored_labels.join(", ")));
        }
        if (rate_basis) {
            notes.push(rate_basis);
        }
        return notes;
    }
}
