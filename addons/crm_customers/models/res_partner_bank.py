from odoo import api, models

GUARDED = ("acc_number", "acc_holder_name", "bank_id", "clearing_number", "partner_id", "active")


class ResPartnerBank(models.Model):
    """Bank accounts of customers with invoices or contracts change on approval only.

    A new account is kept archived until then: nothing is paid to it and no paper names it.
    """

    _inherit = "res.partner.bank"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        held = accounts.filtered("active")._find_guarded()
        if held:
            waiting = self.browse(account.id for account in held)
            # sudo: archiving what waits is part of asking, not a change of its own
            waiting.sudo().write({"active": False})
            self.env["crm.change.request"]._ask(
                [account._as_wish(customer, {"active": True}) for account, customer in held.items()]
            )
        return accounts

    def write(self, vals):
        if "sanitized_acc_number" in vals:
            # the host takes a number under this name as well
            vals = {**vals, "acc_number": vals["sanitized_acc_number"]}
            del vals["sanitized_acc_number"]
        asked = {name: vals[name] or False for name in GUARDED if name in vals}
        changing = self.filtered(lambda account: account._get_change_values(asked) != asked)
        found = changing._find_guarded(asked.get("partner_id"))
        if not found:
            return super().write(vals)
        held = self.browse(account.id for account in found)
        held.check_access("write")
        others = self - held
        result = super(ResPartnerBank, others).write(vals) if others else True
        held._ask_change(found, asked)
        rest = {name: value for name, value in vals.items() if name not in asked}
        if rest:
            result = super(ResPartnerBank, held).write(rest)
        return result

    def unlink(self):
        # The host archives instead and says so in the chatter, which would not be true here.
        held = self.browse(account.id for account in self.filtered("active")._find_guarded())
        if held:
            held.write({"active": False})
        rest = self - held
        return super(ResPartnerBank, rest).unlink() if rest else True

    def _find_guarded(self, target_id=False):
        """Return the accounts that the current user may not change by himself.

        :param target_id: partner to whom the accounts are to belong, if that is what changes
        :return: ``{account: customer with papers}``
        """
        if (
            not self
            or self.env.su
            or "bank" not in self.env.company._get_guarded_changes()
            or self.env["crm.change.request"]._is_approver()
        ):
            return {}
        target = self.partner_id.browse(target_id or ()).commercial_partner_id
        settled = (self.partner_id.commercial_partner_id | target)._filter_settled()
        customers = {
            account: (account.partner_id.commercial_partner_id + target) & settled
            for account in self
        }
        return {account: found[0] for account, found in customers.items() if found}

    def _ask_change(self, customers, asked):
        """Ask for new values; what waits for the same account already is asked for once more."""
        # sudo: what waits is part of the wish, whoever may read it
        waiting = (
            self.env["crm.change.request"]
            .sudo()
            .search([("bank_id", "in", self.ids), ("state", "=", "waiting")])
        )
        earlier = {(row.bank_id.id, row.partner_id.id): row.new_values for row in waiting}
        self.env["crm.change.request"]._ask(
            [
                account._as_wish(
                    customers[account],
                    earlier.get((account.id, customers[account].id), {}) | asked,
                )
                for account in self
            ]
        )

    def _as_wish(self, customer, values):
        """Return the request for new values of this account."""
        self.ensure_one()
        kind = "write"
        if "active" in values and values["active"] != self.active:
            kind = "create" if values["active"] else "remove"
        owner = "partner_id" in values
        shown = values
        if owner:
            # the host names the new owner as holder unless somebody else is named
            shown = {"acc_holder_name": self.partner_id.browse(values["partner_id"]).name, **values}
        proposed = self.new(shown, origin=self)
        return {
            "partner_id": customer.id,
            "bank_id": self.id,
            "field": "bank",
            "kind": kind,
            "old_values": self._get_change_values(values),
            "new_values": values,
            "old_text": kind != "create" and self._describe_account(owner),
            "new_text": kind != "remove" and proposed._describe_account(owner),
        }

    def _get_change_values(self, names):
        """Return present values as a request keeps them."""
        self.ensure_one()
        return {
            name: (self[name].id if self._fields[name].relational else self[name]) or False
            for name in names
        }

    def _get_approved_values(self, values):
        """Return what is written on approval: trust was in the number and its owner."""
        if self.allow_out_payment and values.keys() & {"acc_number", "partner_id"}:
            return values | {"allow_out_payment": False}
        return values

    def _describe_account(self, owner=False):
        """Return number, bank and holder in one line, and whose it is if that changes."""
        self.ensure_one()
        holder = self.acc_holder_name if self.acc_holder_name != self.partner_id.name else False
        parts = [self.acc_number, self.clearing_number, self.bank_id.name, holder]
        return " · ".join(filter(None, [*parts, owner and self.partner_id.name]))
