from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_customers.models.fact_source import FactSource


class ResPartner(models.Model):
    """Campaigns on the customer's page: memberships and the timeline of responses."""

    _inherit = "res.partner"

    crm_member_ids = fields.One2many(
        "crm.campaign.member", "partner_id", string="Campaign Memberships"
    )
    crm_touch_ids = fields.One2many("crm.campaign.touch", "partner_id", string="Touches")
    crm_touch_count = fields.Integer(string="Touch Count", compute="_compute_crm_touch_count")

    @api.depends("crm_facts")
    def _compute_crm_touch_count(self):
        for partner in self:
            partner.crm_touch_count = partner._get_fact("touches")

    @api.depends("crm_touch_ids", "child_ids.crm_touch_ids")
    def _compute_crm_facts(self):
        return super()._compute_crm_facts()

    def _crm_fact_sources(self):
        sources = super()._crm_fact_sources()
        if self.env["crm.campaign.touch"].has_access("read"):
            self.env["crm.campaign.touch"].flush_model(["partner_id"])
            self.env["res.partner"].flush_model(["parent_id"])
            sources["touches"] = FactSource(
                SQL(
                    "SELECT FROM crm_campaign_touch row WHERE row.partner_id = own.id"
                    " UNION ALL SELECT FROM res_partner row WHERE row.parent_id = own.id"
                ),
                self._touch_facts_sql,
            )
        return sources

    def _touch_facts_sql(self):
        """How many responses, which the user may read, came from a customer and those below it."""
        touches = self.env["crm.campaign.touch"]
        query = touches._search([])
        person = touches._field_to_sql(query.table, "partner_id", query)
        # an array, so that the plan starts from the people and not from all touches
        query.add_where(SQL("%s = ANY(ARRAY(SELECT id FROM below))", person))
        return SQL(
            """
            WITH RECURSIVE below(start, id) AS (
                SELECT id, id FROM unnest(%s::int[]) AS own(id)
                 UNION
                SELECT below.start, person.id
                  FROM below JOIN res_partner person ON person.parent_id = below.id
            )
            SELECT below.start AS partner_id, to_jsonb(COUNT(*)) AS value
              FROM below JOIN (%s) touch ON touch.person = below.id
             GROUP BY below.start
            """,
            self.ids,
            query.select(SQL("%s AS person", person)),
        )

    def action_view_crm_touches(self):
        """Open the responses of this customer and its contacts, the newest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_campaigns.crm_campaign_touch_action"
        )
        return action | {
            "domain": [("partner_id", "child_of", self.ids)],
            "context": {"default_partner_id": self.id},
        }
