from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date
from odoo.tools.date_utils import end_of, start_of

STATES = [
    ("draft", "In Progress"),
    ("submitted", "For Review"),
    ("disputed", "Disputed"),
    ("approved", "Locked"),
    ("billed", "Billed"),
]
# What only the methods of a statement write.
KEPT_FIELDS = frozenset(
    {"state", "company_id", "user_id", "date_from", "bill_id", "dispute_reason", "approved_by_id"}
)


class CrmCommissionStatement(models.Model):
    """A seller's commission of one month: read by him, approved, and paid by a vendor bill.

    Lines go into the month of their document as long as that statement is open, else into the
    first later one that is. So nothing is ever added to what was approved.

    Owns: state and bill. Who: sales managers submit, the seller may dispute, invoicing approves
    and bills; a seller reads his own.
    Twice at once: every new line changes the total, hence the row, so approving beside it is
    retried and sees it; billing locks the row and writes the bill into it.
    Half of it: the bill and its mark stand in one transaction.
    A million rows: unique per company, seller and month; read by state and month.
    """

    _name = "crm.commission.statement"
    _description = "Commission Statement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "date_from desc, user_id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date_from = fields.Date(string="Month", required=True, readonly=True, index=True)
    date_to = fields.Date(compute="_compute_date_to")
    line_ids = fields.One2many("crm.commission.line", "statement_id", string="Lines", readonly=True)
    line_count = fields.Integer(compute="_compute_amounts", store=True)
    amount_earned = fields.Monetary(string="Earned", compute="_compute_amounts", store=True)
    amount_taken_back = fields.Monetary(string="Taken Back", compute="_compute_amounts", store=True)
    amount_total = fields.Monetary(string="Commission", compute="_compute_amounts", store=True)
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        index=True,
        tracking=True,
        copy=False,
    )
    dispute_reason = fields.Text(readonly=True, tracking=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    bill_id = fields.Many2one(
        "account.move",
        string="Vendor Bill",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    can_bill = fields.Boolean(compute="_compute_can_bill", compute_sudo=True)
    is_own = fields.Boolean(compute="_compute_is_own")

    _month_uniq = models.UniqueIndex(
        "(company_id, user_id, date_from)", "There is a statement of this month already."
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("user_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            month = statement.date_from and format_date(
                self.env, statement.date_from, date_format="yyyy-MM"
            )
            statement.display_name = f"{month or ''} {statement.user_id.name or ''}".strip()

    @api.depends("date_from")
    def _compute_date_to(self):
        for statement in self:
            statement.date_to = statement.date_from and end_of(statement.date_from, "month")

    @api.depends("line_ids.amount")
    def _compute_amounts(self):
        """One grouped query, whatever the number of lines."""
        groups = self.env["crm.commission.line"]._read_group(
            [("statement_id", "in", self.ids)],
            ["statement_id", "kind"],
            ["amount:sum", "__count"],
        )
        sums = {}
        for statement, kind, amount, count in groups:
            total = sums.setdefault(statement.id, [0.0, 0.0, 0])
            total[kind == "clawback"] += amount
            total[2] += count
        for statement in self:
            earned, taken, count = sums.get(statement._origin.id, (0.0, 0.0, 0))
            statement.amount_earned, statement.amount_taken_back = earned, taken
            statement.amount_total, statement.line_count = earned + taken, count

    @api.depends("state", "bill_id.state")
    def _compute_can_bill(self):
        for statement in self:
            statement.can_bill = statement.state == "approved" or (
                statement.state == "billed" and statement.bill_id.state in (False, "cancel")
            )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_own(self):
        for statement in self:
            statement.is_own = statement.user_id == self.env.user

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_by_method()
        return super().create(vals_list)

    def write(self, vals):
        if KEPT_FIELDS & vals.keys():
            self._check_by_method()
        return super().write(vals)

    def _check_by_method(self):
        if not self.env.su:
            raise AccessError(
                self.env._("Statements are made and moved on by their buttons, not by hand.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_empty(self):
        if any(statement.line_ids or statement.state != "draft" for statement in self):
            raise UserError(self.env._("Only an open statement without lines can be deleted."))

    # -- actions -----------------------------------------------------------------------------

    def action_submit(self):
        """Close the month for new lines and ask the seller to read it (sales managers)."""
        self._check_group("sales_team.group_sale_manager")
        self._move_on(("draft", "disputed"), {"state": "submitted"})
        for statement in self:
            statement.message_post(
                body=self.env._(
                    "Commission of %(amount)s, ready to be read. Is something missing or wrong?"
                    " Dispute it with a reason.",
                    amount=statement.currency_id.format(statement.amount_total),
                ),
                partner_ids=statement.user_id.partner_id.ids,
            )
        return True

    def action_reopen(self):
        """Take new lines again (sales managers)."""
        self._check_group("sales_team.group_sale_manager")
        self._move_on(("submitted", "disputed"), {"state": "draft"})
        return True

    def action_approve(self):
        """Lock statements: nothing is added to them any more (invoicing)."""
        self._check_group("account.group_account_invoice")
        self._move_on(("submitted",), {"state": "approved", "approved_by_id": self.env.uid})
        return True

    def action_create_bill(self):
        """Make the vendor bill of each locked statement, once, and open it (invoicing).

        A statement below zero becomes a vendor credit note. Where a bill exists, it is opened.
        """
        self._check_group("account.group_account_invoice")
        for statement in self:
            statement._create_bill()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_in_invoice_type"
        )
        if len(self) == 1:
            return action | {"views": [(False, "form")], "res_id": self.bill_id.id}
        return action | {"domain": [("id", "in", self.bill_id.ids)]}

    def action_open_bill(self):
        """Open the vendor bill."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.bill_id.id,
            "view_mode": "form",
        }

    def action_view_lines(self):
        """Open the lines of this statement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_sales.crm_commission_line_action"
        )
        return action | {"domain": [("statement_id", "=", self.id)], "context": {}}

    # -- business ----------------------------------------------------------------------------

    def _dispute(self, reason):
        """Record the objection of the seller, or of a manager, to a statement under review."""
        self.ensure_one()
        manager = self.env.user.has_group("sales_team.group_sale_manager")
        if self.user_id != self.env.user and not manager:
            raise AccessError(self.env._("A statement is disputed by its own salesperson."))
        self._move_on(("submitted",), {"state": "disputed", "dispute_reason": reason})
        self.message_post(body=self.env._("Disputed: %(reason)s", reason=reason))

    def _check_group(self, group):
        if not (self.env.su or self.env.user.has_group(group)):
            raise AccessError(
                self.env._(
                    "This step is taken by members of “%(group)s”.",
                    # sudo: a group's name is no secret
                    group=self.env.ref(group).sudo().display_name,
                )
            )

    def _move_on(self, states, values):
        """Write ``values`` after checking under a lock that the statements are in ``states``."""
        self._lock()
        for statement in self:
            if statement.state not in states:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(statement)s is “%(state)s”; this step is not possible now.",
                        statement=statement.display_name,
                        state=labels[statement.state],
                    )
                )
        # sudo: the step was checked above; nobody writes statements by hand
        self.sudo().write(values)

    def _lock(self):
        self.env.execute_query(
            SQL(
                "SELECT id FROM crm_commission_statement WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["state", "bill_id"])

    def _create_bill(self):
        """Make the vendor bill of this statement unless there is one that is not cancelled."""
        self.ensure_one()
        self._lock()
        # sudo: who bills reads the bill of a statement whatever the journal's rights
        if self.state == "billed" and self.sudo().bill_id.state not in (False, "cancel"):
            return
        if not self.can_bill:
            raise UserError(
                self.env._(
                    "Approve %(statement)s before it is billed.", statement=self.display_name
                )
            )
        if self.currency_id.is_zero(self.amount_total):
            raise UserError(
                self.env._(
                    "%(statement)s comes to nothing; there is no bill to make.",
                    statement=self.display_name,
                )
            )
        bill = self.env["account.move"].create(self._prepare_bill_values())
        # sudo: nobody writes statements by hand
        self.sudo().write({"bill_id": bill.id, "state": "billed"})
        self.message_post(body=self.env._("Vendor bill created."))

    def _prepare_bill_values(self):
        company = self.company_id
        line = {
            "name": self.env._("Commission %(statement)s", statement=self.display_name),
            "quantity": 1,
            "price_unit": abs(self.amount_total),
            "tax_ids": [Command.clear()],
        }
        if company.crm_commission_product_id:
            line["product_id"] = company.crm_commission_product_id.id
        return {
            "move_type": "in_invoice" if self.amount_total > 0 else "in_refund",
            "company_id": company.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.user_id.partner_id.id,
            "ref": self.display_name,
            "invoice_line_ids": [Command.create(line)],
        }

    # -- finding the open one -------------------------------------------------------------------

    @api.model
    def _get_open(self, wanted):
        """Return the statements that take lines: ``{(company, seller, date): statement}``.

        The month of the date while it is open; after that the first open month from today on.

        :param wanted: set of ``(company, seller, date)``
        """
        wanted = sorted(wanted, key=lambda key: (key[0].id, key[1].id, key[2]))
        today = start_of(fields.Date.context_today(self), "month")
        known = {
            (row.company_id, row.user_id, row.date_from): row
            for row in self.search(
                Domain("company_id", "in", [company.id for company, _u, _d in wanted])
                & Domain("user_id", "in", [user.id for _c, user, _d in wanted])
                & Domain("date_from", ">=", start_of(min(key[2] for key in wanted), "month"))
            )
        }
        months = {}
        for company, user, date in wanted:
            month = start_of(date, "month")
            while known.get((company, user, month), self).state not in (False, "draft"):
                month = max(fields.Date.add(month, months=1), today)
            months[company, user, date] = (company, user, month)
        missing = list(dict.fromkeys(key for key in months.values() if key not in known))
        fresh = self.create(
            [
                {"company_id": company.id, "user_id": user.id, "date_from": month}
                for company, user, month in missing
            ]
        )
        known |= dict(zip(missing, fresh, strict=True))
        return {key: known[month] for key, month in months.items()}
