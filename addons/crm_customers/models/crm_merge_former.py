from odoo import api, fields, models


class CrmMergeFormer(models.Model):
    """A customer that was merged into another one: its old number leads to the survivor.

    The snapshot is the row as it was, with all columns; it brings the record back under its old
    number, and goes when the time for that is over. The rest stays, so that old numbers, names and
    links of other systems find the survivor for good.
    """

    _name = "crm.merge.former"
    _inherit = "crm.ledger.mixin"
    _description = "Merged Customer"
    _order = "id desc"
    _log_access = False

    log_id = fields.Many2one(
        "crm.merge.log",
        string="Merge",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    survivor_id = fields.Many2one(
        "res.partner", string="Merged into", readonly=True, ondelete="set null", index=True
    )
    old_id = fields.Integer(string="Former Database Number", readonly=True, index=True)
    name = fields.Char(readonly=True)
    code = fields.Char(string="Customer Number", readonly=True, index="btree_not_null")
    active = fields.Boolean(default=True, readonly=True)
    snapshot = fields.Json(readonly=True, groups="base.group_system")

    @api.model
    def _find_survivors(self, old_ids):
        """Return who merged customers are today: ``{old id: survivor's id}``.

        A survivor that was merged itself leads to the last one, since the link moves along.
        """
        # sudo: whoever asks with an old number may know that it changed; reading is checked later
        rows = self.sudo().search_fetch(
            [("old_id", "in", list(old_ids)), ("survivor_id", "!=", False)],
            ["old_id", "survivor_id"],
            order="id",
        )
        return {row.old_id: row.survivor_id.id for row in rows}
