from odoo import fields, models


class CrmLead(models.Model):
    """Leads of a pooled customer wait with it: hidden, and not given away by the assignment."""

    _inherit = "crm.lead"

    crm_pooled = fields.Boolean(
        string="In the Pool",
        readonly=True,
        copy=False,
        help="Released with its customer; it goes to whoever claims the customer.",
    )

    _crm_pooled_idx = models.Index("(partner_id) WHERE crm_pooled")

    def write(self, vals):
        if vals.get("user_id") and "crm_pooled" not in vals:
            vals = {**vals, "crm_pooled": False}
        result = super().write(vals)
        if "partner_id" in vals:
            self._move_activities_to_customer()
        return result

    def _get_lead_duplicates(self, partner=None, email=None, include_lost=False):
        # a lead that waits in the pool is merged with none of those in work
        found = super()._get_lead_duplicates(partner, email, include_lost)
        return found.filtered(lambda lead: not lead.crm_pooled)

    def _move_activities_to_customer(self):
        """Let the activities of leads follow to another customer of the lead."""
        # sudo: also activities of colleagues belong to the lead. Read through the leads, so that
        # a loop over leads that were read together costs one query.
        rows = self.sudo().with_context(active_test=False).activity_ids
        if not rows:
            return
        before = rows.crm_customer_id
        self.env.add_to_compute(rows._fields["crm_customer_id"], rows)
        (before | rows.crm_customer_id)._refresh_next_followup()

    def _get_partner_email_update(self, force_void=True):
        # asked first: the host would read the address of a customer that is hidden
        if not force_void and not self._may_update_partner():
            return False
        return super()._get_partner_email_update(force_void)

    def _get_partner_phone_update(self, force_void=True):
        if not force_void and not self._may_update_partner():
            return False
        return super()._get_partner_phone_update(force_void)

    def _may_update_partner(self):
        """Whether an address entered on the lead may go to the customer's record.

        Another person's customer keeps its own; the lead is saved all the same.
        """
        self.ensure_one()
        return self.env.su or not self.partner_id or self.partner_id.has_access("write")
