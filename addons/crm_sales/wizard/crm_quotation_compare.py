from odoo import api, fields, models

from ..tools.quotation_compare import compare_lines

HEADER_FIELDS = (
    "partner_id",
    "validity_date",
    "commitment_date",
    "payment_term_id",
    "crm_plan_template_id",
    "pricelist_id",
    "currency_id",
    "user_id",
)
AMOUNT_FIELDS = ("amount_untaxed", "amount_tax", "amount_total")


class CrmQuotationCompare(models.TransientModel):
    """Shows two revisions of a quotation side by side."""

    _name = "crm.quotation.compare"
    _description = "Compare Revisions"

    before_id = fields.Many2one("sale.order", string="Earlier Revision", required=True)
    after_id = fields.Many2one("sale.order", string="Later Revision", required=True)
    family_ids = fields.Many2many("sale.order", compute="_compute_family_ids")
    only_changes = fields.Boolean(default=True)
    html = fields.Html(compute="_compute_html", sanitize=False)

    @api.depends("after_id")
    def _compute_family_ids(self):
        orders = self.after_id.search(self.after_id._get_revision_domain())
        for wizard in self:
            first = wizard.after_id._get_first_revisions()
            wizard.family_ids = orders.filtered(
                lambda order, first=first: order._get_first_revisions() == first
            )

    @api.depends("before_id", "after_id", "only_changes")
    @api.depends_context("lang", "uid")
    def _compute_html(self):
        for wizard in self:
            wizard.html = self.env["ir.qweb"]._render(
                "crm_sales.quotation_compare", wizard._prepare_comparison()
            )

    def _prepare_comparison(self):
        """Return what the page shows: header, lines and amounts of both revisions."""
        self.ensure_one()
        before, after = self.before_id, self.after_id
        pairs = compare_lines(before._list_compared(), after._list_compared())
        labels = self.env["sale.order.line"].fields_get(
            ["product_uom_qty", "price_unit", "discount", "price_subtotal", "margin"], ["string"]
        )
        return {
            "before": before,
            "after": after,
            "headers": self._compare_fields(HEADER_FIELDS, all_rows=not self.only_changes),
            "amounts": self._compare_fields(self._get_amount_fields(), all_rows=True),
            "pairs": [pair for pair in pairs if not self.only_changes or pair.status != "same"],
            "labels": {name: field["string"] for name, field in labels.items()},
            "shown": self._format_figure,
        }

    def _get_amount_fields(self):
        """Return the amounts to compare; the margin for whom the host shows it."""
        seen = self.env["sale.order"].fields_get(["margin", "margin_percent"], ["string"])
        return (*AMOUNT_FIELDS, *seen)

    def _compare_fields(self, names, all_rows):
        """Return rows of label, value before, value after and whether they differ."""
        orders = self.env["sale.order"]
        labels = orders.fields_get(names, ["string"])
        rows = []
        for name in names:
            texts = [self._format_field(order, name) for order in (self.before_id, self.after_id)]
            if all_rows or texts[0] != texts[1]:
                rows.append((labels[name]["string"], *texts, texts[0] != texts[1]))
        return rows

    def _format_field(self, order, name):
        field = order._fields[name]
        value = order[name]
        if name == "margin_percent":
            return self._format_number(value * 100) + " %"
        if field.type == "monetary":
            return order.currency_id.format(value)
        if field.relational:
            # sudo: names of what the quotation says, which its reader sees on the paper
            return value.sudo().display_name or "–"
        return self.env["ir.qweb.field"].value_to_html(value, {}) if value else "–"

    def _format_figure(self, side, line, name):
        """Return a figure of a line as the page shows it; empty where there is none."""
        if line is None or name not in line.figures:
            return ""
        value = line.figures[name]
        if name in ("price_unit", "price_subtotal", "margin"):
            return side.currency_id.format(value)
        return self._format_number(value)

    def _format_number(self, value):
        return self.env["ir.qweb.field.float"].value_to_html(value, {"precision": 2})
