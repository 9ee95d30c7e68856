from odoo import api, fields, models
from odoo.fields import Command

# Whatever may move a lead to another stage or outcome, directly or through a computation.
HISTORY_FIELDS = frozenset({"stage_id", "active", "probability", "team_id", "user_id", "type"})


class CrmLead(models.Model):
    """Opportunities get products, feed the quotation, and remember every step they took."""

    _inherit = "crm.lead"

    crm_line_ids = fields.One2many("crm.lead.line", "lead_id", string="Products", copy=True)
    crm_line_total = fields.Monetary(
        string="Products Total",
        compute="_compute_crm_line_total",
        currency_field="company_currency",
        help="Sum of the products, before taxes, in the company's currency.",
    )
    crm_line_differs = fields.Boolean(
        string="Products Differ from Expected Revenue", compute="_compute_crm_line_total"
    )
    crm_stage_log_ids = fields.One2many("crm.lead.stage.log", "lead_id", string="Stage History")
    crm_contract_ids = fields.One2many("crm.contract", "lead_id", string="Contracts")
    crm_contract_count = fields.Integer(
        string="Contract Count", compute="_compute_crm_contract_count"
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends(
        "crm_line_ids.amount",
        "crm_line_ids.currency_id",
        "company_currency",
        "expected_revenue",
        "crm_amount",
        "crm_is_foreign",
    )
    def _compute_crm_line_total(self):
        for lead in self:
            lead.crm_line_total = lead._sum_lines(lead.company_currency)
            total, expected, currency = (
                lead.crm_line_total,
                lead.expected_revenue,
                lead.company_currency,
            )
            if lead.crm_is_foreign:
                currency, expected = lead.crm_currency_id, lead.crm_amount
                total = lead._sum_lines(currency)
            lead.crm_line_differs = bool(lead.crm_line_ids) and bool(
                currency.compare_amounts(total, expected)
            )

    @api.depends("crm_contract_ids")
    def _compute_crm_contract_count(self):
        counts = dict(
            self.env["crm.contract"]._read_group(
                [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
            )
        )
        for lead in self:
            lead.crm_contract_count = counts.get(lead._origin, 0)

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._log_stage_changes({})
        return leads

    def write(self, vals):
        if not HISTORY_FIELDS & vals.keys():
            return super().write(vals)
        before = self._get_stage_states()
        result = super().write(vals)
        self._log_stage_changes(before)
        return result

    # -- actions -----------------------------------------------------------------------------

    def action_crm_take_line_total(self):
        """Make the sum of the products the expected revenue; nothing else ever does."""
        self.ensure_one()
        if self.crm_is_foreign:
            self.crm_amount = self._sum_lines(self.crm_currency_id)
        else:
            self.expected_revenue = self.crm_line_total
        return True

    def action_crm_view_contracts(self):
        """Open the contracts that came out of this opportunity."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_customers.crm_contract_action")
        action["domain"] = [("lead_id", "=", self.id)]
        action["context"] = {"create": False}
        if len(self.crm_contract_ids) == 1:
            action |= {"views": [(False, "form")], "res_id": self.crm_contract_ids.id}
        return action

    # -- business ----------------------------------------------------------------------------

    def _sum_lines(self, currency):
        """Return the sum of the products in ``currency``, at today's rates."""
        self.ensure_one()
        company = self.company_id or self.env.company
        today = fields.Date.context_today(self)
        return sum(
            line.currency_id._convert(line.amount, currency, company, today)
            for line in self.crm_line_ids
        )

    def _prepare_opportunity_quotation_context(self):
        """Let a new quotation start with the products of the opportunity."""
        context = super()._prepare_opportunity_quotation_context()
        if self.crm_line_ids:
            company = self.company_id or self.env.company
            pricelist = self.partner_id.with_company(company).property_product_pricelist
            currency = pricelist.currency_id or company.currency_id
            context["default_order_line"] = [
                line._prepare_order_line_command(currency) for line in self.crm_line_ids
            ]
        return context

    def _merge_get_fields_specific(self):
        """Keep the products of all merged opportunities."""
        return super()._merge_get_fields_specific() | {
            "crm_line_ids": lambda _name, leads: [
                Command.link(line.id) for line in leads.crm_line_ids
            ],
        }

    def _merge_dependences(self, opportunities):
        """Keep the contracts of the opportunities that disappear."""
        result = super()._merge_dependences(opportunities)
        # sudo: who may merge opportunities need not own their contracts
        opportunities.sudo().crm_contract_ids.lead_id = self
        return result

    def _get_stage_states(self):
        """Return ``{lead_id: (stage, outcome)}`` as they are now."""
        return {lead.id: (lead.stage_id, lead._get_outcome()) for lead in self}

    def _get_outcome(self):
        """Return ``won_status`` without having the probability computed where it does not matter.

        An active lead in a stage that is not won is open. The host computes probabilities of a
        thousand assigned leads at once; asked for one by one, each costs queries of its own.
        """
        self.ensure_one()
        if self.active and not self.stage_id.is_won:
            return "pending"
        return self.won_status

    def _log_stage_changes(self, before):
        """Append one row to the stage history of every lead that moved.

        :param dict before: what :meth:`_get_stage_states` returned earlier; a lead that is not in
            it has just been created
        """
        nothing = (self.env["crm.stage"], False)
        moved = [
            (lead, before.get(lead.id, nothing))
            for lead in self
            if before.get(lead.id) != (lead.stage_id, lead._get_outcome())
        ]
        if not moved:
            return
        # sudo: the history is written by the program alone, nobody has rights to do it by hand
        self.env["crm.lead.stage.log"].sudo().create(
            [
                lead._prepare_stage_log_values(from_stage, from_status)
                for lead, (from_stage, from_status) in moved
            ]
        )

    def _prepare_stage_log_values(self, from_stage, from_status):
        """Return the values of a row of history: from where, and where the lead is now.

        A lead that is created with the dates of its past, by an import, has its history then.
        """
        self.ensure_one()
        closed = self.won_status in ("won", "lost") and self.won_status != from_status
        entered = not from_status and self.date_last_stage_update
        return {
            "lead_id": self.id,
            "from_stage_id": from_stage.id,
            "to_stage_id": self.stage_id.id,
            "from_status": from_status,
            "to_status": self.won_status,
            "date": (closed and self.date_closed) or entered or fields.Datetime.now(),
            "user_id": self.env.uid,
            "salesperson_id": self.user_id.id,
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "amount": self.expected_revenue,
            "currency_id": self.company_currency.id,
            "probability": self.probability,
        }
