from odoo import fields, models


class CrmImportIssue(models.Model):
    """One thing to say about one row of an imported file.

    The row was refused, or one of its values was used otherwise than it is written.
    """

    _name = "crm.import.issue"
    _description = "Import Finding"
    _order = "log_id desc, row, id"
    _rec_name = "reason"

    log_id = fields.Many2one(
        "crm.import.log", string="Import", required=True, ondelete="cascade", index=True
    )
    row = fields.Integer(help="As a spreadsheet counts the rows; the headings are row 1.")
    key = fields.Char(help="The row's value in the column that tells rows apart.")
    code = fields.Char(required=True)
    refused = fields.Boolean(help="The row was kept out; without it, the row came in.")
    column = fields.Char()
    value = fields.Char(string="Value in the File")
    used_value = fields.Char(string="Value Used")
    reason = fields.Char(required=True)
    cells = fields.Json(help="The row as it stands in the file.")
