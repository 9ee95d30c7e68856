from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_customers.models.fact_source import FactSource

from ..tools.mail_domains import company_domain


class ResPartner(models.Model):
    """A customer's tickets, acceptances and notices, counted by two grouped reads."""

    _inherit = "res.partner"

    crm_service_mail_domain = fields.Char(
        string="Mail Domain",
        compute="_compute_crm_service_mail_domain",
        store=True,
        index="btree_not_null",
        help="Tells which company an unknown sender belongs to; empty for private mailboxes.",
    )
    # The record's side of "own company": rules written with it never go stale in a cache.
    crm_service_member_ids = fields.One2many(
        "res.partner", "commercial_partner_id", string="People of the Company"
    )
    crm_service_ticket_count = fields.Integer(
        string="Open Tickets", compute="_compute_crm_service_counts"
    )
    crm_service_late_count = fields.Integer(
        string="Late Tickets", compute="_compute_crm_service_counts"
    )

    @api.depends("email_normalized")
    def _compute_crm_service_mail_domain(self):
        for partner in self:
            partner.crm_service_mail_domain = company_domain(partner.email_normalized)

    @api.depends("crm_facts")
    def _compute_crm_service_counts(self):
        for partner in self:
            count, late = partner._get_fact("tickets", (0, 0))
            partner.crm_service_ticket_count = count
            partner.crm_service_late_count = late

    @api.depends("commercial_partner_id")
    def _compute_crm_facts(self):
        return super()._compute_crm_facts()

    def _crm_fact_sources(self):
        sources = super()._crm_fact_sources()
        if self.env["crm.service.ticket"].has_access("read"):
            self.env["crm.service.ticket"].flush_model(["commercial_partner_id"])
            sources["tickets"] = FactSource(
                SQL(
                    "SELECT FROM crm_service_ticket row"
                    " WHERE row.commercial_partner_id = own.commercial_partner_id"
                ),
                self._ticket_facts_sql,
            )
        return sources

    def _ticket_facts_sql(self):
        """How many tickets of the customer are open, and how many of these are late."""
        tickets = self.env["crm.service.ticket"]
        query = tickets._search(
            [
                ("commercial_partner_id", "in", self._get_customers_sql()),
                ("kind", "in", ("open", "waiting")),
            ]
        )
        customer, due = (
            tickets._field_to_sql(query.table, name, query)
            for name in ("commercial_partner_id", "next_deadline")
        )
        return SQL(
            """
            SELECT person.id AS partner_id,
                   jsonb_build_array(COUNT(*), COUNT(*) FILTER (WHERE due < %s)) AS value
              FROM (%s) ticket
              JOIN res_partner person ON person.commercial_partner_id = ticket.customer
             WHERE person.id = ANY(%s)
             GROUP BY person.id
            """,
            fields.Datetime.now(),
            query.select(SQL("%s AS customer", customer), SQL("%s AS due", due)),
            self.ids,
        )

    def _compute_application_statistics_hook(self):
        data = super()._compute_application_statistics_hook()
        for partner in self.filtered("crm_service_ticket_count"):
            data[partner.id].append(
                {
                    "iconClass": "fa-life-ring",
                    "value": partner.crm_service_ticket_count,
                    "label": self.env._("Open Tickets"),
                    "tagClass": "o_tag_color_1"
                    if partner.crm_service_late_count
                    else "o_tag_color_8",
                }
            )
        return data

    def action_view_crm_service_tickets(self):
        """Open this customer's tickets."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_ticket_action"
        )
        customer = self.commercial_partner_id
        return action | {
            "domain": [("commercial_partner_id", "=", customer.id)],
            "context": {"default_partner_id": self.id, "search_default_unfinished": 1},
        }
