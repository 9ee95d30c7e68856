from odoo.exceptions import AccessError
from odoo.tests import tagged

from .pool_common import PoolCommon


@tagged("post_install", "-at_install")
class TestHealthInLists(PoolCommon):
    """A salesperson sorts, filters and groups customers by health, in lists and in kanban."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good, cls.risk, cls.watch, cls.none = cls._create_owned(
            "好公司", "险公司", "看公司", "新公司"
        )
        cls.all = cls.good | cls.risk | cls.watch | cls.none
        cls.other = cls._create_company("Another Company")
        metrics = cls.env["crm.customer.metric"]
        metrics.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "score": score,
                    "level": level,
                    "rfm_class": rfm,
                    "overdue_amount": overdue,
                }
                for partner, company, score, level, rfm, overdue in (
                    (cls.good, cls.company, 95, "good", "champion", 1),
                    (cls.risk, cls.company, 20, "risk", "lapsed", 900),
                    (cls.watch, cls.company, 60, "watch", "loyal", 40),
                    # What another company of ours thinks of it does not matter here.
                    (cls.good, cls.other, 5, "risk", "lapsed", 0),
                )
            ]
        )
        cls.env.flush_all()
        cls.partners = cls.env["res.partner"].with_user(cls.salesperson)
        cls.mine = [("id", "in", cls.all.ids)]

    def _sorted(self, order, user=None):
        partners = self.partners.with_user(user or self.salesperson)
        return partners.search(self.mine, order=order).ids

    def test_sorted_by_score_either_way_who_has_none_last(self):
        worst_first = self.risk + self.watch + self.good + self.none
        self.assertEqual(self._sorted("crm_health"), worst_first.ids)
        best_first = self.good + self.watch + self.risk + self.none
        self.assertEqual(self._sorted("crm_health desc"), best_first.ids)

    def test_levels_are_sorted_by_their_score_not_by_their_letters(self):
        worst_first = self.risk + self.watch + self.good + self.none
        self.assertEqual(self._sorted("crm_health_level, crm_health"), worst_first.ids)

    def test_grouped_by_level_and_by_class(self):
        groups = dict(self.partners._read_group(self.mine, ["crm_health_level"], ["__count"]))
        self.assertEqual(groups, {"good": 1, "risk": 1, "watch": 1, False: 1})
        rows = self.partners._read_group(
            self.mine, ["crm_rfm_class", "user_id"], ["__count", "crm_health:avg"]
        )
        self.assertEqual(
            {(rfm, average) for rfm, _user, _count, average in rows},
            {("champion", 95), ("loyal", 60), ("lapsed", 20), (False, False)},
        )

    def test_the_groups_of_the_list_open_to_their_customers(self):
        result = self.partners.web_read_group(self.mine, ["crm_health_level"], ["__count"])
        for group in result["groups"]:
            found = self.partners.search([*self.mine, *group["__extra_domain"]])
            self.assertEqual(len(found), group["__count"], group)

    def test_the_client_is_told_that_it_may_sort_and_group(self):
        about = self.partners.fields_get(
            ["crm_health", "crm_health_level", "crm_rfm_class", "crm_last_deal"],
            ["sortable", "groupable", "searchable", "aggregator"],
        )
        for name, field in about.items():
            self.assertTrue(field["sortable"] and field["groupable"], name)
            self.assertTrue(field["searchable"], name)
        self.assertEqual(about["crm_health"]["aggregator"], "avg")

    def test_amounts_are_sorted_by_accounting_only(self):
        self.assertEqual(
            self._sorted("crm_overdue_amount desc", self.reader)[:3],
            (self.risk + self.watch + self.good).ids,
        )
        with self.assertRaises(AccessError):
            self._sorted("crm_overdue_amount")
        with self.assertRaises(AccessError):
            self.partners._read_group(self.mine, [], ["crm_overdue_amount:max"])
        with self.assertRaises(AccessError):
            self.partners._read_group(self.mine, ["crm_overdue_amount"], ["__count"])

    def test_sorting_through_a_document_reads_the_same_figures(self):
        leads = self.env["crm.lead"].create(
            [
                {"name": partner.name, "partner_id": partner.id, "user_id": self.salesperson.id}
                for partner in self.all
            ]
        )
        found = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            ._read_group([("id", "in", leads.ids)], ["partner_id.crm_health_level"], ["__count"])
        )
        self.assertEqual(dict(found), {"good": 1, "risk": 1, "watch": 1, False: 1})
