from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.members import MEMBER_STATES, states_before


class CrmCampaignMember(models.Model):
    """A person whom a campaign addresses, and how far he has come. One row per person.

    Merging people keeps, of two memberships in one campaign, the one with the furthest status
    (``models/crm_merge_clash.py``); the other goes into the journal of the merge.
    """

    _name = "crm.campaign.member"
    _description = "Campaign Member"
    _order = "id desc"
    _rec_name = "partner_id"

    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="campaign_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Person", required=True, ondelete="cascade", index=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer"
    )
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    state = fields.Selection(
        MEMBER_STATES, string="Status", required=True, default="planned", group_expand=True
    )
    segment_id = fields.Many2one("crm.segment", string="From Segment", ondelete="set null")
    date_state = fields.Datetime(
        string="Status since", readonly=True, default=fields.Datetime.now, copy=False
    )

    _person_once = models.UniqueIndex(
        "(campaign_id, partner_id)", "This person is a member of the campaign already."
    )

    def write(self, vals):
        if "state" in vals:
            vals = {**vals, "date_state": fields.Datetime.now()}
        return super().write(vals)

    @api.model
    def _add(self, campaign, partner_segments):
        """Make people members of a campaign; those who are already stay as they are.

        Safe against another session that adds the same people at the same time.

        :param campaign: ``utm.campaign``
        :param dict partner_segments: ``{partner_id: segment_id or None}``
        :return: number of people added
        """
        if not partner_segments:
            return 0
        self.flush_model()
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_campaign_member
                       (campaign_id, company_id, partner_id, segment_id, state, date_state,
                        create_uid, create_date, write_uid, write_date)
                SELECT %(campaign)s, %(company)s, person.id, person.segment_id, 'planned', %(now)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(partners)s::int[], %(segments)s::int[]) AS person (id, segment_id)
                    ON CONFLICT (campaign_id, partner_id) DO NOTHING
             RETURNING id
                """,
                campaign=campaign.id,
                company=campaign.company_id.id or None,
                now=now,
                uid=self.env.uid,
                partners=list(partner_segments),
                segments=[segment or None for segment in partner_segments.values()],
            )
        )
        campaign.invalidate_recordset(["crm_member_ids", "crm_member_count"])
        self.env["res.partner"].invalidate_model(["crm_member_ids"])
        return len(rows)

    @api.model
    def _advance(self, pairs, state):
        """Move members on to ``state`` who have not come that far; others stay.

        :param pairs: iterable of ``(campaign_id, partner_id)``; pairs that are no members are
            passed over
        """
        pairs = set(pairs)
        if not pairs:
            return
        self.flush_model()
        campaigns, partners = zip(*pairs, strict=True)
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_campaign_member member
                   SET state = %(state)s, date_state = %(now)s, write_date = %(now)s,
                       write_uid = %(uid)s
                  FROM unnest(%(campaigns)s::int[], %(partners)s::int[])
                       AS pair (campaign_id, partner_id)
                 WHERE member.campaign_id = pair.campaign_id
                   AND member.partner_id = pair.partner_id
                   AND member.state IN %(before)s
             RETURNING member.id
                """,
                state=state,
                now=now,
                uid=self.env.uid,
                campaigns=list(campaigns),
                partners=list(partners),
                before=tuple(states_before(state)),
            )
        )
        self.invalidate_model(["state", "date_state"])
