from odoo import fields, models


class CrmSegmentAdd(models.TransientModel):
    """Puts customers picked in the list into a segment chosen by hand."""

    _name = "crm.segment.add"
    _description = "Add to Segment"

    segment_id = fields.Many2one(
        "crm.segment", required=True, domain=[("kind", "=", "static")], ondelete="cascade"
    )
    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)

    def action_add(self):
        """Add those who are not in the segment yet, and open its members."""
        self.ensure_one()
        members = self.env["crm.segment.member"]
        present = members.search(
            [
                ("segment_id", "=", self.segment_id.id),
                ("partner_id", "in", self.partner_ids.ids),
            ]
        )
        members.create(
            [
                {"segment_id": self.segment_id.id, "partner_id": partner.id}
                for partner in self.partner_ids - present.partner_id
            ]
        )
        return self.segment_id.action_view_members()
