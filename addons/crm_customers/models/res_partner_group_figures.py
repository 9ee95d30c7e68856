from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_customer_metric import LEDGER_GROUPS


class Figures(NamedTuple):
    """What the ledger says of a customer, in company currency.

    :ivar revenue: invoiced less credited, without tax
    :ivar collected: money received, see :meth:`AccountMove._cash_entries_sql`
    :ivar open: receivable not settled, less payments not yet used
    :ivar overdue: the part of it that was due before today
    """

    revenue: Decimal
    collected: Decimal
    open: Decimal
    overdue: Decimal

    def plus(self, other):
        """The sum of two rows."""
        return Figures(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Figures(*[Decimal()] * 4)
# Columns of the customer's figures that these are.
SOURCES = ("invoiced_total", "collected_total", "open_amount", "overdue_amount")


def _figure(string, **options):
    """Declare one figure; amounts of the ledger are for who may read the ledger."""
    return fields.Monetary(
        string=string,
        compute="_compute_crm_figures",
        currency_field="crm_figures_currency_id",
        groups=LEDGER_GROUPS,
        **options,
    )


class ResPartner(models.Model):
    """What the ledger says of a company by itself, and with all companies below it."""

    _inherit = "res.partner"

    crm_figures_currency_id = fields.Many2one(
        "res.currency", compute="_compute_crm_figures_currency_id"
    )
    crm_own_revenue = _figure(
        "Invoiced (Own)", help="Posted invoices less credit notes, without tax."
    )
    crm_own_collected = _figure(
        "Collected (Own)", help="Money that arrived; credit notes and write-offs are none."
    )
    crm_own_open = _figure("Open (Own)")
    crm_own_overdue = _figure("Overdue (Own)")
    crm_group_revenue = _figure("Invoiced with Subsidiaries")
    crm_group_collected = _figure("Collected with Subsidiaries")
    crm_group_open = _figure("Open with Subsidiaries")
    crm_group_overdue = _figure("Overdue with Subsidiaries")

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
        own = visible._read_figures()
        for partner in self:
            mine = own.get(partner._origin.id, NOTHING)
            total = NOTHING
            for node in below.get(partner._origin.id, ()):
                total = total.plus(own.get(node, NOTHING))
            for name in Figures._fields:
                partner[f"crm_own_{name}"] = float(getattr(mine, name))
                partner[f"crm_group_{name}"] = float(getattr(total, name))

    # Ledger

    def _read_figures(self):
        """Return the figures of these customers, each by itself, as the ledger has them now.

        They are those of the customer's page, so that no two screens can disagree.

        :return: ``{partner_id: Figures}``; whoever has none is missing
        """
        if not self:
            return {}
        # sudo: the figures are the ledger's own, and their fields are for who may read it
        metrics = self.env["crm.customer.metric"].sudo()
        return {
            partner_id: Figures(*(Decimal(row[name]) for name in SOURCES))
            for partner_id, row in metrics._read_fresh(self.env.company, self.ids).items()
        }

    # Actions

    def action_view_group_invoices(self):
        """Open the invoices behind the revenue of this company and all companies below."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices of %(company)s and Its Subsidiaries", company=self.name),
            "res_model": "account.move",
            "views": [[False, "list"], [False, "form"]],
            "domain": self._get_figure_partners()._get_document_domain(),
            "context": {"create": False},
        }

    def action_view_group_open(self):
        """Open the journal items behind what this company and all companies below owe."""
        self.ensure_one()
        if not self.env["account.move.line"].has_access("read"):
            raise UserError(self.env._("Ask somebody in accounting for the open items."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items of %(company)s and Its Subsidiaries", company=self.name),
            "res_model": "account.move.line",
            "views": [[self.env.ref("account.view_move_line_tree").id, "list"]],
            "domain": [("id", "in", self._get_figure_partners()._get_open_lines())],
            "context": {"create": False},
        }

    def _get_figure_partners(self):
        """Return the companies that the rolled-up figures of this one contain."""
        return self.browse(self._read_descendants()[self.id])._filtered_access("read")
