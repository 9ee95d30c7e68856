from odoo import api, fields, models


class CrmAgeingOpen(models.TransientModel):
    """Asks for the day at whose end receivables are shown."""

    _name = "crm.ageing.open"
    _description = "Ageing as of a Day"

    as_of = fields.Date(string="As of", required=True, default=fields.Date.context_today)
    group = fields.Selection(
        [
            ("user_id", "Salesperson"),
            ("partner_id", "Customer"),
            ("contract_id", "Contract"),
            ("plan_line_id", "Instalment"),
        ],
        string="By",
        required=True,
        default="user_id",
    )

    def action_open(self):
        """Show the receivables open at the end of the chosen day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sales.crm_ageing_report_action")
        return action | {
            "name": self._get_title(),
            "display_name": self._get_title(),
            "context": {
                "crm_as_of": fields.Date.to_string(self.as_of),
                "pivot_row_groupby": [self.group],
                "group_by": [self.group],
            },
        }

    @api.depends("as_of")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = wizard._get_title()

    def _get_title(self):
        return self.env._("Ageing as of %s", self.as_of.strftime("%Y-%m-%d") if self.as_of else "")
