from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """The day of the last deal, as the life cycle counts deals: read, sorted and found by sets."""

    _inherit = "res.partner"

    crm_last_deal = fields.Date(
        string="Last Deal",
        compute="_compute_crm_last_deal",
        search="_search_crm_last_deal",
        groups="base.group_user",
        help="The customer's newest confirmed order, signed contract, posted invoice or won"
        " opportunity.",
    )

    @api.depends("commercial_partner_id")
    def _compute_crm_last_deal(self):
        customers = self.commercial_partner_id.ids
        self.env.flush_all()
        newest = dict(
            self.env.execute_query(
                SQL(
                    "SELECT * FROM (%s) last WHERE partner_id = ANY(%s)",
                    self._last_deals_sql(),
                    customers,
                )
            )
        )
        for partner in self:
            partner.crm_last_deal = newest.get(partner.commercial_partner_id.id)

    @api.model
    def _last_deals_sql(self):
        """Return the query of ``partner_id`` (customer) and ``date`` of each one's last deal."""
        return SQL(
            "SELECT partner_id, MAX(date) AS date FROM (%s) deal GROUP BY partner_id",
            self._crm_deals_sql(),
        )

    @api.model
    def _search_crm_last_deal(self, operator, value):
        compared = {"<": "<", ">": ">", "<=": "<=", ">=": ">="}
        self.env.flush_all()
        deals = self._last_deals_sql()
        if operator in compared:
            condition = SQL(f"date {compared[operator]} %s", value)
        elif operator == "in":
            condition = SQL("date = ANY(%s::date[])", [day for day in value if day])
        else:
            return NotImplemented
        found = SQL("(SELECT partner_id FROM (%s) last WHERE %s)", deals, condition)
        domain = Domain("commercial_partner_id", "in", found)
        if operator == "in" and False in value:
            domain |= Domain(
                "commercial_partner_id", "not in", SQL("(SELECT partner_id FROM (%s) last)", deals)
            )
        return domain

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "crm_last_deal" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        self.env.flush_all()
        last = query.make_alias(alias, "crm_last_deal")
        query.add_join(
            "LEFT JOIN",
            last,
            SQL("(%s)", self._last_deals_sql()),
            SQL(
                "%s = %s",
                SQL.identifier(last, "partner_id"),
                self._field_to_sql(alias, "commercial_partner_id", query),
            ),
        )
        return SQL.identifier(last, "date")

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Who never bought stands last either way."""
        if field_name == "crm_last_deal" and not nulls.code:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
