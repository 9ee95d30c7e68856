import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

# States in which the job works on a file.
BUSY = ("checking", "running")
# A file of at most so many bytes is worked on while the user waits, its first rows at least.
SMALL = 100_000
KEPT_DAYS = 30
COUNTS = (
    "row_read",
    "duplicate_count",
    "created_count",
    "updated_count",
    "unchanged_count",
    "refused_count",
    "adjusted_count",
)


class CrmImportLog(models.Model):
    """What people do with a file that is looked through or imported in the background."""

    _inherit = "crm.import.log"

    queued = fields.Boolean(readonly=True, help="The file is worked on in the background.")
    file = fields.Binary(string="Content", readonly=True, attachment=True)
    plan = fields.Json(readonly=True, help="Columns and options as chosen in the import screen.")
    row_ids = fields.One2many("crm.import.row", "log_id", string="Row by Row", readonly=True)
    duplicate_count = fields.Integer(string="Possible Duplicates", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    step_date = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True)

    @api.depends("row_count", "row_read", "state")
    def _compute_progress(self):
        for log in self:
            done = log.state in ("checked", "done")
            log.progress = 100.0 if done else 100.0 * log.row_read / (log.row_count or 1)

    @api.model
    def _enqueue(self, screen, profile, found, options, paths, test):
        """Take a file over from the import screen.

        :param screen: ``base_import.import`` that holds the file
        :param found: ``{index: Column}`` as the user left it
        :param paths: the field of each column of the file, or False
        :param test: look through the file and write nothing
        :return: the journal; a short file is done already
        """
        extras = {index: path for index, path in enumerate(paths) if path and index not in found}
        context = {
            "lang": self.env.lang,
            "tz": self.env.tz,
            "allowed_company_ids": self.env.companies.ids,
        }
        # sudo: the journal is written by the import alone, users only read it
        log = self.sudo().create(
            {
                "name": screen.file_name or profile._get_label(),
                "profile": profile._name,
                "res_model": screen.res_model,
                "user_id": self.env.uid,
                "company_id": self.env.company.id,
                "queued": True,
                "state": "checking" if test else "running",
                "file": base64.b64encode(screen.file),
                "plan": {
                    "columns": {index: column.name for index, column in found.items()},
                    "extras": extras,
                    "options": options,
                    "file_type": screen.file_type,
                    "context": context,
                },
            }
        )
        if len(screen.file) <= SMALL:
            log._stage()
        log._go_on()
        return log

    def action_import(self):
        """Import the file that was looked through."""
        self.ensure_one()
        if self.user_id != self.env.user:
            raise UserError(
                self.env._(
                    "The rows come in with the rights of %s: ask that person to import, or load"
                    " the file yourself.",
                    self.user_id.name,
                )
            )
        # sudo: the journal is written by the import alone, users only read it
        log = self.sudo()
        if log.state != "checked":
            raise UserError(self.env._("This file is imported already. Load it again if needed."))
        log.issue_ids.unlink()
        log.env["crm.import.row"]._reset(log)
        log.write({"state": "running"} | dict.fromkeys(COUNTS, 0))
        log._go_on()

    def action_cancel(self):
        """Stop: what came in stays, the rest is not looked at any more."""
        self.ensure_one()
        self.check_access("read")
        # sudo: the journal is written by the import alone, users only read it
        log = self.sudo()
        if log.state in (*BUSY, "checked"):
            log.write({"state": "cancelled", "file": False})
            log.env["crm.import.row"]._drop(log, waiting=True)

    def action_open_rows(self):
        """Open what becomes of the file, row by row."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_import_row_action"
        )
        return action | {"domain": [("log_id", "=", self.id)]}

    def _go_on(self):
        """Do the first step of a short file at once, and leave the rest to the job."""
        if self.row_count:
            self._step()
        if self.state in BUSY:
            # sudo: whoever imports starts the product's own job
            self.env.ref("crm_customers.crm_import_cron").sudo()._trigger()

    # ------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------

    def _close(self, state, error=False):
        """Close the file and tell who imports: on the screen, and in a message for who left."""
        self.write({"state": state, "error": error})
        if not error and self.env.uid == self.user_id.id:
            return  # the person looks at it
        text = self._get_result_text()
        self.env["mail.thread"].message_notify(
            model=self._name,
            res_id=self.id,
            partner_ids=self.user_id.partner_id.ids,
            subject=self.name,
            body=text,
        )
        kind = "danger" if error else "success"
        self.user_id._bus_send("simple_notification", {"type": kind, "message": text})

    def _get_result_text(self):
        """Return in the importer's language what became of the file."""
        log = self.with_context(lang=self.user_id.lang)
        if log.state == "failed":
            return log.env._(
                "The import of %(file)s stopped: %(error)s", file=log.name, error=log.error
            )
        values = {
            "file": log.name,
            "created": log.created_count,
            "updated": log.updated_count,
            "unchanged": log.unchanged_count,
            "refused": log.refused_count,
        }
        if log.state == "checked":
            return log.env._(
                "%(file)s was looked through: %(created)s rows are new, %(updated)s would be"
                " changed, %(unchanged)s are unchanged, %(refused)s would be refused.",
                **values,
            )
        return log.env._(
            "%(file)s is imported: %(created)s rows new, %(updated)s changed, %(unchanged)s"
            " unchanged, %(refused)s refused.",
            **values,
        )

    @api.autovacuum
    def _gc_rows(self):
        """Forget the rows of files a month after the last step; findings stay in the journal."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        old = self.search(
            [("queued", "=", True), ("step_date", "<", before), ("state", "not in", BUSY)]
        )
        old.filtered(lambda log: log.state == "checked").state = "cancelled"
        self.env["crm.import.row"]._drop(old)
