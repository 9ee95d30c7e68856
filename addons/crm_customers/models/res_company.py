from odoo import fields, models


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

    def _next_crm_numbers(self, code, prefix, count):
        """Return the next ``count`` numbers of this company's sequence ``code``.

        A company gets its own sequence the first time it needs one, so the numbers of different
        companies never mix.

        :param str code: ``ir.sequence`` code
        :param str prefix: prefix of a newly created sequence, in the host's notation
        """
        self.ensure_one()
        # sudo: users draw numbers but may not read or create sequences
        sequences = self.env["ir.sequence"].sudo().with_company(self)
        sequence = sequences.search(
            [("code", "=", code), ("company_id", "=", self.id)], limit=1
        ) or sequences.create(
            {
                "name": f"{code} {self.name}",
                "code": code,
                "company_id": self.id,
                "prefix": prefix,
                "padding": 5,
                "use_date_range": "range_" in prefix,
            }
        )
        return [sequence.next_by_id() for _index in range(count)]
