from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CrmSegmentMember(models.Model):
    """A customer in a segment, once."""

    _name = "crm.segment.member"
    _description = "Segment Member"
    _order = "segment_id, id"
    _rec_name = "partner_id"

    segment_id = fields.Many2one("crm.segment", required=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="cascade"
    )
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    city = fields.Char(related="partner_id.city")
    owner_id = fields.Many2one(
        related="partner_id.user_id", string="Owner", help="Who looks after the customer."
    )

    _segment_partner_unique = models.Constraint(
        "UNIQUE(segment_id, partner_id)",
        "This customer is already in the segment.",
    )

    @api.constrains("segment_id", "partner_id")
    def _check_member(self):
        for member in self:
            segment, partner = member.segment_id, member.partner_id
            if segment.kind != "static":
                raise ValidationError(
                    self.env._(
                        "The members of “%(segment)s” come from its condition. Change the"
                        " condition, or make it a segment chosen by hand.",
                        segment=segment.name,
                    )
                )
            if partner.company_id and partner.company_id != segment.company_id:
                raise ValidationError(
                    self.env._(
                        "%(partner)s belongs to another company than “%(segment)s”.",
                        partner=partner.display_name,
                        segment=segment.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_static(self):
        dynamic = self.segment_id.filtered(lambda segment: segment.kind != "static")
        if dynamic:
            raise UserError(
                self.env._(
                    "The members of “%(segment)s” come from its condition. Change the condition"
                    " to leave somebody out.",
                    segment=dynamic[0].name,
                )
            )
