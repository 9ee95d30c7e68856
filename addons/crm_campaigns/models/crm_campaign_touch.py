from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.channels import CHANNELS

KINDS = [
    ("click", "Click"),
    ("reply", "Reply"),
    ("form", "Form or Enquiry"),
    ("attended", "Attended"),
    ("manual", "Noted by Hand"),
]
COLUMNS = (
    "campaign_id",
    "partner_id",
    "lead_id",
    "channel",
    "kind",
    "date",
    "source_key",
    "is_bot",
)


class CrmCampaignTouch(models.Model):
    """A response of a person to a campaign. Append-only: attribution is computed from it.

    A response may come from a lead whose person is not known yet; the touch learns the person
    when the lead does.
    """

    _name = "crm.campaign.touch"
    _inherit = "crm.ledger.mixin"
    _description = "Campaign Touch"
    _order = "date desc, id desc"
    _rec_name = "campaign_id"

    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Person", ondelete="cascade", index="btree_not_null"
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer"
    )
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null")
    channel = fields.Selection(CHANNELS, required=True, default="other")
    kind = fields.Selection(KINDS, required=True, default="manual")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    note = fields.Char()
    is_bot = fields.Boolean(
        string="By a Machine",
        help="Made by a mail scanner, not by a person: counted, but never as a response.",
    )
    source_key = fields.Char(
        string="Source",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: f"manual,{uuid4()}",
        help="What the touch was recorded from; nothing is recorded twice.",
    )

    _source_once = models.Constraint(
        "UNIQUE (source_key)", "This response has been recorded already."
    )

    @api.model
    def _get_change_refusal(self):
        return self.env._(
            "Touches are a record of what happened and are never changed. Add another."
        )

    @api.model
    def _get_deletion_refusal(self):
        return self.env._(
            "Touches are a record of what happened and are never deleted one by one. They go"
            " with the person's record."
        )

    @api.model
    def _record(self, vals_list):
        """Append touches; what was recorded before under the same source key is passed over.

        :param vals_list: dicts with ``campaign_id``, ``channel``, ``kind``, ``date``,
            ``source_key`` and optionally ``partner_id``, ``lead_id``, ``is_bot``
        :return: the touches that are new
        """
        if not vals_list:
            return self
        self.flush_model()
        rows = SQL(", ").join(
            SQL("(%s)", SQL(", ").join(SQL("%s", vals.get(name) or None) for name in COLUMNS))
            for vals in vals_list
        )
        created = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_campaign_touch
                       (campaign_id, company_id, partner_id, lead_id, channel, kind, date,
                        source_key, is_bot, create_uid, create_date, write_uid, write_date)
                SELECT fresh.campaign_id::int, campaign.company_id, fresh.partner_id::int,
                       fresh.lead_id::int, fresh.channel, fresh.kind, fresh.date::timestamp,
                       fresh.source_key, COALESCE(fresh.is_bot::boolean, FALSE),
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (VALUES %(rows)s) AS fresh (%(columns)s)
                  JOIN utm_campaign campaign ON campaign.id = fresh.campaign_id::int
                    ON CONFLICT (source_key) DO NOTHING
             RETURNING id
                """,
                rows=rows,
                columns=SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        touches = self.browse(touch_id for (touch_id,) in created)
        touches._after_record()
        return touches

    @api.model_create_multi
    def create(self, vals_list):
        touches = super().create(vals_list)
        touches._after_record()
        return touches

    def _after_record(self):
        """A person who responds is a member who responded."""
        # sudo: a public visitor's click moves his membership on
        human = self.sudo().filtered(lambda touch: touch.partner_id and not touch.is_bot)
        members = self.env["crm.campaign.member"]
        for state, kinds in (("attended", {"attended"}), ("responded", set(dict(KINDS)))):
            members._advance(
                [(t.campaign_id.id, t.partner_id.id) for t in human if t.kind in kinds], state
            )
        self.env["res.partner"].invalidate_model(["crm_touch_ids"])
        self.env["crm.lead"].invalidate_model(["crm_touch_ids"])

    @api.model
    def _identify(self, leads):
        """Give the touches of leads their person, where they had none."""
        known = {lead.id: lead.partner_id.id for lead in leads if lead.partner_id}
        if not known:
            return
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_campaign_touch touch
                   SET partner_id = lead.partner_id
                  FROM unnest(%s::int[], %s::int[]) AS lead (id, partner_id)
                 WHERE touch.lead_id = lead.id AND touch.partner_id IS NULL
             RETURNING touch.id
                """,
                list(known),
                list(known.values()),
            )
        )
        self.invalidate_model(["partner_id"])

    @api.model
    def _move_to_lead(self, leads, target):
        """Hand the touches of merged leads to the lead that remains."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                "UPDATE crm_campaign_touch SET lead_id = %s WHERE lead_id = ANY(%s) RETURNING id",
                target.id,
                leads.ids,
            )
        )
        self.invalidate_model(["lead_id"])
        self.env["crm.lead"].invalidate_model(["crm_touch_ids"])
