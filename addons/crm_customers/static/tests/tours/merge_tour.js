import { registry } from "@web/core/registry";

/** Two records of one customer: looked at, compared, tried, merged, and brought back. */
registry.category("web_tour.tours").add("crm_customers_merge", {
    steps: () => [
        {
            content: "The queue shows the pair with its reasons",
            trigger: ".o_data_row:contains(宁波海港机械有限公司) button[name=action_merge]",
            run: "click",
        },
        {
            content: "What differs is to be chosen: the other one's telephone number",
            trigger:
                ".modal .o_crm_merge_choices [role=radiogroup]:contains(+86 574 8888 0002) label:contains(+86 574 8888 0002) input",
            run: "click",
        },
        {
            content: "Ask what will move",
            trigger: ".modal button[name=action_check]",
            run: "click",
        },
        {
            content: "The trial run lists the opportunity that moves",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:contains(/Lead|Opportunity/)",
        },
        {
            content: "Back once more",
            trigger: ".modal button[name=action_back]",
            run: "click",
        },
        {
            content: "The choice is still there",
            trigger:
                ".modal .o_crm_merge_choices [role=radiogroup]:contains(+86 574 8888 0002) label:contains(+86 574 8888 0002) input:checked",
        },
        {
            content: "Check again",
            trigger: ".modal button[name=action_check]",
            run: "click",
        },
        {
            content: "Merge",
            trigger: ".modal button[name=action_merge]",
            run: "click",
        },
        {
            content: "Yes, merge",
            trigger: ".modal:not(.o_inactive_modal) .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The journal of the merge opens",
            trigger: ".o_form_view button[name=action_undo]:visible",
            run: "click",
        },
        {
            content: "Yes, undo",
            trigger: ".modal:not(.o_inactive_modal) .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The merge is undone",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(button[name=action_undo]))",
        },
    ],
});
