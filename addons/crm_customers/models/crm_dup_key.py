from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.matching.cards import make_card

# Fields of a partner that the comparable form is made of.
CARD_FIELDS = (
    "active",
    "is_company",
    "type",
    "parent_id",
    "company_id",
    "name",
    "vat",
    "crm_identity_number",
    "crm_birthdate",
    "phone",
    "email",
    "website",
    "street",
    "street2",
    "city",
    "zip",
    "state_id",
    "country_id",
)
# The columns of a card, in the order they are read.
COLUMNS = (
    "company",
    "name",
    "vat",
    "identity",
    "birth",
    "phone",
    "email",
    "website",
    "street",
    "street2",
    "city",
    "zip",
    "state",
    "country",
    "tenant",
    "parent",
)
# So many holders of a key are looked at when a customer is saved.
MOST_HOLDERS = 20


class CrmDupKey(models.Model):
    """The keys by which duplicates of a customer are found, in one form wherever it came from.

    Not unique on purpose: the host's merge deletes rows that clash. Keys are written by SQL, a
    fixed number of statements for one customer or a thousand.
    """

    _name = "crm.dup.key"
    _description = "Duplicate Key"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )
    kind = fields.Char(required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)

    _key_kind_idx = models.Index("(key, kind) INCLUDE (partner_id)")

    @api.model
    def _read_cards(self, partner_ids):
        """Return ``{partner_id: Card}`` of the customers among some partners.

        Archived ones, mere addresses and nameless ones have none. Tax number and address of a
        contact are its company's, so they do not count.
        """
        if not partner_ids:
            return {}
        self.env["res.partner"].flush_model([*CARD_FIELDS, "phone_sanitized"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.is_company, p.name,
                       own.vat,
                       p.crm_identity_number, to_char(p.crm_birthdate, 'YYYYMMDD'),
                       COALESCE(p.phone_sanitized, p.phone), p.email, p.website,
                       own.street, own.street2, own.city, own.zip, s.code, c.code, p.company_id,
                       p.parent_id
                  FROM res_partner p
             LEFT JOIN res_partner own
                    ON own.id = p.id AND (p.is_company OR p.parent_id IS NULL)
             LEFT JOIN res_country_state s ON s.id = own.state_id
             LEFT JOIN res_country c ON c.id = p.country_id
                 WHERE p.id = ANY(%s) AND p.active AND p.name IS NOT NULL
                   AND (p.is_company OR COALESCE(p.type, 'contact') = 'contact')
                """,
                list(partner_ids),
            )
        )
        return {row[0]: make_card(dict(zip(COLUMNS, row[1:], strict=True))) for row in rows}

    @api.model
    def _refresh(self, partners, queue=True, cards=None):
        """Write the keys of some partners anew and put them in the queue of the scan.

        :param dict cards: their comparable form where it is known; None: read from the database
        :return: ``({partner_id: Card}, {partner_id: [(kind, key), ...]})``, the second those keys
            that a partner did not have before
        """
        if not partners:
            return {}, {}
        if cards is None:
            cards = self._read_cards(partners.ids)
        rows = [
            (partner_id, kind, key)
            for partner_id, card in cards.items()
            for kind, key in card.list_keys()
        ]
        owners, kinds, keys = map(list, zip(*rows, strict=True)) if rows else ([], [], [])
        added = self.env.execute_query(
            SQL(
                """
                WITH wanted AS MATERIALIZED (
                    SELECT * FROM unnest(%(owners)s::int[], %(kinds)s::text[], %(keys)s::text[])
                        AS wanted(partner_id, kind, key)
                ), gone AS (
                    DELETE FROM crm_dup_key k
                     WHERE k.partner_id = ANY(%(partners)s)
                       AND NOT EXISTS (
                        SELECT 1 FROM wanted w
                         WHERE w.partner_id = k.partner_id AND w.kind = k.kind AND w.key = k.key
                     )
                ), queued AS (
                    INSERT INTO crm_dup_queue (partner_id)
                    SELECT unnest(%(queued)s::int[])
                )
                INSERT INTO crm_dup_key (partner_id, kind, key)
                SELECT w.partner_id, w.kind, w.key FROM wanted w
                 WHERE NOT EXISTS (
                    SELECT 1 FROM crm_dup_key k
                     WHERE k.partner_id = w.partner_id AND k.kind = w.kind AND k.key = w.key
                 )
             RETURNING partner_id, kind, key
                """,
                owners=owners,
                kinds=kinds,
                keys=keys,
                partners=partners.ids,
                queued=partners.ids if queue else [],
            )
        )
        new = defaultdict(list)
        for partner_id, kind, key in added:
            new[partner_id].append((kind, key))
        return cards, new

    @api.model
    def _get_known(self, partners):
        """Return those of some partners that have keys; each change keeps them true."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM crm_dup_key WHERE partner_id = ANY(%s)",
                partners.ids,
            )
        )
        return partners.browse([row[0] for row in rows])

    @api.model
    def _find_holders(self, asked):
        """Return who has some keys.

        :param dict asked: ``{anything: [(kind, key), ...]}``
        :return: ``{anything: [partner_id, ...]}`` in the order of the ids
        """
        wanted = list({pair for pairs in asked.values() for pair in pairs})
        if not wanted:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT w.kind, w.key, found.partner_id
                  FROM unnest(%s::text[], %s::text[]) AS w(kind, key)
                 CROSS JOIN LATERAL (
                    SELECT k.partner_id FROM crm_dup_key k
                     WHERE k.key = w.key AND k.kind = w.kind
                     ORDER BY k.partner_id LIMIT %s
                 ) found
                """,
                [kind for kind, _key in wanted],
                [key for _kind, key in wanted],
                MOST_HOLDERS,
            )
        )
        holders = defaultdict(list)
        for kind, key, partner_id in rows:
            holders[kind, key].append(partner_id)
        return {
            name: sorted({partner for pair in pairs for partner in holders[pair]})
            for name, pairs in asked.items()
        }
