from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize

from .crm_service_sla_target import PRIORITIES
from .crm_service_stage import STAGE_KINDS

CHANNELS = [
    ("email", "E-mail"),
    ("portal", "Portal"),
    ("phone", "Telephone"),
    ("internal", "Internal"),
]

# A change of one of these can change which times are promised.
POLICY_FIELDS = frozenset({"priority", "category_id", "team_id", "partner_id", "contract_id"})


class CrmServiceTicket(models.Model):
    """A request of a customer, from the first word to the confirmed end.

    Owns: the request, its stage, its clocks (through the mixin) and the conversation.
    Who: agents of its team (or all, while it has none) write; salespeople read those of their
    customers; a customer reads those of his company in the portal and acts through POST routes.
    Twice at once: clocks are unique per metric in the database; see the clock model.
    Half of it: ticket, number, clocks and their ledger stand in one transaction.
    A million rows: every list is filtered by an indexed stored column, deadlines included.
    """

    _name = "crm.service.ticket"
    _description = "Service Ticket"
    _inherit = [
        "crm.service.flow.mixin",
        "crm.service.mail.mixin",
        "portal.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
        "rating.mixin",
    ]
    _order = "priority desc, next_deadline, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject", "commercial_partner_id"]
    _primary_email = "email_from"
    _mail_post_access = "read"
    _mail_thread_customer = True

    name = fields.Char(string="Number", readonly=True, copy=False, default="/", index="trigram")
    subject = fields.Char(required=True, tracking=True, index="trigram")
    description = fields.Html(sanitize_attributes=True, sanitize_form=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        check_company=True,
        index=True,
        tracking=True,
        help="Who asks. Empty while nobody knows: the triage queue.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer Company",
        store=True,
        index=True,
    )
    email_from = fields.Char(
        string="E-mail", compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    email_normalized = fields.Char(
        compute="_compute_email_normalized", store=True, index="btree_not_null"
    )
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False, precompute=True)
    contract_id = fields.Many2one(
        "crm.contract",
        check_company=True,
        index="btree_not_null",
        domain="[('partner_id', '=', commercial_partner_id)]",
        tracking=True,
        groups="base.group_user",
    )
    team_id = fields.Many2one(
        "crm.service.team",
        compute="_compute_team_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index=True,
        tracking=True,
    )
    category_id = fields.Many2one(
        "crm.service.category", index=True, tracking=True, check_company=True
    )
    priority = fields.Selection(PRIORITIES, default="1", required=True, index=True, tracking=True)
    stage_id = fields.Many2one(
        "crm.service.stage",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self._find_stage("open"),
        group_expand="_read_group_stage_ids",
        domain="['|', ('team_ids', '=', False), ('team_ids', '=', team_id)]",
    )
    kind = fields.Selection(
        STAGE_KINDS,
        string="Status",
        compute="_compute_kind",
        store=True,
        precompute=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned To",
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    channel = fields.Selection(CHANNELS, required=True, default="internal", index=True)
    received_at = fields.Datetime(
        string="Received",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        index=True,
        help="When the customer asked. Clocks start here; a call may be entered later.",
    )
    first_response_at = fields.Datetime(readonly=True, copy=False)
    resolved_at = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    closed_at = fields.Datetime(readonly=True, copy=False)
    reopen_count = fields.Integer(string="Times Reopened", readonly=True, copy=False)
    hold_reason = fields.Char(
        string="Waiting For", copy=False, tracking=True, help="Why the work cannot go on now."
    )
    merged_into_id = fields.Many2one(
        "crm.service.ticket", readonly=True, copy=False, index="btree_not_null"
    )
    origin_id = fields.Many2one(
        "crm.service.ticket",
        string="Follows Up",
        copy=False,
        index="btree_not_null",
        help="The finished ticket that the customer came back to.",
    )
    follow_up_ids = fields.One2many("crm.service.ticket", "origin_id", string="Follow-ups")

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'", "This ticket number exists already."
    )
    _partner_open_idx = models.Index("(commercial_partner_id, kind)")

    # -- compute ----------------------------------------------------------------------------

    @api.depends("team_id")
    def _compute_company_id(self):
        for ticket in self:
            ticket.company_id = ticket.team_id.company_id or ticket.company_id or self.env.company

    @api.depends("category_id")
    def _compute_team_id(self):
        """The category's team, else the one in which the agent who enters the ticket works.

        Without a team no calendar is known, and the clocks would run through nights and holidays.
        """
        own = self.env["crm.service.team"]
        if any(not ticket.team_id and not ticket.category_id.team_id for ticket in self):
            own = own.search(
                [("member_ids", "=", self.env.uid), ("company_id", "=", self.env.company.id)],
                limit=1,
            )
        for ticket in self:
            team = ticket.team_id or ticket.category_id.team_id
            if not ticket._origin:
                # While it is entered the team is only a proposal; a chosen category knows better.
                team = ticket.category_id.team_id or ticket.team_id
            if not team and (not ticket.company_id or ticket.company_id == own.company_id):
                team = own
            ticket.team_id = team

    @api.depends("partner_id")
    def _compute_contact(self):
        for ticket in self:
            ticket.email_from = ticket.email_from or ticket.partner_id.email
            ticket.phone = ticket.phone or ticket.partner_id.phone

    @api.depends("email_from")
    def _compute_email_normalized(self):
        for ticket in self:
            ticket.email_normalized = email_normalize(ticket.email_from, strict=False)

    @api.depends("stage_id")
    def _compute_kind(self):
        for ticket in self:
            ticket.kind = ticket.stage_id.kind

    def _compute_access_url(self):
        super()._compute_access_url()
        for ticket in self:
            ticket.access_url = f"/my/tickets/{ticket.id}"

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for ticket in self:
            number = ticket.name if ticket.name != "/" else ""
            ticket.display_name = " ".join(filter(None, [number, ticket.subject]))

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        return stages.search([])  # pylint: disable=no-search-all

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("stage_id", "hold_reason")
    def _check_hold_has_reason(self):
        for ticket in self:
            if ticket.kind == "waiting" and not (ticket.hold_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(ticket)s: say what is waited for. Use the button “Wait…”; the customer"
                        " and the clock's ledger show the reason.",
                        ticket=ticket.display_name,
                    )
                )

    @api.constrains("received_at")
    def _check_received_at(self):
        now = fields.Datetime.now()
        for ticket in self:
            if ticket.received_at > now + timedelta(minutes=5):
                raise ValidationError(self.env._("A request cannot be received in the future."))
        # Constraints run as superuser; the rights of the one who enters it count.
        if self.env.user.has_group("crm_service.group_service_manager"):
            return
        for ticket in self:
            # Mail and the portal form say themselves when they came in.
            by_hand = ticket.channel in ("phone", "internal")
            limit = ticket.company_id.crm_service_backdate_hours if by_hand else 0.1
            if ticket.received_at < now - timedelta(hours=limit):
                raise ValidationError(
                    self.env._(
                        "A call can be entered up to %(hours)s hours after it came in. Ask a"
                        " service manager to enter older ones.",
                        hours=limit,
                    )
                )

    @api.constrains("contract_id", "partner_id")
    def _check_contract_is_the_customers(self):
        for ticket in self:
            party = ticket.contract_id.partner_id
            if party and party != ticket.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contract)s is a contract with %(party)s, not with %(customer)s.",
                        contract=ticket.contract_id.display_name,
                        party=party.display_name,
                        customer=ticket.partner_id.display_name or self.env._("nobody"),
                    )
                )

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(not vals.get("stage_id") for vals in vals_list):
            # Looked up once instead of once a ticket.
            stage = self._find_stage("open")
            vals_list = [{"stage_id": stage.id, **vals} for vals in vals_list]
        tickets = super().create(vals_list)
        now = fields.Datetime.now()
        self.env["res.company"]._assign_crm_numbers(tickets, "T%(range_year)s")
        tickets._subscribe_customers()
        tickets._sla_start(now)
        tickets._after_kind_change(dict.fromkeys(tickets.ids, "open"), now)
        return tickets

    def write(self, vals):
        before = {ticket.id: ticket.kind for ticket in self} if "stage_id" in vals else {}
        result = super().write(vals)
        now = fields.Datetime.now()
        if before:
            self._after_kind_change(before, now)
        if POLICY_FIELDS & vals.keys():
            self._sla_apply_policy(now)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if any(ticket.first_response_at or ticket.channel != "internal" for ticket in self):
            raise UserError(
                self.env._("Requests of customers are kept. Cancel the ticket instead.")
            )

    # -- business ----------------------------------------------------------------------------

    def _get_category_chain(self):
        """Return the categories of the tickets and those above them, nearest first."""
        chain = level = self.category_id
        while level.parent_id:
            level = level.parent_id
            chain |= level
        return chain

    def _get_customer_timezone(self):
        """Return the zone in which promised times are told: that of the hours they count in."""
        self.ensure_one()
        # sudo: a calendar's time zone is the same for everybody
        ticket = self.sudo()
        calendar = ticket.clock_ids.calendar_id[:1] or ticket.team_id.calendar_id
        return calendar.tz or ticket.company_id.resource_calendar_id.tz or "UTC"
