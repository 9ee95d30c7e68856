from odoo import api, models
from odoo.tools import SQL


def _refuses_bounced(pair):
    """Service messages are promised; whether they arrive, their own log says."""
    channel, purpose = pair
    return channel == "email" and purpose != "service"


def _add_bounced(refusals, partner_ids):
    for pair in filter(_refuses_bounced, refusals):
        for partner_id in partner_ids:
            refusals[pair].setdefault(partner_id, "bounced")
    return refusals


class ResPartner(models.Model):
    """The consent gate refuses addresses that mail came back from for good."""

    _inherit = "res.partner"

    def _get_refusals(self, wanted):
        refusals = super()._get_refusals(wanted)
        bounced = self._get_bounced_ids() if any(map(_refuses_bounced, wanted)) else ()
        return _add_bounced(refusals, bounced)

    def _get_known_refusals(self, wanted):
        bounced = self.filtered(lambda partner: partner._get_fact("bounced")).ids
        return _add_bounced(super()._get_known_refusals(wanted), bounced)

    def _plain_facts_sql(self):
        self.env["crm.bounced.address"].flush_model(["email"])
        return super()._plain_facts_sql() | {
            "bounced": SQL(
                "EXISTS (SELECT FROM crm_bounced_address row"
                " WHERE row.email = own.email_normalized)"
            )
        }

    @api.model
    def _contact_refusal_reasons(self):
        return [
            *super()._contact_refusal_reasons(),
            ("bounced", self.env._("Mail to this address came back")),
        ]

    def _get_bounced_ids(self):
        """Return the ids of those whose e-mail address is undeliverable, in one query."""
        self.flush_model(["email_normalized"])
        self.env["crm.bounced.address"].flush_model(["email"])
        rows = self.env.execute_query(
            SQL(
                "SELECT partner.id FROM res_partner partner"
                "  JOIN crm_bounced_address bounced ON bounced.email = partner.email_normalized"
                " WHERE partner.id = ANY(%s)",
                self.ids,
            )
        )
        return [partner_id for (partner_id,) in rows]
