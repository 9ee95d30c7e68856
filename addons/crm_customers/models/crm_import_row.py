from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_dup_key import MOST_HOLDERS

OUTCOMES = [
    ("created", "New"),
    ("updated", "Changed"),
    ("unchanged", "Unchanged"),
    ("refused", "Refused"),
]
LEVELS = [("sure", "Sure"), ("possible", "Possible")]


class CrmImportRow(models.Model):
    """A row of a file that is looked through or imported in the background.

    Owned by its journal. A row without an outcome is still to be done; what became of a row and
    its mark are committed together, so that a row is done exactly once whatever happens between.
    The cells of a row that came in are dropped: they stand in the record.
    """

    _name = "crm.import.row"
    _description = "Row of an Imported File"
    _order = "log_id desc, number"
    _rec_name = "label"
    _log_access = False

    log_id = fields.Many2one("crm.import.log", required=True, readonly=True, ondelete="cascade")
    number = fields.Integer(
        string="Row", readonly=True, help="As a spreadsheet counts the rows; headings are row 1."
    )
    key = fields.Char(readonly=True, help="The row's value in the column that tells rows apart.")
    label = fields.Char(string="Name", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    finding_text = fields.Char(string="Findings", readonly=True)
    duplicate_level = fields.Selection(LEVELS, string="Duplicate", readonly=True)
    duplicate_text = fields.Char(string="Resembles", readonly=True)
    record_id = fields.Integer(readonly=True)
    cells = fields.Json(readonly=True)
    # Rows of a file that is looked through are compared by these, since none of them is saved.
    keys = fields.Json(readonly=True)
    card = fields.Json(readonly=True)

    _log_number_uniq = models.UniqueIndex("(log_id, number)", "A row of a file is there once.")
    _waiting_idx = models.Index("(log_id, number) WHERE outcome IS NULL")
    _key_idx = models.Index("(log_id, key)")

    @api.model
    def _add(self, log, rows):
        """Add rows of a file.

        :param rows: ``[(number, key or None, cells), ...]``
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_import_row (log_id, number, key, cells)"
                " SELECT %s, * FROM unnest(%s::int[], %s::text[], %s::jsonb[])",
                log.id,
                [number for number, _key, _cells in rows],
                [key for _number, key, _cells in rows],
                [Json(cells) for _number, _key, cells in rows],
            )
        )

    @api.model
    def _get_waiting(self, log, limit):
        """Return the next rows that nothing became of yet.

        :return: ``[(number, cells, first), ...]``; ``first`` is the earlier row of the same key
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT r.number, r.cells,
                       (SELECT min(e.number) FROM crm_import_row e
                         WHERE e.log_id = r.log_id AND e.key = r.key AND e.number < r.number
                           AND trim(r.key) <> '')
                  FROM crm_import_row r
                 WHERE r.log_id = %s AND r.outcome IS NULL
                 ORDER BY r.number LIMIT %s
                """,
                log.id,
                limit,
            )
        )

    @api.model
    def _settle(self, log, rows):
        """Write what became of rows.

        :param rows: dicts with ``number``, ``outcome`` and what else there is to keep
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_import_row r
                   SET outcome = d.outcome, label = d.label, finding_text = d.finding_text,
                       duplicate_level = d.duplicate_level, duplicate_text = d.duplicate_text,
                       record_id = d.record_id, keys = d.keys, card = d.card,
                       cells = CASE WHEN d.record_id IS NULL THEN r.cells END
                  FROM jsonb_to_recordset(%s::jsonb) AS d(
                       number int, outcome text, label text, finding_text text,
                       duplicate_level text, duplicate_text text, record_id int,
                       keys jsonb, card jsonb)
                 WHERE r.log_id = %s AND r.number = d.number
                """,
                Json(rows),
                log.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _reset(self, log):
        """Forget what would become of the rows of a file, so that they can be imported."""
        self.env.cr.execute(
            SQL(
                "UPDATE crm_import_row SET outcome = NULL, finding_text = NULL, keys = NULL,"
                " card = NULL, duplicate_level = NULL, duplicate_text = NULL WHERE log_id = %s",
                log.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _drop(self, logs, waiting=False):
        """Delete the rows of files, or only those that nothing became of."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_import_row WHERE log_id = ANY(%s) AND (outcome IS NULL OR %s)",
                logs.ids,
                not waiting,
            )
        )
        self.invalidate_model()

    @api.model
    def _find_same(self, log, keys):
        """Return the earlier rows of a file that would be saved with some duplicate keys.

        :param keys: ``"kind:key"`` texts
        :return: ``[(number, label, card, ["kind:key", ...]), ...]``; of a key that many rows have
            only the first ones
        """
        return self.env.execute_query(
            SQL(
                """
                WITH held AS (
                    SELECT r.id, k.key, row_number() OVER (PARTITION BY k.key ORDER BY r.number)
                      FROM crm_import_row r, jsonb_array_elements_text(r.keys) AS k(key)
                     WHERE r.log_id = %s AND jsonb_typeof(r.keys) = 'array' AND k.key = ANY(%s)
                )
                SELECT r.number, r.label, r.card, array_agg(held.key)
                  FROM held JOIN crm_import_row r ON r.id = held.id
                 WHERE held.row_number <= %s
                 GROUP BY r.id
                """,
                log.id,
                list(keys),
                MOST_HOLDERS,
            )
        )
