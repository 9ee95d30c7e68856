from odoo import api, fields, models


class CrmServiceNoticeRecipient(models.Model):
    """One person who is told about an upgrade or maintenance, with his own page and receipt."""

    _name = "crm.service.notice.recipient"
    _description = "Notice Recipient"
    _inherit = ["portal.mixin", "mail.thread"]
    _order = "notice_id desc, id"
    _mail_post_access = "read"

    notice_id = fields.Many2one("crm.service.notice", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="notice_id.company_id", store=True, index=True)
    contract_id = fields.Many2one("crm.contract", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Recipient", required=True, index=True)
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer", store=True, index=True
    )
    state = fields.Selection(
        [
            ("pending", "To Send"),
            ("sent", "Sent"),
            ("blocked", "Not Reachable"),
            ("acknowledged", "Acknowledged"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
    )
    reason = fields.Char(readonly=True, help="Why the notice could not be mailed.")
    sent_at = fields.Datetime(readonly=True)
    acknowledged_at = fields.Datetime(readonly=True)
    acknowledged_by = fields.Char(readonly=True)

    _recipient_uniq = models.UniqueIndex(
        "(notice_id, contract_id, partner_id)", "This person is told already."
    )

    @api.depends("notice_id.name", "partner_id.name")
    def _compute_display_name(self):
        for recipient in self:
            recipient.display_name = f"{recipient.notice_id.name}: {recipient.partner_id.name}"

    def _compute_access_url(self):
        super()._compute_access_url()
        for recipient in self:
            recipient.access_url = f"/my/notices/{recipient.id}"

    def _send_once(self):
        """Mail the notice to this recipient if nobody did yet; the gate decides whether.

        The row is held while it is sent, so that no second server sends it too.
        """
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "pending":
            return
        refusal = self.partner_id._explain_contactable("email", "service")
        if refusal:
            self.write({"state": "blocked", "reason": refusal[self.partner_id.id]})
            return
        self.write({"state": "sent", "sent_at": fields.Datetime.now()})
        self._tell(self.env.ref("crm_service.mail_template_notice"))

    def _tell(self, template):
        """Mail a template to the recipients, each on his own record."""
        for recipient in self:
            recipient.message_subscribe(partner_ids=recipient.partner_id.ids)
            recipient.message_post_with_source(
                template,
                subtype_xmlid="mail.mt_comment",
                email_layout_xmlid="mail.mail_notification_layout",
                attachment_ids=recipient.notice_id.attachment_ids.ids,
            )

    def _acknowledge(self, name):
        """Note that the customer has seen the notice; a second time changes nothing.

        :param str name: who acknowledged
        """
        unseen = self.filtered(lambda one: one.state != "acknowledged")
        unseen.write(
            {
                "state": "acknowledged",
                "acknowledged_at": fields.Datetime.now(),
                "acknowledged_by": name,
            }
        )
        return bool(unseen)
