from odoo import api, fields, models

# Rates are dated; an open opportunity is worth what its amount is worth today.
AMOUNT_FIELDS = frozenset({"crm_amount", "crm_currency_id"})


class CrmLead(models.Model):
    """Opportunities are kept in the currency of the deal.

    ``expected_revenue`` stays what the host, its forecast and every report take it for: company
    currency. Beside it stands the amount in the opportunity's own currency, which leads: it is
    converted when it is written, and every night while the opportunity is open. Whoever writes
    ``expected_revenue`` has the own amount converted from it.
    """

    _inherit = "crm.lead"

    crm_currency_id = fields.Many2one(
        "res.currency",
        string="Deal Currency",
        compute="_compute_crm_currency_id",
        store=True,
        readonly=False,
        tracking=True,
        ondelete="restrict",
    )
    crm_amount = fields.Monetary(
        string="Expected Amount",
        currency_field="crm_currency_id",
        compute="_compute_crm_amount",
        store=True,
        readonly=False,
        help="In the currency of the opportunity, before taxes.",
    )
    crm_is_foreign = fields.Boolean(compute="_compute_crm_is_foreign")

    @api.depends("company_id")
    def _compute_crm_currency_id(self):
        for lead in self:
            lead.crm_currency_id = (
                lead.crm_currency_id or (lead.company_id or self.env.company).currency_id
            )

    @api.depends("crm_currency_id")
    def _compute_crm_amount(self):
        for lead in self:
            lead.crm_amount = lead.crm_amount or lead._convert_from_company()

    @api.depends("crm_currency_id", "company_currency")
    def _compute_crm_is_foreign(self):
        for lead in self:
            lead.crm_is_foreign = bool(
                lead.crm_currency_id and lead.crm_currency_id != lead.company_currency
            )

    @api.onchange("crm_amount", "crm_currency_id")
    def _onchange_crm_amount(self):
        if self.crm_is_foreign:
            self.expected_revenue = self._convert_to_company(self.crm_amount)

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        by_amount = leads.browse(
            [lead.id for lead, vals in zip(leads, vals_list, strict=True) if vals.get("crm_amount")]
        )
        by_amount._take_own_amount()
        (leads - by_amount)._take_company_amount()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if AMOUNT_FIELDS & vals.keys():
            self._take_own_amount()
        elif {"expected_revenue", "company_id"} & vals.keys():
            self._take_company_amount()
        return result

    def _take_own_amount(self):
        """Convert the amount of the deal to the company's currency, as of today."""
        self._write_converted("crm_amount", "expected_revenue")

    def _take_company_amount(self):
        """Convert the company's figure to the currency of the deal, as of today."""
        self._write_converted("expected_revenue", "crm_amount")

    def _write_converted(self, source, target):
        """Write one figure from the other where it differs, with one rate per pair of currencies.

        :param source: the figure that stands, ``crm_amount`` or ``expected_revenue``
        :param target: the other one
        """
        today = fields.Date.context_today(self)
        changes, nothing = {}, self.browse()
        groups = self.grouped(
            lambda lead: (lead.crm_currency_id, lead.company_id or self.env.company)
        )
        for (own, company), leads in groups.items():
            pair = (own or company.currency_id, company.currency_id)
            given, wanted = pair if source == "crm_amount" else pair[::-1]
            rate = self.env["res.currency"]._get_conversion_rate(given, wanted, company, today)
            for lead in leads:
                amount = wanted.round(lead[source] * rate)
                if wanted.compare_amounts(amount, lead[target]):
                    changes[amount] = changes.get(amount, nothing) | lead
        for amount, leads in changes.items():
            leads._put_amount(target, amount)

    def _put_amount(self, name, amount):
        """Write one of the two figures without converting it back to the other."""
        # the parent's write, since ours would convert
        return super().write({name: amount})  # pylint: disable=super-method-mismatch

    def _convert_from_company(self):
        """Return the company's figure in the currency of the deal, at today's rate."""
        self.ensure_one()
        return self.company_currency._convert(
            self.expected_revenue,
            self.crm_currency_id,
            self.company_id or self.env.company,
            fields.Date.context_today(self),
        )

    def _convert_to_company(self, amount):
        """Return an amount of the deal in the company's currency, at today's rate."""
        self.ensure_one()
        return self.crm_currency_id._convert(
            amount,
            self.company_currency,
            self.company_id or self.env.company,
            fields.Date.context_today(self),
        )

    def _update_revenues_from_so(self, order):
        """A larger order raises the expectation in whatever currency it is; the host skips those.

        An order in the currency of the deal gives its amount, any other is converted.
        """
        foreign = self.filtered(
            lambda lead: lead.crm_is_foreign or order.currency_id != lead.company_currency
        )
        for lead in foreign:
            company = lead.company_id or self.env.company
            amount = order.currency_id._convert(
                order.amount_untaxed,
                lead.crm_currency_id,
                company,
                order.date_order or fields.Date.context_today(self),
            )
            if lead.crm_currency_id.compare_amounts(amount, lead.crm_amount) > 0:
                lead._track_set_log_message(
                    self.env._("Expected amount has been updated from %(order)s.", order=order.name)
                )
                lead.crm_amount = amount
        return super(CrmLead, self - foreign)._update_revenues_from_so(order)

    @api.model
    def _cron_refresh_foreign_amounts(self):
        """Value open opportunities in foreign currencies at today's rates."""
        groups = self._read_group(
            [("won_status", "=", "pending"), ("crm_amount", "!=", 0)],
            ["company_id", "crm_currency_id"],
            ["id:recordset"],
        )
        foreign = self.browse().union(
            *(
                leads
                for company, currency, leads in groups
                if currency != (company or self.env.company).currency_id
            )
        )
        foreign.with_context(tracking_disable=True)._take_own_amount()
