from odoo import api, models
from odoo.tools import SQL

# Rows that must be unique although no index of the database says so: (table, keys, condition).
UNSAID = {
    "ir_attachment": [(["res_model", "res_id", "res_field"], "res_field IS NOT NULL")],
}


class CrmMergeClash(models.AbstractModel):
    """Finds the rows that could not stay beside others once they point at another record.

    Unique constraints and unique indexes, with expressions and conditions, and checks are read
    from the database and evaluated on the rows as they would be. Of rows that clash one stays;
    the rows that do not clash are never touched.
    """

    _name = "crm.merge.clash"
    _description = "Rows that Clash in a Merge"

    @api.model
    def _get_merge_order(self, table):
        """Return the order in which clashing rows of a table are kept, best first, or None.

        A hook: each addon says it for its own tables, in columns of the table.
        """
        if table == "crm_customer_member":
            return SQL("can_write DESC NULLS LAST, date_to DESC NULLS FIRST")
        if table == "crm_change_request":
            # what was asked for the survivor fits its values; of others the latest
            return SQL("crm_moved, date DESC")
        if table == "res_partner_bank":
            # an account that waits or was given up does not take the place of one in use
            return SQL("active DESC")
        return None

    @api.model
    def _read_limits(self, references):
        """Return ``{(table, column): ([(keys, condition, nulls), ...], [check, ...])}``."""
        tables = sorted({reference.table for reference in references if reference.kind == "id"})
        limits = {}
        if not tables:
            return limits
        for table, columns, keys, condition, nulls in self.env.execute_query(
            SQL(
                """
                SELECT t.relname,
                       ARRAY(
                        SELECT a.attname FROM pg_attribute a
                         WHERE a.attrelid = t.oid AND a.attnum > 0
                           AND (a.attnum = ANY(i.indkey::int2[]) OR EXISTS (
                                SELECT 1 FROM pg_depend d
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                   AND d.refclassid = 'pg_class'::regclass
                                   AND d.refobjid = t.oid AND d.refobjsubid = a.attnum))
                       ),
                       ARRAY(
                        SELECT pg_get_indexdef(i.indexrelid, place, true)
                          FROM generate_series(1, i.indnkeyatts) place
                       ),
                       pg_get_expr(i.indpred, t.oid, true), i.indnullsnotdistinct
                  FROM pg_index i
                  JOIN pg_class t ON t.oid = i.indrelid
                 WHERE i.indisunique AND t.relname = ANY(%s)
                   AND t.relnamespace = current_schema::regnamespace
                 ORDER BY i.indexrelid
                """,
                tables,
            )
        ):
            for column in columns:
                limits.setdefault((table, column), ([], []))[0].append((keys, condition, nulls))
        for table, columns, check in self.env.execute_query(
            SQL(
                """
                SELECT t.relname,
                       ARRAY(
                        SELECT a.attname FROM pg_attribute a
                         WHERE a.attrelid = t.oid AND a.attnum = ANY(con.conkey)
                       ),
                       pg_get_expr(con.conbin, t.oid, true)
                  FROM pg_constraint con
                  JOIN pg_class t ON t.oid = con.conrelid
                 WHERE con.contype = 'c' AND t.relname = ANY(%s)
                   AND t.relnamespace = current_schema::regnamespace
                """,
                tables,
            )
        ):
            for column in columns:
                limits.setdefault((table, column), ([], []))[1].append(check)
        for table in set(tables) & UNSAID.keys():
            for keys, condition in UNSAID[table]:
                for column in keys:
                    limits.setdefault((table, column), ([], []))[0].append((keys, condition, False))
        return limits

    @api.model
    def _read_columns(self, tables):
        """Return the columns of tables: ``{table: [column, ...]}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.relname, array_agg(a.attname ORDER BY a.attnum)
                  FROM pg_class t
                  JOIN pg_attribute a
                    ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                 WHERE t.relname = ANY(%s) AND t.relnamespace = current_schema::regnamespace
                 GROUP BY 1
                """,
                sorted(tables),
            )
        )
        return dict(rows)

    @api.model
    def _find_surplus(self, reference, mapping, limits, columns):
        """Return the rows of a reference that clash: ``{key: key of the row that stays or None}``.

        Keys are ids, or physical places of rows in tables without id.

        :param dict mapping: old id to new id
        """
        uniques, checks = limits.get((reference.table, reference.column), ([], []))
        arms = [
            self._surplus_sql(reference, mapping, columns, keys, condition, nulls)
            for keys, condition, nulls in uniques
        ]
        arms += [
            SQL(
                "SELECT crm_key, NULL AS keeper FROM %s AS %s WHERE crm_moved AND NOT (%s)",
                self._moved_rows_sql(reference, mapping, columns),
                SQL.identifier(reference.table),
                SQL(check.replace("%", "%%")),
            )
            for check in checks
        ]
        if not arms:
            return {}
        union = SQL(" UNION ALL ").join(SQL("(%s)", arm) for arm in arms)
        surplus = {}
        for key, keeper in self.env.execute_query(union):
            # a row that violates a check has nothing to take its place
            if key not in surplus or keeper is None:
                surplus[key] = keeper
        return surplus

    @api.model
    def _surplus_sql(self, reference, mapping, columns, keys, condition, nulls):
        expressions = [SQL("(%s)", SQL(key.replace("%", "%%"))) for key in keys]
        where = [reference.condition or SQL("TRUE")]
        if condition:
            where.append(SQL("(%s)", SQL(condition.replace("%", "%%"))))
        if not nulls:
            where += [SQL("%s IS NOT NULL", expression) for expression in expressions]
        order = [SQL("crm_moved"), SQL("crm_key")]
        if preferred := self._get_merge_order(reference.table):
            order.insert(0, preferred)
        return SQL(
            """
            SELECT crm_key, keeper FROM (
                SELECT crm_key, row_number() OVER crm_w AS place,
                       first_value(crm_key) OVER crm_w AS keeper
                  FROM %(rows)s AS %(table)s
                 WHERE %(where)s
                WINDOW crm_w AS (PARTITION BY %(keys)s ORDER BY %(order)s)
            ) ranked WHERE place > 1
            """,
            rows=self._moved_rows_sql(reference, mapping, columns),
            table=SQL.identifier(reference.table),
            where=SQL(" AND ").join(where),
            keys=SQL(", ").join(expressions),
            order=SQL(", ").join(order),
        )

    @api.model
    def _moved_rows_sql(self, reference, mapping, columns):
        """Return the rows of a table that point at old or new records, as they would be."""
        column = SQL.identifier(reference.column)
        others = [SQL.identifier(name) for name in columns if name != reference.column]
        return SQL(
            """(
                SELECT %(others)s, COALESCE(crm_map.new, %(column)s) AS %(column)s,
                       %(key)s AS crm_key, crm_map.new IS NOT NULL AS crm_moved
                  FROM %(table)s
                  LEFT JOIN unnest(%(old)s::int[], %(new)s::int[]) AS crm_map (old, new)
                    ON crm_map.old = %(column)s
                 WHERE %(column)s = ANY(%(all)s)
            )""",
            others=SQL(", ").join(others),
            column=column,
            key=SQL("id")
            if "id" in columns
            else SQL("%s.ctid::text", SQL.identifier(reference.table)),
            table=SQL.identifier(reference.table),
            old=list(mapping),
            new=list(mapping.values()),
            all=[*mapping, *mapping.values()],
        )
