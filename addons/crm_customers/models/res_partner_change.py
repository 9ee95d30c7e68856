from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

READER_GROUPS = ",".join(
    (
        "sales_team.group_sale_salesman",
        "account.group_account_readonly",
        "account.group_account_invoice",
    )
)


class ResPartner(models.Model):
    """Name and tax number of a customer with invoices or contracts change on approval only.

    Whatever else is saved together is saved. Superuser code (portal, merge, synchronisation from a
    company to its contacts) writes as before.
    """

    _inherit = "res.partner"

    crm_change_ids = fields.One2many(
        "crm.change.request", "partner_id", string="Changes", groups=READER_GROUPS
    )
    crm_change_message = fields.Html(
        string="Change Waiting for Approval",
        compute="_compute_crm_change_message",
        sanitize=False,
    )
    crm_may_approve_change = fields.Boolean(compute="_compute_crm_change_message")

    @api.depends(
        "crm_facts", "crm_change_ids.state", "crm_change_ids.new_text", "crm_change_ids.reason"
    )
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_crm_change_message(self):
        asked = self.filtered(lambda partner: partner._get_fact("changes"))
        waiting = requests = self.env["crm.change.request"]
        if asked:
            waiting = requests.search(
                [("partner_id", "in", asked._origin.ids), ("state", "=", "waiting")]
            )
        by_partner = waiting.grouped("partner_id")
        approver = requests._is_approver()
        for partner in self:
            found = by_partner.get(partner._origin, requests)
            partner.crm_change_message = Markup("<br/>").join(
                partner._tell_change(request) for request in found
            )
            partner.crm_may_approve_change = bool(found) and approver

    def _tell_change(self, request):
        """Return the line of the banner about a change that waits."""
        text = Markup("%s") % self.env._(
            "%(field)s: %(old)s → %(new)s, asked for by %(user)s on %(date)s.",
            field=request._label(),
            old=request.old_text or "–",
            new=request.new_text or "–",
            user=request.user_id.name,
            date=fields.Datetime.context_timestamp(self, request.date).strftime("%Y-%m-%d %H:%M"),
        )
        if request.reason:
            text += Markup(" <i>%s</i>") % request.reason
        if request.field == "bank":
            text += Markup(" <b class='text-danger'>%s</b>") % self.env._(
                "Forged changes of bank accounts are a common fraud: before approving, call the"
                " customer on a number you know."
            )
        return text

    def write(self, vals):
        self._check_stays_customer(vals)
        held = self._hold_changes(vals)
        if not held:
            return super().write(vals)
        for names in ((), ("name",), ("vat",), ("name", "vat")):
            partners = self.filtered(lambda row, names=names: held.get(row, set()) == set(names))
            rest = {name: value for name, value in vals.items() if name not in names}
            if partners and rest:
                super(ResPartner, partners).write(rest)
        return True

    def _check_stays_customer(self, vals):
        """Refuse to turn a customer with papers into the contact of another company.

        Its name and number would change without approval, as those of its new company.

        :raises UserError: the user may not decide about changes himself
        """
        if not {"parent_id", "is_company"} & vals.keys() or not self._asks_for_approval():
            return
        turned = self.filtered(
            lambda row: (
                row.commercial_partner_id == row
                and vals.get("parent_id", row.parent_id)
                and not vals.get("is_company", row.is_company)
            )
        )
        settled = turned._filter_settled()
        if settled:
            raise UserError(
                self.env._(
                    "%(names)s: invoices or contracts carry this name, so it stays a customer of"
                    " its own. Ask somebody who may make invoices, or enter the company above it"
                    " on the tab “Group”.",
                    names=", ".join(settled.mapped("name")),
                )
            )

    @api.model
    def _asks_for_approval(self):
        """Whether the current user's changes of name or tax number wait for somebody else."""
        if self.env.su or self.env["crm.change.request"]._is_approver():
            return False
        return bool({"name", "vat"} & self.env.company._get_guarded_changes())

    def _hold_changes(self, vals):
        """Ask for approval of what may not be written at once.

        :param dict vals: what is being written
        :return: ``{partner: {names that must not be written}}``
        """
        requests = self.env["crm.change.request"]
        names = {"name", "vat"} & vals.keys()
        if not names or self.env.su or requests._is_approver():
            return {}
        names &= self.env.company._get_guarded_changes()
        asked = {name: (vals[name] or "").strip() for name in names}
        held = {partner: partner._list_differing(asked) for partner in self}
        customers = self.filtered(held.get).commercial_partner_id
        settled = customers._filter_settled()
        held = {
            partner: names
            for partner, names in held.items()
            if names and partner.commercial_partner_id in settled
        }
        if held:
            (settled | self.browse(partner.id for partner in held)).check_access("write")
            wishes = {}
            for partner, names in held.items():
                customer = partner.commercial_partner_id
                for name in names:
                    value = asked[name]
                    if name == "vat":
                        value = customer._check_wanted_vat(value, vals.get("country_id"))
                    if value != (customer[name] or ""):
                        wishes[customer, name] = customer._as_wish(name, value)
            if wishes:
                requests._ask(list(wishes.values()))
        return held

    def _list_differing(self, asked):
        """Return which values are new for the customer; the name of a contact is its own."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return {
            name
            for name, value in asked.items()
            if value != (customer[name] or "") and (name == "vat" or self == customer)
        }

    def _check_wanted_vat(self, vat, country_id):
        """Return a tax number as it would be stored.

        A wrong one is refused now, not when somebody approves it.
        """
        self.ensure_one()
        country = self.country_id.browse(country_id) if country_id else self.country_id
        return self._run_vat_checks(country, vat, partner_name=self.name)[0] or ""

    def _as_wish(self, name, value):
        """Return the request for another name or tax number."""
        self.ensure_one()
        return {
            "partner_id": self.id,
            "field": name,
            "old_text": self[name] or False,
            "new_text": value or False,
            "old_values": self._get_change_values([name]),
            "new_values": {name: value or False},
        }

    def _filter_settled(self):
        """Return the customers whose papers already carry their name: invoiced or under contract.

        So do companies in whose name such a customer has an invoice title. Companies of ours are
        none.
        """
        if not self:
            return self
        self.env["account.move"].flush_model(["state", "move_type", "commercial_partner_id"])
        self.env["crm.contract"].flush_model(["state", "partner_id"])
        self.env["crm.invoice.title"].flush_model(["partner_id", "entity_id", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.id FROM unnest(%s::int[]) AS own(id)
                 WHERE EXISTS (
                    SELECT 1 FROM (
                        SELECT own.id
                         UNION
                        SELECT t.partner_id FROM crm_invoice_title t
                         WHERE t.entity_id = own.id AND t.active
                    ) AS payer (id)
                     WHERE EXISTS (SELECT 1 FROM account_move m
                                    WHERE m.commercial_partner_id = payer.id AND m.state = 'posted'
                                      AND m.move_type IN
                                          ('out_invoice', 'out_refund', 'out_receipt'))
                        OR EXISTS (SELECT 1 FROM crm_contract c
                                    WHERE c.partner_id = payer.id AND c.state <> 'draft')
                 ) AND NOT EXISTS (SELECT 1 FROM res_company o WHERE o.partner_id = own.id)
                """,
                self.ids,
            )
        )
        return self.browse([partner_id for (partner_id,) in rows])

    def _get_change_values(self, names):
        """Return present values as a request keeps them."""
        self.ensure_one()
        return {name: self[name] or False for name in names}

    def _get_approved_values(self, values):
        """Return what is written on approval."""
        return values

    def action_view_changes(self):
        """Open the changes of this customer, those that wait first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_change_request_action"
        )
        return action | {
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {"search_default_waiting": 1},
        }

    def action_approve_changes(self):
        """Approve what waits for this customer."""
        self.ensure_one()
        return self.crm_change_ids.filtered("may_decide").action_approve()

    def action_refuse_changes(self):
        """Refuse what waits for this customer, with a reason."""
        self.ensure_one()
        return self.crm_change_ids.filtered("may_decide").action_refuse()
