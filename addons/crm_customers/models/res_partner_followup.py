from odoo import api, fields, models
from odoo.tools import SQL

from .kept_state import kept


class ResPartner(models.Model):
    """Last and next follow-up of a customer."""

    _inherit = "res.partner"

    crm_last_followup = kept(
        fields.Datetime,
        "Last Follow-up",
        help="The last contact with the customer that is proven by an outcome in words.",
    )
    crm_next_followup = kept(
        fields.Date,
        "Next Follow-up",
        index="btree_not_null",
        help="The earliest planned contact with the customer, on it or on one of its documents.",
    )
    crm_followup_count = fields.Integer(string="Follow-ups", compute="_compute_crm_followup_count")

    @api.depends("crm_facts")
    def _compute_crm_followup_count(self):
        for partner in self:
            partner.crm_followup_count = partner._get_fact("followups")

    def action_record_followup(self):
        """Open the dialogue that records a follow-up of this customer."""
        self.ensure_one()
        return self.env["crm.followup.record"]._open(
            {
                "default_partner_id": self.commercial_partner_id.id,
                "default_contact_id": False if self.crm_is_customer else self.id,
            }
        )

    def action_view_followups(self):
        """Open the follow-ups of this customer, done ones included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.mail_activity_action_followup"
        )
        customer = self.commercial_partner_id
        return action | {"domain": [("crm_customer_id", "=", customer.id)]}

    def _stamp_followup(self, moment=None):
        """Note that the customers were followed up, with evidence; sets the pool's clock back.

        :param datetime moment: naive UTC; None: now. An earlier one than known changes nothing.
        """
        moment = moment or fields.Datetime.now()
        # sudo: a follow-up counts for the customer whoever made it
        customers = self.sudo().commercial_partner_id.filtered(
            lambda row: not row.crm_last_followup or row.crm_last_followup < moment
        )
        if not customers:
            return
        customers.write({"crm_last_followup": moment})
        customers._drop_return_reminders()
        customers.crm_pool_id._refresh_return_dates(customers.ids)

    def _refresh_next_followup(self):
        """Store the earliest open follow-up of the customers; writes the difference only."""
        if not self.ids:
            return
        self.env["mail.activity"].flush_model()
        self.env["res.partner"].flush_model(["crm_next_followup"])
        changed = self.env.execute_query(
            SQL(
                """
                UPDATE res_partner p SET crm_next_followup = next.date
                  FROM unnest(%s::int[]) AS customer(id)
                  LEFT JOIN LATERAL (
                    SELECT MIN(a.date_deadline) AS date
                      FROM mail_activity a
                      JOIN mail_activity_type t ON t.id = a.activity_type_id AND t.crm_followup
                     WHERE a.crm_customer_id = customer.id AND a.active
                  ) next ON TRUE
                 WHERE p.id = customer.id AND p.crm_next_followup IS DISTINCT FROM next.date
             RETURNING p.id
                """,
                self.ids,
            )
        )
        self.browse(row[0] for row in changed).invalidate_recordset(["crm_next_followup"])
