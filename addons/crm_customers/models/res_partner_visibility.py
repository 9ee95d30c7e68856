from odoo import api, fields, models
from odoo.fields import Domain

# Who sees every customer, pooled ones included.
SEEING_ALL = (
    "sales_team.group_sale_salesman_all_leads",
    "account.group_account_readonly",
    "account.group_account_invoice",
)
# Which of the shared customers, by whether they are to be changed.
SHARED = {False: "crm_shared_partner_ids", True: "crm_edited_partner_ids"}


class ResPartner(models.Model):
    """Who sees and edits which customers; one place says it, record rules ask it.

    The rules ask fields with a search method, so the answer follows teams, sharing and settings
    at once, while domains written into a rule are cached for each user.
    """

    _inherit = "res.partner"

    crm_visible = fields.Boolean(
        compute="_compute_crm_visible",
        search="_search_crm_visible",
        help="Whether the current user may see this record.",
    )
    crm_editable = fields.Boolean(
        compute="_compute_crm_visible",
        search="_search_crm_editable",
        help="Whether the current user may change this record.",
    )

    @api.depends(
        "crm_owner_id",
        "crm_pooled",
        "partner_share",
        "commercial_partner_id.crm_colleague_ids.user_id",
        "commercial_partner_id.crm_colleague_ids.can_write",
        "commercial_partner_id.crm_colleague_ids.date_to",
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_crm_visible(self):
        # sudo: the question is about the user, and asked before he may read
        records = self.sudo().with_context(active_test=False)
        visible = records.filtered_domain(self._get_visible_domain(write=False))
        editable = records.filtered_domain(self._get_visible_domain(write=True))
        for partner in self:
            new = not partner.id
            partner.crm_visible = new or partner.id in visible._ids
            partner.crm_editable = new or partner.id in editable._ids

    def _search_crm_visible(self, operator, value):
        return self._get_visible_domain(write=False) if operator == "in" else NotImplemented

    def _search_crm_editable(self, operator, value):
        return self._get_visible_domain(write=True) if operator == "in" else NotImplemented

    @api.model
    def _get_visible_domain(self, write):
        """Return the domain of the partners the current user may see, or change.

        Always visible: colleagues and companies of ours, what has no owner and lies in no pool.
        """
        user = self.env.user
        if not user._is_internal() or any(map(user.has_group, SEEING_ALL)):
            return Domain.TRUE
        hidden_pool = Domain("crm_pooled", "!=", True)
        mode = self.env.company.sudo().crm_customer_visibility  # sudo: a setting for everybody
        if mode == "all" or not user.has_group("sales_team.group_sale_salesman"):
            return Domain("partner_share", "=", False) | hidden_pool
        domain = (
            Domain("partner_share", "=", False)
            | Domain("crm_owner_id", "=", user.id)
            | (Domain("crm_owner_id", "=", False) & hidden_pool)
            | Domain("commercial_partner_id", "in", user._get_seen_ids(SHARED[write]))
        )
        owners = user._get_seen_ids("crm_team_user_ids" if mode == "team" else "crm_led_user_ids")
        if owners:
            domain |= Domain("crm_owner_id", "in", owners)
        return domain
