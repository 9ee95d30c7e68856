from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """The consent gate refuses addresses that mail came back from for good."""

    _inherit = "res.partner"

    def _get_refusals(self, wanted):
        refusals = super()._get_refusals(wanted)
        # Service messages are promised; whether they arrive, their own log says.
        pairs = [pair for pair in wanted if pair[0] == "email" and pair[1] != "service"]
        bounced = self._get_bounced_ids() if pairs else ()
        for pair in pairs:
            for partner_id in bounced:
                refusals[pair].setdefault(partner_id, "bounced")
        return refusals

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
