from markupsafe import Markup

from odoo import api, fields, models

from ..tools.matching.cards import RULE_KINDS, make_card


class CrmLead(models.Model):
    """Leads know the customers they are about, by the same keys as customers do."""

    _inherit = "crm.lead"

    crm_duplicate_message = fields.Html(
        string="Known Customers", compute="_compute_crm_duplicate_message", sanitize=False
    )

    @api.depends("partner_id", "partner_name", "phone", "email_from", "website", "company_id")
    @api.depends_context("lang", "uid")
    def _compute_crm_duplicate_message(self):
        hits = self._find_customer_hits()
        partners = self.env["res.partner"]
        others = {hit.other_id for found in hits.values() for hit in found}
        readable = set(partners.browse(others)._filtered_access("read").ids)
        known = dict(zip(others, partners._reveal(list(others)), strict=True))
        for lead in self:
            lead.crm_duplicate_message = Markup("<br/>").join(
                partners._tell_hit(
                    hit._replace(rule=hit.rule._replace(action="warn")),
                    known[hit.other_id],
                    hit.other_id in readable,
                )
                for hit in hits.get(lead, ())
            )

    def _find_customer_hits(self):
        """Return ``{lead: [Hit, ...]}``, the companies that leads without customer are about."""
        cards = {
            -place: make_card(
                {
                    "company": True,
                    "name": lead.partner_name,
                    "phone": lead.phone_sanitized or lead.phone,
                    "email": lead.email_from,
                    "website": lead.website,
                    "city": lead.city,
                    "country": lead.country_id.code,
                    "tenant": lead.company_id.id,
                }
            )
            for place, lead in enumerate(self, 1)
            if not lead.partner_id and lead.partner_name
        }
        asked = {
            number: [pair for pair in card.list_keys() if pair[0] in RULE_KINDS]
            for number, card in cards.items()
        }
        hits = self.env["res.partner"]._find_rule_hits(cards, asked)
        leads = list(self)
        return {leads[-number - 1]: found for number, found in hits.items()}

    def _find_matching_partner(self):
        """Also find the customer by its name: the one company that nothing tells apart."""
        partner = super()._find_matching_partner()
        if partner or not self.partner_name:
            return partner
        named = [
            hit.other_id
            for hit in self._find_customer_hits().get(self, ())
            if hit.card.agrees("name", hit.other)
        ]
        companies = self.env["res.partner"].browse(named)._filtered_access("read")
        if len(companies) != 1:
            return partner
        if not self.contact_name:
            return companies
        key = make_card({"name": self.contact_name}).name_key
        contacts = companies.child_ids.filtered(
            lambda contact: (
                not contact.is_company and make_card({"name": contact.name}).name_key == key
            )
        )
        return contacts[:1] or companies
