from odoo import api, models
from odoo.tools import SQL


class CrmMergeMover(models.AbstractModel):
    """Makes everything that points at some records point at others, and journals it.

    One mechanism for customers and for rows that clash on the way (bank accounts, followers,
    members): what points at the surplus row is moved to the row that stays, then the surplus row
    goes into the journal. A statement or a few per table, however many rows there are.
    """

    _name = "crm.merge.mover"
    _description = "Moves References in a Merge"

    @api.model
    def _repoint(self, log, model_name, mapping, table=None):
        """Move all that points at some records to others.

        :param log: ``crm.merge.log`` that journals it
        :param str model_name: model of the records, ``""`` for a table without a model
        :param dict mapping: old id to new id
        :param str table: table of the records, where there is no model
        :return: ``{(model, field): [id, ...]}`` of the rows that were moved
        """
        table = table or self.env[model_name]._table
        references = self.env["crm.merge.reference"]
        clashes = self.env["crm.merge.clash"]
        counted = references._count(
            references._get_references(model_name, table), list(mapping), own=table
        )
        limits = clashes._read_limits(counted)
        columns = clashes._read_columns({reference.table for reference in counted})
        moved = {}
        for reference in counted:
            if reference.kind == "id":
                surplus = clashes._find_surplus(
                    reference, mapping, limits, columns[reference.table]
                )
                if surplus:
                    self._fold(log, reference, surplus, "id" in columns[reference.table])
            ids = self._move(log, reference, mapping, own=table)
            if ids and reference.model and reference.kind == "id":
                moved.setdefault((reference.model, reference.field), []).extend(ids)
        return moved

    @api.model
    def _fold(self, log, reference, surplus, has_id):
        """Take rows out that clash; what points at them goes to the rows that stay."""
        table = reference.table
        kept = {key: keeper for key, keeper in surplus.items() if keeper is not None}
        # a row can clash with one that clashes itself
        for key, keeper in kept.items():
            while keeper in kept:
                keeper = kept[keeper]
            kept[key] = keeper
        if has_id and kept:
            self._repoint(log, reference.model, kept, table)
        lost = [key for key, keeper in surplus.items() if keeper is None]
        if has_id and lost:
            self._detach(log, reference.model, table, lost)
        self._delete(log, table, list(surplus), reference.model, "id" if has_id else "ctid")

    @api.model
    def _detach(self, log, model_name, table, ids):
        """Take away what points at rows that go without another to take their place."""
        references = self.env["crm.merge.reference"]
        counted = references._count(references._get_references(model_name, table), ids, own=table)
        columns = self.env["crm.merge.clash"]._read_columns(
            {reference.table for reference in counted}
        )
        for reference in counted:
            if reference.kind != "id":
                continue
            if reference.on_delete == "n":
                self._move(log, reference, dict.fromkeys(ids), own=table)
                continue
            has_id = "id" in columns[reference.table]
            keys = self._read_keys(reference, ids, has_id)
            if has_id:
                self._detach(log, reference.model, reference.table, keys)
            key = "id" if has_id else "ctid"
            self._delete(log, reference.table, keys, reference.model, key)

    @api.model
    def _read_keys(self, reference, ids, has_id):
        """Return the rows that point at some records: ids, or physical places without id."""
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE %s = ANY(%s) AND %s",
                SQL("id" if has_id else "ctid::text"),
                SQL.identifier(reference.table),
                SQL.identifier(reference.column),
                ids,
                reference.condition or SQL("TRUE"),
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _delete(self, log, table, keys, model_name="", key="id"):
        """Delete rows and keep them whole in the journal."""
        if not keys:
            return
        where = SQL("id = ANY(%s)", keys) if key == "id" else SQL("ctid = ANY(%s::tid[])", keys)
        self._delete_where(log, table, where, model_name)

    @api.model
    def _delete_where(self, log, table, where, model_name=""):
        """Delete the rows of a table that a condition names and keep them in the journal."""
        # the rows stay in the database: exact numbers would not survive Python
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM %(table)s AS crm_t WHERE %(where)s
                 RETURNING to_jsonb(crm_t.*) AS crm_row
                )
                INSERT INTO crm_merge_log_line (log_id, kind, model, table_name, count, rows)
                SELECT %(log)s, 'delete', %(model)s, %(name)s, count(*), jsonb_agg(crm_row)
                  FROM gone HAVING count(*) > 0
             RETURNING id
                """,
                table=SQL.identifier(table),
                where=where,
                log=log.id,
                model=model_name or None,
                name=table,
            )
        )

    @api.model
    def _move(self, log, reference, mapping, own=""):
        """Move the rows of one reference and journal their keys.

        :return: ids of the rows
        """
        update = self._update_id_sql if reference.kind == "id" else self._update_other_sql
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(update)s, grouped AS (
                    SELECT old, new, jsonb_agg(key) AS keys, count(*) AS number
                      FROM moved GROUP BY old, new
                )
                INSERT INTO crm_merge_log_line (
                    log_id, kind, model, field, table_name, column_name, key_name, prefix, count,
                    moves
                )
                SELECT %(log)s, %(kind)s, %(model)s, %(field)s, %(table)s, %(column)s, %(key)s,
                       %(prefix)s, sum(number), jsonb_agg(jsonb_build_array(old, new, keys))
                  FROM grouped HAVING count(*) > 0
             RETURNING moves
                """,
                update=update(reference, mapping, own),
                log=log.id,
                kind=reference.kind,
                model=reference.model or None,
                field=reference.field or None,
                table=reference.table,
                column=reference.column,
                key=reference.key,
                prefix=reference.prefix or None,
            )
        )
        if reference.key != "id":
            return []
        return [
            key if isinstance(key, int) else key[0]
            for (moves,) in rows
            for _old, _new, keys in moves
            for key in keys
        ]

    @api.model
    def _update_id_sql(self, reference, mapping, own):
        where = reference.condition or SQL("TRUE")
        if reference.table == own:
            where = SQL("%s AND NOT (crm_t.id = ANY(%s))", where, list(mapping))
        return SQL(
            """
            moved AS (
                UPDATE %(table)s AS crm_t SET %(column)s = crm_map.new
                  FROM unnest(%(old)s::int[], %(new)s::int[]) AS crm_map (old, new)
                 WHERE crm_t.%(column)s = crm_map.old AND %(where)s
             RETURNING crm_map.old, crm_map.new, to_jsonb(crm_t.%(key)s) AS key
            )
            """,
            table=SQL.identifier(reference.table),
            column=SQL.identifier(reference.column),
            key=SQL.identifier(reference.key),
            old=list(mapping),
            new=list(mapping.values()),
            where=where,
        )

    @api.model
    def _update_other_sql(self, reference, mapping, own):
        """Return the update of references that are no plain numbers."""
        pointing = self.env["crm.merge.reference"]._pointing_sql(reference, list(mapping), own)
        table, column = SQL.identifier(reference.table), SQL.identifier(reference.column)
        crm_map = SQL(
            "unnest(%s::int[], %s::int[]) AS crm_map (old, new)",
            list(mapping),
            list(mapping.values()),
        )
        found = SQL(
            "found AS MATERIALIZED (SELECT crm_p.old, crm_map.new, crm_p.key FROM (%s) crm_p"
            " JOIN %s ON crm_map.old = crm_p.old)",
            pointing,
            crm_map,
        )
        if reference.kind == "text":
            return SQL(
                "%(found)s, moved AS (UPDATE %(table)s AS crm_t"
                " SET %(column)s = %(prefix)s || f.new FROM found f"
                " WHERE crm_t.id = f.key::int RETURNING f.old, f.new, f.key)",
                table=table,
                column=column,
                prefix=reference.prefix,
                found=found,
            )
        key = SQL("found.key")
        value = SQL("to_jsonb(found.new)")
        if reference.kind == "properties":
            # the list as it was belongs to the key: it may hold the other record already
            key = SQL("found.key || jsonb_build_array(crm_t.%s->(found.key->>1))", column)
            value = SQL(
                """(
                SELECT jsonb_agg(v ORDER BY n) FROM (
                    SELECT COALESCE(crm_map.new, e.v::int) AS v, min(e.n) AS n
                      FROM jsonb_array_elements_text(crm_t.%s->(found.key->>1))
                           WITH ORDINALITY AS e (v, n)
                      LEFT JOIN %s ON crm_map.old = e.v::int
                     GROUP BY 1
                ) elements)""",
                column,
                crm_map,
            )
        return SQL(
            """
            %(found)s, valued AS MATERIALIZED (
                SELECT found.old, found.new, crm_t.id, found.key->>1 AS name, %(key)s AS key,
                       %(value)s AS value
                  FROM found JOIN %(table)s AS crm_t ON crm_t.id = (found.key->>0)::int
            ), patch AS (
                SELECT id, jsonb_object_agg(name, value) AS patch FROM valued GROUP BY 1
            ), patched AS (
                UPDATE %(table)s AS crm_t SET %(column)s = crm_t.%(column)s || patch.patch
                  FROM patch WHERE crm_t.id = patch.id RETURNING crm_t.id
            ), moved AS (
                SELECT valued.old, valued.new, valued.key FROM valued
                  JOIN patched ON patched.id = valued.id
            )
            """,
            found=found,
            table=table,
            column=column,
            key=key,
            value=value,
        )
