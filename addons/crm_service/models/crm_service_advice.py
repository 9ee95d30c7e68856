from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServiceAdvice(models.Model):
    """Advice to a customer on his running system, followed up until he has decided."""

    _name = "crm.service.advice"
    _description = "Advice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "follow_up_date, id desc"
    _check_company_auto = True

    name = fields.Char(string="Advice", required=True, tracking=True)
    description = fields.Html()
    contract_id = fields.Many2one(
        "crm.contract", required=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Customer", store=True, index=True
    )
    visit_id = fields.Many2one(
        "crm.service.visit", index="btree_not_null", check_company=True, ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    follow_up_date = fields.Date(string="Follow Up On", index=True, tracking=True)
    decision = fields.Text(help="What the customer said.")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("agreed", "Agreed"),
            ("declined", "Declined"),
            ("done", "Carried Out"),
        ],
        default="proposed",
        required=True,
        index=True,
        tracking=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        advices = super().create(vals_list)
        advices._plan_follow_up()
        return advices

    def write(self, vals):
        if vals.get("state") == "declined":
            self._check_decision(vals)
        result = super().write(vals)
        if "follow_up_date" in vals or "user_id" in vals:
            self._plan_follow_up()
        if vals.get("state") in ("declined", "done"):
            self.activity_unlink(["crm_service.mail_activity_follow_up"])
        return result

    def action_agree(self):
        """The customer wants it."""
        self.state = "agreed"
        return True

    def action_decline(self):
        """The customer does not want it; his words are kept."""
        self.state = "declined"
        return True

    def action_done(self):
        """It has been carried out."""
        self.state = "done"
        return True

    def _check_decision(self, vals):
        if any(not (vals.get("decision") or advice.decision or "").strip() for advice in self):
            raise UserError(self.env._("Enter what the customer said before declining."))

    def _plan_follow_up(self):
        """Remind the responsible on the follow-up date, once per advice."""
        kind = self.env.ref("crm_service.mail_activity_follow_up")
        self.activity_unlink(["crm_service.mail_activity_follow_up"])
        due = self.filtered(lambda one: one.follow_up_date and one.state in ("proposed", "agreed"))
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": advice.id,
                    "activity_type_id": kind.id,
                    "user_id": (advice.user_id or self.env.user).id,
                    "summary": advice.name,
                    "date_deadline": advice.follow_up_date,
                    # So that a changed date replaces the reminder instead of adding one.
                    "automated": True,
                }
                for advice in due
            ]
        )
