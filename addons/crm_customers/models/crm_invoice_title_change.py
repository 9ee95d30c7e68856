from odoo import models


class CrmInvoiceTitle(models.Model):
    """What invoices of a customer with papers carry changes on approval only, titles included.

    Held back are another company on a title, another account, and a new title in the name of
    somebody else; the name, tax number and accounts themselves are guarded where they are kept.
    """

    _inherit = "crm.invoice.title"

    def _is_free(self):
        """Whether the current user's changes count at once."""
        return self.env["crm.change.request"]._is_approver()

    def _get_held_names(self, vals):
        """Return which of the values being written wait for approval in this company."""
        kinds = self.env.company._get_guarded_changes()
        names = set()
        if kinds & {"name", "vat"}:
            names |= {"entity_id"} & vals.keys()
            if vals.get("active"):
                names.add("active")
        if "bank" in kinds:
            names |= {"bank_id"} & vals.keys()
        return names

    def _hold_new(self):
        """Archive new titles in the name of somebody else, and ask for their approval."""
        foreign = self.filtered(lambda title: title.active and title.entity_id != title.partner_id)
        if self._is_free() or not foreign or not self._get_held_names({"active": True}):
            return
        settled = foreign.partner_id._filter_settled()
        held = foreign.filtered(lambda title: title.partner_id in settled)
        if held:
            # sudo: archiving what waits is part of asking, not a change of its own
            held.sudo().active = False
            self.env["crm.change.request"]._ask(
                [title._as_wish({"active": True}) for title in held]
            )

    def _hold_changes(self, vals):
        """Ask for approval of what may not be written at once.

        :return: the titles and the values that are written now
        """
        names = set() if self._is_free() else self._get_held_names(vals)
        asked = {name: vals[name] or False for name in names}
        changing = self.filtered(lambda title: title._get_change_values(asked) != asked)
        settled = changing.partner_id._filter_settled() if changing else changing.partner_id
        held = changing.filtered(lambda title: title.partner_id in settled)
        if not held:
            return self, vals
        held.check_access("write")
        self.env["crm.change.request"]._ask([title._as_wish(asked) for title in held])
        others = self - held
        if others:
            others.write(vals)
        return held, {name: value for name, value in vals.items() if name not in names}

    def _as_wish(self, values):
        """Return the request for new values of this title."""
        self.ensure_one()
        create = "active" in values and not self.active
        return {
            "partner_id": self.partner_id.id,
            "title_id": self.id,
            "field": "title",
            "kind": "create" if create else "write",
            "old_values": self._get_change_values(values),
            "new_values": values,
            "old_text": not create and self._describe_title(self.entity_id, self.bank_id),
            "new_text": self._describe_title(
                self.entity_id.browse(values.get("entity_id", self.entity_id.id)),
                self.bank_id.browse(values.get("bank_id", self.bank_id.id)),
            ),
        }

    def _describe_title(self, entity, account):
        """Return name, tax number and account in one line."""
        entity, account = entity.sudo(), account.sudo()  # sudo: printed on the customer's invoices
        parts = [entity.name, entity.vat, account.acc_number, account.bank_id.name]
        return " · ".join(filter(None, parts))

    def _get_change_values(self, names):
        """Return present values as a request keeps them."""
        self.ensure_one()
        return {
            name: (self[name].id if self._fields[name].relational else self[name]) or False
            for name in names
        }

    def _get_approved_values(self, values):
        """Return what is written on approval."""
        return values
