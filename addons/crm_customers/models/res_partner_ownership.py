from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from .crm_owner_log import OWNER_CHANGES
from .kept_state import is_kept, kept, kept_names


class ResPartner(models.Model):
    """Ownership of customers: one owner, a history, and contacts and documents that follow.

    A customer is a commercial partner. Its owner is the host's ``user_id``; its contacts have the
    same owner. A customer that a pool watches and that has no owner is in the pool.
    """

    _inherit = "res.partner"

    crm_is_customer = fields.Boolean(
        string="Is a Customer Itself",
        compute="_compute_crm_is_customer",
        search="_search_crm_is_customer",
        help="Not a contact or address of another record.",
    )
    crm_owner_id = fields.Many2one(
        "res.users",
        string="Customer's Owner",
        compute="_compute_crm_owner_id",
        store=True,
        index="btree_not_null",
        help="The owner of the customer this contact belongs to.",
    )
    crm_pooled = fields.Boolean(
        string="In the Pool", compute="_compute_crm_owner_id", store=True, readonly=True
    )
    crm_pool_id = kept(
        fields.Many2one,
        "Public Pool",
        comodel_name="crm.pool",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="The pool that watches this customer and takes it back.",
    )
    crm_pool_since = kept(fields.Datetime, "Watched since")
    crm_owner_since = kept(fields.Datetime, "Owner since")
    crm_owner_how = kept(fields.Selection, "Last Change of Owner", selection=OWNER_CHANGES)
    crm_owner_reason = kept(fields.Char, "Reason of the Change")
    crm_locked_until = kept(
        fields.Date,
        "Locked until",
        tracking=True,
        help="Until this day no rule takes the customer from its owner.",
    )
    crm_owner_log_ids = fields.One2many("crm.owner.log", "partner_id", string="Ownership History")
    crm_colleague_ids = fields.One2many("crm.customer.member", "partner_id", string="Shared with")

    _crm_pooled_idx = models.Index("(crm_pool_id, crm_owner_since) WHERE crm_pooled")

    def _auto_init(self):
        # Columns first, or the host would compute nothing for every partner of a database in use.
        cr = self.env.cr
        for name, field in self._fields.items():
            if is_kept(field) and not column_exists(cr, self._table, name):
                create_column(cr, self._table, name, field.column_type[1], field.string)
        if not column_exists(cr, self._table, "crm_owner_id"):
            create_column(cr, self._table, "crm_owner_id", "int4")
            create_column(cr, self._table, "crm_pooled", "bool")
            # one statement instead of a recomputation
            cr.execute(
                SQL(
                    "UPDATE res_partner partner SET crm_pooled = false, crm_owner_id ="
                    " customer.user_id FROM res_partner customer"
                    " WHERE customer.id = partner.commercial_partner_id"
                )
            )
        return super()._auto_init()

    # Compute

    @api.depends("is_company", "parent_id")
    def _compute_crm_is_customer(self):
        for partner in self:
            partner.crm_is_customer = partner.is_company or not partner.parent_id

    def _search_crm_is_customer(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("is_company", "=", True) | Domain("parent_id", "=", False)

    @api.depends("commercial_partner_id.user_id", "commercial_partner_id.crm_pool_id")
    def _compute_crm_owner_id(self):
        for partner in self:
            customer = partner.commercial_partner_id
            partner.crm_owner_id = customer.user_id
            partner.crm_pooled = bool(customer.crm_pool_id and not customer.user_id)

    @api.depends()
    def _compute_crm_kept(self):
        self.update(dict.fromkeys(kept_names(self), False))

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if not self._is_kept(name)}
                for vals in vals_list
            ]
        partners = super().create(vals_list)
        owned = partners.filtered(lambda partner: partner.crm_is_customer and partner.user_id)
        if owned:
            # sudo: the log and the pool belong to the suite, not to who enters a customer
            owned.sudo()._after_owner_change({}, "create", False)
        return partners

    def write(self, vals):
        if not self.env.su:
            self._check_kept_fields(vals)
        if "user_id" not in vals:
            return super().write(vals)
        old_owners = {
            customer: customer.user_id
            for customer in self
            if customer.crm_is_customer and customer.user_id.id != (vals["user_id"] or False)
        }
        if not (self.env.su and "crm_owner_how" in vals):
            self._check_not_pooled(old_owners)
        result = super().write(vals)
        if old_owners:
            # sudo: what follows an owner's change does so whoever may see it
            customers = self.browse().union(*old_owners).sudo()
            customers._after_owner_change(
                old_owners, vals.get("crm_owner_how") or "edit", vals.get("crm_owner_reason")
            )
        return result

    # Business

    @api.model
    def _is_kept(self, name):
        """Whether a field is kept by the methods of ownership, pool and follow-up."""
        return name in self._fields and is_kept(self._fields[name])

    def _check_kept_fields(self, vals):
        """Refuse to write by hand what the methods of ownership keep."""
        kept_names = [name for name in vals if self._is_kept(name)]
        for partner in self if kept_names else ():
            for name in kept_names:
                field = self._fields[name]
                if field.convert_to_cache(vals[name], partner) != partner._cache_value(name):
                    raise AccessError(
                        self.env._(
                            "“%(field)s” follows from claiming, assigning, returning and locking."
                            " Use these actions instead.",
                            field=field._description_string(self.env),
                        )
                    )

    def _cache_value(self, name):
        field = self._fields[name]
        return field.convert_to_cache(self[name], self)

    def _check_not_pooled(self, customers):
        """Refuse an owner written past the pool."""
        # sudo: who cannot see a pooled customer is refused with a sentence all the same
        pooled = self.browse().union(*customers).sudo().filtered("crm_pooled")
        if pooled:
            raise UserError(
                self.env._(
                    "%(names)s is in the public pool. Claim it there, or have an administrator of"
                    " the pool assign it.",
                    names=", ".join(pooled[:5].mapped("display_name")),
                )
            )

    def _after_owner_change(self, old_owners, how, reason):
        """Keep state, log, contacts and documents of customers whose owner just changed.

        :param dict old_owners: customer to its owner before; empty for new customers
        :param str how: key of ``OWNER_CHANGES``
        """
        now = fields.Datetime.now()
        self._keep_pool_of_owner(now)
        self.write(
            {
                "crm_owner_since": now,
                "crm_owner_how": how,
                "crm_owner_reason": reason or False,
                "crm_locked_until": False,
                "crm_return_date": False,
                "crm_return_rule_id": False,
                "crm_return_since": False,
                "crm_return_ground": False,
                "crm_reminded_for": False,
            }
        )
        old_ids = {customer.id: owner for customer, owner in old_owners.items()}
        if old_ids:  # a new customer has neither contacts nor documents yet
            self._drop_return_reminders()
            self._hand_over_followers(old_ids, documents=how != "edit" or self._is_release())
        self.env["crm.owner.log"].create(
            [
                {
                    "partner_id": customer.id,
                    "date": now,
                    "from_user_id": old_ids[customer.id].id if customer.id in old_ids else False,
                    "to_user_id": customer.user_id.id,
                    "how": how,
                    "reason": reason,
                    "pool_id": customer.crm_pool_id.id,
                }
                for customer in self
            ]
        )

    def _is_release(self):
        return any(customer.crm_pooled for customer in self)

    def _keep_pool_of_owner(self, now):
        """Let the pool of a new owner watch the customers; without one the old pool stays."""
        owned = self.filtered(lambda partner: partner.user_id and partner.partner_share)
        first = self.env["crm.pool"]._get_first_pools(owned.user_id) if owned else {}
        if not first:
            return
        for pool, customers in owned.grouped(lambda row: row._find_pool(first)).items():
            if pool:
                customers._watch(pool, now)

    def _find_pool(self, first):
        """Return the pool that is to watch a customer instead of its present one, or none.

        :param dict first: the first pool of each owner, by user and company id
        """
        self.ensure_one()
        nothing = self.env["crm.pool"]
        if self.user_id in self.crm_pool_id.member_ids:
            return nothing
        company = self.company_id or self.user_id.company_id
        return first.get((self.user_id.id, company.id), nothing)

    def _watch(self, pool, now=None):
        """Put customers under the rules of a pool; their clocks start now."""
        self.write({"crm_pool_id": pool.id, "crm_pool_since": now or fields.Datetime.now()})

    def _change_owner(self, user, how, reason=None):
        """Give the customers to ``user`` (an empty recordset: to nobody), with what follows.

        The callers check the right to do so; a pool's customers without owner are in the pool.
        """
        # sudo: a claimed or released customer is not visible before or after
        return self.sudo().write(
            {"user_id": user.id, "crm_owner_how": how, "crm_owner_reason": reason or False}
        )
