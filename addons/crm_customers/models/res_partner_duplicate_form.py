from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import hash_sign

from ..exceptions import DuplicateCustomerError
from ..tools.matching.cards import RULE_KINDS

APPEAL_SCOPE = "crm_dup_appeal"
APPEAL_HOURS = 24
SHOWN = 5


class ResPartner(models.Model):
    """Says in the form, while somebody types, that the customer exists already."""

    _inherit = "res.partner"

    crm_duplicate_message = fields.Html(
        string="Duplicates", compute="_compute_crm_duplicates", sanitize=False
    )
    crm_has_hidden_duplicate = fields.Boolean(compute="_compute_crm_duplicates")

    @api.depends(
        "crm_facts",
        "name",
        "is_company",
        "type",
        "parent_id",
        "company_id",
        "vat",
        "crm_identity_number",
        "crm_birthdate",
        "phone",
        "phone_sanitized",
        "email",
        "website",
        "street",
        "city",
        "zip",
        "country_id",
    )
    @api.depends_context("lang", "uid")
    def _compute_crm_duplicates(self):
        # what is stored has its keys; nobody else with one of them means nothing to tell
        asked = self.filtered(lambda row: not row.id or row._get_fact("doubles"))
        hits = asked._find_form_hits() if asked else {}
        others = {hit.other_id for found in hits.values() for hit in found}
        readable = set(self.browse(others)._filtered_access("read").ids)
        known = dict(zip(others, self._reveal(list(others)), strict=True)) if others else {}
        for partner in self:
            found = hits.get(partner, [])[:SHOWN]
            partner.crm_has_hidden_duplicate = any(hit.other_id not in readable for hit in found)
            partner.crm_duplicate_message = Markup("<br/>").join(
                self._tell_hit(hit, known[hit.other_id], hit.other_id in readable) for hit in found
            )

    def _find_form_hits(self):
        """Return ``{record: [Hit, ...]}`` for customers as they stand in the form."""
        cards = self._make_cards()
        # Records that are not saved have no id yet: negative numbers stand for them.
        records = {record._origin.id or -place: record for place, record in enumerate(cards, 1)}
        asked = {
            number: [pair for pair in cards[record].list_keys() if pair[0] in RULE_KINDS]
            for number, record in records.items()
        }
        hits = self._find_rule_hits(
            {number: cards[record] for number, record in records.items()}, asked
        )
        return {
            records[number]: [hit for hit in found if hit.rule.action != "log"]
            for number, found in hits.items()
        }

    @api.model
    def _tell_hit(self, hit, known, readable):
        """Return the line of the banner about one other customer; a link when it may be read."""
        name = Markup("<b>%s</b>") % known["name"]
        if readable:
            name = Markup("<a href='/odoo/res.partner/%s' target='_blank'>%s</a>") % (
                hit.other_id,
                known["name"],
            )
        values = {
            "other": name,
            "owner": known["owner"],
            "fields": self.env["crm.dup.pair"]._name_fields(hit.rule.fields),
        }
        if hit.rule.action == "block":
            text = self.env._(
                "%(other)s (owner: %(owner)s) has the same %(fields)s. This one cannot be saved."
            )
        else:
            text = self.env._("%(other)s (owner: %(owner)s) has the same %(fields)s.")
        return Markup("%s") % (Markup(text) % values)

    def web_save(self, vals, specification, next_id=None):
        """Offer the way on when a rule refuses what was typed: the other customer, or its owner."""
        try:
            return super().web_save(vals, specification, next_id=next_id)
        except DuplicateCustomerError as error:
            other_id = next(iter(error.others.values()))
            if self.browse(other_id)._filtered_access("read"):
                raise RedirectWarning(
                    str(error), self._get_open_action(other_id), self.env._("Open That Customer")
                ) from error
            raise RedirectWarning(
                str(error), self._get_appeal_action(other_id), self.env._("Ask the Owner")
            ) from error

    def action_appeal_duplicate(self):
        """Ask the owner of the hidden customer that this one seems to be."""
        self.ensure_one()
        others = [hit.other_id for hit in self._find_form_hits().get(self, [])]
        readable = self.browse(others)._filtered_access("read").ids
        hidden = [other_id for other_id in others if other_id not in readable]
        if hidden:
            return self._get_appeal_action(hidden[0])
        raise UserError(self.env._("You may open all the customers that resemble this one."))

    @api.model
    def _get_open_action(self, partner_id):
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": partner_id,
            "views": [[False, "form"]],
            "target": "current",
        }

    @api.model
    def _get_appeal_action(self, partner_id):
        """Return the window in which to ask for a hidden customer.

        The signed token proves that this user met the customer as a duplicate; ids alone would
        let anybody read names and owners one by one.
        """
        # sudo: the key that signs is a parameter of the system
        token = hash_sign(
            self.sudo().env, APPEAL_SCOPE, [partner_id, self.env.uid], expiration_hours=APPEAL_HOURS
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask the Owner"),
            "res_model": "crm.dup.appeal",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_token": token},
        }
