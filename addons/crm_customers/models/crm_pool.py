from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain


class CrmPool(models.Model):
    """A public pool (公海): customers without owner that its members may claim.

    Owns: who may claim, how much, and the rules by which customers come back.
    Who: members claim, its administrators (and sales managers) assign, return and set rules.
    Two at once: a claim locks the claimant's quota row and the customers' rows.
    Half of it: owner, contacts, documents and log of a change stand in one transaction.
    A million rows: a member's customers and the pooled ones are found by partial indexes.
    """

    _name = "crm.pool"
    _description = "Public Pool"
    _inherit = ["mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_pool_member_rel",
        "pool_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who sees the customers of this pool and may claim them.",
    )
    admin_ids = fields.Many2many(
        "res.users",
        "crm_pool_admin_rel",
        "pool_id",
        "user_id",
        string="Administrators",
        # by the cached number of the group: every reading of a pool evaluates this
        domain=lambda self: [("all_group_ids", "in", [self._get_admin_group_id()])],
        help="Pool administrators in charge. Empty: every pool administrator.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Calendar",
        required=True,
        check_company=True,
        default=lambda self: self.env.company._get_contract_calendar(),
        help="Days of the rules are working days of this calendar.",
    )
    mask_phone = fields.Boolean(
        string="Mask until Claimed",
        default=True,
        help="Members see telephone and email only in part before they claim.",
    )
    daily_limit = fields.Integer(
        string="Claims a Day", help="Customers a member may claim in a day. 0: no limit."
    )
    holding_limit = fields.Integer(
        string="Customers Held", help="Customers of this pool a member may own. 0: no limit."
    )
    holding_won = fields.Boolean(
        string="Count Won Customers",
        help="Whether customers that already bought count as held.",
    )
    lock_limit = fields.Integer(
        string="Locked Customers", help="Customers a member may keep locked. 0: no limit."
    )
    lock_days = fields.Integer(
        string="Longest Lock (days)", default=90, help="0: customers cannot be locked."
    )
    cooldown_days = fields.Integer(
        string="Cooldown (days)",
        default=7,
        help="Days in which a customer cannot go back to the owner it was just taken from.",
    )
    remind_days = fields.Integer(
        string="Remind before Return (working days)",
        default=3,
        help="The owner gets an activity this many working days ahead. 0: no reminder.",
    )
    rule_ids = fields.One2many("crm.pool.rule", "pool_id", string="Return Rules", copy=True)
    quota_ids = fields.One2many("crm.pool.quota", "pool_id", string="Claims")
    # the rules or their calendar changed: every customer has to be judged
    judge_all = fields.Boolean(readonly=True, copy=False, default=True)
    date_judged = fields.Date(string="All Judged on", readonly=True, copy=False)
    pooled_count = fields.Integer(string="In the Pool", compute="_compute_counts")
    owned_count = fields.Integer(string="Owned", compute="_compute_counts")
    unwatched_count = fields.Integer(string="Not Watched", compute="_compute_counts")

    _limits_not_negative = models.Constraint(
        "CHECK (daily_limit >= 0 AND holding_limit >= 0 AND lock_limit >= 0 AND lock_days >= 0"
        " AND cooldown_days >= 0 AND remind_days >= 0)",
        "Limits and days of a pool cannot be negative.",
    )

    # Compute

    @api.depends("member_ids")
    def _compute_counts(self):
        # sudo: figures of a pool are the same for everybody who may see the pool
        partners = self.env["res.partner"].sudo()
        customers = Domain("crm_pool_id", "in", self.ids) & Domain("crm_is_customer", "=", True)
        counts = {
            (pool, bool(owner)): count
            for pool, owner, count in partners._read_group(
                customers, ["crm_pool_id", "crm_pooled"], ["__count"]
            )
        }
        unwatched = dict(
            partners._read_group(
                self._get_unwatched_domain(self.member_ids), ["user_id"], ["__count"]
            )
            if self.member_ids
            else []
        )
        for pool in self:
            pool.pooled_count = counts.get((pool, True), 0)
            pool.owned_count = counts.get((pool, False), 0)
            pool.unwatched_count = sum(unwatched.get(user, 0) for user in pool.member_ids)

    # Constraints

    @api.constrains("member_ids", "company_id")
    def _check_members(self):
        for pool in self:
            strangers = pool.member_ids.filtered(
                lambda user, pool=pool: pool.company_id not in user.company_ids
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(names)s cannot work in %(company)s and so cannot be a member of"
                        " %(pool)s.",
                        names=", ".join(strangers.mapped("name")),
                        company=pool.company_id.name,
                        pool=pool.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        self.env["res.partner"].invalidate_model(["crm_facts"], flush=False)
        if not {"calendar_id", "company_id"}.isdisjoint(vals):
            self._judge_all()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: also customers that the user cannot see keep a pool from being deleted
        used = self.env["res.partner"].sudo().with_context(active_test=False)
        if used.search_count([("crm_pool_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This pool has customers. Archive it, or move them to another pool.")
            )

    # Actions

    def action_view_pooled(self):
        """Open the list of the customers to claim."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_pool_customer_action"
        )
        return action | {"domain": [("pool_id", "=", self.id)]}

    def action_view_owned(self):
        """Open the owned customers that this pool watches."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_customers.res_partner_action")
        return action | {
            "domain": [("crm_pool_id", "=", self.id), ("user_id", "!=", False)],
            "context": {"search_default_group_owner": 1},
        }

    def action_watch_customers(self):
        """Put the members' customers that no pool watches under the rules of this one.

        Their clocks start today, so nobody loses a customer overnight.
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: an administrator of the pool watches all customers of its members
        customers = (
            self.env["res.partner"].sudo().search(self._get_unwatched_domain(self.member_ids))
        )
        customers._watch(self)
        return True

    def action_preview(self):
        """Open the dry run: who would go back, when and why, with rules that can be tried."""
        self.ensure_one()
        preview = self.env["crm.pool.preview"].create({"pool_id": self.id})
        preview._load_rules()
        return preview._get_action()

    # Business

    def _get_unwatched_domain(self, owners):
        """Return the domain of the owners' customers that no pool watches."""
        return (
            Domain("user_id", "in", owners.ids)
            & Domain("crm_pool_id", "=", False)
            & Domain("crm_is_customer", "=", True)
            & Domain("partner_share", "=", True)
            & Domain("company_id", "in", [False, *self.company_id.ids])
        )

    @api.model
    def _get_admin_group_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id("crm_customers.group_pool_admin")

    def _is_admin(self, user=None):
        """Whether a user administers the pool: named as such, or sales manager."""
        self.ensure_one()
        user = user or self.env.user
        if self.env.su or user.has_group("sales_team.group_sale_manager"):
            return True
        admin = user.has_group("crm_customers.group_pool_admin")
        return admin and (not self.admin_ids or user in self.admin_ids)

    def _check_admin(self):
        """Raise unless the user administers these pools."""
        for pool in self:
            if not pool._is_admin():
                raise AccessError(
                    self.env._(
                        "Only an administrator of the pool “%(pool)s” may do this.",
                        pool=pool.name,
                    )
                )

    @api.model
    def _get_first_pools(self, users):
        """Return the pool each user works in first: ``{(user_id, company_id): pool}``."""
        pools = self.search([("member_ids", "in", users.ids)])
        first = {}
        for pool in pools:
            for user in pool.member_ids & users:
                first.setdefault((user.id, pool.company_id.id), pool)
        return first

    @api.model
    def _cron_return_customers(self):
        """Take customers back whose deadline is over, remind owners of those near it.

        Each batch is committed; one that is locked by somebody is left for the next run.
        """
        # those without rules once more, so that no date of a deleted rule stays
        for pool in self.search(Domain("rule_ids", "!=", False) | Domain("judge_all", "=", True)):
            pool._return_due_customers()
