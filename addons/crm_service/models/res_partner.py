from odoo import api, fields, models

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

    @api.depends("commercial_partner_id")
    def _compute_crm_service_counts(self):
        counts, late = {}, {}
        tickets = self.env["crm.service.ticket"]
        if tickets.has_access("read"):
            domain = [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("kind", "in", ("open", "waiting")),
            ]
            groups = tickets._read_group(
                domain, ["commercial_partner_id"], ["__count", "next_deadline:array_agg"]
            )
            now = fields.Datetime.now()
            for customer, count, deadlines in groups:
                counts[customer] = count
                late[customer] = sum(bool(due) and due < now for due in deadlines)
        for partner in self:
            partner.crm_service_ticket_count = counts.get(partner.commercial_partner_id, 0)
            partner.crm_service_late_count = late.get(partner.commercial_partner_id, 0)

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
