from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .res_partner_group import FIGURE_GROUPS

REVENUE_TYPES = ("out_invoice", "out_refund", "out_receipt")


class Figures(NamedTuple):
    """What the ledger says of a customer, in company currency.

    :ivar revenue: invoiced less credited, without tax
    :ivar collected: money received, see :meth:`AccountMove._cash_entries_sql`
    :ivar open: receivable not settled, less payments not yet used
    :ivar overdue: the part of it that was due before the day asked about
    """

    revenue: Decimal
    collected: Decimal
    open: Decimal
    overdue: Decimal

    def plus(self, other):
        """The sum of two rows."""
        return Figures(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Figures(*[Decimal()] * 4)


class ResPartner(models.Model):
    """What the ledger says of a company by itself, and with all companies below it."""

    _inherit = "res.partner"

    crm_figures_currency_id = fields.Many2one(
        "res.currency", compute="_compute_crm_figures_currency_id"
    )
    crm_own_revenue = fields.Monetary(
        string="Invoiced (Own)",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
        help="Posted invoices less credit notes, without tax.",
    )
    crm_own_collected = fields.Monetary(
        string="Collected (Own)",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
        help="Money that arrived; credit notes and write-offs are none.",
    )
    crm_own_open = fields.Monetary(
        string="Open (Own)",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
    )
    crm_own_overdue = fields.Monetary(
        string="Overdue (Own)",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
    )
    crm_group_revenue = fields.Monetary(
        string="Invoiced with Subsidiaries",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
    )
    crm_group_collected = fields.Monetary(
        string="Collected with Subsidiaries",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
    )
    crm_group_open = fields.Monetary(
        string="Open with Subsidiaries",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
    )
    crm_group_overdue = fields.Monetary(
        string="Overdue with Subsidiaries",
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=FIGURE_GROUPS,
    )

    # Compute

    @api.depends_context("company")
    def _compute_crm_figures_currency_id(self):
        self.crm_figures_currency_id = self.env.company.currency_id

    @api.depends("crm_parent_id", "crm_subsidiary_ids")
    @api.depends_context("uid", "company")
    def _compute_crm_figures(self):
        customers = self._origin
        below = customers._read_descendants()
        nodes = self.browse({node for found in below.values() for node in found})
        visible = nodes._filtered_access("read")
        # sudo: sales reads what its customers were invoiced and paid, not the ledger itself
        own = visible.sudo()._read_figures()
        for partner in self:
            mine = own.get(partner._origin.id, NOTHING)
            total = NOTHING
            for node in below.get(partner._origin.id, ()):
                total = total.plus(own.get(node, NOTHING))
            partner.crm_own_revenue = float(mine.revenue)
            partner.crm_own_collected = float(mine.collected)
            partner.crm_own_open = float(mine.open)
            partner.crm_own_overdue = float(mine.overdue)
            partner.crm_group_revenue = float(total.revenue)
            partner.crm_group_collected = float(total.collected)
            partner.crm_group_open = float(total.open)
            partner.crm_group_overdue = float(total.overdue)

    # Ledger

    def _read_figures(self, as_of=None, company=None):
        """Return the figures of these customers, each by itself, in one query.

        :param as_of: ``datetime.date``, documents and payments up to it; None: today in the user's
            time zone
        :param company: ``res.company``; None: the current one
        :return: ``{partner_id: Figures}``; whoever has none is missing
        """
        if not self:
            return {}
        moves = self.env["account.move"]
        moves._flush_cash_sources()
        rows = self.env.execute_query(
            SQL(
                """
                WITH document AS MATERIALIZED (
                    SELECT id, commercial_partner_id, amount_untaxed_signed
                      FROM account_move
                     WHERE commercial_partner_id = ANY(%(ids)s) AND company_id = %(company)s
                       AND state = 'posted' AND move_type IN %(types)s AND date <= %(as_of)s
                ), part AS (
                    SELECT commercial_partner_id AS id, amount_untaxed_signed AS revenue,
                           0 AS collected, 0 AS open, 0 AS overdue
                      FROM document
                     UNION ALL
                    SELECT document.commercial_partner_id, 0, cash.amount_company, 0, 0
                      FROM (%(cash)s) cash JOIN document ON document.id = cash.move_id
                     UNION ALL
                    SELECT entry.commercial_partner_id, 0, 0, entry.residual,
                           CASE WHEN entry.date_due < %(as_of)s THEN entry.residual ELSE 0 END
                      FROM (%(receivable)s) entry
                     WHERE entry.commercial_partner_id = ANY(%(ids)s)
                       AND entry.company_id = %(company)s
                )
                SELECT id, SUM(revenue), SUM(collected), SUM(open), SUM(overdue)
                  FROM part GROUP BY id
                """,
                ids=self.ids,
                company=(company or self.env.company).id,
                types=REVENUE_TYPES,
                as_of=(as_of := as_of or fields.Date.context_today(self)),
                cash=moves._cash_entries_sql(as_of, move_ids=SQL("SELECT id FROM document")),
                receivable=moves._receivable_entries_sql(as_of),
            )
        )
        return {partner_id: Figures(*map(Decimal, row)) for partner_id, *row in rows}

    # Actions

    def action_view_group_invoices(self):
        """Open the invoices behind the revenue of this company and all companies below."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices of %(company)s and Its Subsidiaries", company=self.name),
            "res_model": "account.move",
            "views": [[False, "list"], [False, "form"]],
            "domain": [
                ("commercial_partner_id", "in", self._get_figure_partner_ids()),
                ("move_type", "in", REVENUE_TYPES),
                ("state", "=", "posted"),
                ("company_id", "=", self.env.company.id),
                ("date", "<=", fields.Date.context_today(self)),
            ],
            "context": {"create": False},
        }

    def action_view_group_open(self):
        """Open the journal items behind what this company and all companies below owe."""
        self.ensure_one()
        if not self.env["account.move.line"].has_access("read"):
            raise UserError(self.env._("Ask somebody in accounting for the open items."))
        self.env["account.move"]._flush_cash_sources()
        rows = self.env.execute_query(
            SQL(
                "SELECT line_id FROM (%s) entry"
                " WHERE commercial_partner_id = ANY(%s) AND company_id = %s",
                self.env["account.move"]._receivable_entries_sql(fields.Date.context_today(self)),
                self._get_figure_partner_ids(),
                self.env.company.id,
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items of %(company)s and Its Subsidiaries", company=self.name),
            "res_model": "account.move.line",
            "views": [[self.env.ref("account.view_move_line_tree").id, "list"]],
            "domain": [("id", "in", [line_id for (line_id,) in rows])],
            "context": {"create": False},
        }

    def _get_figure_partner_ids(self):
        """Return the companies that the rolled-up figures of this one contain."""
        return self.browse(self._read_descendants()[self.id])._filtered_access("read").ids
