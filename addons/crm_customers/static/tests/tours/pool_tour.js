import { registry } from "@web/core/registry";

/** A salesperson claims a masked customer, telephones, notes what came of it, and returns it. */
registry.category("web_tour.tours").add("crm_customers_pool", {
    steps: () => [
        {
            content: "The pool shows the customer with a masked number",
            trigger:
                ".o_data_row:contains(苏州一号有限公司) td[name=phone]:contains(/^\\+86 21\\*\\*\\*\\*38$/)",
        },
        {
            content: "Claim it",
            trigger: ".o_data_row:contains(苏州一号有限公司) button[name=action_claim]",
            run: "click",
        },
        {
            content: "The customer opens",
            trigger: ".o_form_view .o_field_widget[name=name] :value(苏州一号有限公司)",
        },
        {
            content: "Its number can be read now",
            trigger: ".o_form_view .o_field_widget[name=phone] :value(/5080 1238/)",
        },
        {
            content: "Record what came of the call",
            trigger: ".o_form_view button[name=action_record_followup]",
            run: "click",
        },
        {
            content: "Say what was agreed",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit 电话确认了预算和交付时间",
        },
        {
            content: "It counts",
            trigger: ".modal button[name=action_record]",
            run: "click",
        },
        {
            content: "The customer counts one follow-up",
            trigger:
                "body:not(:has(.modal)) button[name=action_view_followups] .o_stat_value:contains(1)",
        },
        {
            content: "Return it",
            trigger: "button[name=action_return_to_pool]:visible",
            run: "click",
        },
        {
            content: "With a reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit 今年没有预算",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "The form of the hidden customer is left for the list",
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});
