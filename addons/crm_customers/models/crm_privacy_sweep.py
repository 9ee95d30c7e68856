from odoo import api, models
from odoo.tools import SQL

# Names of the product's own parts: a person's name in them is a coincidence.
OWN_TABLES = ("ir_", "res_groups", "res_lang", "res_country", "res_currency", "uom_")
PEOPLES_TABLES = ("ir_attachment", "ir_model_data")
TEXTS = ("text", "character varying", "jsonb")


class CrmPrivacySweep(models.AbstractModel):
    """Replaces addresses and names wherever the database holds a text.

    Tables and columns are read from the database, so that an addon installed tomorrow is swept as
    well. One statement per table; it reads every text once, as a rare and thorough act may.
    """

    _name = "crm.privacy.sweep"
    _description = "Replacing Personal Data in Texts"

    @api.model
    def _replace(self, patterns, token, kept, *, names=False):
        """Replace what the patterns find by a token.

        :param patterns: regular expressions of ``tools.privacy``
        :param str token: letters, digits and brackets only, so that JSON stays JSON
        :param dict kept: ``{table: [condition in SQL, ...]}`` of rows that stay as they are
        :param bool names: the patterns are names: leave the product's own tables out
        :return: ``({table: rows changed}, {table: rows that stay and hold it})``
        """
        if not patterns:
            return {}, {}
        self.env.flush_all()
        pattern = "|".join(f"(?:{one})" for one in patterns)
        changed, stay = {}, {}
        for table, columns in self._list_columns().items():
            if names and table.startswith(OWN_TABLES) and table not in PEOPLES_TABLES:
                continue
            found = SQL(" OR ").join(self._match_sql(column, pattern) for column in columns)
            held = SQL(" OR ").join(SQL("(%s)", SQL(one)) for one in kept.get(table, ()))
            if held:
                count = self._count(table, SQL("(%s) AND (%s)", found, held))
                if count:
                    stay[table] = count
            count = self._update(table, columns, found, held, pattern, token)
            if count:
                changed[table] = count
        self.env.invalidate_all(flush=False)
        return changed, stay

    @api.model
    def _list_columns(self):
        """Return ``{table: [(column, type), ...]}`` of all texts that can be written."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.relname, array_agg(a.attname::text ORDER BY a.attnum),
                       array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum)
                  FROM pg_class t
                  JOIN pg_attribute a
                    ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                 WHERE t.relkind = 'r' AND t.relnamespace = current_schema::regnamespace
                   AND a.attgenerated = '' AND format_type(a.atttypid, NULL) = ANY(%s)
                 GROUP BY 1 ORDER BY 1
                """,
                list(TEXTS),
            )
        )
        return {
            table: list(zip(names, types, strict=True))
            for table, names, types in rows
            if table not in self._get_left_out()
        }

    @api.model
    def _get_left_out(self):
        """Return tables without texts of people, for speed. A hook."""
        return {"ir_ui_view", "ir_model_fields", "ir_model_fields_selection"}

    @api.model
    def _match_sql(self, column, pattern):
        name, kind = column
        text = SQL("%s::text", SQL.identifier(name)) if kind == "jsonb" else SQL.identifier(name)
        return SQL("%s ~* %s", text, pattern)

    @api.model
    def _count(self, table, condition):
        return self.env.execute_query(
            SQL("SELECT count(*) FROM %s WHERE %s", SQL.identifier(table), condition)
        )[0][0]

    @api.model
    def _update(self, table, columns, found, held, pattern, token):
        """Replace in one table; return how many rows."""
        assignments = SQL(", ").join(
            SQL(
                "%(column)s ="
                " regexp_replace(%(column)s%(plain)s, %(pattern)s, %(token)s, 'gi')%(back)s",
                column=SQL.identifier(name),
                plain=SQL("::text" if kind == "jsonb" else ""),
                back=SQL("::jsonb" if kind == "jsonb" else ""),
                pattern=pattern,
                token=token,
            )
            for name, kind in columns
        )
        condition = SQL("(%s) AND NOT COALESCE(%s, FALSE)", found, held) if held else found
        self.env.cr.execute(
            SQL("UPDATE %s SET %s WHERE %s", SQL.identifier(table), assignments, condition)
        )
        return self.env.cr.rowcount
