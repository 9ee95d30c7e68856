from psycopg2 import IntegrityError

from odoo import api, models
from odoo.tools import SQL, mute_logger


class CrmMergeUndo(models.AbstractModel):
    """Plays the journal of a merge backwards.

    A row goes back if it still points at the survivor; what was moved on, changed or deleted since
    is left there and reported. What points at records that are gone comes back empty.
    """

    _name = "crm.merge.undo"
    _description = "Undoing a Merge"

    @api.model
    def _undo(self, log):
        """Undo one merge in this transaction.

        :return: sentences that say what was left
        """
        self.env.flush_all()
        notes = self._restore_formers(log)
        moved = {}
        for line in log.line_ids.sorted("id", reverse=True):
            back = self._undo_line(line)
            if back and line.model and line.kind == "id" and line.key_name == "id":
                moved.setdefault((line.model, line.field), []).extend(back)
        notes += self._restore_family(log)
        self.env.invalidate_all(flush=False)
        formers = self.env["res.partner"].browse(log.former_ids.mapped("old_id")).exists()
        family = self.env["res.partner"].browse(int(number) for number in log.family or {})
        partners = formers | log.survivor_id | family.exists()
        refresh = self.env["crm.merge.refresh"]
        refresh._refresh(moved)
        refresh._refresh_partners(partners)
        self.env["crm.dup.key"]._refresh(partners)
        left = log.line_ids.filtered("left_count")
        notes += [
            self.env._(
                "%(documents)s (%(field)s): %(count)s moved on, changed or deleted since; left"
                " there.",
                documents=line.label,
                field=line.field_label,
                count=line.left_count,
            )
            for line in left
        ]
        return notes

    # ------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------

    @api.model
    def _undo_line(self, line):
        """Undo one line of the journal; note how many rows were left.

        :return: keys of the rows that are back
        """
        undo = {
            "delete": self._reinsert_sql,
            "insert": self._remove_sql,
            "id": self._id_sql,
            "text": self._text_sql,
        }.get(line.kind, self._json_sql)
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                rows = self.env.execute_query(undo(line))
        except IntegrityError:
            # something else took the place of one of these rows since
            self._note_left(line, line.count)
            return []
        if line.kind in ("delete", "insert"):
            if len(rows) < line.count:
                self._note_left(line, line.count - len(rows))
            return []
        left = sum(not done for _key, done in rows)
        if left:
            self._note_left(line, left)
        return [key for key, done in rows if done]

    @api.model
    def _note_left(self, line, count):
        self.env.cr.execute(
            SQL("UPDATE crm_merge_log_line SET left_count = %s WHERE id = %s", count, line.id)
        )
        line.invalidate_recordset(["left_count"])

    @api.model
    def _wanted_sql(self, line):
        return SQL(
            """
            wanted AS MATERIALIZED (
                SELECT (m->>0)::int AS old, (m->>1)::int AS new, k.key
                  FROM crm_merge_log_line l, jsonb_array_elements(l.moves) m,
                       jsonb_array_elements(m->2) AS k (key)
                 WHERE l.id = %s
            )
            """,
            line.id,
        )

    @api.model
    def _id_sql(self, line):
        table, column = SQL.identifier(line.table_name), SQL.identifier(line.column_name)
        target = self._read_targets(line.table_name).get(line.column_name)
        exists = SQL("TRUE")
        if target:
            exists = SQL(
                "EXISTS (SELECT 1 FROM %s crm_o WHERE crm_o.id = wanted.old)",
                SQL.identifier(target[0]),
            )
        return SQL(
            """
            WITH %(wanted)s, back AS (
                UPDATE %(table)s AS crm_t SET %(column)s = wanted.old FROM wanted
                 WHERE crm_t.%(key)s = (wanted.key #>> '{}')::int
                   AND crm_t.%(column)s IS NOT DISTINCT FROM wanted.new AND %(exists)s
             RETURNING wanted.old, wanted.key
            )
            SELECT (wanted.key #>> '{}')::int, back.key IS NOT NULL
              FROM wanted LEFT JOIN back ON back.key = wanted.key AND back.old = wanted.old
            """,
            wanted=self._wanted_sql(line),
            table=table,
            column=column,
            key=SQL.identifier(line.key_name),
            exists=exists,
        )

    @api.model
    def _text_sql(self, line):
        return SQL(
            """
            WITH %(wanted)s, back AS (
                UPDATE %(table)s AS crm_t SET %(column)s = %(prefix)s || wanted.old FROM wanted
                 WHERE crm_t.id = (wanted.key #>> '{}')::int
                   AND crm_t.%(column)s = %(prefix)s || wanted.new
             RETURNING wanted.key
            )
            SELECT (wanted.key #>> '{}')::int, back.key IS NOT NULL
              FROM wanted LEFT JOIN back ON back.key = wanted.key
            """,
            wanted=self._wanted_sql(line),
            table=SQL.identifier(line.table_name),
            column=SQL.identifier(line.column_name),
            prefix=line.prefix or "",
        )

    @api.model
    def _json_sql(self, line):
        """Return the undoing of values per company and of properties."""
        column = SQL.identifier(line.column_name)
        same = SQL("crm_t.%s->>(w.key->>1) = w.new::text", column)
        value = SQL("to_jsonb(w.old)")
        if line.kind == "properties":
            same = SQL("crm_t.%s->(w.key->>1) @> to_jsonb(w.new)", column)
            # in the order of the list as it was; what was added since stands behind
            value = SQL(
                """(
                SELECT jsonb_agg(v ORDER BY place NULLS LAST, v) FROM (
                    SELECT DISTINCT e.v, o.place
                      FROM (
                        SELECT one.v
                          FROM jsonb_array_elements(crm_t.%(column)s->(w.key->>1)) one (v)
                         WHERE one.v <> to_jsonb(w.new) OR w.key->2 @> to_jsonb(w.new)
                         UNION
                        SELECT to_jsonb(x.old) FROM wanted x
                         WHERE x.key->0 = w.key->0 AND x.key->1 = w.key->1
                      ) e
                      LEFT JOIN jsonb_array_elements(w.key->2) WITH ORDINALITY o (v, place)
                        ON o.v = e.v
                ) elements)""",
                column=column,
            )
        return SQL(
            """
            WITH %(wanted)s, valued AS MATERIALIZED (
                SELECT crm_t.id, w.key->>1 AS name, w.key, %(value)s AS value
                  FROM wanted w JOIN %(table)s AS crm_t ON crm_t.id = (w.key->>0)::int
                 WHERE %(same)s
            ), patch AS (
                SELECT id, jsonb_object_agg(name, value) AS patch FROM valued GROUP BY 1
            ), back AS (
                UPDATE %(table)s AS crm_t SET %(column)s = crm_t.%(column)s || patch.patch
                  FROM patch WHERE crm_t.id = patch.id RETURNING crm_t.id
            )
            SELECT (wanted.key->>0)::int, valued.key IS NOT NULL
              FROM wanted LEFT JOIN valued ON valued.key = wanted.key
            """,
            wanted=self._wanted_sql(line),
            value=value,
            table=SQL.identifier(line.table_name),
            same=same,
            column=column,
        )

    @api.model
    def _remove_sql(self, line):
        return SQL(
            "WITH %s DELETE FROM %s AS crm_t USING wanted"
            " WHERE crm_t.id = (wanted.key #>> '{}')::int RETURNING crm_t.id",
            self._wanted_sql(line),
            SQL.identifier(line.table_name),
        )

    @api.model
    def _reinsert_sql(self, line):
        source = SQL(
            "crm_merge_log_line l, jsonb_populate_recordset(NULL::%s, l.rows) r WHERE l.id = %s",
            SQL.identifier(line.table_name),
            line.id,
        )
        return self._insert_sql(line.table_name, source)

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    @api.model
    def _restore_formers(self, log):
        """Insert the merged customers again, under their old numbers."""
        source = SQL(
            "crm_merge_former f, jsonb_populate_record(NULL::res_partner, f.snapshot) r"
            " WHERE f.log_id = %s",
            log.id,
        )
        self.env.execute_query(self._insert_sql("res_partner", source))
        empty = self.env.execute_query(
            SQL(
                """
                SELECT p.complete_name, old.key
                  FROM crm_merge_former f JOIN res_partner p ON p.id = f.old_id,
                       jsonb_each(f.snapshot) old, jsonb_each(to_jsonb(p.*)) new
                 WHERE f.log_id = %s AND new.key = old.key AND new.value = 'null'
                   AND old.value <> 'null'
                """,
                log.id,
            )
        )
        return [
            self.env._(
                "%(customer)s: “%(field)s” pointed at a record that is gone; it is empty now.",
                customer=name,
                field=self._name_field(column),
            )
            for name, column in empty
        ]

    @api.model
    def _restore_family(self, log):
        """Give survivor and contacts the values back that the merge changed."""
        changed = sorted(
            {name for diff in (log.family or {}).values() for name in diff["old"]}
            & set(self._read_types("res_partner"))
        )
        if not changed:
            return []
        targets = self._read_targets("res_partner")
        members = SQL(
            """
            (SELECT e.key::int AS id, e.value->'old' AS old, e.value->'new' AS new
               FROM crm_merge_log l, jsonb_each(l.family) e WHERE l.id = %s) f
            CROSS JOIN LATERAL jsonb_populate_record(NULL::res_partner, f.old) r
            """,
            log.id,
        )
        assignments = SQL(", ").join(
            SQL(
                "%(column)s = CASE WHEN f.old ? %(name)s"
                " AND to_jsonb(p.*)->%(name)s = f.new->%(name)s THEN %(value)s"
                " ELSE p.%(column)s END",
                column=SQL.identifier(name),
                name=name,
                value=self._guarded_sql(name, targets),
            )
            for name in changed
        )
        self.env.cr.execute(
            SQL("UPDATE res_partner p SET %s FROM %s WHERE p.id = f.id", assignments, members)
        )
        # the host gives a customer's new name to his bank accounts, so the old one goes there too
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner_bank b SET acc_holder_name = r.name FROM %s"
                " JOIN res_partner p ON p.id = f.id WHERE b.partner_id = f.id"
                " AND f.old ? 'name' AND p.name = r.name AND b.acc_holder_name = f.new->>'name'",
                members,
            )
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT p.complete_name, old.key FROM res_partner p, %s, jsonb_each(f.old) old"
                " WHERE p.id = f.id AND old.key = ANY(%s)"
                " AND to_jsonb(p.*)->old.key IS DISTINCT FROM old.value",
                members,
                changed,
            )
        )
        return [
            self.env._(
                "%(customer)s: “%(field)s” was changed since; left as it is.",
                customer=name,
                field=self._name_field(column),
            )
            for name, column in rows
        ]

    @api.model
    def _name_field(self, column):
        field = self.env["res.partner"]._fields.get(column)
        return field._description_string(self.env) if field else column

    # ------------------------------------------------------------
    # Inserting
    # ------------------------------------------------------------

    @api.model
    def _insert_sql(self, table, source):
        """Insert rows ``r`` of a source; links to what is gone come back empty.

        A row that cannot be without such a link, or whose place is taken, stays away.
        """
        targets = self._read_targets(table)
        columns = self._read_types(table)
        needed = [
            SQL(
                "EXISTS (SELECT 1 FROM %s crm_o WHERE crm_o.id = r.%s)",
                SQL.identifier(target),
                SQL.identifier(column),
            )
            for column, (target, required) in targets.items()
            if required and target != table
        ]
        return SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s AND %s ON CONFLICT DO NOTHING RETURNING 1",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(self._guarded_sql(name, targets, table) for name in columns),
            source,
            SQL(" AND ").join(needed) or SQL("TRUE"),
        )

    @api.model
    def _guarded_sql(self, name, targets, own=""):
        """Return a column of ``r``, empty where it points at a row that does not exist."""
        column = SQL("r.%s", SQL.identifier(name))
        if name not in targets or targets[name][1]:
            return column
        # rows of one batch may point at themselves, as customers do
        itself = SQL(" OR %s = r.id", column) if targets[name][0] == own else SQL("")
        return SQL(
            "CASE WHEN EXISTS (SELECT 1 FROM %s crm_o WHERE crm_o.id = %s)%s THEN %s END",
            SQL.identifier(targets[name][0]),
            column,
            itself,
            column,
        )

    @api.model
    def _read_targets(self, table):
        """Return ``{column: (table it points at, required)}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.attname, target.relname, a.attnotnull
                  FROM pg_constraint con
                  JOIN pg_class source ON source.oid = con.conrelid
                  JOIN pg_class target ON target.oid = con.confrelid
                  JOIN pg_attribute a ON a.attrelid = source.oid AND a.attnum = con.conkey[1]
                 WHERE con.contype = 'f' AND source.relname = %s
                   AND source.relnamespace = current_schema::regnamespace
                   AND cardinality(con.conkey) = 1
                """,
                table,
            )
        )
        return {column: (target, required) for column, target, required in rows}

    @api.model
    def _read_types(self, table):
        """Return the columns of a table that can be written."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.attname FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
                 WHERE t.relname = %s AND t.relnamespace = current_schema::regnamespace
                   AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                 ORDER BY a.attnum
                """,
                table,
            )
        )
        return [row[0] for row in rows]
