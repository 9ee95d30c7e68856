from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.tools import SQL

from .crm_consent import CHANNELS, PURPOSES

# Channels on which marketing needs a grant beforehand: China's rules for commercial messages and
# calls. Email marketing needs one where the company says so.
OPT_IN_CHANNELS = {"sms", "phone", "wechat"}
# Blacklist model, its column, and the partner's address it is compared with.
BLACKLISTS = {
    "email": ("mail.blacklist", "email", "email_normalized"),
    "sms": ("phone.blacklist", "number", "phone_sanitized"),
    "phone": ("phone.blacklist", "number", "phone_sanitized"),
}
ADDRESS_FIELDS = [
    "active",
    "email",
    "email_normalized",
    "phone",
    "phone_sanitized",
    "street",
    "city",
    "state_id",
    "crm_wechat",
    "crm_left_date",
]


class ResPartner(models.Model):
    """The one gate for everything that goes out, and a person's consents on the form."""

    _inherit = "res.partner"

    crm_wechat = fields.Char(string="WeChat ID")
    crm_consent_ids = fields.One2many("crm.consent", "partner_id", string="Consents")
    crm_contact_matrix = fields.Html(
        string="May Be Contacted",
        compute="_compute_crm_contact_matrix",
        sanitize=False,
    )

    # Compute

    @api.depends(
        "crm_facts",
        "active",
        "email_normalized",
        "phone_sanitized",
        "street",
        "city",
        "state_id",
        "crm_wechat",
        "crm_consent_ids.state",
        "crm_consent_ids.date",
    )
    @api.depends_context("lang", "company")
    def _compute_crm_contact_matrix(self):
        wanted = [(channel, purpose) for channel, _c in CHANNELS for purpose, _p in PURPOSES]
        refusals = self._origin._get_known_refusals(wanted)
        for partner in self:
            partner.crm_contact_matrix = (
                partner._render_contact_matrix(refusals) if partner._origin else False
            )

    # CRUD

    def unlink(self):
        documents = self._get_consent_documents()
        result = super().unlink()
        documents.unlink()
        return result

    # Actions

    def action_record_consent(self):
        """Open the dialog that records a grant or a withdrawal for these people."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_consent_wizard_action"
        )
        return action | {"context": {"default_partner_ids": [Command.set(self.ids)]}}

    # Gate

    def _filter_contactable(self, channel, purpose):
        """Return the people among ``self`` who may be contacted, in their order.

        The one gate for everything that goes out. The number of queries does not depend on the
        number of people.

        :param str channel: ``email``, ``sms``, ``phone``, ``post`` or ``wechat``
        :param str purpose: ``marketing``, ``service`` or ``survey``
        :raises ValueError: unknown channel or purpose
        """
        refused = self._get_contact_refusals(channel, purpose)
        return self.filtered(lambda partner: partner.id not in refused)

    def _explain_contactable(self, channel, purpose):
        """Return why people may not be contacted, in the user's language.

        :return: ``{partner_id: sentence}``; whoever is missing may be contacted
        """
        reasons = dict(self._contact_refusal_reasons())
        return {
            partner_id: reasons[code]
            for partner_id, code in self._get_contact_refusals(channel, purpose).items()
        }

    def _get_contact_refusals(self, channel, purpose):
        """Return ``{partner_id: code}`` of those who may not be contacted.

        The codes are the keys of `_contact_refusal_reasons`; the first rule that refuses counts:
        archived, no usable address, blacklist, consent. Blacklists are the host's opt-out from
        mass mailings, so they stop marketing and surveys, but no service message. A withdrawal
        counts for its own purpose only.
        """
        if channel not in dict(CHANNELS) or purpose not in dict(PURPOSES):
            raise ValueError(f"unknown channel {channel!r} or purpose {purpose!r}")
        return self._get_refusals([(channel, purpose)])[channel, purpose]

    def _get_refusals(self, wanted):
        """Return ``{(channel, purpose): {partner_id: code}}`` for several pairs at once."""
        # sudo: the gate gives the same answer to everybody who wants to send
        partners = self.sudo()
        states = self.env["crm.consent"]._current_states(self.ids, wanted)
        blacklists = {
            address: partners._get_blacklisted_ids(model, column, address)
            for model, column, address in {
                BLACKLISTS[channel]
                for channel, purpose in wanted
                if purpose != "service" and channel in BLACKLISTS
            }
        }
        return partners._judge_contacts(wanted, states, blacklists)

    def _get_known_refusals(self, wanted):
        """Return what :meth:`_get_refusals` returns, from the facts of the form (``crm_facts``).

        Who extends one extends both.
        """
        return self._judge_contacts(
            wanted,
            {
                (partner.id, channel, purpose): state
                for partner in self
                for channel, purpose, state in partner._get_fact("consents", ())
            },
            {
                address: {
                    partner.id for partner in self if address in partner._get_fact("blacklists", ())
                }
                for address in ("email_normalized", "phone_sanitized")
            },
        )

    def _judge_contacts(self, wanted, states, blacklists):
        """Return ``{(channel, purpose): {partner_id: code}}``, from known facts.

        :param dict states: see :meth:`CrmConsent._current_states`
        :param dict blacklists: ``{address field: {ids of those whose address is blacklisted}}``
        """
        # sudo: as above
        partners = self.sudo()
        partners.fetch(ADDRESS_FIELDS)
        refusals = {}
        for channel, purpose in wanted:
            listed = ()
            if purpose != "service" and channel in BLACKLISTS:
                listed = blacklists[BLACKLISTS[channel][2]]
            refusals[channel, purpose] = partners._judge_contact(channel, purpose, states, listed)
        return refusals

    def _judge_contact(self, channel, purpose, states, blacklisted):
        """Return ``{partner_id: code}`` for one channel and purpose, from known facts."""
        needs_grant = purpose == "marketing" and (
            channel in OPT_IN_CHANNELS or (channel == "email" and self.env.company.crm_email_optin)
        )
        refusals = {}
        for partner in self:
            state = states.get((partner.id, channel, purpose))
            code = (
                (not partner.active and "archived")
                or partner._address_refusal(channel)
                or (partner.id in blacklisted and "blacklisted")
                or (state == "withdrawn" and "withdrawn")
                or (needs_grant and not state and "not_granted")
            )
            if code:
                refusals[partner.id] = code
        return refusals

    @api.model
    def _contact_refusal_reasons(self):
        """Return the reasons of the gate as ``[(code, sentence)]``, fit for a selection field."""
        reasons = {
            "archived": self.env._("Archived"),
            "no_address": self.env._("No address for this channel"),
            "bad_address": self.env._("The address is not valid"),
            "blacklisted": self.env._("On the blacklist"),
            "withdrawn": self.env._("Consent withdrawn"),
            "not_granted": self.env._("No consent given"),
        }
        return list(reasons.items())

    def _address_refusal(self, channel):
        """Return ``no_address`` or ``bad_address``, or False for a usable address."""
        self.ensure_one()
        if channel == "post":
            return not (self.street and (self.city or self.state_id)) and "no_address"
        given, usable = {
            "email": (self.email, self.email_normalized),
            "sms": (self.phone, self.phone_sanitized),
            "phone": (self.phone, self.phone_sanitized),
            "wechat": (self.crm_wechat, (self.crm_wechat or "").strip()),
        }[channel]
        if usable:
            return False
        return "bad_address" if (given or "").strip() else "no_address"

    def _get_blacklisted_ids(self, model, column, address):
        """Return the ids of those whose address is on a blacklist of the host.

        By SQL: the host's search on the phone blacklist parses every number again, and most users
        may not read the lists that bind them all the same.
        """
        self.flush_model([address])
        self.env[model].flush_model([column, "active"])
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id FROM res_partner p JOIN %s b ON b.%s = p.%s AND b.active"
                " WHERE p.id = ANY(%s)",
                SQL.identifier(self.env[model]._table),
                SQL.identifier(column),
                SQL.identifier(address),
                self.ids,
            )
        )
        return {partner_id for (partner_id,) in rows}

    # Facts of the form

    def _consent_facts_sql(self):
        """What is in force: channel, purpose and state of the newest declarations."""
        self.env["crm.consent"].flush_model(["partner_id", "channel", "purpose", "state", "date"])
        return SQL(
            """
            (SELECT jsonb_agg(jsonb_build_array(channel, purpose, state))
              FROM (
                SELECT DISTINCT ON (channel, purpose) channel, purpose, state
                  FROM crm_consent row WHERE row.partner_id = own.id
                 ORDER BY channel, purpose, date DESC, row.id DESC
              ) newest)
            """
        )

    def _blacklist_facts_sql(self):
        """Which addresses are on a blacklist of the host; see :meth:`_get_blacklisted_ids`."""
        self.env["res.partner"].flush_model(["email_normalized", "phone_sanitized"])
        self.env["mail.blacklist"].flush_model(["email", "active"])
        self.env["phone.blacklist"].flush_model(["number", "active"])
        return SQL(
            """
            NULLIF(jsonb_build_array(
                CASE WHEN EXISTS (SELECT FROM mail_blacklist b
                                   WHERE b.active AND b.email = own.email_normalized)
                     THEN 'email_normalized' END,
                CASE WHEN EXISTS (SELECT FROM phone_blacklist b
                                   WHERE b.active AND b.number = own.phone_sanitized)
                     THEN 'phone_sanitized' END), '[null, null]')
            """
        )

    # Helpers

    def _get_consent_documents(self):
        """Return the files of these people's consents, which the database does not cascade to."""
        # sudo: who may delete the person deletes the evidence with it, whatever his other rights
        env = self.sudo().env
        consents = env["crm.consent"].search([("partner_id", "in", self.ids)])
        return env["ir.attachment"].search(
            [
                ("res_model", "=", "crm.consent"),
                ("res_field", "!=", False),
                ("res_id", "in", consents.ids),
            ]
        )

    def _render_contact_matrix(self, refusals):
        """Return a small table, channels by purposes, of what is allowed and why not."""
        self.ensure_one()
        labels = dict(self._contact_refusal_reasons())
        describe = self.env["crm.consent"]._fields
        channels = describe["channel"]._description_selection(self.env)
        purposes = describe["purpose"]._description_selection(self.env)
        head = Markup().join(Markup("<th>%s</th>") % label for _code, label in purposes)
        rows = Markup()
        for channel, channel_label in channels:
            cells = Markup()
            for purpose, _label in purposes:
                code = refusals[channel, purpose].get(self._origin.id)
                cells += (
                    Markup('<td class="text-danger">%s</td>') % labels[code]
                    if code
                    else Markup('<td class="text-success">%s</td>') % self.env._("Yes")
                )
            rows += Markup("<tr><th>%s</th>%s</tr>") % (channel_label, cells)
        return (
            Markup('<table class="table table-sm mb-0"><thead><tr><th></th>%s</tr></thead>')
            + Markup("<tbody>%s</tbody></table>")
        ) % (head, rows)
