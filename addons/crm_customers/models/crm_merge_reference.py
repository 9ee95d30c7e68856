from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

# So many tables are asked in one statement.
ARMS = 40
# Keys of duplicates, figures and what waits for judgement follow from customers and documents.
DERIVED = (
    "crm_dup_key",
    "crm_dup_queue",
    "crm_dup_pair",
    "crm_pool_queue",
    "crm_customer_metric",
    "crm_customer_metric_queue",
)


class Reference(NamedTuple):
    """A column that can point at a record, and how.

    ``kind``: ``id`` (a number), ``text`` (a number or "model,id" in a text column), ``company``
    (a number per company in a JSON object), ``property`` and ``properties`` (a property that is
    one record, or a list of them). ``key`` names the column that identifies a row.
    """

    kind: str
    table: str
    column: str
    key: str = "id"
    model: str = ""
    field: str = ""
    condition: SQL | None = None
    on_delete: str = "a"
    prefix: str = ""


class CrmMergeReference(models.AbstractModel):
    """Finds every column of the database that can point at the records of a model.

    Foreign keys come from the catalogue of the database, so that tables without a model are found
    as well; what the database does not know (references by model and number, values per company,
    properties) comes from the fields.
    """

    _name = "crm.merge.reference"
    _description = "Where Records Are Referred to"

    @api.model
    def _get_references(self, model_name, table=None):
        """Return the references to a model (``""``: to a table without a model), in a fixed order.

        :rtype: list[Reference]
        """
        found = {}
        for reference in self._list_foreign_keys(table or self.env[model_name]._table):
            found[reference.table, reference.column, reference.prefix] = reference
        if model_name:
            for reference in self._list_field_references(model_name):
                found.setdefault((reference.table, reference.column, reference.prefix), reference)
        wanted = [reference for reference in found.values() if not self._is_skipped(reference)]
        # a field may be declared before its column is made, or after it was dropped
        columns = self.env["crm.merge.clash"]._read_columns(
            {reference.table for reference in wanted}
        )
        return [
            reference
            for reference in wanted
            if reference.column in columns.get(reference.table, ())
        ]

    @api.model
    def _is_skipped(self, reference):
        return reference.table in DERIVED or reference.table.startswith(
            ("base_partner_merge_", "crm_merge_wizard")
        )

    @api.model
    def _list_foreign_keys(self, table):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT source.relname, col.attname, con.confdeltype,
                       ARRAY(
                        SELECT a.attname FROM pg_attribute a
                         WHERE a.attrelid = source.oid AND a.attnum > 0 AND NOT a.attisdropped
                         ORDER BY a.attname <> 'id', a.attnum
                       )
                  FROM pg_constraint con
                  JOIN pg_class source ON source.oid = con.conrelid
                  JOIN pg_class target ON target.oid = con.confrelid
                  JOIN pg_attribute col
                    ON col.attrelid = source.oid AND col.attnum = con.conkey[1]
                 WHERE con.contype = 'f' AND target.relname = %s
                   AND target.relnamespace = current_schema::regnamespace
                   AND source.relnamespace = current_schema::regnamespace
                   AND cardinality(con.conkey) = 1
                 ORDER BY source.relname, col.attname
                """,
                table,
            )
        )
        models_by_table = self._get_models_by_table()
        for source, column, on_delete, columns in rows:
            key = next(name for name in columns if name != column)  # "id" stands first
            model, fields = models_by_table.get(source, ("", {}))
            yield Reference(
                "id", source, column, key, model, fields.get(column, ""), None, on_delete
            )

    @api.model
    def _get_models_by_table(self):
        return {
            model._table: (model._name, {name: name for name in model._fields})
            for model in self.env.values()
            if model._auto and not model._abstract
        }

    @api.model
    def _list_field_references(self, model_name):
        """Yield the references that are no foreign keys."""
        for model in self.env.values():
            if model._auto and not model._abstract:
                for field in model._fields.values():
                    if field.store and field.column_type:
                        yield from self._list_references_of(model, field, model_name)
        condition = SQL(
            "field_id IN (SELECT id FROM ir_model_fields"
            " WHERE ttype = 'many2one' AND relation = %s)",
            model_name,
        )
        yield Reference(
            "text", "ir_default", "json_value", "id", "ir.default", "json_value", condition
        )

    @api.model
    def _list_references_of(self, model, field, model_name):
        """Yield the references that one field can be."""
        where = {
            "table": model._table,
            "column": field.name,
            "model": model._name,
            "field": field.name,
        }
        if field.type == "many2one" and field.comodel_name == model_name:
            yield Reference("company" if field.company_dependent else "id", **where)
        elif field.type == "many2one_reference":
            condition = self._get_model_condition(model, field, model_name)
            if condition:
                yield Reference("id", condition=condition, **where)
        elif field.type == "reference":
            yield Reference("text", prefix=f"{model_name},", **where)
        elif field.type == "properties":
            for kind, name in self._list_properties(model, field, model_name):
                yield Reference(kind, prefix=name, **where)

    @api.model
    def _get_model_condition(self, model, field, model_name):
        """Return the condition under which a reference by number means the model."""
        named = model._fields.get(field.model_field)
        if named is None:
            return None
        if named.store and named.column_type:
            return SQL("%s = %s", SQL.identifier(named.name), model_name)
        first = model._fields.get((named.related or "").split(".")[0])
        if first is None or not first.store or first.comodel_name != "ir.model":
            return None
        # sudo: the id of a model is no secret
        model_id = self.env["ir.model"].sudo()._get_id(model_name)
        return SQL("%s = %s", SQL.identifier(first.name), model_id)

    @api.model
    def _list_properties(self, model, field, model_name):
        """Return ``(kind, name)`` of the properties that are records of a model."""
        container = self.env[model._fields[field.definition_record].comodel_name]
        definition = SQL.identifier(field.definition_record_field)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT one->>'type', one->>'name'
                  FROM %s, jsonb_array_elements(%s) one
                 WHERE jsonb_typeof(%s) = 'array' AND one->>'comodel' = %s
                   AND one->>'type' IN ('many2one', 'many2many')
                 ORDER BY 1, 2
                """,
                SQL.identifier(container._table),
                definition,
                definition,
                model_name,
            )
        )
        return [("property" if kind == "many2one" else "properties", name) for kind, name in rows]

    # ------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------

    @api.model
    def _count(self, references, ids, own=""):
        """Return how often each reference points at each record: ``{reference: {id: count}}``.

        References that point at none are left out. Many tables are asked in one statement.

        :param str own: table of the records, whose own rows do not count
        """
        counted = {}
        for start in range(0, len(references), ARMS):
            some = references[start : start + ARMS]
            for place, old, count in self._count_some(some, ids, own):
                counted.setdefault(some[place], {})[old] = count
        return {reference: counted[reference] for reference in references if reference in counted}

    @api.model
    def _count_some(self, references, ids, own):
        """Return ``(place in references, id, count)`` in one statement."""
        arms = [
            SQL(
                "SELECT %s AS place, old, count(*) FROM (%s) found GROUP BY old",
                place,
                self._pointing_sql(reference, ids, own),
            )
            for place, reference in enumerate(references)
        ]
        return self.env.execute_query(SQL(" UNION ALL ").join(arms))

    @api.model
    def _pointing_sql(self, reference, ids, own=""):
        """Return the rows that point at some records: ``old`` (the id) and ``key`` (jsonb)."""
        table, column, key = map(SQL.identifier, (reference.table, reference.column, reference.key))
        where = reference.condition or SQL("TRUE")
        if reference.table == own:
            where = SQL("%s AND NOT (id = ANY(%s))", where, list(ids))
        prefix = reference.prefix
        texts = [str(number) for number in ids]
        if reference.kind == "id":
            return SQL(
                "SELECT %(column)s AS old, to_jsonb(%(key)s) AS key FROM %(table)s"
                " WHERE %(column)s = ANY(%(ids)s) AND %(where)s",
                column=column,
                key=key,
                table=table,
                ids=list(ids),
                where=where,
            )
        if reference.kind == "text":
            return SQL(
                "SELECT substr(%(column)s, %(after)s)::int AS old, to_jsonb(%(key)s) AS key"
                " FROM %(table)s WHERE %(column)s = ANY(%(texts)s) AND %(where)s",
                column=column,
                after=len(prefix) + 1,
                key=key,
                table=table,
                texts=[f"{prefix}{text}" for text in texts],
                where=where,
            )
        if reference.kind == "company":
            return SQL(
                "SELECT one.value::int AS old, jsonb_build_array(id, one.key) AS key"
                " FROM %(table)s, jsonb_each_text(%(column)s) one"
                " WHERE %(column)s IS NOT NULL AND one.value = ANY(%(texts)s) AND %(where)s",
                column=column,
                table=table,
                texts=texts,
                where=where,
            )
        if reference.kind == "property":
            return SQL(
                "SELECT (%(column)s->>%(name)s)::int AS old,"
                " jsonb_build_array(id, %(name)s::text) AS key FROM %(table)s"
                " WHERE %(column)s->>%(name)s = ANY(%(texts)s) AND %(where)s",
                column=column,
                name=prefix,
                table=table,
                texts=texts,
                where=where,
            )
        return SQL(
            "SELECT one.value::int AS old, jsonb_build_array(id, %(name)s::text) AS key"
            " FROM %(table)s CROSS JOIN LATERAL jsonb_array_elements_text(CASE"
            " WHEN jsonb_typeof(%(column)s->%(name)s) = 'array' THEN %(column)s->%(name)s"
            " ELSE '[]' END) one"
            " WHERE one.value = ANY(%(texts)s) AND %(where)s",
            column=column,
            name=prefix,
            table=table,
            texts=texts,
            where=where,
        )
