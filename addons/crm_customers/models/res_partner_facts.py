from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.matching.cards import RULE_KINDS


class ResPartner(models.Model):
    """What a customer's form needs to know of other tables, read by one statement for all subjects.

    A subject hands in a query (:meth:`_crm_fact_sources`) and computes its fields from the answer.
    So the form costs one query for what a customer has, and further ones for the few subjects in
    which it has something.
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
        """Return what a source of :meth:`_crm_fact_sources` says of this partner."""
        return (self.crm_facts or {}).get(name, default)

    def _read_facts(self, lists=()):
        """Return ``{partner_id: {name: value}}``, by one statement.

        :param lists: fields of which ``filled`` is to name those that have rows at all
        """
        people = self._origin
        if not people:
            return {}
        sources = people._crm_fact_sources()
        if lists:
            sources["filled"] = people._filled_lists_sql(lists)
        parts = [
            SQL("SELECT %s::text AS name, partner_id, value FROM (%s) fact", name, source)
            for name, source in sources.items()
        ]
        facts = {partner_id: {} for partner_id in people.ids}
        for name, partner_id, value in self.env.execute_query(SQL(" UNION ALL ").join(parts)):
            facts[partner_id][name] = value
        return facts

    def _crm_fact_sources(self):
        """Hook: the queries of the facts, one row each of ``partner_id`` and ``value`` (jsonb).

        They obey the rights of the user, or say why not. Who has nothing needs no row. Extend with
        ``super()``, and ``_compute_crm_facts`` with the dependencies.

        :return: ``{name: SQL}``
        """
        # sudo: how many, not which; the lists behind obey the rights of who opens them
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        # sudo: as above
        formers = self.env["crm.merge.former"].sudo()
        sources = {
            "followups": self._count_by_partner(
                activities, [("crm_evidence", "=", True)], "crm_customer_id"
            ),
            "formers": self._count_by_partner(formers, [], "survivor_id"),
            "grouped": self._group_mark_sql(),
            "doubles": self._doubles_mark_sql(),
            "consents": self._consent_facts_sql(),
            "blacklists": self._blacklist_facts_sql(),
            "pool": self._pool_facts_sql(),
        }
        if self.env["crm.contract"].has_access("read"):
            sources["contracts"] = self._count_by_partner(self.env["crm.contract"], [])
        if self.env["crm.change.request"].has_access("read"):
            sources["changes"] = self._count_by_partner(
                self.env["crm.change.request"], [("state", "=", "waiting")]
            )
        return sources

    def _count_by_partner(self, model, domain, name="partner_id"):
        """Return the source that counts records of a model which the user may read."""
        query = model._search([(name, "in", self.ids), *domain])
        return SQL(
            "SELECT partner_id, to_jsonb(COUNT(*)) AS value FROM (%s) part GROUP BY partner_id",
            query.select(SQL("%s AS partner_id", model._field_to_sql(query.table, name, query))),
        )

    def _get_customers_sql(self):
        """Return the customers that these partners belong to, for the value of a domain."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return SQL("(SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%s))", self.ids)

    def _group_mark_sql(self):
        """Who stands in a group of companies."""
        self.env["res.partner"].flush_model(["crm_parent_id"])
        return SQL(
            """
            SELECT own.id AS partner_id, 'true'::jsonb AS value FROM res_partner own
             WHERE own.id = ANY(%s)
               AND (own.crm_parent_id IS NOT NULL
                    OR EXISTS (SELECT FROM res_partner below WHERE below.crm_parent_id = own.id))
            """,
            self.ids,
        )

    def _doubles_mark_sql(self):
        """Who shares a key with somebody, or has no keys yet; the rules are not asked here.

        Keys are told apart from those of everybody, also of customers the user may not read: the
        banner that follows says no more of these than it may.
        """
        return SQL(
            """
            SELECT own.id AS partner_id, 'true'::jsonb AS value FROM unnest(%s::int[]) own(id)
             WHERE NOT EXISTS (SELECT FROM crm_dup_key k WHERE k.partner_id = own.id)
                OR EXISTS (
                    SELECT FROM crm_dup_key k
                      JOIN crm_dup_key other ON other.key = k.key AND other.kind = k.kind
                       AND other.partner_id <> k.partner_id
                     WHERE k.partner_id = own.id AND k.kind = ANY(%s)
                )
            """,
            self.ids,
            list(RULE_KINDS),
        )

    # Lists

    def web_read(self, specification):
        """Read what the customer has first: lists that are empty cost no query each."""
        lists = [
            self._fields[name]
            for name in specification
            if name.startswith("crm_") and self._is_fact_list(name)
        ]
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
        return field.store and field.type in ("one2many", "many2many")

    def _filled_lists_sql(self, lists):
        """Which of some lists have rows at all, whoever may read them."""
        return SQL(
            "SELECT own.id AS partner_id, to_jsonb(array_remove(ARRAY[%s], NULL)) AS value"
            " FROM unnest(%s::int[]) own(id)",
            SQL(", ").join(
                SQL(
                    "CASE WHEN EXISTS (%s) THEN %s::text END",
                    self._list_rows_sql(field),
                    field.name,
                )
                for field in lists
            ),
            self.ids,
        )

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
