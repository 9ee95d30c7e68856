from odoo import fields, models


class CrmImportStage(models.Model):
    """What a word in the stage column of an imported opportunity means in the pipeline.

    Administrators add the words of the systems they come from. A word for an open stage may stay
    without a stage: the first import makes the stage of that name.
    """

    _name = "crm.import.stage"
    _description = "Imported Stage"
    _order = "sequence, id"

    name = fields.Char(string="Word in the File", required=True)
    sequence = fields.Integer(default=10)
    outcome = fields.Selection(
        [("open", "Open Deal"), ("won", "Won Deal"), ("lost", "Lost Deal")],
        required=True,
        default="open",
    )
    stage_id = fields.Many2one(
        "crm.stage",
        ondelete="set null",
        domain="[('is_won', '=', outcome == 'won')]",
        help="Left empty: for open ones the stage of the same name, made when there is none; for"
        " won ones the first won stage; for lost ones the first stage, since the file does not"
        " say how far they came.",
    )
    lost_reason_id = fields.Many2one("crm.lost.reason", ondelete="restrict")

    _name_unique = models.UniqueIndex("(lower(name))", "Each word can have one meaning only.")
