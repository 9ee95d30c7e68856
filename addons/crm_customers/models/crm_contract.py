from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.capitals import amount_in_capitals

# The events of a contract and the words the chatter uses for them.
CONTRACT_EVENTS = [
    ("signed", "Signed"),
    ("delivered", "Delivered"),
    ("accepted", "Accepted"),
    ("trained", "Training Accepted"),
    ("terminated", "Terminated"),
]

# What a signature fixes. Later changes are amendments, never edits.
SIGNED_FIELDS = frozenset({"partner_id", "company_id", "currency_id", "amount_total"})


class CrmContract(models.Model):
    """The contract header: who agreed what with whom, for how much, from when to when.

    It is neutral ground. Other addons hang their own records on it and learn what happened through
    :meth:`_on_contract_event`, :meth:`_on_contract_suspended` and :meth:`_on_contract_resumed`.

    Owns: number, parties, signatories, dates, value, state, the event ledger.
    Who: the owner and his managers write; finance reads; the customer reads signed ones.
    Twice at once: an event locks the row and is unique per contract in the database.
    Half of it: an event, its row and what addons derive from it stand in one transaction.
    A million rows: every search path (partner, owner, company and state) is indexed.
    """

    _name = "crm.contract"
    _description = "Contract"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_signed desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject", "partner_id"]

    name = fields.Char(string="Number", readonly=True, copy=False, default="/", index="trigram")
    subject = fields.Char(required=True, tracking=True)
    contract_type = fields.Selection(
        [
            ("development", "Development"),
            ("implementation", "Implementation"),
            ("maintenance", "Maintenance"),
            ("license", "Licence"),
            ("sale", "Sale of Goods"),
            ("other", "Other"),
        ],
        string="Type",
        required=True,
        default="development",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        check_company=True,
        tracking=True,
        domain="[('parent_id', '=', False)]",
        help="The customer as a legal entity. Contacts sign for it, they are not the party.",
    )
    partner_signatory_id = fields.Many2one(
        "res.partner",
        string="Customer Signatory",
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="Who signs, and receives notices, for the customer.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True, index=True)
    company_signatory_id = fields.Many2one(
        "res.users", string="Our Signatory", domain="[('share', '=', False)]"
    )
    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", check_company=True, index="btree_not_null"
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount_total = fields.Monetary(
        string="Contract Value", tracking=True, help="Taxes included, in the contract's currency."
    )
    amount_capitals = fields.Char(
        string="Value in Capitals",
        compute="_compute_amount_capitals",
        help="The value written out, as it stands on the signed paper.",
    )
    payment_terms_note = fields.Char(
        string="Payment Method", help="How the customer pays, e.g. bank transfer."
    )
    date_signed = fields.Date(string="Signed On", copy=False, tracking=True)
    date_start = fields.Date(string="Start", default=fields.Date.context_today)
    date_end = fields.Date(string="End", tracking=True)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Calendar",
        required=True,
        check_company=True,
        default=lambda self: self.env.company._get_contract_calendar(),
        help="Periods in working days are counted in this calendar and its time zone.",
    )
    inspection_days = fields.Integer(
        string="Inspection Period",
        default=lambda self: self.env.company.crm_inspection_days,
        help="Working days the customer has to inspect a delivery.",
    )
    rectify_days = fields.Integer(
        string="Rectification Period",
        default=lambda self: self.env.company.crm_rectify_days,
        help="Working days we have to mend a defect.",
    )
    acceptance_days = fields.Integer(
        string="Acceptance Period",
        default=lambda self: self.env.company.crm_acceptance_days,
        help="Working days within which the acceptance report is signed.",
    )
    confidentiality_years = fields.Integer(
        string="Confidentiality after End", help="Years the duty lasts after the contract's end."
    )
    confidentiality_end = fields.Date(compute="_compute_confidentiality_end", store=True)
    licence_scope = fields.Char(help="What the customer may use, and where.")
    licence_users = fields.Integer(string="Licensed Users")
    licence_end = fields.Date(string="Licence Until")
    note = fields.Html(string="Terms")
    milestone_ids = fields.One2many("crm.contract.milestone", "contract_id", string="Milestones")
    event_ids = fields.One2many("crm.contract.event", "contract_id", string="Events")
    suspension_ids = fields.One2many("crm.contract.suspension", "contract_id", string="Suspensions")
    last_event = fields.Selection(CONTRACT_EVENTS, readonly=True, copy=False)
    disputed = fields.Boolean(tracking=True, help="A dispute stops reminders until it is settled.")
    dispute_reason = fields.Text()
    dispute_user_id = fields.Many2one("res.users", string="Dispute Owner")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("signed", "In Force"),
            ("suspended", "Suspended"),
            ("done", "Fulfilled"),
            ("terminated", "Terminated"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'", "This contract number exists already."
    )
    _amount_not_negative = models.Constraint(
        "CHECK (amount_total >= 0)", "The contract value cannot be negative."
    )
    _periods_not_negative = models.Constraint(
        "CHECK (inspection_days >= 0 AND rectify_days >= 0 AND acceptance_days >= 0"
        " AND confidentiality_years >= 0)",
        "Periods cannot be negative.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A contract cannot end before it starts.",
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("amount_total", "currency_id")
    def _compute_amount_capitals(self):
        for contract in self:
            currency = contract.currency_id
            contract.amount_capitals = amount_in_capitals(contract.amount_total, currency.name) or (
                # in English: the host has no Chinese words for other currencies
                currency.with_context(lang="en_US").amount_to_text(contract.amount_total)
                if currency
                else ""
            )

    @api.depends("date_end", "confidentiality_years")
    def _compute_confidentiality_end(self):
        for contract in self:
            contract.confidentiality_end = (
                contract.date_end + relativedelta(years=contract.confidentiality_years)
                if contract.date_end and contract.confidentiality_years
                else False
            )

    def _compute_access_url(self):
        super()._compute_access_url()
        for contract in self:
            contract.access_url = f"/my/contracts/{contract.id}"

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for contract in self:
            number = contract.name if contract.name != "/" else ""
            contract.display_name = " ".join(filter(None, [number, contract.subject]))

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("partner_id")
    def _check_partner_is_party(self):
        for contract in self:
            party = contract.partner_id.commercial_partner_id
            if contract.partner_id != party:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact. The party of a contract is the customer"
                        " itself: choose %(customer)s and name the contact as signatory.",
                        contact=contract.partner_id.display_name,
                        customer=party.display_name,
                    )
                )

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        self.env["res.company"]._assign_crm_numbers(contracts, "HT%(range_year)s")
        return contracts

    def write(self, vals):
        if SIGNED_FIELDS & vals.keys():
            self._check_signed_fields(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(
                self.env._("Only draft contracts can be deleted. Terminate a signed one instead.")
            )

    # -- actions -----------------------------------------------------------------------------

    def action_sign(self):
        """Bring the contract into force on its signing date (today when none is entered)."""
        self.ensure_one()
        self._raise_event("signed", self.date_signed or fields.Date.context_today(self))
        return True

    def action_done(self):
        """Close a contract whose duties are fulfilled on both sides."""
        self.ensure_one()
        self._check_in_force()
        self.state = "done"
        return True

    # -- business ----------------------------------------------------------------------------

    def _raise_event(self, event, date):
        """Record that ``event`` happened on ``date``, once, and let every addon act on it.

        :param str event: one of ``signed, delivered, accepted, trained, terminated``
        :param date: local date of the event (``datetime.date``)
        :return: True when recorded, False when the contract already had this event
        :raises UserError: when the contract's state does not allow the event

        The row lock makes a second session wait; as the first one writes the contract, the second
        fails to serialise and is retried by the host, then finds the event and returns False.
        """
        self.ensure_one()
        self.check_access("write")
        self.env.execute_query(
            SQL("SELECT id FROM crm_contract WHERE id = %s FOR NO KEY UPDATE", self.id)
        )
        if self._get_event_date(event):
            return False
        self._check_event_allowed(event)
        self.env["crm.contract.event"].create(
            {"contract_id": self.id, "event": event, "date": date, "user_id": self.env.uid}
        )
        self._apply_event(event, date)
        self._on_contract_event(event, date)
        return True

    def _apply_event(self, event, date):
        values = {"last_event": event}
        if event == "signed":
            values |= {"state": "signed", "date_signed": date}
            # sudo: the life cycle follows the contract, whoever may edit the customer
            self.partner_id.sudo().crm_lifecycle = "active"
        elif event == "terminated":
            values |= {"state": "terminated"}
        self.write(values)
        self.milestone_ids.filtered(lambda row: row.event == event and not row.real_date).write(
            {"real_date": date}
        )
        labels = dict(self._fields["last_event"]._description_selection(self.env))
        self.message_post(
            body=self.env._(
                "%(event)s on %(date)s.",
                event=labels[event],
                date=fields.Date.to_string(date),
            )
        )

    def _on_contract_event(self, event, date):
        """Hook: called once per contract and event, after the event is recorded.

        Extend with ``super()``; runs in the transaction of the event, so an error undoes both.

        :param str event: see :meth:`_raise_event`
        :param date: ``datetime.date`` on which it happened
        """

    def _get_event_date(self, event):
        """Return the date on which ``event`` happened, or False."""
        self.ensure_one()
        rows = self.env["crm.contract.event"].search_fetch(
            [("contract_id", "=", self.id), ("event", "=", event)], ["date"], limit=1
        )
        return rows.date

    def _check_event_allowed(self, event):
        if event == "signed":
            if self.state != "draft":
                raise UserError(self.env._("This contract has been signed before."))
            self._check_ready_to_sign()
        elif event == "terminated":
            if self.state not in ("signed", "suspended"):
                raise UserError(self.env._("Only a signed contract can be terminated."))
        else:
            self._check_in_force()

    def _check_ready_to_sign(self):
        """Hook: raise UserError naming what is missing before the contract can be signed."""
        self.ensure_one()
        if self.currency_id.is_zero(self.amount_total):
            raise UserError(
                self.env._("Enter the contract value before signing %(name)s.", name=self.name)
            )

    def _check_in_force(self):
        self.ensure_one()
        if self.state == "suspended":
            raise UserError(
                self.env._("%(name)s is suspended. Resume it first.", name=self.display_name)
            )
        if self.state != "signed":
            raise UserError(self.env._("%(name)s is not in force.", name=self.display_name))

    def _check_signed_fields(self, vals):
        """Refuse to change what a signature has fixed."""
        for contract in self.filtered(lambda row: row.state != "draft"):
            changed = [
                name
                for name in SIGNED_FIELDS & vals.keys()
                if contract._fields[name].convert_to_write(contract[name], contract) != vals[name]
            ]
            if changed:
                labels = ", ".join(
                    contract._fields[name]._description_string(self.env) for name in sorted(changed)
                )
                raise UserError(
                    self.env._(
                        "%(name)s is signed; its %(fields)s can only change by an amendment.",
                        name=contract.display_name,
                        fields=labels,
                    )
                )

    def _get_contract_backend_url(self):
        self.ensure_one()
        return f"/odoo/crm-contracts/{self.id}"
