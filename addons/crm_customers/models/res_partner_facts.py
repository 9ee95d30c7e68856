from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.matching.cards import RULE_KINDS
from .fact_source import FactSource


class ResPartner(models.Model):
    """What a customer's form needs to know of other tables, read together for all subjects.

    A subject hands in its query (:meth:`_crm_fact_sources`) and computes its fields from the
    answer. So the form costs one query for what a customer has, and a second one for all figures
    whose rows the user may read in part.
    """

    _inherit = "res.partner"

    crm_facts = fields.Json(
        string="Facts of the Form",
        compute="_compute_crm_facts",
        help="Counts and marks that fields of the form are computed from.",
    )

    @api.depends(
        "email_normalized",
        "phone_sanitized",
        "user_id",
        "grade_id",
        "crm_pool_id",
        "crm_locked_until",
        "crm_return_date",
        "crm_return_ground",
        "crm_return_rule_id",
        "crm_parent_id",
        "crm_subsidiary_ids",
        "crm_last_followup",
        "crm_contract_ids",
        "crm_change_ids.state",
        "crm_consent_ids.state",
        "crm_consent_ids.date",
        "crm_former_ids",
    )
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_crm_facts(self):
        facts = self._read_facts()
        for partner in self:
            partner.crm_facts = facts.get(partner._origin.id)

    def _get_fact(self, name, default=0):
        """Return one of the facts of this partner, or a default; not to be changed."""
        self.ensure_one()
        known = self._fields["crm_facts"]._get_cache(self.env)
        if self.id not in known:
            self.mapped("crm_facts")
        # straight from the cache: the field hands out a copy of all facts each time
        return (known.get(self.id) or {}).get(name, default)

    def _read_facts(self, lists=()):
        """Return ``{partner_id: {name: value}}``.

        One statement says what there is, without the rights of anybody, and reads what is the same
        for all. A second one reads figures with the rights of the user, where there are rows.

        :param lists: fields of which ``filled`` is to name those that have rows at all
        """
        people = self._origin
        if not people:
            return {}
        sources = people._crm_fact_sources()
        rows = {name: source.rows for name, source in sources.items()}
        rows |= {field.name: self._list_rows_sql(field) for field in lists}
        facts = people._read_plain_facts(rows)
        wanted = {name for found in facts.values() for name in found["filled"]} & sources.keys()
        if wanted:
            parts = [
                SQL("SELECT %s::text, partner_id, value FROM (%s) fact", name, sources[name].read())
                for name in sorted(wanted)
            ]
            for name, partner_id, value in self.env.execute_query(SQL(" UNION ALL ").join(parts)):
                facts[partner_id][name] = value
        return facts

    def _read_plain_facts(self, rows):
        """Return the facts that are the same for all, and as ``filled`` which rows there are.

        :param dict rows: names to queries on rows of the partner ``own``
        """
        plain = self._plain_facts_sql()
        self.env["res.partner"].flush_model(
            ["commercial_partner_id", "crm_parent_id", "crm_pool_id", "crm_return_rule_id"]
        )
        columns = SQL(", ").join(plain.values())
        filled = SQL(", ").join(
            SQL("CASE WHEN EXISTS (%s) THEN %s::text END", query, name)
            for name, query in rows.items()
        )
        found = self.env.execute_query(
            SQL(
                "SELECT own.id, array_remove(ARRAY[%s]::text[], NULL), %s FROM res_partner own"
                " WHERE own.id = ANY(%s)",
                filled,
                columns,
                self.ids,
            )
        )
        facts = {partner_id: {"filled": []} for partner_id in self.ids}
        for partner_id, names, *values in found:
            known = dict(zip(plain, values, strict=True))
            facts[partner_id] = {name: value for name, value in known.items() if value}
            facts[partner_id]["filled"] = names
        return facts

    def _plain_facts_sql(self):
        """Return expressions on the partner ``own``, whose values are the same for everybody."""
        for model, names in (
            ("mail.activity", ["crm_customer_id", "crm_evidence"]),
            ("crm.merge.former", ["survivor_id"]),
        ):
            self.env[model].flush_model(names)
        return {
            # how many, not which; the lists behind obey the rights of who opens them
            "followups": SQL(
                "(SELECT COUNT(*) FROM mail_activity row"
                " WHERE row.crm_customer_id = own.id AND row.crm_evidence)"
            ),
            "formers": SQL(
                "(SELECT COUNT(*) FROM crm_merge_former row WHERE survivor_id = own.id)"
            ),
            "grouped": SQL(
                "own.crm_parent_id IS NOT NULL"
                " OR EXISTS (SELECT FROM res_partner row WHERE row.crm_parent_id = own.id)"
            ),
            "doubles": self._doubles_mark_sql(),
            "consents": self._consent_facts_sql(),
            "blacklists": self._blacklist_facts_sql(),
            "pool": self._pool_facts_sql(),
        }

    def _crm_fact_sources(self):
        """Hook: figures that obey the rights of the user. Extend with ``super()``, and
        ``_compute_crm_facts`` with the dependencies.

        :return: ``{name: FactSource}``
        """
        contracts, requests = self.env["crm.contract"], self.env["crm.change.request"]
        sources = {}
        if contracts.has_access("read"):
            contracts.flush_model(["partner_id"])
            sources["contracts"] = FactSource(
                SQL("SELECT FROM crm_contract row WHERE row.partner_id = own.id"),
                lambda: self._count_by_partner(contracts, []),
            )
        if requests.has_access("read"):
            requests.flush_model(["partner_id", "state"])
            sources["changes"] = FactSource(
                SQL(
                    "SELECT FROM crm_change_request row"
                    " WHERE row.partner_id = own.id AND row.state = 'waiting'"
                ),
                lambda: self._count_by_partner(requests, [("state", "=", "waiting")]),
            )
        return sources

    def _count_by_partner(self, model, domain, name="partner_id"):
        """Return the query that counts records of a model which the user may read."""
        query = model._search([(name, "in", self.ids), *domain])
        return SQL(
            "SELECT partner_id, to_jsonb(COUNT(*)) AS value FROM (%s) part GROUP BY partner_id",
            query.select(SQL("%s AS partner_id", model._field_to_sql(query.table, name, query))),
        )

    def _get_customers_sql(self):
        """Return the customers that these partners belong to, for the value of a domain."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return SQL("(SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%s))", self.ids)

    def _doubles_mark_sql(self):
        """Who shares a key with somebody, or has no keys yet; the rules are not asked here.

        Keys are told apart from those of everybody, also of customers the user may not read: the
        banner that follows says no more of these than it may.
        """
        return SQL(
            """
            NOT EXISTS (SELECT FROM crm_dup_key k WHERE k.partner_id = own.id)
            OR EXISTS (
                SELECT FROM crm_dup_key k
                  JOIN crm_dup_key other ON other.key = k.key AND other.kind = k.kind
                   AND other.partner_id <> k.partner_id
                 WHERE k.partner_id = own.id AND k.kind = ANY(%s)
            )
            """,
            list(RULE_KINDS),
        )

    # Lists

    def web_read(self, specification):
        """Read what the customer has first: lists that are empty cost no query each."""
        lists = [self._fields[name] for name in specification if self._is_fact_list(name)]
        if "crm_title_block" in specification:
            lists.append(self._fields["bank_ids"])  # what a title is made of in memory
        if len(self) == 1 and len(lists) > 1 and self._origin:
            self._note_empty_lists(lists)
        return super().web_read(specification)

    def _note_empty_lists(self, lists):
        """Keep what is empty for everybody as empty, so that nobody's rights are asked."""
        customer = self._origin
        facts = customer._read_facts(lists)[customer.id]
        self._fields["crm_facts"]._update_cache(customer, facts)
        for field in lists:
            if field.name not in facts["filled"]:
                field._insert_cache(customer, [()])

    @api.model
    def _is_fact_list(self, name):
        """Whether a field is a stored list of ours, whose rows hang on the partner."""
        field = self._fields[name]
        return name.startswith("crm_") and field.store and field.type in ("one2many", "many2many")

    @api.model
    def _list_rows_sql(self, field):
        """Return the rows of a list of the partner ``own``."""
        if field.type == "many2many":
            return SQL(
                "SELECT FROM %s row WHERE row.%s = own.id",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
            )
        model = self.env[field.comodel_name]
        model.flush_model([field.inverse_name])
        return SQL(
            "SELECT FROM %s row WHERE row.%s = own.id",
            model._table_sql,
            SQL.identifier(field.inverse_name),
        )
