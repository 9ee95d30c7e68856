from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .utm_campaign_cost import COST_TYPES


class AccountMoveLine(models.Model):
    """A line of a vendor bill says which campaign it pays for.

    The host's ``account.move.campaign_id`` is not used: on a bill it would reduce the revenue the
    host shows for the campaign.
    """

    _inherit = "account.move.line"

    crm_campaign_id = fields.Many2one(
        "utm.campaign",
        string="Campaign",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('is_auto_campaign', '=', False), ('crm_state', '!=', 'cancelled'),"
        " ('company_id', 'in', (company_id, False))]",
        help="The campaign this cost belongs to. Vendor bills and vendor credits only.",
    )

    @api.constrains("crm_campaign_id", "display_type", "move_id", "company_id")
    def _check_crm_campaign(self):
        for line in self.filtered("crm_campaign_id"):
            name = line.name or line.move_id.display_name
            if line.move_id.move_type not in COST_TYPES or line.display_type != "product":
                raise ValidationError(
                    self.env._(
                        "Only the lines of a vendor bill, vendor credit or purchase receipt cost"
                        " a campaign money. Remove the campaign from “%(line)s”.",
                        line=name,
                    )
                )
            # sudo: the company of a campaign decides, whether the accountant sees it or not
            campaign = line.crm_campaign_id.sudo()
            if campaign.company_id and campaign.company_id != line.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(campaign)s” belongs to %(company)s and cannot bear the cost"
                        " “%(line)s” of another company.",
                        campaign=campaign.title,
                        company=campaign.company_id.name,
                        line=name,
                    )
                )

    def _get_lock_date_protected_fields(self):
        """A closed period's campaign costs are closed with it."""
        protected = super()._get_lock_date_protected_fields()
        return {**protected, "fiscal": [*protected["fiscal"], "crm_campaign_id"]}
