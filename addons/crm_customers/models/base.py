from psycopg2.errors import RestrictViolation

from odoo import api, models


class Base(models.AbstractModel):
    """Says in words that something cannot be deleted because it is in use."""

    _inherit = "base"

    @api.model
    def _sql_error_to_message_generic(self, exc):
        """Put PostgreSQL 18's own error for ``ondelete="restrict"`` into words.

        Older servers report a foreign key violation, which the host words itself.
        """
        if not isinstance(exc, RestrictViolation):
            return super()._sql_error_to_message_generic(exc)
        # sudo: the name of a model is no secret
        model = self.env["ir.model"].sudo()._get(self._name)
        prefix, suffix = f"{self._table}_", "_fkey"
        constraint = exc.diag.constraint_name or ""
        field = self._fields.get(constraint.removeprefix(prefix).removesuffix(suffix))
        if exc.diag.table_name != self._table or not field:
            return self.env._(
                "Other records still refer to what you want to delete (%(constraint)s). Archive it,"
                " or change those records first.",
                constraint=constraint,
            )
        return self.env._(
            "Records of “%(model)s” still refer to what you want to delete, in “%(field)s”."
            " Archive it, or change those records first.",
            model=model.name,
            field=field._description_string(self.env),
        )
