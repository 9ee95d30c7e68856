import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Compares customers that are to become one, field by field, and lets the user choose whose value
 * stays. Reads `differences` of the record and writes `{field: partner id or "all"}`.
 */
export class MergeChoices extends Component {
    static template = "crm_customers.MergeChoices";
    static props = { ...standardFieldProps };

    get partners() {
        return this.props.record.data.differences?.partners || [];
    }

    get groups() {
        const rows = this.props.record.data.differences?.rows || [];
        return [
            {
                key: "conflicts",
                title: _t("They say different things: choose"),
                rows: rows.filter((row) => row.conflict),
            },
            {
                key: "filled",
                title: _t("Only some of them have a value"),
                rows: rows.filter((row) => !row.conflict),
            },
        ].filter((group) => group.rows.length);
    }

    get nothing() {
        return this.partners.length > 1 && !this.groups.length;
    }

    chosen(row) {
        const choices = this.props.record.data[this.props.name] || {};
        return choices[row.name] ?? row.default;
    }

    options(row) {
        const names = Object.fromEntries(this.partners.map((one) => [one.id, one.name]));
        const options = row.options.map((option) => ({ ...option, name: names[option.id] }));
        if (row.joint) {
            options.push({ id: "all", name: _t("All"), text: _t("All together"), may: true });
        }
        return options;
    }

    picture(option) {
        return `/web/image/res.partner/${option.id}/avatar_128`;
    }

    choose(row, option) {
        const choices = { ...(this.props.record.data[this.props.name] || {}) };
        choices[row.name] = option.id;
        return this.props.record.update({ [this.props.name]: choices });
    }
}

registry.category("fields").add("crm_merge_choices", {
    component: MergeChoices,
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "differences", type: "json" }],
});
