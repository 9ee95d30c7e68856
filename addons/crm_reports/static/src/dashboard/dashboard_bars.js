import { Component } from "@odoo/owl";
import { formatFigure, formatHeadline } from "./formatters";
import { colorOf, hasMeaning } from "./palette";

/** Horizontal bars and funnels: rows of text and bars, each row a button to its records. */
export class DashboardBars extends Component {
    static template = "crm_reports.DashboardBars";
    static props = { tile: Object, open: Function };

    get tile() {
        return this.props.tile;
    }

    get isFunnel() {
        return this.tile.chart_type === "funnel";
    }

    get isStacked() {
        return this.tile.stacked && this.tile.columns.length > 1;
    }

    /** @returns {number} the figure that fills the width: a percentage is measured against 100 */
    get largest() {
        if (this.tile.columns.every((column) => column.kind === "percent")) {
            return 100;
        }
        const sizes = this.tile.rows.map((row) => {
            const values = row.cells.map((cell) => Math.abs(cell.value || 0));
            return this.isStacked
                ? values.reduce((total, value) => total + value, 0)
                : Math.max(...values);
        });
        return Math.max(...sizes) || 1;
    }

    /** @returns {Object[]} the legend, when there is more than one column */
    get legend() {
        return this.tile.columns.length > 1
            ? this.tile.columns.map((column, index) => ({
                  label: column.label,
                  color: colorOf(column, index),
              }))
            : [];
    }

    get rows() {
        const { columns, rows, currency } = this.tile;
        const largest = this.largest;
        const byRow = columns.length === 1 && hasMeaning(rows);
        return rows.map((row, position) => ({
            ...row,
            bars: row.cells.map((cell, index) => ({
                ...cell,
                column: columns[index],
                width: `${Math.max((Math.abs(cell.value || 0) / largest) * 100, cell.value ? 1 : 0)}%`,
                color: row.other || byRow ? colorOf(row, position) : colorOf(columns[index], index),
                figure: formatHeadline(cell.value, columns[index], currency),
                full: formatFigure(cell.value, columns[index], currency),
            })),
        }));
    }
}
