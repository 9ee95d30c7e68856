from odoo import fields, models

from odoo.addons.crm_customers.tools.overview import Tile, TimelineSource

from .crm_instalment_ledger_mixin import OPEN_STATES


class ResPartner(models.Model):
    """Instalments, stages of opportunities and orders on the customer's page."""

    _inherit = "res.partner"

    def _crm_overview_tiles(self, figures):
        tiles = super()._crm_overview_tiles(figures)
        company = self.env.company
        lines = [
            ("partner_id", "=", self.id),
            ("company_id", "=", company.id),
            ("contract_id.state", "!=", "draft"),
            ("state", "!=", "cancelled"),
        ]
        tiles.append(
            Tile(
                "instalments",
                self.env._("Open Instalments"),
                "fa-calendar-check-o",
                "crm.payment.plan.line",
                lines,
                field="amount_residual",
                currency="currency_id",
                note=self.env._("overdue"),
                note_domain=(
                    *lines,
                    ("state", "in", OPEN_STATES),
                    ("due_date", "<", fields.Date.context_today(self)),
                    ("contract_id.state", "!=", "suspended"),
                ),
                alert=True,
                action="crm_sales.crm_payment_plan_line_action",
                sequence=24,
            )
        )
        if not self._sees_ledger():
            tiles.append(
                Tile(
                    "instalments_collected",
                    self.env._("Collected Instalments"),
                    "fa-money",
                    "crm.payment.plan.line",
                    lines,
                    field="amount_collected",
                    currency="currency_id",
                    action="crm_sales.crm_payment_plan_line_action",
                    sequence=40,
                )
            )
        return tiles

    def _crm_timeline_sources(self):
        return [
            *super()._crm_timeline_sources(),
            TimelineSource(
                "stage",
                "crm.lead.stage.log",
                [("lead_id.partner_id.commercial_partner_id", "=", self.id)],
                "date",
                "lead_id",
                "to_stage_id",
                amount="amount",
                currency="currency_id",
                person="user_id",
                opens="lead_id",
                label=self.env._("Opportunities"),
                icon="fa-star-o",
            ),
            TimelineSource(
                "order",
                "sale.order",
                [
                    ("partner_id.commercial_partner_id", "=", self.id),
                    ("company_id", "=", self.env.company.id),
                    ("state", "!=", "cancel"),
                ],
                "date_order",
                "name",
                "state",
                amount="amount_total",
                currency="currency_id",
                person="user_id",
                label=self.env._("Quotations and Orders"),
                icon="fa-shopping-cart",
            ),
        ]
