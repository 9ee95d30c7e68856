import { Component, useExternalListener, useRef, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const DELAY = 150;
const FEWEST_CHARACTERS = 2;

/**
 * Names the companies that somebody may mean who types the name of a new one, with their owners.
 */
export class NameSuggestions extends Component {
    static template = "crm_customers.NameSuggestions";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        this.state = useState({ found: [] });
        this.asked = 0;
        this.ask = useDebounced((typed) => this.suggest(typed), DELAY);
        useExternalListener(window, "input", (event) => this.onInput(event));
    }

    get isNewCompany() {
        const { record } = this.props;
        return !record.resId && record.data.is_company;
    }

    onInput({ target }) {
        const field = target.closest(".o_field_widget[name='name']");
        const form = this.root.el?.closest(".o_form_view");
        if (field && form && form === field.closest(".o_form_view")) {
            this.ask(target.value || "");
        }
    }

    async suggest(typed) {
        const number = ++this.asked;
        let found = [];
        if (this.isNewCompany && typed.trim().length >= FEWEST_CHARACTERS) {
            found = await this.orm.silent.call("res.partner", "crm_suggest_names", [typed]);
        }
        // A later letter may have been answered before.
        if (number === this.asked) {
            this.state.found = found;
        }
    }

    open(suggestion) {
        return this.action.doAction(suggestion.action);
    }
}

registry.category("view_widgets").add("crm_name_suggestions", {
    component: NameSuggestions,
    fieldDependencies: [{ name: "is_company", type: "boolean" }],
});
