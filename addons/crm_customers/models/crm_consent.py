from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

CHANNELS = [
    ("email", "Email"),
    ("sms", "SMS"),
    ("phone", "Phone Call"),
    ("post", "Post"),
    ("wechat", "WeChat"),
]
PURPOSES = [
    ("marketing", "Marketing"),
    ("service", "Service"),
    ("survey", "Survey"),
]
SOURCES = [
    ("form", "Signed Form"),
    ("contract", "Contract"),
    ("conversation", "Conversation"),
    ("message", "Message from the Person"),
    ("portal", "Portal or Website"),
    ("unsubscribe", "Unsubscribe Link"),
    ("import", "Import"),
]


class CrmConsent(models.Model):
    """Ledger of what a person allowed or forbade, per channel and purpose.

    Append-only: a change of mind is a new row, and the newest by (date, id) counts. Rows live as
    long as the person's record does and go with it when it is deleted for privacy.
    """

    _name = "crm.consent"
    _inherit = "crm.ledger.mixin"
    _description = "Consent"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Person", required=True, ondelete="cascade")
    channel = fields.Selection(CHANNELS, required=True)
    purpose = fields.Selection(PURPOSES, required=True, default="marketing")
    state = fields.Selection(
        [("granted", "Granted"), ("withdrawn", "Withdrawn")], required=True, default="granted"
    )
    date = fields.Datetime(
        string="Declared on",
        required=True,
        default=fields.Datetime.now,
        help="When the person said so; may lie before the day of entry, never after.",
    )
    source = fields.Selection(SOURCES, required=True, default="conversation")
    reason = fields.Char()
    evidence = fields.Text(help="What proves it: wording, form number, time of the call ...")
    document = fields.Binary(attachment=True)
    document_name = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        string="Recorded by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )

    _newest_idx = models.Index("(partner_id, channel, purpose, date DESC, id DESC)")

    # Constraints

    @api.constrains("date")
    def _check_date(self):
        now = fields.Datetime.now()
        if any(consent.date > now for consent in self):
            raise ValidationError(
                self.env._("A consent cannot be declared in the future. Correct its date.")
            )

    @api.constrains("state", "evidence", "document")
    def _check_evidence(self):
        for consent in self:
            if consent.state == "granted" and not (consent.evidence or consent.document):
                raise ValidationError(
                    self.env._(
                        "A granted consent needs its evidence: say in words what proves it, or"
                        " attach the document."
                    )
                )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        # The one who records is part of the evidence, so it is not for the caller to choose.
        vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        return super().create(vals_list)

    @api.model
    def _get_change_refusal(self):
        return self.env._(
            "Consents are evidence and are never changed. Record a new one instead: the newest"
            " counts."
        )

    @api.model
    def _get_deletion_refusal(self):
        return self.env._(
            "Consents are evidence and are never deleted one by one. They go with the person's"
            " record when that is deleted."
        )

    # Business

    @api.model
    def _current_states(self, partner_ids, wanted):
        """Return what is in force: the newest row per person, channel and purpose; one query.

        :param wanted: pairs of channel and purpose
        :return: ``{(partner_id, channel, purpose): state}``
        """
        if not partner_ids:
            return {}
        self.flush_model(["partner_id", "channel", "purpose", "state", "date"])
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ON (partner_id, channel, purpose)"
                " partner_id, channel, purpose, state FROM crm_consent"
                " WHERE partner_id = ANY(%s) AND (channel, purpose) IN %s"
                " ORDER BY partner_id, channel, purpose, date DESC, id DESC",
                list(partner_ids),
                tuple(wanted),
            )
        )
        return {tuple(key): state for *key, state in rows}
