from datetime import date

from odoo.tests import freeze_time, tagged

from .common import CrmCommon

CODE = "crm.test.numbers"


@tagged("post_install", "-at_install")
class TestIrSequence(CrmCommon):
    """Numbers are drawn together, from the counter and in the format of the host."""

    def _draw(self, count, day=None, prefix="N%(range_year)s-"):
        company = self.company.with_user(self.salesperson).with_context(ir_sequence_date=day)
        return company._next_crm_numbers(CODE, prefix, count)

    def _sequence(self):
        return self.env["ir.sequence"].search([("code", "=", CODE)])

    def test_numbers_follow_one_another_and_the_hosts_own_drawing(self):
        self.assertEqual(
            self._draw(3, date(2026, 5, 1)), ["N2026-00001", "N2026-00002", "N2026-00003"]
        )
        self.assertEqual(self._sequence().next_by_id(date(2026, 5, 1)), "N2026-00004")
        self.assertEqual(self._draw(1, date(2026, 5, 1)), ["N2026-00005"])

    def test_every_year_counts_from_one(self):
        self._draw(2, date(2026, 12, 31))
        self.assertEqual(self._draw(1, date(2027, 1, 1)), ["N2027-00001"])

    def test_nothing_is_drawn_for_nothing(self):
        self.assertEqual(self._draw(0), [])
        self.assertEqual(self._draw(1, date(2026, 5, 1)), ["N2026-00001"])

    def test_without_date_ranges_and_with_another_step(self):
        self._draw(1, prefix="K")
        self._sequence().write({"number_increment": 10, "suffix": "/X"})
        self.assertEqual(self._draw(2), ["K00011/X", "K00021/X"])

    def test_a_sequence_without_gaps_stays_without_gaps(self):
        self._draw(1, date(2026, 5, 1))
        self._sequence().implementation = "no_gap"
        first = self._draw(1, date(2026, 5, 1))[0]
        following = self._draw(3, date(2026, 5, 1))
        self.assertEqual(
            [int(number[-5:]) - int(first[-5:]) for number in following],
            [1, 2, 3],
        )
        self.assertEqual(
            int(self._sequence().next_by_id(date(2026, 5, 1))[-5:]), int(following[-1][-5:]) + 1
        )

    def test_two_companies_count_for_themselves(self):
        other = self._create_company("Another Company")
        self._draw(2, date(2026, 5, 1))
        numbers = other.with_context(ir_sequence_date=date(2026, 5, 1))._next_crm_numbers(
            CODE, "N%(range_year)s-", 1
        )
        self.assertEqual(numbers, ["N2026-00001"])

    def test_the_year_is_that_of_whoever_works(self):
        self.salesperson.tz = "Asia/Shanghai"
        with freeze_time("2026-12-31 20:00:00"):
            self.assertEqual(self._draw(1), ["N2027-00001"])

    def test_a_hundred_numbers_cost_the_queries_of_one(self):
        self._draw(1)
        counts = []
        for count in (1, 100):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(set(self._draw(count))), count)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_a_hundred_contracts_are_numbered_with_the_queries_of_one(self):
        values = {"subject": "Many", "partner_id": self.customer.id, "company_id": self.company.id}
        contracts = self.env["crm.contract"]
        counts = []
        contracts.create(values)
        for count in (1, 100):
            made = contracts.create([dict(values) for _one in range(count)])
            made.name = "/"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["res.company"]._assign_crm_numbers(made, "HT%(range_year)s")
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(set(made.mapped("name"))), count)
        self.assertEqual(counts[0], counts[1])
