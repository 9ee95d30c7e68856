from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.matching.suggest import queries, rank, search_key
from ..tools.matching.text import has_no_blanks

# So many customers are read to rank those who answer what was typed best.
CANDIDATES = 200
NEAR_CANDIDATES = 60
SUGGESTED = 8
# So many are named while the name of a new company is typed.
NAMED = 3
FEWEST_CHARACTERS = 2


class ResPartner(models.Model):
    """Suggests companies for a short, old-fashioned or nearly right name."""

    _inherit = "res.partner"

    crm_name_key = fields.Char(
        string="Search Name",
        compute="_compute_crm_name_key",
        store=True,
        index="trigram",
        help="The name without legal form, accents, signs and traditional characters.",
    )

    # Chinese has no words to index: every character of the name is an entry. Entries are put in
    # place at once, because a list of pending ones is read whole by every search.
    _crm_name_chars_idx = models.Index(
        "USING gin (string_to_array(crm_name_key, NULL)) WITH (fastupdate = off)"
        " WHERE active IS TRUE AND is_company IS TRUE"
    )

    @api.depends("name", "is_company")
    def _compute_crm_name_key(self):
        for partner in self:
            partner.crm_name_key = search_key(partner.name or "", company=partner.is_company)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Also offer the companies somebody means who typed a short name."""
        found = super().name_search(name, domain, operator, limit)
        missing = (limit or SUGGESTED) - len(found)
        if operator != "ilike" or missing <= 0 or len(name.strip()) < FEWEST_CHARACTERS:
            return found
        known = {partner_id for partner_id, _name in found}
        suggested = self._suggest_customers(name, domain=domain)
        more = suggested.filtered(lambda partner: partner.id not in known)[:missing]
        return found + [(partner.id, partner.display_name) for partner in more]

    @api.model
    def crm_suggest_names(self, typed):
        """Return the customers that somebody may mean who types the name of a new company.

        Of customers the user may not read, only what :meth:`_reveal` tells is returned, and the
        way to ask their owner.

        :return: at most three dicts with ``name, owner, readable, action``, the likeliest first
        """
        self.check_access("create")
        domain = [("company_id", "in", [False, *self.env.companies.ids])]
        # sudo: a company that the user may not read is meant as well; it is revealed below
        found = self.sudo()._suggest_customers(typed, NAMED, domain=domain)
        readable = set(self.browse(found.ids)._filtered_access("read").ids)
        return [
            {
                **known,
                "readable": partner.id in readable,
                "action": self._get_open_action(partner.id)
                if partner.id in readable
                else self._get_appeal_action(partner.id),
            }
            for partner, known in zip(found, self._reveal(found.ids), strict=True)
        ]

    @api.model
    def _suggest_customers(self, typed, limit=SUGGESTED, domain=None):
        """Return the companies that somebody may mean who typed this, the likeliest first.

        All characters typed are looked for in the order of their names' length; when too few
        names have them all, those that miss one are looked at as well.

        :param typed: a full, short or stock-exchange name, in any script and width
        """
        asked = queries(typed)
        if not asked:
            return self.browse()
        rows = self._search_names(asked, whole=True, domain=domain)
        if len(rows) < limit:
            rows += self._search_names(asked, whole=False, domain=domain)
        ranked = rank(typed, dict.fromkeys(rows), limit)
        return self.browse([partner_id for partner_id, _score in ranked])

    @api.model
    def _search_names(self, asked, whole, domain=None):
        """Return ``[(id, name, search key), ...]`` of companies whose names have what is asked for.

        :param asked: texts of ``suggest.queries``
        :param whole: the names have every character; otherwise one may be missing
        """
        conditions = [
            condition
            for text in asked
            for condition in (
                self._ask_characters(text, whole)
                if has_no_blanks(text)
                else self._ask_words(text, whole)
            )
        ]
        if not conditions:
            return []
        query = self._search([("is_company", "=", True), *(domain or [])])
        query.add_where(SQL("(%s)", SQL(" OR ").join(conditions)))
        key = SQL.identifier(query.table, "crm_name_key")
        query.order = SQL("length(%s), %s", key, SQL.identifier(query.table, "id"))
        query.limit = CANDIDATES if whole else NEAR_CANDIDATES
        table_id = SQL.identifier(query.table, "id")
        name = SQL.identifier(query.table, "name")
        return self.env.execute_query(query.select(table_id, name, key))

    @api.model
    def _ask_characters(self, text, whole):
        characters = list(dict.fromkeys(text.replace(" ", "")))
        chars = SQL("string_to_array(%s, NULL)", SQL.identifier(self._table, "crm_name_key"))
        if whole:
            return [SQL("%s @> %s", chars, characters)]
        if len(characters) <= FEWEST_CHARACTERS:
            return []
        return [
            SQL("%s @> %s", chars, characters[:place] + characters[place + 1 :])
            for place in range(len(characters))
        ]

    @api.model
    def _ask_words(self, text, whole):
        found = [word for word in text.split() if len(word) >= FEWEST_CHARACTERS]
        if not found:
            return []
        key = SQL.identifier(self._table, "crm_name_key")
        joint = SQL(" AND ") if whole else SQL(" OR ")
        return [SQL("(%s)", joint.join(SQL("%s LIKE %s", key, f"%{word}%") for word in found))]
