from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

HOW = [
    ("delete", "Deleted"),
    ("clear", "Emptied"),
    ("replace", "Overwritten"),
    ("block", "Blocked"),
    ("stay", "Stays"),
]


class CrmPrivacyErasure(models.Model):
    """Journal of erasures: who erased a person's data, when, why, how many rows of what.

    Owns: one row per erasure and its counts, never a datum of the person. Who: privacy officers.
    Twice at once: the persons' rows are locked, the second finds nothing left. Half failed: one
    transaction. A million rows: every text of the database is read once, a rare and thorough act.
    """

    _name = "crm.privacy.erasure"
    _inherit = "crm.ledger.mixin"
    _description = "Erasure of Personal Data"
    _order = "id desc"
    _rec_name = "date"

    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", string="Erased by", required=True, readonly=True, ondelete="restrict"
    )
    reason = fields.Char(readonly=True)
    person_numbers = fields.Char(string="Database Numbers of the Records", readonly=True)
    line_ids = fields.One2many("crm.privacy.erasure.line", "erasure_id", string="What Became of It")

    @api.model
    def _may_erase(self):
        return self.env.su or self.env.user.has_group("crm_customers.group_privacy")

    @api.model
    def _check_may_erase(self):
        if not self._may_erase():
            raise AccessError(
                self.env._(
                    "Personal data is exported and erased by privacy officers. Ask one of them."
                )
            )

    @api.model
    def _erase(self, partners, reason, *, messages=True, attachments=True, names=True):
        """Erase what is known of some persons, in this transaction, and journal how much.

        Their records stay, empty and archived, since documents point at them. Again on the same
        records nothing is left to do.

        :param partners: ``res.partner``, all records of one person
        :param str reason: who asked for it, without a name
        :param bool messages: delete what was written on them, and empty what they wrote
        :param bool attachments: delete their files
        :param bool names: replace their names in texts, too
        :return: the journal
        :raises AccessError: the user is no privacy officer
        :raises UserError: companies, colleagues or no records
        """
        self._check_may_erase()
        # sudo: what the officer may not see himself is erased as well
        persons = partners.sudo().with_context(active_test=False, tracking_disable=True).exists()
        persons._check_erasable()
        self.env.flush_all()
        self.env.execute_query(
            SQL("SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR UPDATE", persons.ids)
        )
        self.env.invalidate_all()
        erasure = self.sudo().create(  # sudo: written by erasing alone
            {
                "user_id": self.env.uid,
                "reason": reason,
                "person_numbers": ", ".join(map(str, persons.ids)),
            }
        )
        run = self.env["crm.privacy.run"].sudo()  # sudo: as for the persons
        counts = run._run(persons, erasure, messages, attachments, names)
        lines = self.env["crm.privacy.erasure.line"].sudo()  # sudo: as above
        lines.create(
            [
                {"erasure_id": erasure.id, "what": what, "how": how, "count": count}
                for (how, what), count in counts.items()
                if count
            ]
        )
        return erasure.sudo(False)

    @api.model
    def _preview(self, partners, reason, **choices):
        """Return what erasing would do: do it, and undo it.

        :return: ``[(how, what, count), ...]``
        """

        class Undo(Exception):
            """Takes back what was only tried."""

        lines = []
        try:
            with self.env.cr.savepoint():
                erasure = self._erase(partners, reason, **choices)
                lines = [(line.how, line.what, line.count) for line in erasure.line_ids]
                raise Undo
        except Undo:
            self.env.invalidate_all(flush=False)
        return lines
