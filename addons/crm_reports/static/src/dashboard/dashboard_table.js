import { Component } from "@odoo/owl";
import { formatFigure } from "./formatters";

/** The figures of a tile as a table; every figure opens its records. */
export class DashboardTable extends Component {
    static template = "crm_reports.DashboardTable";
    static props = { tile: Object, open: Function };

    get tile() {
        return this.props.tile;
    }

    format(cell, index) {
        return formatFigure(cell.value, this.tile.columns[index], this.tile.currency);
    }
}
