import { Component, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { deserializeDate, deserializeDateTime, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * The customer at a glance: figures that open to their records, health with its reasons, and what
 * happened, newest first. One call reads it all; more of the timeline comes page by page.
 */
export class CustomerPage extends Component {
    static template = "crm_customers.CustomerPage";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.latest = new KeepLast();
        this.state = useState({
            status: "loading",
            tiles: [],
            health: null,
            timeline: [],
            planned: [],
            more_planned: false,
            last_deal: false,
            kinds: [],
            cursor: null,
            chosen: [],
            busy: false,
        });
        useRecordObserver((record) => {
            // Read here, so that an owner or a follow-up that changes reads the page again.
            const seen = [record.resId, record.data.crm_last_followup, record.data.user_id];
            if (seen[0]) {
                this.load(seen[0]);
            }
        });
    }

    async load(resId) {
        this.state.busy = true;
        try {
            const page = await this.latest.add(
                this.orm.call("res.partner", "crm_get_overview", [[resId]])
            );
            Object.assign(this.state, page, { status: "ready", chosen: [] });
        } catch (error) {
            this.state.status = "failed";
            throw error;
        } finally {
            this.state.busy = false;
        }
    }

    /** The strip above is of the record, the rest of this page. */
    async afterDialog() {
        await this.props.record.load();
        await this.reload();
    }

    reload() {
        return this.load(this.props.record.resId);
    }

    async readTimeline(cursor) {
        this.state.busy = true;
        try {
            const page = await this.latest.add(
                this.orm.call("res.partner", "crm_get_timeline", [[this.props.record.resId]], {
                    kinds: [...this.state.chosen],
                    cursor,
                })
            );
            if (cursor) {
                this.state.timeline.push(...page.timeline);
                this.state.cursor = page.cursor;
            } else {
                Object.assign(this.state, page);
            }
        } finally {
            this.state.busy = false;
        }
    }

    more() {
        return this.readTimeline(this.state.cursor);
    }

    choose(kind) {
        const chosen = this.state.chosen;
        if (!kind) {
            this.state.chosen = [];
        } else if (chosen.includes(kind)) {
            this.state.chosen = chosen.filter((one) => one !== kind);
        } else {
            this.state.chosen = [...chosen, kind];
        }
        return this.readTimeline(null);
    }

    async openTile(tile) {
        const action = await this.orm.call("res.partner", "crm_open_tile", [
            [this.props.record.resId],
            tile.key,
        ]);
        return this.action.doAction(action);
    }

    openRow(row) {
        const [resModel, resId] = row.opens;
        if (row.method) {
            return this.action.doActionButton({
                type: "object",
                name: row.method,
                resModel,
                resId,
                resIds: [resId],
                onClose: () => this.afterDialog(),
            });
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    recordFollowup() {
        return this.action.doActionButton({
            type: "object",
            name: "action_record_followup",
            resModel: "res.partner",
            resId: this.props.record.resId,
            resIds: [this.props.record.resId],
            onClose: () => this.afterDialog(),
        });
    }

    money(figure) {
        return formatCurrency(figure.amount, figure.currency);
    }

    /** The main figure of a tile: the first currency's amount, or the number of records. */
    mainFigure(tile) {
        const [first] = tile.figures;
        if (!tile.monetary) {
            return String(tile.figures.reduce((sum, figure) => sum + figure.count, 0));
        }
        return first ? this.money(first) : "–";
    }

    /** Amounts in further currencies, each by itself. */
    otherFigures(tile) {
        return tile.monetary ? tile.figures.slice(1).map((figure) => this.money(figure)) : [];
    }

    countOf(tile) {
        return tile.figures.reduce((sum, figure) => sum + figure.count, 0);
    }

    noteFigure(tile) {
        if (!tile.note_figures.length) {
            return "";
        }
        return tile.monetary
            ? tile.note_figures.map((figure) => this.money(figure)).join(" + ")
            : String(tile.note_figures.reduce((sum, figure) => sum + figure.count, 0));
    }

    isEmpty(tile) {
        return !tile.figures.some((figure) => figure.amount || figure.count);
    }

    dateOf(row) {
        const date = row.is_date ? deserializeDate(row.date) : deserializeDateTime(row.date);
        return formatDate(date);
    }

    timeOf(row) {
        return row.is_date ? "" : deserializeDateTime(row.date).toFormat("HH:mm");
    }

    /** Whether a planned row should have happened already. */
    isLate(row) {
        return row.is_date
            ? deserializeDate(row.date) < luxon.DateTime.local().startOf("day")
            : deserializeDateTime(row.date) < luxon.DateTime.local();
    }

    get lastDeal() {
        return this.state.last_deal ? formatDate(deserializeDate(this.state.last_deal)) : "";
    }

    /** The rows, with a heading before the first row of each month. */
    get months() {
        const months = [];
        for (const row of this.state.timeline) {
            const date = row.is_date ? deserializeDate(row.date) : deserializeDateTime(row.date);
            const label = date.toLocaleString({ year: "numeric", month: "long" });
            if (!months.length || months.at(-1).label !== label) {
                months.push({ label, rows: [] });
            }
            months.at(-1).rows.push(row);
        }
        return months;
    }

    get levelLabel() {
        return {
            good: _t("Good"),
            watch: _t("To Watch"),
            risk: _t("At Risk"),
        }[this.state.health.level];
    }

    get rfmTitle() {
        const [recency, frequency, monetary] = this.state.health.rfm;
        return _t(
            "Recency %(recency)s, frequency %(frequency)s, monetary value %(monetary)s of 5, among all buyers",
            { recency, frequency, monetary }
        );
    }
}

export const customerPage = {
    component: CustomerPage,
    fieldDependencies: [
        { name: "crm_last_followup", type: "datetime" },
        { name: "user_id", type: "many2one", relation: "res.users" },
    ],
};

registry.category("view_widgets").add("crm_customer_page", customerPage);
