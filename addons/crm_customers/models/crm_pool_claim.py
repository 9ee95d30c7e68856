from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmPool(models.Model):
    """Claiming, assigning, returning and locking: the only ways in and out of a pool."""

    _inherit = "crm.pool"

    def _claim(self, customers):
        """Give pooled customers to the current user, all or none, within the caps.

        First the claimant's quota row is locked, then the customers' rows; both are written, so of
        two claims at the same moment one waits or fails to serialise and judges anew.

        :raises UserError: with the reason; nothing is claimed then
        """
        self.ensure_one()
        user = self.env.user
        if user not in self.sudo().member_ids:  # sudo: the members of a pool are no secret to it
            raise AccessError(
                self.env._("Only members of the pool “%(pool)s” may claim.", pool=self.name)
            )
        quota = self.env["crm.pool.quota"]._lock(self, user)
        customers = self._lock_pooled(customers)
        self._check_cooldown(customers, user)
        self._check_holding(customers, user)
        quota._count(len(customers), self._today())
        customers._change_owner(user, "claim")
        return customers

    def _assign(self, customers, user, reason=None):
        """Give customers of this pool, pooled or owned, to a member; by an administrator.

        Caps on holding bind the administrator too, the daily cap and the cooldown do not.
        """
        self.ensure_one()
        self._check_admin()
        if user not in self.member_ids:
            raise UserError(
                self.env._(
                    "%(user)s is not a member of %(pool)s. Add the member first.",
                    user=user.name,
                    pool=self.name,
                )
            )
        quota = self.env["crm.pool.quota"]._lock(self, user)
        customers = self._lock_customers(customers)
        self._check_in_pool(customers)
        self._check_holding(customers.filtered(lambda row: row.user_id != user), user)
        quota._count_nothing()
        customers._change_owner(user, "assign", reason)
        return customers

    def _return(self, customers, reason):
        """Put owned customers back into the pool by hand; by the owner or an administrator.

        :param str reason: in words, kept in the history
        """
        self.ensure_one()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the customer goes back to the pool."))
        customers = self._lock_customers(customers)
        if not self._is_admin() and any(row.user_id != self.env.user for row in customers):
            raise AccessError(
                self.env._("You can return your own customers only. Ask the administrator.")
            )
        owned = customers.filtered("user_id")
        owned._watch(self)
        owned._change_owner(self.env["res.users"], "return", reason.strip())
        return owned

    def _lock_until(self, customers, day):
        """Keep rules from taking owned customers until a day; False unlocks.

        The owner may lock within the pool's limits, an administrator without.
        """
        self.ensure_one()
        # by owner: each owner's cap is counted under the lock of his quota row
        admin = self._is_admin()
        for owner, owned in customers.sudo().grouped("user_id").items():  # sudo: checked below
            if owner != self.env.user and not admin:
                raise AccessError(
                    self.env._("Only the owner or an administrator of the pool may lock.")
                )
            self._lock_owned(owned, owner, day, limited=not admin)
        self._refresh_return_dates(customers.ids)

    def _lock_owned(self, customers, owner, day, limited):
        """Write the lock of one owner's customers, within his limits."""
        quota = self.env["crm.pool.quota"]._lock(self, owner)
        customers = self._lock_customers(customers)
        self._check_in_pool(customers)
        if day and limited:
            self._check_lock(customers, owner, day)
        quota._count_nothing()
        customers.write({"crm_locked_until": day})

    # Locks and checks

    def _today(self):
        """Return the current day in the time zone of the pool's calendar."""
        self.ensure_one()
        # sudo: the time zone of a calendar is no secret
        zone = self.sudo().with_context(tz=self.sudo().calendar_id.tz or "UTC")
        return fields.Date.context_today(zone)

    def _lock_customers(self, customers):
        """Return the customers as superuser with their rows locked.

        :raises UserError: another session changes one of them at this moment
        """
        # sudo: the callers check the right to act; the history names who acts on the pool
        customers = self.env["res.partner"].sudo().browse(sorted(customers.ids))
        try:
            customers.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is taking one of these customers at this very moment."
                    " Refresh the list and try again."
                )
            ) from error
        customers.invalidate_recordset(["user_id", "crm_pool_id", "crm_pooled"])
        return customers

    def _lock_pooled(self, customers):
        """Return pooled customers of this pool, locked; raise when one was taken meanwhile."""
        customers = self._lock_customers(customers)
        self._check_in_pool(customers)
        for customer in customers:
            if customer.user_id:
                raise UserError(
                    self.env._(
                        "%(customer)s belongs to %(owner)s already.",
                        customer=customer.name,
                        owner=customer.user_id.name,
                    )
                )
        return customers

    def _check_in_pool(self, customers):
        for customer in customers:
            if customer.crm_pool_id != self:
                raise UserError(
                    self.env._(
                        "%(customer)s does not belong to the pool “%(pool)s”.",
                        customer=customer.name,
                        pool=self.name,
                    )
                )

    def _check_cooldown(self, customers, user):
        """Refuse customers that were just taken from the claimant, or given back by him."""
        if not self.cooldown_days or not customers:
            return
        since = fields.Datetime.now() - timedelta(days=self.cooldown_days)
        # sudo: the history of a pooled customer is hidden from who does not own it
        left = (
            self.env["crm.owner.log"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", customers.ids),
                    ("from_user_id", "=", user.id),
                    ("date", ">", since),
                ],
                limit=1,
            )
        )
        if left:
            free = left.date + timedelta(days=self.cooldown_days)
            raise UserError(
                self.env._(
                    "%(customer)s was yours until %(left)s. Others may claim it now; you may"
                    " from %(free)s on.",
                    customer=left.partner_id.name,
                    left=self._format_day(left.date),
                    free=self._format_day(free),
                )
            )

    def _check_holding(self, customers, user):
        """Refuse more customers than a member may own, won ones counted as the pool says."""
        if not self.holding_limit:
            return
        held = self._count_held(user)
        if held + len(customers) > self.holding_limit:
            raise UserError(
                self.env._(
                    "%(user)s owns %(held)s customers of %(pool)s, and %(limit)s are allowed."
                    " Return one first.",
                    user=user.name,
                    held=held,
                    pool=self.name,
                    limit=self.holding_limit,
                )
            )

    def _count_held(self, user):
        """Return how many customers of this pool a member owns, as its cap counts them."""
        domain = Domain("crm_pool_id", "=", self.id) & Domain("user_id", "=", user.id)
        # sudo: a cap counts all, whatever the claimant may see
        customers = self.env["res.partner"].sudo()
        if self.holding_won:
            return customers.search_count(domain & Domain("crm_is_customer", "=", True))
        held = customers.search(domain & Domain("crm_is_customer", "=", True))
        rows = self.env.execute_query(
            SQL(
                "SELECT COUNT(DISTINCT partner_id) FROM (%s) deal WHERE partner_id = ANY(%s)",
                customers._crm_deals_sql(),
                held.ids,
            )
        )
        return len(held) - rows[0][0]

    def _check_lock(self, customers, owner, day):
        today = self._today()
        if day > today + timedelta(days=self.lock_days):
            raise UserError(
                self.env._(
                    "A customer of %(pool)s can be locked for %(days)s days at most.",
                    pool=self.name,
                    days=self.lock_days,
                )
            )
        # sudo: a cap counts all, whatever the owner may see
        locked = (
            self.env["res.partner"]
            .sudo()
            .search_count(
                [
                    ("crm_pool_id", "=", self.id),
                    ("user_id", "=", owner.id),
                    ("crm_locked_until", ">=", today),
                    ("id", "not in", customers.ids),
                ]
            )
        )
        if self.lock_limit and locked + len(customers) > self.lock_limit:
            raise UserError(
                self.env._(
                    "You have locked %(locked)s customers of %(pool)s, and %(limit)s are"
                    " allowed. Unlock one first.",
                    locked=locked,
                    pool=self.name,
                    limit=self.lock_limit,
                )
            )

    def _format_day(self, moment):
        """Return the local day of a moment in the user's notation."""
        return fields.Date.to_string(
            fields.Datetime.context_timestamp(self.with_context(tz=self.env.user.tz), moment).date()
        )
