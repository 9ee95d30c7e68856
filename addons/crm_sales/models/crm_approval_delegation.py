from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmApprovalDelegation(models.Model):
    """While somebody is away, a colleague approves on his behalf.

    Owns: absences. Who: each his own, sales managers all. Twice at once: rows of their own.
    A million rows: read by approver and day, indexed.
    """

    _name = "crm.approval.delegation"
    _description = "Approval Delegation"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Absent",
        required=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
    )
    delegate_id = fields.Many2one(
        "res.users",
        string="Deputy",
        required=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True)
    note = fields.Char(string="Reason")

    _dates_ordered = models.Constraint(
        "CHECK (date_from <= date_to)", "The absence ends before it begins."
    )
    _somebody_else = models.Constraint(
        "CHECK (user_id <> delegate_id)", "Choose somebody else as the deputy."
    )

    @api.constrains("delegate_id")
    def _check_delegate(self):
        for row in self:
            # sudo: kinds of users are not for everybody to read
            if row.delegate_id.sudo().share:
                raise ValidationError(self.env._("Choose a colleague as the deputy."))

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._call_deputies()
        return rows

    def write(self, vals):
        result = super().write(vals)
        self._call_deputies()
        return result

    @api.model
    def _get_deputies(self, users):
        """Return ``{user_id: deputies}`` of those among ``users`` who are away today."""
        today = fields.Date.context_today(self)
        # sudo: absences are read to find who decides
        rows = self.sudo().search(
            [
                ("user_id", "in", users.ids),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ]
        )
        result, nobody = {}, rows.delegate_id.browse()
        for row in rows:
            result[row.user_id.id] = result.get(row.user_id.id, nobody) | row.delegate_id
        return result

    def _call_deputies(self):
        """Give deputies the open requests of those who are away."""
        # sudo: requests are kept by the program
        steps = (
            self.env["crm.approval.step"]
            .sudo()
            .search([("state", "=", "waiting"), ("approver_ids", "in", self.user_id.ids)])
        )
        steps._call_deciders()
