from odoo import api, fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    """Company-wide defaults of contracts; the N of the agreement is never a constant."""

    _inherit = "res.company"

    crm_contract_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Contract Calendar",
        help="Working calendar proposed on new contracts; empty: the company's working hours.",
    )
    crm_inspection_days = fields.Integer(
        string="Inspection Period (working days)",
        default=10,
        help="Working days a customer has to inspect a delivery, proposed on new contracts.",
    )
    crm_rectify_days = fields.Integer(
        string="Rectification Period (working days)",
        default=10,
        help="Working days to mend a defect, proposed on new contracts.",
    )
    crm_acceptance_days = fields.Integer(
        string="Acceptance Period (working days)",
        default=5,
        help="Working days within which an acceptance is signed, proposed on new contracts.",
    )

    def _get_contract_calendar(self):
        """Return the calendar in which what was agreed with customers counts working days."""
        self.ensure_one()
        return self.crm_contract_calendar_id or self.resource_calendar_id

    def _next_crm_numbers(self, code, prefix, count):
        """Return the next ``count`` numbers of this company's sequence ``code``.

        A company gets its own sequence the first time it needs one, so the numbers of different
        companies never mix. A hundred numbers cost as many queries as one.

        :param str code: ``ir.sequence`` code
        :param str prefix: prefix of a newly created sequence, in the host's notation
        """
        self.ensure_one()
        # sudo: users draw numbers but may not read or create sequences
        company = self.sudo()
        sequence = company._find_crm_sequence(code) or company._create_crm_sequence(code, prefix)
        return sequence._crm_next_numbers(count)

    @api.model
    def _assign_crm_numbers(self, records, prefix):
        """Give the records that are called "/" their number, from the sequence of their company.

        The sequence's code is the name of the model.

        :param records: records with ``name`` and ``company_id``
        :param str prefix: see :meth:`_next_crm_numbers`
        """
        unnumbered = records.filtered(lambda record: record.name == "/")
        for company, group in unnumbered.grouped("company_id").items():
            numbers = company._next_crm_numbers(records._name, prefix, len(group))
            for record, number in zip(group, numbers, strict=True):
                record.name = number

    def _find_crm_sequence(self, code):
        return (
            self.env["ir.sequence"]
            .with_company(self)
            .search([("code", "=", code), ("company_id", "=", self.id)], limit=1)
        )

    def _create_crm_sequence(self, code, prefix):
        """Create this company's sequence ``code``, once.

        The company's row is written, so of two sessions the second one fails to serialise, is
        retried by the host and finds the sequence of the first.
        """
        self.env.execute_query(
            SQL(
                "UPDATE res_company SET write_date = write_date WHERE id = %s RETURNING id", self.id
            )
        )
        return (
            self.env["ir.sequence"]
            .with_company(self)
            .create(
                {
                    "name": f"{code} {self.name}",
                    "code": code,
                    "company_id": self.id,
                    "prefix": prefix,
                    "padding": 5,
                    "use_date_range": "range_" in prefix,
                }
            )
        )
