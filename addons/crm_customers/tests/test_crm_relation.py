from datetime import date, timedelta

from psycopg2.errors import ExclusionViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestCrmRelation(CrmCommon):
    """Typed, dated relations in both directions, seen from both partners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank, cls.third = cls.env["res.partner"].create(
            [
                {"name": "平安担保有限公司", "is_company": True},
                {"name": "丙公司", "is_company": True},
            ]
        )
        cls.guarantor = cls.env.ref("crm_customers.crm_relation_type_guarantor")
        cls.agent = cls.env.ref("crm_customers.crm_relation_type_agent")
        cls.competitor = cls.env.ref("crm_customers.crm_relation_type_competitor")
        cls.former = cls.env.ref("crm_customers.crm_relation_type_former_employer")
        cls.sides = cls.env["crm.relation.side"].with_user(cls.salesperson)

    def _role(self, kind, inverse=False):
        return self.env["crm.relation.role"].search(
            [("type_id", "=", kind.id), ("inverse", "=", inverse)]
        )

    def _add(self, partner, kind, other, *, inverse=False, user=None, **values):
        return (
            self.env["crm.relation.side"]
            .with_user(user or self.salesperson)
            .create(
                {
                    "partner_id": partner.id,
                    "role_id": self._role(kind, inverse).id,
                    "other_id": other.id,
                    **values,
                }
            )
        )

    def _labels(self, partner, lang="en_US"):
        rows = partner.with_user(self.salesperson).with_context(lang=lang).crm_relation_side_ids
        return [(row.role_id.name, row.other_id) for row in rows]

    def test_shown_on_both_partners_with_the_label_from_that_side(self):
        self._add(self.customer, self.guarantor, self.bank)
        self.assertEqual(self._labels(self.customer), [("Guarantor", self.bank)])
        self.assertEqual(self._labels(self.bank), [("Guaranteed Company", self.customer)])

    def test_labels_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["crm_customers"], ["zh_CN"])
        self._add(self.customer, self.guarantor, self.bank)
        self.assertEqual(self._labels(self.customer, "zh_CN"), [("担保人", self.bank)])
        self.assertEqual(self._labels(self.bank, "zh_CN"), [("被担保方", self.customer)])

    def test_added_from_the_other_side_it_is_the_same_relation(self):
        far = self._add(self.bank, self.guarantor, self.customer, inverse=True)
        relation = far.relation_id
        self.assertEqual((relation.partner_id, relation.other_id), (self.customer, self.bank))
        self.assertEqual(self._labels(self.customer), [("Guarantor", self.bank)])
        self.assertEqual(far.role_id.name, "Guaranteed Company")

    def test_added_changed_and_removed_in_the_form_of_a_partner(self):
        partner = self.customer.with_user(self.salesperson)
        row = {"role_id": self._role(self.agent, True).id, "other_id": self.bank.id}
        partner.write({"crm_relation_side_ids": [Command.create(row)]})
        side = partner.crm_relation_side_ids
        self.assertEqual(side.role_id.name, "Represented Company")
        self.assertEqual(self._labels(self.bank), [("Agent", self.customer)])
        day = date(2026, 3, 31)
        partner.write({"crm_relation_side_ids": [Command.update(side.id, {"date_to": day})]})
        self.assertEqual(self.bank.crm_relation_side_ids.date_to, day)
        self.assertTrue(self.bank.crm_relation_side_ids.ended)
        partner.write(
            {
                "crm_relation_side_ids": [
                    Command.update(side.id, {"role_id": self._role(self.agent).id})
                ]
            }
        )
        self.assertEqual(self._labels(self.bank), [("Represented Company", self.customer)])
        self.assertEqual(partner.crm_relation_side_ids.date_to, day)
        rows = partner.crm_relation_side_ids
        partner.write({"crm_relation_side_ids": [Command.delete(rows.id)]})
        self.assertFalse(self.bank.crm_relation_side_ids)
        self.assertFalse(self.env["crm.relation"].search([("partner_id", "=", partner.id)]))

    def test_found_by_what_others_are_to_a_partner(self):
        self._add(self.customer, self.guarantor, self.bank)
        self._add(self.third, self.guarantor, self.bank, date_to=date(2020, 1, 1))
        self._add(self.third, self.agent, self.customer)
        guarantors = self.sides.search(
            [("partner_id", "=", self.customer.id), ("role_id", "=", self._role(self.guarantor).id)]
        )
        self.assertEqual(guarantors.other_id, self.bank)
        partners = self.env["res.partner"].with_user(self.salesperson)
        with_agent = partners.search([("crm_relation_side_ids.role_id.name", "ilike", "Agent")])
        self.assertIn(self.third, with_agent)
        self.assertNotIn(self.customer, with_agent)
        current = self.sides.search([("other_id", "=", self.bank.id), ("ended", "=", False)])
        self.assertEqual(current.partner_id, self.customer)
        ended = self.sides.search([("other_id", "=", self.bank.id), ("ended", "=", True)])
        self.assertEqual(ended.partner_id, self.third)

    def test_listed_by_relation(self):
        self._add(self.customer, self.guarantor, self.bank)
        groups = self.sides.web_read_group(
            [("partner_id", "=", self.customer.id)], ["role_id"], ["__count"]
        )["groups"]
        self.assertEqual(
            [(row["role_id"][1], row["__count"]) for row in groups], [("Guarantor", 1)]
        )

    def test_a_symmetric_relation_has_one_label(self):
        self._add(self.customer, self.competitor, self.third)
        self.assertEqual(self._labels(self.customer), [("Competitor", self.third)])
        self.assertEqual(self._labels(self.third), [("Competitor", self.customer)])
        self.assertFalse(self._role(self.competitor, True))

    def test_the_same_twice_at_overlapping_times_is_refused_by_the_database(self):
        self._add(self.customer, self.agent, self.bank, date_to=date(2026, 6, 30))
        for values, kind, pair in (
            ({"date_from": date(2026, 6, 30)}, self.agent, (self.customer, self.bank)),
            ({}, self.agent, (self.customer, self.bank)),
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(ExclusionViolation),
                self.cr.savepoint(),
            ):
                self._add(pair[0], kind, pair[1], **values)
        later = self._add(self.customer, self.agent, self.bank, date_from=date(2026, 7, 1))
        self._add(self.bank, self.agent, self.customer)  # the other way round is another one
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ExclusionViolation),
            self.cr.savepoint(),
        ):
            later.relation_id.date_from = date(2026, 1, 1)
            self.env.flush_all()

    def test_a_symmetric_one_is_the_same_from_either_side(self):
        self._add(self.customer, self.competitor, self.third)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ExclusionViolation),
            self.cr.savepoint(),
        ):
            self._add(self.third, self.competitor, self.customer)

    def test_several_guarantees_at_once_are_allowed(self):
        self._add(self.customer, self.guarantor, self.bank, note="200")
        self._add(self.customer, self.guarantor, self.bank, note="300")
        self.assertEqual(len(self.customer.crm_relation_side_ids), 2)

    def test_with_itself_wrong_days_and_wrong_kind_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "with itself"):
            self._add(self.customer, self.agent, self.customer)
        with self.assertRaisesRegex(ValidationError, "first day"):
            self._add(
                self.customer,
                self.agent,
                self.bank,
                date_from=date(2026, 2, 1),
                date_to=date(2026, 1, 31),
            )
        with self.assertRaisesRegex(ValidationError, "is a company, but"):
            self._add(self.customer, self.former, self.bank)
        with self.assertRaisesRegex(ValidationError, "is a person, but"):
            self._add(self.signatory, self.agent, self.bank)
        self._add(self.signatory, self.former, self.bank)

    def test_what_one_side_hides_shows_nothing_on_the_other(self):
        self.company.crm_customer_visibility = "own"
        self.third.user_id = self.colleague
        self.bank.user_id = self.colleague
        export = self.env.ref("base.group_allow_export")
        self.salesperson.write({"group_ids": [Command.link(export.id)]})
        shown = self._add(self.customer, self.agent, self.signatory)
        hidden = self._add(self.customer, self.guarantor, self.bank, user=self.sales_manager)
        self.env.flush_all()
        self.env.invalidate_all()
        mine = self.customer.with_user(self.salesperson)
        self.assertEqual(mine.crm_relation_side_ids, shown)
        self.assertEqual(self.sides.search([("partner_id", "=", mine.id)]), shown)
        self.assertFalse(self.sides.search([("other_id", "=", self.bank.id)]))
        self.assertFalse(mine.search([("crm_relation_side_ids.other_id", "=", self.bank.id)]))
        self.assertFalse(
            mine.search(
                [("id", "=", mine.id), ("crm_relation_side_ids.role_id.name", "=", "Guarantor")]
            )
        )
        exported = mine.export_data(["name", "crm_relation_side_ids/other_id"])["datas"]
        self.assertNotIn("平安", str(exported))
        with self.assertRaises(AccessError):
            self.sides.browse(hidden.id).read(["other_id"])
        relations = self.env["crm.relation"].with_user(self.salesperson)
        self.assertFalse(relations.search([("other_id", "=", self.bank.id)]))
        self.assertTrue(self._labels_of(self.sales_manager, self.bank))
        with self.assertRaises(AccessError):
            self._add(self.customer, self.agent, self.third)
        with self.assertRaises(AccessError):
            self.sides.browse(hidden.id).unlink()

    def _labels_of(self, user, partner):
        return partner.with_user(user).crm_relation_side_ids.mapped("role_id.name")

    def test_a_hundred_relations_cost_the_queries_of_one(self):
        self._add(self.customer, self.agent, self.bank)
        others = self.env["res.partner"].create(
            [{"name": f"代理 {number}", "is_company": True} for number in range(100)]
        )
        self.env["crm.relation"].create(
            [
                {"partner_id": self.bank.id, "other_id": other.id, "type_id": self.agent.id}
                for other in others
            ]
        )

        def read(partner):
            self.env.flush_all()
            self.env.invalidate_all()
            partner = partner.with_user(self.sales_manager)
            before = self.cr.sql_log_count
            partner.crm_relation_side_ids.mapped("role_id.name")
            partner.crm_relation_side_ids.mapped("other_id.name")
            return len(partner.crm_relation_side_ids), self.cr.sql_log_count - before

        read(self.bank)  # warm the caches of rights
        (one, cost), (many, cost_of_many) = read(self.customer), read(self.bank)
        self.assertEqual((one, many), (1, 101))
        self.assertEqual(cost_of_many, cost)

    def test_merged_partners_keep_their_relations_once(self):
        twin = self.env["res.partner"].create({"name": "平安担保公司", "is_company": True})
        yesterday = date.today() - timedelta(days=1)
        self._add(self.customer, self.agent, self.bank, date_from=yesterday)
        self._add(self.customer, self.agent, twin, date_from=date(2020, 1, 1))
        self._add(twin, self.competitor, self.third)
        self._add(twin, self.agent, self.bank)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([twin.id, self.bank.id], self.bank)
        rows = self.env["crm.relation"].search([("other_id", "=", self.bank.id)])
        self.assertEqual((rows.date_from, rows.date_to), (date(2020, 1, 1), False))
        self.assertEqual(
            self._labels(self.bank),
            [("Competitor", self.third), ("Represented Company", self.customer)],
        )
