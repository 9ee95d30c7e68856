from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

STATES = [("done", "Merged"), ("undone", "Undone"), ("closed", "Final")]


class CrmMergeLog(models.Model):
    """Append-only journal of merges: who, when, what was moved, and how to undo it.

    Owns: one row per merge, its lines per table and column, and the merged customers as they were.
    Who: written by the merge, read by whoever may merge, changed by undoing alone. Twice at the
    same moment: the row of the journal is locked, the second finds it undone. Half failed: merge
    and undo are one transaction each. A million rows: keys of moved rows are arrays, freed when the
    time for undoing is over.
    """

    _name = "crm.merge.log"
    _inherit = "crm.ledger.mixin"
    _description = "Merge of Customers"
    _order = "id desc"
    _rec_name = "survivor_name"
    _log_access = False

    date = fields.Datetime(
        string="Merged on", required=True, readonly=True, default=fields.Datetime.now
    )
    user_id = fields.Many2one(
        "res.users", string="Merged by", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    survivor_id = fields.Many2one("res.partner", readonly=True, ondelete="set null", index=True)
    survivor_key = fields.Integer(string="Survivor's Database Number", readonly=True, index=True)
    survivor_name = fields.Char(readonly=True)
    former_ids = fields.One2many("crm.merge.former", "log_id", string="Merged Customers")
    former_names = fields.Char(string="Merged Away", readonly=True)
    line_ids = fields.One2many("crm.merge.log.line", "log_id", string="Moved Rows")
    row_count = fields.Integer(string="Rows Moved", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="done", index=True)
    undo_until = fields.Date(string="Can Be Undone until", required=True, readonly=True)
    may_undo = fields.Boolean(compute="_compute_may_undo")
    undo_date = fields.Datetime(string="Undone on", readonly=True)
    undo_uid = fields.Many2one("res.users", string="Undone by", readonly=True)
    undo_note = fields.Text(string="What Undoing Left", readonly=True)
    family = fields.Json(readonly=True, groups="base.group_system")

    @api.depends("state", "undo_until")
    @api.depends_context("uid")
    def _compute_may_undo(self):
        today = fields.Date.context_today(self)
        allowed = self.env.user.has_group("crm_customers.group_merge")
        for log in self:
            log.may_undo = allowed and log.state == "done" and log.undo_until >= today

    @api.depends("survivor_name", "former_names")
    def _compute_display_name(self):
        for log in self:
            log.display_name = f"{log.survivor_name} ← {log.former_names or ''}"

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _open(self, survivor, sources):
        """Begin the journal of a merge: keep the rows of everybody concerned as they are.

        :param survivor: ``res.partner`` that stays
        :param sources: ``res.partner`` that are merged into it
        """
        self.env.flush_all()
        company = survivor.company_id or self.env.company
        days = company.crm_merge_undo_days
        log = self.create(
            {
                "user_id": self.env.uid,
                "company_id": company.id,
                "survivor_id": survivor.id,
                "survivor_key": survivor.id,
                "survivor_name": survivor.display_name,
                "former_names": ", ".join(sources.mapped("display_name")),
                "undo_until": fields.Date.context_today(self) + timedelta(days=days or -1),
            }
        )
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_merge_former (
                    log_id, survivor_id, old_id, name, code, active, snapshot
                )
                SELECT %s, %s, id, complete_name, crm_code, true, to_jsonb(res_partner.*)
                  FROM res_partner WHERE id = ANY(%s) ORDER BY id RETURNING id
                """,
                log.id,
                survivor.id,
                sources.ids,
            )
        )
        self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE family AS (
                    SELECT id FROM res_partner WHERE id = ANY(%(all)s)
                     UNION
                    SELECT child.id FROM res_partner child
                      JOIN family ON child.parent_id = family.id
                )
                UPDATE crm_merge_log SET family = (
                    SELECT jsonb_object_agg(p.id, to_jsonb(p.*))
                      FROM res_partner p JOIN family ON family.id = p.id
                     WHERE NOT (p.id = ANY(%(sources)s))
                ) WHERE id = %(log)s RETURNING id
                """,
                all=[survivor.id, *sources.ids],
                sources=sources.ids,
                log=log.id,
            )
        )
        return log

    def _finish(self, sources):
        """End the journal: of the survivor and all contacts keep the columns that changed."""
        self.ensure_one()
        self.env.flush_all()
        links = [
            reference.column
            for reference in self.env["crm.merge.reference"]._list_foreign_keys("res_partner")
            if reference.table == "res_partner"
        ]
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_merge_log SET family = (
                    SELECT jsonb_object_agg(changed.id, changed.diff) FROM (
                        SELECT p.id, jsonb_build_object(
                                   'old', jsonb_object_agg(old.key, old.value),
                                   'new', jsonb_object_agg(old.key, new.value)) AS diff
                          FROM jsonb_each(crm_merge_log.family) member
                          JOIN res_partner p ON p.id = member.key::int
                         CROSS JOIN LATERAL jsonb_each(member.value) old
                          JOIN LATERAL jsonb_each(to_jsonb(p.*)) new ON new.key = old.key
                         WHERE old.value IS DISTINCT FROM new.value
                           AND old.key NOT IN ('write_date', 'write_uid')
                           AND NOT (old.key = ANY(%(links)s) AND old.value <> 'null'
                                    AND old.value #>> '{}' = ANY(%(sources)s))
                         GROUP BY p.id
                    ) changed
                ), row_count = (
                    SELECT COALESCE(sum(count), 0) FROM crm_merge_log_line l
                     WHERE l.log_id = crm_merge_log.id AND l.kind <> 'insert'
                ) WHERE id = %(log)s RETURNING id
                """,
                links=links,
                sources=[str(number) for number in sources.ids],
                log=self.id,
            )
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------

    def action_undo(self):
        """Undo the merge: the merged customers are back, with everything that was theirs."""
        self.ensure_one()
        if not self.env.user.has_group("crm_customers.group_merge"):
            raise AccessError(
                self.env._("Only who may merge customers may undo it. Ask one of them.")
            )
        self.check_access("read")
        # sudo: the journal is written by merging and undoing alone
        log = self.sudo()
        log._lock()
        log._check_undo()
        self.survivor_id.check_access("write")
        # sudo: rows go back whoever may see them
        notes = self.env["crm.merge.undo"].sudo()._undo(log)
        log._set(
            state="undone",
            undo_date=fields.Datetime.now(),
            undo_uid=self.env.uid,
            undo_note="\n".join(notes) or None,
        )
        log._tell_undone()
        return True

    def action_open_survivor(self):
        """Open the customer that stayed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.survivor_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _lock(self):
        """Let one session at a time undo a merge or merge its survivor again."""
        self.env.flush_all()
        self.env.execute_query(
            SQL("SELECT id FROM crm_merge_log WHERE id = %s FOR UPDATE", self.id)
        )
        self.env.execute_query(
            SQL("SELECT id FROM res_partner WHERE id = %s FOR UPDATE", self.survivor_id.id or None)
        )
        self.env.invalidate_all()

    def _check_undo(self):
        """Refuse with a sentence what cannot be undone."""
        if self.state == "undone":
            raise UserError(self.env._("This merge was undone already."))
        if self.state == "closed" or self.undo_until < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "The time for undoing this merge was over on %(date)s.", date=self.undo_until
                )
            )
        later = self.search(
            [
                ("id", ">", self.id),
                ("state", "=", "done"),
                "|",
                ("survivor_key", "=", self.survivor_key),
                ("former_ids.old_id", "=", self.survivor_key),
            ],
            limit=1,
        )
        if later:
            raise UserError(
                self.env._(
                    "“%(survivor)s” was merged again on %(date)s (%(merge)s). Undo that merge"
                    " first.",
                    survivor=self.survivor_name,
                    date=later.date,
                    merge=later.display_name,
                )
            )
        if self.survivor_id.id != self.survivor_key:
            raise UserError(
                self.env._(
                    "“%(survivor)s” does not exist any more, so there is nothing to take the merged"
                    " customers out of.",
                    survivor=self.survivor_name,
                )
            )

    def _tell_undone(self):
        """Note on all customers concerned that the merge was undone."""
        partners = self.survivor_id | self.survivor_id.browse(self.former_ids.mapped("old_id"))
        body = self.env._("The merge “%(merge)s” was undone.", merge=self.display_name)
        for partner in partners.exists():
            partner.message_post(body=body)

    def _set(self, **values):
        """Write the few fields of the journal that undoing and closing change."""
        self.flush_recordset()
        assignments = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()
        )
        self.env.cr.execute(
            SQL("UPDATE crm_merge_log SET %s WHERE id = ANY(%s)", assignments, self.ids)
        )
        if values.get("state") == "undone":
            self.env.cr.execute(
                SQL("UPDATE crm_merge_former SET active = false WHERE log_id = ANY(%s)", self.ids)
            )
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------

    @api.model
    def _cron_close(self):
        """Close the merges whose time for undoing is over and free what was kept for it."""
        expired = self.search(
            [("state", "in", ("done", "undone")), ("undo_until", "<", fields.Date.today())],
            order="id",
        ).filtered(lambda log: log.state == "done" or log._keeps_rows())
        remaining = len(expired)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for start in range(0, len(expired), 100):
            batch = expired[start : start + 100].try_lock_for_update()
            batch._close()
            remaining -= len(expired[start : start + 100])
            self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining)

    def _keeps_rows(self):
        return bool(self.family)

    def _close(self):
        """Free the snapshots; what was merged with what is kept for good."""
        stores = self.env.execute_query(
            SQL(
                "SELECT DISTINCT r->>'store_fname'"
                " FROM crm_merge_log_line, jsonb_array_elements(rows) r"
                " WHERE log_id = ANY(%s) AND table_name = 'ir_attachment' AND kind = 'delete'"
                " AND r->>'store_fname' IS NOT NULL",
                self.ids,
            )
        )
        for (store,) in stores:
            # marks the file; it goes when no attachment uses it
            self.env["ir.attachment"]._file_delete(store)
        self.env.cr.execute(
            SQL(
                "UPDATE crm_merge_log_line SET moves = NULL, rows = NULL WHERE log_id = ANY(%s)",
                self.ids,
            )
        )
        self.env.cr.execute(
            SQL("UPDATE crm_merge_former SET snapshot = NULL WHERE log_id = ANY(%s)", self.ids)
        )
        done = self.filtered(lambda log: log.state == "done")
        if done:
            done._set(state="closed")
        self._set(family=None)
