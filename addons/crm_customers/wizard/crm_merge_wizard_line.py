from odoo import fields, models
from odoo.exceptions import UserError


class CrmMergeWizardLine(models.TransientModel):
    """One link of one kind of document in the trial run of a merge."""

    _name = "crm.merge.wizard.line"
    _description = "Rows a Merge Would Move"
    _order = "count desc, id"

    wizard_id = fields.Many2one("crm.merge.wizard", required=True, ondelete="cascade")
    label = fields.Char(string="Documents", readonly=True)
    field_label = fields.Char(string="Linked by", readonly=True)
    table_name = fields.Char(string="Table", readonly=True)
    column_name = fields.Char(string="Column", readonly=True)
    count = fields.Integer(string="Rows", readonly=True)
    clash_count = fields.Integer(
        string="There Already",
        readonly=True,
        help="Rows that the survivor has already. They go into the journal and come back when the"
        " merge is undone.",
    )
    model = fields.Char(readonly=True)
    domain = fields.Json(readonly=True)

    def action_open_rows(self):
        """Show the rows by name, as far as the user may see them."""
        self.ensure_one()
        if not self.model or not self.env[self.model].has_access("read"):
            raise UserError(self.env._("You may not see these rows. They are moved all the same."))
        return {
            "type": "ir.actions.act_window",
            "name": self.label,
            "res_model": self.model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": self.domain,
            "context": {"active_test": False, "create": False},
        }
