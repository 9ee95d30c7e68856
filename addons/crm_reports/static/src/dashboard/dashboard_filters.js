import { Component } from "@odoo/owl";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";

/** Period, company, team and person: what all tiles of a dashboard are filtered by. */
export class DashboardFilters extends Component {
    static template = "crm_reports.DashboardFilters";
    static components = { DateTimeInput, RecordSelector };
    static props = { filters: Object, choices: Object, update: Function };

    setup() {
        this.placeholders = { team: _t("All teams"), user: _t("Everyone") };
        this.userDomain = [["share", "=", false]];
    }

    get isCustom() {
        return this.props.filters.period === "custom";
    }

    get company() {
        return this.props.filters.company_ids.length === 1 ? this.props.filters.company_ids[0] : "";
    }

    date(name) {
        const value = this.props.filters[name];
        return value ? deserializeDate(value) : false;
    }

    setDate(name, value) {
        this.props.update({ [name]: value ? serializeDate(value) : false });
    }

    onPeriod(ev) {
        this.props.update({ period: ev.target.value });
    }

    onCompany(ev) {
        const id = Number(ev.target.value);
        this.props.update({ company_ids: id ? [id] : [] });
    }
}
