from odoo import fields, models
from odoo.tools import SQL


class IrSequence(models.Model):
    """Sequences give out many numbers at once, with as many queries as for one."""

    _inherit = "ir.sequence"

    def _crm_next_numbers(self, count):
        """Return the next ``count`` numbers, in the host's format and from the host's counters.

        :param int count: how many; nothing is drawn for zero
        :return: list of formatted numbers, in the order of the counter
        """
        self.ensure_one()
        if count <= 0:
            return []
        # The year of a number is that of whoever works, as on the paper he writes it on.
        today = fields.Date.context_today(self)
        counter = self._get_current_sequence(self.env.context.get("ir_sequence_date") or today)
        sequence = self
        if counter != self:
            sequence = self.with_context(ir_sequence_date_range=counter.date_from)
        prefix, suffix = sequence._get_prefix_suffix()
        return [
            f"{prefix}{number:0{self.padding}d}{suffix}"
            for number in self._crm_draw(counter, count)
        ]

    def _crm_draw(self, counter, count):
        """Return ``count`` integers of ``counter``: this sequence or one of its date ranges."""
        if self.implementation == "standard":
            ids = [self.id] if counter == self else [self.id, counter.id]
            name = "_".join(["ir_sequence", *(f"{record_id:03d}" for record_id in ids)])
            rows = self.env.execute_query(
                SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
            )
            return [number for (number,) in rows]
        # Without gaps: the update locks the row until the transaction ends, as the host's does.
        counter.flush_recordset(["number_next"])
        step = self.number_increment
        [(after,)] = self.env.execute_query(
            SQL(
                "UPDATE %s SET number_next = number_next + %s WHERE id = %s RETURNING number_next",
                SQL.identifier(counter._table),
                step * count,
                counter.id,
            )
        )
        counter.invalidate_recordset(["number_next"])
        return range(after - step * count, after, step)

    def _create_date_range_seq(self, date):
        """Let one session alone open a period; another one is retried and finds it.

        Without it the second of two sessions that draw a year's first number would be told that
        the period exists already.
        """
        self.env.execute_query(
            SQL(
                "UPDATE ir_sequence SET write_date = write_date WHERE id = %s RETURNING id", self.id
            )
        )
        return super()._create_date_range_seq(date)
