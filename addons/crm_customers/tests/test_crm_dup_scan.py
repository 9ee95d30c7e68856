"""Row 19: bulk queue, similarity, and the memory of what are not duplicates."""

from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestDuplicateScan(CrmCommon):
    """Scans as the cron runs them; pairs as who may merge sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merger = cls._create_user("dup_merger", "crm_customers.group_merge")
        cls.env["crm.dup.rule"].search([]).active = False
        cls._scan()

    @classmethod
    def _scan(cls, limit=2000):
        steps = []
        while count := cls.env["crm.dup.scan"]._scan_step(limit):
            steps.append(count)
        cls.env["crm.dup.scan"]._finish()
        return steps

    def _create(self, *values):
        return self.env["res.partner"].create([{"is_company": True, **one} for one in values])

    def _pairs(self, partners):
        return (
            self.env["crm.dup.pair"]
            .with_user(self.merger)
            .search([("partner_id", "in", partners.ids), ("other_id", "in", partners.ids)])
        )

    def test_typing_errors_and_moved_numbers_are_found_with_reasons(self):
        one, other = self._create(
            {"name": "Nordlys Shipping AS", "phone": "+47 55 30 00 01", "street": "Strandgt. 21"},
            {"name": "Nordlis Shipping", "phone": "+4755300001", "street": "Strandgt 21"},
        )
        self._scan()
        pair = self._pairs(one | other)
        self.assertEqual((pair.partner_id, pair.other_id, pair.level), (one, other, "sure"))
        self.assertIn("same telephone number", pair.reason_text)
        self.assertIn("similar name", pair.reason_text)
        self.assertIn("Nordlis", pair.comparison)

    def test_a_scan_costs_what_changed(self):
        partners = self._create(*({"name": f"Lakeside {n} Works"} for n in range(30)))
        self.assertEqual(sum(self._scan()), len(partners))
        self.assertEqual(self._scan(), [])
        partners[3].name = "Lakeside Three Works"
        self.assertEqual(self._scan(), [1])
        partners[3].comment = "Says nothing about who it is"
        self.assertEqual(self._scan(), [])

    def test_a_scan_goes_on_after_an_interruption(self):
        self._create(*({"name": f"Lakeside {n} Works"} for n in range(7)))
        self.assertEqual(self.env["crm.dup.scan"]._scan_step(3), 3)
        self.assertEqual(self._scan(3), [3, 1])

    def test_progress_of_a_scan_of_all_customers_is_shown(self):
        scans = self.env["crm.dup.scan"].with_user(self.merger)
        scan = scans.browse(scans.action_start()["res_id"])
        self.assertEqual((scan.state, scan.done, scan.progress), ("running", 0, 0.0))
        self.env["crm.dup.scan"]._scan_step(5)
        self.assertEqual(scan.done, 5)
        self.assertGreater(scan.progress, 0)
        self._scan()
        self.assertEqual((scan.state, scan.progress), ("done", 100.0))
        self.assertEqual(scan.done, scan.total)

    def test_the_button_above_the_list_starts_a_scan_whatever_rows_are_chosen(self):
        scans = self.env["crm.dup.scan"].with_user(self.merger)
        action = call_kw(scans, "action_start", [[]], {})
        self.assertEqual(action["res_id"], call_kw(scans, "action_start", [[0]], {})["res_id"])

    def test_starting_twice_scans_once(self):
        scans = self.env["crm.dup.scan"].with_user(self.merger)
        first, second = scans.action_start(), scans.action_start()
        self.assertEqual(first["res_id"], second["res_id"])
        self.assertEqual(scans.browse(first["res_id"]).total, sum(self._scan()))

    def test_not_duplicates_stays_decided_however_often_it_is_found(self):
        twins = self._create({"name": "Lakeside Works", "phone": "+4755300001"}) | self._create(
            {"name": "Lakeside Works", "phone": "+4755300001"}
        )
        self._scan()
        pair = self._pairs(twins)
        pair.action_mark_different()
        twins[0].phone = "+4755300002"
        self._scan()
        self.assertEqual(self._pairs(twins), pair)
        self.assertEqual(pair.state, "different")
        pair.action_reopen()
        self.assertEqual(pair.state, "open")

    def test_evidence_that_is_gone_takes_the_pair_along(self):
        twins = self._create({"name": "Lakeside Works", "phone": "+4755300001"}) | self._create(
            {"name": "Lakeside Works", "phone": "+4755300001"}
        )
        self._scan()
        self.assertTrue(self._pairs(twins))
        twins[0].write({"name": "Harbour Crane", "phone": False})
        self._scan()
        self.assertFalse(self._pairs(twins))

    def test_colleagues_at_one_address_are_not_one_person(self):
        [company] = self._create({"name": "Fenwright & Sons", "street": "Quay 3", "zip": "4021"})
        people = self.env["res.partner"].create(
            [
                {"name": "Ada Fellmonger", "parent_id": company.id, "phone": "0571 1"},
                {"name": "Bo Fellmonger", "parent_id": company.id, "email": "bo@fenwright.example"},
                {"name": "Ada Fellmonger", "parent_id": company.id},
            ]
        )
        self.assertEqual(people[0].street, "Quay 3")
        self._scan()
        pair = self._pairs(people)
        self.assertEqual(pair.partner_id | pair.other_id, people[0] | people[2])
        self.assertEqual(pair.level, "possible")

    def test_numbers_and_countries_tell_companies_apart(self):
        funds = self._create(
            {"name": "Vintage Fund XIV LP", "country_id": self.env.ref("base.us").id},
            {"name": "Vintage Fund XV LP", "country_id": self.env.ref("base.us").id},
            {"name": "Vintage Fund XV LP", "country_id": self.env.ref("base.de").id},
        )
        self._scan()
        self.assertFalse(self._pairs(funds))

    def test_a_merge_leaves_no_pair_with_itself_and_frees_the_code(self):
        rule = self.env.ref("crm_customers.crm_dup_rule_company_code")
        twins = self._create(
            {"name": "Lakeside Works", "phone": "+4755300001"},
            {"name": "Lakeside Works", "phone": "+4755300001", "vat": "914403002793498542"},
            {"name": "Lakeside Works", "phone": "+4755300001"},
        )
        self._scan()
        self.assertEqual(len(self._pairs(twins)), 3)
        rule.active = True
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(twins[:2].ids, twins[0])
        self.assertEqual(twins[0].vat, "914403002793498542")
        pair = self._pairs(twins[0] | twins[2])
        self.assertEqual((pair.partner_id, pair.other_id), (twins[0], twins[2]))
        twins[2].phone = "+4755300009"

    def test_the_merge_button_opens_the_merge_with_both(self):
        twins = self._create({"name": "Lakeside Works", "phone": "+4755300001"}) | self._create(
            {"name": "Lakeside Works", "phone": "+4755300001"}
        )
        self._scan()
        action = self._pairs(twins).action_merge()
        wizard = self.env["crm.merge.wizard"].browse(action["res_id"])
        self.assertEqual((action["res_model"], wizard.partner_ids), ("crm.merge.wizard", twins))


@tagged("post_install", "-at_install")
class TestSuggestions(CrmCommon):
    """A short name finds its company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.names = cls.env["res.partner"].create(
            [
                {"name": name, "is_company": True}
                for name in (
                    "万科企业股份有限公司",
                    "深圳市振业(集团)股份有限公司",
                    "广东省高速公路发展股份有限公司",
                    "臺灣積體電路製造股份有限公司",
                    "Nordlys Shipping AS",
                )
            ]
        )

    def test_short_names_find_full_names(self):
        partners = self.env["res.partner"].with_user(self.salesperson)
        for typed, wanted in (
            ("万科A", 0),
            ("深振业", 1),
            ("粤高速Ａ", 2),
            ("台积电路", 3),
            ("nordlys", 4),
        ):
            self.assertEqual(partners._suggest_customers(typed)[:1], self.names[wanted], typed)

    def test_the_search_of_a_many2one_offers_them(self):
        found = self.env["res.partner"].with_user(self.salesperson).name_search("深振业")
        self.assertIn(self.names[1].id, [partner_id for partner_id, _name in found])

    def test_suggestions_obey_the_users_rules_and_domains(self):
        partners = self.env["res.partner"].with_user(self.salesperson)
        domain = [("id", "!=", self.names[0].id)]
        self.assertNotIn(self.names[0], partners._suggest_customers("万科", domain=domain))
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str(domain),
            }
        )
        self.assertNotIn(self.names[0], partners._suggest_customers("万科"))
