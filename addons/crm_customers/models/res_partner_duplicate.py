from typing import NamedTuple

from odoo import api, fields, models

from ..exceptions import DuplicateCustomerError
from ..tools.matching.cards import RULE_KINDS, Card, make_card
from .crm_dup_key import CARD_FIELDS
from .crm_dup_rule import Rule


class Hit(NamedTuple):
    """A rule that holds between a customer and another one."""

    other_id: int
    rule: Rule
    card: Card
    other: Card


class ResPartner(models.Model):
    """Duplicate rules hold for every customer that is created or changed, wherever from."""

    _inherit = "res.partner"

    crm_identity_number = fields.Char(
        string="Identity Number",
        copy=False,
        help="Number of a person's identity document; two persons never share one.",
    )
    crm_birthdate = fields.Date(
        string="Date of Birth", copy=False, help="Of a company, the day it was founded."
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        # sudo: the form is the same whoever enters the customer; as read from what was just
        # written, a loop of creations costs no query for it
        cards = partners.sudo()._make_cards()
        partners._check_duplicates(
            {partner.id: card for partner, card in cards.items() if partner.active}
        )
        return partners

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(CARD_FIELDS):
            self._check_duplicates()
        return result

    def _check_duplicates(self, cards=None):
        """Apply the duplicate rules to what is new in the keys of these customers.

        Who had a key before keeps it: an old duplicate can still be edited.

        :param dict cards: their comparable form where it is known; None: read from the database
        :raise DuplicateCustomerError: a rule refuses one of them
        """
        # sudo: keys are the product's own; duplicates that the user may not read count as well
        keys = self.env["crm.dup.key"].sudo()
        cards, new = keys._refresh(self, cards=cards)
        new = {
            partner_id: [pair for pair in pairs if pair[0] in RULE_KINDS]
            for partner_id, pairs in new.items()
        }
        if not any(new.values()):
            return
        self._lock_refused_keys(cards, new)
        hits = self._find_rule_hits(cards, new)
        self._refuse_hits(hits)
        # sudo: the list of pairs is written by the product alone
        self.env["crm.dup.pair"].sudo()._list_hits(hits)

    def _lock_refused_keys(self, cards, new):
        """Meet other sessions that save a customer with one of the keys that rules refuse."""
        rules = self.env["crm.dup.rule"]._get_rules()
        kinds = {
            (rule.company, field)
            for rule in rules
            if rule.action == "block"
            for field in rule.fields
        }
        # sudo: nobody else writes these rows
        self.env["crm.dup.lock"].sudo()._take(
            f"{kind}:{key}"
            for partner_id, pairs in new.items()
            for kind, key in pairs
            if (cards[partner_id].company, kind) in kinds
        )

    @api.model
    def _find_rule_hits(self, cards, asked):
        """Return the rules that hold between some customers and all others.

        :param dict cards: ``{number: Card}``; the number is the partner's id, or a negative one
            for what is not saved
        :param dict asked: for the same numbers, the keys to look for others by; only rules that
            have one of these kinds of key are applied
        :return: ``{number: [Hit, ...]}``, of each other customer the strictest rule
        """
        # sudo: duplicates that the user may not read count as well
        keys = self.env["crm.dup.key"].sudo()
        holders = keys._find_holders(asked)
        strangers = {other for found in holders.values() for other in found} - cards.keys()
        others = cards | keys._read_cards(strangers) if strangers else cards
        # sudo: what was decided about a pair holds for everybody
        apart = self.env["crm.dup.pair"].sudo()._get_decided(holders)
        rules = self.env["crm.dup.rule"]._get_rules()
        hits = {}
        for number, found in holders.items():
            kinds = {kind for kind, _key in asked[number]}
            hits[number] = [
                Hit(other_id, rule, cards[number], others[other_id])
                for other_id in found
                if other_id != number
                and other_id in others
                and frozenset((number, other_id)) not in apart
                and may_meet(number, cards[number], other_id, others[other_id])
                and (rule := strictest(rules, cards[number], others[other_id], kinds))
            ]
        return {number: found for number, found in hits.items() if found}

    def _refuse_hits(self, hits):
        """Raise when a rule refuses; of two in one batch the later one is refused.

        :raise DuplicateCustomerError: with a sentence for each that is refused
        """
        blocking = {
            partner_id: hit
            for partner_id, found in hits.items()
            for hit in found
            if hit.rule.action == "block"
            and not (hit.other_id in self.ids and hit.other_id > partner_id)
        }
        if not blocking:
            return
        places = {partner_id: place for place, partner_id in enumerate(self.ids)}
        blocking = dict(sorted(blocking.items(), key=lambda item: places[item[0]]))
        others = {partner_id: hit.other_id for partner_id, hit in blocking.items()}
        refused = {
            partner_id: self._explain_refusal(hit, known)
            for (partner_id, hit), known in zip(
                blocking.items(), self._reveal(others.values()), strict=True
            )
        }
        raise DuplicateCustomerError(refused, others, [places[name] for name in refused])

    @api.model
    def _reveal(self, partner_ids):
        """Return what anybody may know of some customers: name and owner, nothing else.

        :return: list of ``{"name", "owner"}`` in the order of the ids
        """
        # sudo: a customer the user may not read is revealed by name and owner
        partners = self.sudo().browse(list(partner_ids))
        nobody = self.env._("nobody")
        return [
            {
                "name": partner.name,
                "owner": (partner.commercial_partner_id.user_id or partner.user_id).name or nobody,
            }
            for partner in partners
        ]

    @api.model
    def _explain_refusal(self, hit, known):
        """Return the sentence that says why a customer was not saved."""
        return self.env._(
            "“%(other)s” exists already and has the same %(fields)s (owner: %(owner)s)."
            " Use that customer, or ask the owner for it.",
            other=known["name"],
            owner=known["owner"],
            fields=self.env["crm.dup.pair"]._name_fields(hit.rule.fields),
        )

    def _make_cards(self):
        """Return ``{record: Card}`` of customers as they stand in the form, saved or not."""
        return {
            partner: partner._make_card()
            for partner in self
            if partner.name and (partner.is_company or partner.type in (False, "contact"))
        }

    def _make_card(self):
        """Return the comparable form; a contact's tax number and address are its company's."""
        own = self if self.is_company or not self.parent_id else self.browse()
        return make_card(
            {
                "company": self.is_company,
                "name": self.name,
                "vat": own.vat,
                "identity": self.crm_identity_number,
                "birth": self.crm_birthdate and f"{self.crm_birthdate:%Y%m%d}",
                "phone": self.phone_sanitized or self.phone,
                "email": self.email,
                "website": self.website,
                "street": own.street,
                "street2": own.street2,
                "city": own.city,
                "zip": own.zip,
                "state": own.state_id.code,
                "country": self.country_id.code,
                "tenant": self.company_id.id,
                "parent": self.parent_id._origin.id,
            }
        )


def strictest(rules, card, other, kinds):
    """The first of some rules, strictest first, by which two customers are the same, or None."""
    for rule in rules:
        concerned = rule.company == card.company and not kinds.isdisjoint(rule.fields)
        if concerned and all(card.agrees(field, other) for field in rule.fields):
            return rule
    return None


def may_meet(number, card, other_id, other):
    """Whether two customers can be one: of one kind and company, and not one under the other."""
    return (
        card.company == other.company
        and (card.tenant == other.tenant or not card.tenant or not other.tenant)
        and card.parent != other_id
        and other.parent != number
    )
