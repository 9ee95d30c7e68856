from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from ..tools import health
from .crm_customer_metric import LEDGER_GROUPS, LEVELS, RFM_CLASSES

# Fields of the customer that stand in the row of figures: {field: column}.
METRIC_COLUMNS = {
    "crm_health": "score",
    "crm_health_level": "level",
    "crm_rfm_class": "rfm_class",
    "crm_overdue_amount": "overdue_amount",
}


class ResPartner(models.Model):
    """Health, RFM and what is overdue, on the customer and in lists, to filter, sort and group by.

    Scores tell no amounts and are for every colleague; amounts are for accounting roles.
    """

    _inherit = "res.partner"

    crm_metric_ids = fields.One2many(
        "crm.customer.metric", "partner_id", string="Customer Figures", groups="base.group_user"
    )
    crm_health = fields.Integer(
        string="Health",
        compute="_compute_crm_health",
        search="_search_crm_health",
        compute_sudo=True,
        groups="base.group_user",
        aggregator="avg",
        help="0 to 100, from posted invoices, overdue days and follow-ups; 0 without any invoice"
        " means that there is no score.",
    )
    crm_health_level = fields.Selection(
        LEVELS,
        string="Health Level",
        compute="_compute_crm_health",
        search="_search_crm_health_level",
        compute_sudo=True,
        groups="base.group_user",
    )
    crm_rfm_class = fields.Selection(
        RFM_CLASSES,
        string="RFM Class",
        compute="_compute_crm_health",
        search="_search_crm_rfm_class",
        compute_sudo=True,
        groups="base.group_user",
    )
    crm_overdue_amount = fields.Monetary(
        string="Overdue",
        compute="_compute_crm_health",
        search="_search_crm_overdue_amount",
        compute_sudo=True,
        currency_field="crm_metric_currency_id",
        # No sum: contacts show what their company owes, and it would count twice.
        aggregator=None,
        groups=LEDGER_GROUPS,
    )
    crm_metric_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of Figures",
        compute="_compute_crm_metric_currency_id",
        compute_sudo=True,
    )

    @api.depends(
        "commercial_partner_id.crm_metric_ids.score",
        "commercial_partner_id.crm_metric_ids.level",
        "commercial_partner_id.crm_metric_ids.rfm_class",
        "commercial_partner_id.crm_metric_ids.overdue_amount",
    )
    @api.depends_context("company")
    def _compute_crm_health(self):
        rows = self._get_metric_rows()
        for partner in self:
            row = rows.get(partner.commercial_partner_id.id)
            partner.crm_health = row.score if row else 0
            partner.crm_health_level = row.level if row else False
            partner.crm_rfm_class = row.rfm_class if row else False
            partner.crm_overdue_amount = row.overdue_amount if row else 0.0

    @api.depends_context("company")
    def _compute_crm_metric_currency_id(self):
        self.crm_metric_currency_id = self.env.company.currency_id

    def _get_metric_rows(self):
        """Return the rows of the current company: ``{commercial_partner_id: row}``, one query."""
        # sudo: the fields that show them have groups of their own
        metrics = self.env["crm.customer.metric"].sudo()
        rows = metrics.search_fetch(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ],
            ["partner_id", "score", "level", "rfm_class", "overdue_amount"],
        )
        return {row.partner_id.id: row for row in rows}

    def _search_crm_health(self, operator, value):
        return self._search_metric("crm_health", operator, value)

    def _search_crm_health_level(self, operator, value):
        return self._search_metric("crm_health_level", operator, value)

    def _search_crm_rfm_class(self, operator, value):
        return self._search_metric("crm_rfm_class", operator, value)

    def _search_crm_overdue_amount(self, operator, value):
        return self._search_metric("crm_overdue_amount", operator, value)

    @api.model
    def _search_metric(self, name, operator, value):
        """Return the domain of the customers whose row in the current company fits."""
        # The host asks for the groups of stored fields only; guessing by search is reading.
        self._check_field_access(self._fields[name], "read")
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        here = Domain("company_id", "=", self.env.company.id)
        path = "commercial_partner_id.crm_metric_ids"
        # The field asked about has groups of its own; the customers found obey their rules.
        found = Domain(path, "any!", here & Domain(METRIC_COLUMNS[name], operator, value))
        if operator == "in" and False in value:
            found |= Domain(path, "not any!", here)
        return found

    # Sorting and grouping

    def _field_to_sql(self, alias, field_expr, query=None):
        """Read figures from the customer's row in the current company, joined once."""
        column = METRIC_COLUMNS.get(field_expr)
        if column is None or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        return SQL.identifier(self._join_metric(alias, query), column)

    def _join_metric(self, alias, query):
        """Return the alias of the customer's row of figures in this query."""
        metrics = self.env["crm.customer.metric"]
        metrics.flush_model()
        metric = query.make_alias(alias, "crm_metric")
        query.add_join(
            "LEFT JOIN",
            metric,
            metrics._table,
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(metric, "partner_id"),
                self._field_to_sql(alias, "commercial_partner_id", query),
                SQL.identifier(metric, "company_id"),
                self.env.company.id,
            ),
        )
        return metric

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Who has no figures stands last either way; levels are ordered by their score."""
        if field_name in METRIC_COLUMNS:
            nulls = nulls if nulls.code else SQL("NULLS LAST")
            if field_name == "crm_health_level":
                self._check_field_access(self._fields[field_name], "read")
                field_name = "crm_health"
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _stamp_followup(self, moment=None):
        result = super()._stamp_followup(moment)
        self.env["crm.customer.metric.queue"]._mark(self.commercial_partner_id.ids)
        return result

    def write(self, vals):
        if not vals.keys() & {"parent_id", "is_company"}:
            return super().write(vals)
        # Documents go over to another customer together with the contact they were made for.
        before = self.commercial_partner_id.ids
        result = super().write(vals)
        self.env["crm.customer.metric.queue"]._mark({*before, *self.commercial_partner_id.ids})
        return result

    def _compute_application_statistics_hook(self):
        data = super()._compute_application_statistics_hook()
        if not self.env.user._is_internal():
            return data
        colours = {"good": "o_tag_color_10", "watch": "o_tag_color_3", "risk": "o_tag_color_1"}
        for partner in self.filtered("crm_health_level"):
            data[partner.id].append(
                {
                    "iconClass": "fa-heartbeat",
                    "value": partner.crm_health,
                    "label": self.env._("Health"),
                    "tagClass": colours[partner.crm_health_level],
                }
            )
        return data

    # The figures of one customer, of this moment

    def _sees_ledger(self):
        """Whether the user may see amounts of the ledger."""
        return self.env.user.has_groups(LEDGER_GROUPS)

    def _get_ledger_figures(self):
        """Return this customer's figures as of now, by the ledger; all None without documents.

        Stored ones when they are of today and nothing was posted since, else read for this one
        customer. Callers decide who may see them.
        """
        self.ensure_one()
        company = self.env.company
        # sudo: whether amounts are shown is decided by who calls
        metrics = self.env["crm.customer.metric"].sudo()
        stored = metrics._read_stored(company, self)
        if stored["is_current"]:
            return stored
        fresh = metrics._read_fresh(company, self.ids).get(self.id)
        blank = dict.fromkeys(stored) | {"last_deal": stored["last_deal"]}
        return {**stored, **fresh} if fresh else blank

    def _get_health(self, figures):
        """Return score, level and reasons in words, of figures of :meth:`_get_ledger_figures`.

        Amounts are named to accounting roles only.
        """
        self.ensure_one()
        if not figures["last_invoice_date"]:
            return {"score": False, "level": False, "reasons": []}
        metrics = self.env["crm.customer.metric"]
        today = metrics._get_today(self.env.company)
        facts = metrics._make_facts(figures, self.crm_last_followup, today)
        points = health.score(facts)
        return {
            "score": points,
            "level": health.level(points),
            "reasons": [
                {"points": reason.points, "text": self._word_reason(reason, facts)}
                for reason in health.explain(facts)
            ],
        }

    def _word_reason(self, reason, facts):
        """Return one reason as a sentence, without amounts for those who may not see them."""
        ledger = self._sees_ledger()
        if reason.code in ("overdue", "overdue_minor"):
            if not ledger:
                return self.env._("Payments are late")
            amount = formatLang(
                self.env, facts.overdue_amount, currency_obj=self.env.company.currency_id
            )
            return self.env._(
                "Overdue %(amount)s for %(days)s days", amount=amount, days=reason.value
            )
        if reason.code == "silent":
            if not ledger:
                return self.env._("No invoice for a long time")
            return self.env._("No invoice for %(days)s days", days=reason.value)
        if reason.code == "decline":
            if not ledger:
                return self.env._("Buys less than the year before")
            return self.env._(
                "Invoiced %(percent)s %% less than the year before", percent=reason.value
            )
        if reason.code == "never":
            return self.env._("Never followed up")
        return self.env._("No follow-up for %(days)s days", days=reason.value)
