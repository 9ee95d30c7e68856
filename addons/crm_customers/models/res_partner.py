from odoo import api, fields, models
from odoo.tools import SQL

LIFECYCLE_STAGES = [
    ("prospect", "Prospect"),
    ("active", "Active Customer"),
    ("dormant", "Dormant"),
    ("lost", "Lost"),
]


class ResPartner(models.Model):
    """What makes a contact a customer: number, life cycle, origin, contracts."""

    _inherit = "res.partner"

    crm_code = fields.Char(
        string="Customer Number", readonly=True, copy=False, index="btree_not_null"
    )
    crm_lifecycle = fields.Selection(
        LIFECYCLE_STAGES, string="Life Cycle", default="prospect", tracking=True, index=True
    )
    # The host calls it "Partner Level", untranslated; rules and shares speak of customers.
    grade_id = fields.Many2one(string="Customer Level")
    crm_campaign_id = fields.Many2one(
        "utm.campaign", string="Acquired by Campaign", index="btree_not_null", ondelete="restrict"
    )
    crm_source_id = fields.Many2one("utm.source", string="Source", ondelete="restrict")
    crm_medium_id = fields.Many2one("utm.medium", string="Medium", ondelete="restrict")
    crm_contract_ids = fields.One2many("crm.contract", "partner_id", string="Contracts")
    crm_contract_count = fields.Integer(
        string="Contract Count", compute="_compute_crm_contract_count"
    )

    @api.depends("crm_facts")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_crm_contract_count(self):
        for partner in self:
            partner.crm_contract_count = partner._get_fact("contracts")

    def _compute_application_statistics_hook(self):
        data = super()._compute_application_statistics_hook()
        for partner in self.filtered("crm_contract_count"):
            data[partner.id].append(
                {
                    "iconClass": "fa-file-text-o",
                    "value": partner.crm_contract_count,
                    "label": self.env._("Contracts"),
                    "tagClass": "o_tag_color_4",
                }
            )
        return data

    @api.model
    def _commercial_fields(self):
        return [
            *super()._commercial_fields(),
            "crm_code",
            "crm_lifecycle",
            "crm_campaign_id",
            "crm_source_id",
            "crm_medium_id",
        ]

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._assign_crm_codes()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.get("is_company") or ("parent_id" in vals and not vals["parent_id"]):
            self._assign_crm_codes()
        return result

    def action_view_crm_contracts(self):
        """Open this customer's contracts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_customers.crm_contract_action")
        customer = self.commercial_partner_id
        return action | {
            "domain": [("partner_id", "=", customer.id)],
            "context": {"default_partner_id": customer.id},
        }

    def _assign_crm_codes(self):
        """Number every company among ``self`` that has no customer number yet.

        Companies and their own subsidiaries are numbered; contacts share their company's number.
        """
        unnumbered = self.filtered(lambda partner: partner.is_company and not partner.crm_code)
        for company, partners in unnumbered.grouped("company_id").items():
            numbers = (company or self.env.company)._next_crm_numbers(
                "crm.customer", "C", len(partners)
            )
            for partner, number in zip(partners, numbers, strict=True):
                partner.crm_code = number

    def _open_receivable(self, as_of=None, company=None):
        """Return what each customer owed at the end of a day, from the ledger.

        Definition: per posted receivable line dated up to ``as_of``, its balance less what was
        reconciled up to that day (``max_date`` of the partials); later receipts are ignored.

        :param as_of: ``datetime.date``; None: today in the user's time zone
        :param company: ``res.company``; None: the current one
        :return: ``{commercial_partner_id: amount}`` in company currency, for every partner of self
        """
        partners = self.commercial_partner_id
        result = dict.fromkeys(partners.ids, 0.0)
        if not partners:
            return result
        self.env["account.move"]._flush_cash_sources()
        company = company or self.env.company
        rows = self.env.execute_query(
            SQL(
                "SELECT commercial_partner_id, SUM(residual) FROM (%s) open"
                " WHERE commercial_partner_id = ANY(%s) AND company_id = %s GROUP BY 1",
                self.env["account.move"]._receivable_entries_sql(
                    as_of or fields.Date.context_today(self)
                ),
                partners.ids,
                company.id,
            )
        )
        result.update((partner_id, float(amount)) for partner_id, amount in rows)
        return result

    def _complete_origin(self, values):
        """Set the marketing origin where it is still unknown; the first one known stays.

        :param dict values: ``crm_campaign_id``, ``crm_source_id``, ``crm_medium_id``
        """
        # sudo: who converts a lead may not own the customer he found
        customers = self.sudo()
        for name, value in values.items():
            if value:
                customers.filtered(lambda partner, name=name: not partner[name])[name] = value
