import { registry } from "@web/core/registry";

const tile = (name) => `.o_crm_tile[aria-label="${name}"]`;

/** From a figure to the records behind it and back, as a table, and for another period. */
registry.category("web_tour.tours").add("crm_reports_dashboard", {
    steps: () => [
        {
            content: "The dashboard shows a figure for what was won",
            trigger: `${tile("Won Value")} .o_crm_headline:not(:empty)`,
            run: "click",
        },
        {
            content: "The figure opens the opportunities that make it up",
            trigger: ".o_list_view .o_data_row:contains(Opportunity)",
        },
        {
            content: "The way back leads to the dashboard",
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb .breadcrumb-item a",
            run: "click",
        },
        {
            content: "A chart can be read as a table",
            trigger: `${tile("Won Value by Month")} .o_crm_toggle_table`,
            run: "click",
        },
        {
            content: "The table ends with the sum",
            trigger: `${tile("Won Value by Month")} .o_crm_table tfoot .o_crm_figure:not(:empty)`,
        },
        {
            content: "Another period is chosen",
            trigger: ".o_crm_period",
            run: "select all",
        },
        {
            content: "The tiles are read again",
            trigger: ".o_crm_grid[aria-busy=false]",
        },
        {
            content: "The workbook can be had",
            trigger: ".o_crm_export:enabled",
        },
    ],
});
