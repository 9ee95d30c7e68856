from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import new_test_user, tagged

from .merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMergeRights(MergeCommon):
    """Who may merge and undo, and what cannot be merged at all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.env["res.partner"].create(
            [{"name": f"Harbour {number}", "is_company": True} for number in (1, 2, 3)]
        )

    def _wizard(self, partners, survivor, user=None):
        wizard = self.env["crm.merge.wizard"].with_user(user or self.merger)
        return wizard.create(
            {"partner_ids": [Command.set(partners.ids)], "survivor_id": survivor.id}
        )

    def _refusal(self, partners, survivor):
        """Return what the trial run says, and check that merging is refused with the same."""
        wizard = self._wizard(partners, survivor)
        wizard.action_check()
        problems = wizard.problems
        if problems:
            with self.assertRaises(UserError) as caught:
                wizard.action_merge()
            self.assertEqual(str(caught.exception), problems)
        return problems

    def test_a_salesperson_is_refused_wherever_the_merge_begins(self):
        both = (self.one | self.two).with_user(self.salesperson)
        with self.assertRaises(AccessError):
            both.action_merge_customers()
        with self.assertRaises(AccessError):
            self._wizard(both, self.one, self.salesperson)
        manager = new_test_user(
            self.env, "merge_partner_manager", "base.group_partner_manager,base.group_user"
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(manager)
        wizard = wizard.create(
            {"partner_ids": [Command.set(both.ids)], "dst_partner_id": self.one.id}
        )
        with self.assertRaises(AccessError):
            wizard.action_merge()
        self.assertTrue(self.two.exists())

    def test_a_salesperson_cannot_undo_and_sees_no_journal(self):
        log = self._merge(self.one | self.two, self.one)
        with self.assertRaises(AccessError):
            log.with_user(self.salesperson).action_undo()
        with self.assertRaises(AccessError):
            log.with_user(self.salesperson).read(["former_names"])
        self.assertFalse(log.with_user(self.sales_manager).may_undo)
        with self.assertRaises(AccessError):
            log.with_user(self.sales_manager).action_undo()
        self.assertTrue(log.may_undo)

    def test_nobody_changes_the_journal(self):
        self.env["crm.lead"].create({"name": "Moved", "partner_id": self.two.id})
        log = self._merge(self.one | self.two, self.one)
        values = {"log_id": log.id}
        for rows, written in (
            (log, {"state": "done"}),
            (log.line_ids[:1], values),
            (log.former_ids[:1], values),
        ):
            with self.assertRaises(UserError):
                rows.write(written)
            with self.assertRaises(AccessError):
                rows.unlink()
            # sudo: not even the superuser
            with self.assertRaisesRegex(UserError, "never changed"):
                rows.sudo().write(written)
            with self.assertRaisesRegex(UserError, "never deleted"):
                rows.sudo().unlink()
        with self.assertRaises(AccessError):
            self.env["crm.merge.log"].with_user(self.merger).create({})
        with self.assertRaises(AccessError):
            log.former_ids.read(["snapshot"])

    def test_customers_one_may_not_edit_are_not_merged(self):
        self.company.crm_customer_visibility = "own"
        self.two.user_id = self.colleague
        self.env.flush_all()
        wizard = self.env["crm.merge.wizard"].with_user(self.merger)
        with self.assertRaises(AccessError):
            wizard._start((self.one | self.two).with_user(self.merger))
        with self.assertRaises(AccessError):
            self.env["base.partner.merge.automatic.wizard"].with_user(self.merger)._merge_customers(
                (self.one | self.two).with_user(self.merger), self.one.with_user(self.merger), {}
            )
        self.assertTrue(self.two.exists())

    def test_pooled_customers_are_merged_by_who_sees_them(self):
        pool = self.env["crm.pool"].create({"name": "P", "company_id": self.company.id})
        self.two._watch(pool)
        self.assertTrue(self.two.crm_pooled)
        with self.assertRaises(AccessError):
            self._merge(self.one | self.two, self.one)
        both = self._create_user(
            "merge_all", "crm_customers.group_merge,sales_team.group_sale_salesman_all_leads"
        )
        self.one.user_id = self.salesperson
        log = self._merge(self.one | self.two, self.two, user=both)
        self.assertEqual(self.two.user_id, self.salesperson)
        self.assertFalse(self.two.crm_pooled)
        log.with_user(both).action_undo()
        self.assertTrue(self.two.crm_pooled)
        self.assertEqual(self.one.user_id, self.salesperson)

    def test_a_customer_is_not_merged_with_its_own_contact(self):
        self.two.parent_id = self.one
        self.three.parent_id = self.two
        self.assertIn(
            "“Harbour 3” belongs to “Harbour 1”", self._refusal(self.one | self.three, self.one)
        )

    def test_two_logins_are_not_merged_and_one_moves(self):
        for partner, login in ((self.one, "portal_one"), (self.two, "portal_two")):
            new_test_user(self.env, login, "base.group_portal", partner_id=partner.id)
        self.assertIn("portal_one, portal_two", self._refusal(self.one | self.two, self.one))
        log = self._merge(self.two | self.three, self.three)
        user = self.env["res.users"].search([("login", "=", "portal_two")])
        self.assertEqual(user.partner_id, self.three)
        log.action_undo()
        self.assertEqual(user.partner_id, self.two)

    def test_customers_of_different_companies_are_not_merged(self):
        other = self._create_company("Other Company")
        self.one.company_id, self.two.company_id = self.company, other
        self.merger.company_ids = [Command.link(other.id)]
        self.env.flush_all()
        wizard = self._wizard(self.one | self.two, self.one)
        wizard = wizard.with_context(allowed_company_ids=(self.company | other).ids)
        wizard.action_check()
        self.assertIn("Other Company", wizard.problems)
        with self.assertRaisesRegex(UserError, "different companies"):
            wizard.action_merge()
        self.assertTrue(self.two.exists())

    def test_a_shared_customer_stays_shared(self):
        self.one.company_id = self.company
        log = self._merge(self.one | self.two, self.one)
        self.assertFalse(self.one.company_id)
        log.action_undo()
        self.assertEqual(self.one.company_id, self.company)

    def test_our_own_company_and_sealed_entries_stay(self):
        self.assertIn(
            "is our own company", self._refusal(self.company.partner_id | self.one, self.one)
        )
        move = self._create_invoice(10, partner_id=self.two.id)
        move.journal_id.restrict_mode_hash_table = True
        move.button_hash()
        self.assertTrue(move.inalterable_hash)
        self.assertIn("sealed", self._refusal(self.one | self.two, self.one))
        self.assertFalse(self._refusal(self.one | self.two, self.two))

    def test_at_most_ten_at_once(self):
        many = self.env["res.partner"].create([{"name": f"Many {n}"} for n in range(11)])
        self.assertIn("At most 10", self._refusal(many, many[0]))
        log = self._merge(many[:10], many[0])
        self.assertEqual(many.exists(), many[0] | many[10])
        log.action_undo()
        self.assertEqual(many.exists(), many)


@tagged("post_install", "-at_install")
class TestMergeJournal(MergeCommon):
    """Order and time of undoing, and what old numbers lead to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.env["res.partner"].create(
            [
                {"name": f"Quay {number}", "is_company": True, "comment": f"<p>{number}</p>"}
                for number in (1, 2, 3)
            ]
        )

    def _run_job(self):
        """Run the nightly job; its commits are left out."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=3600.0):
            self.env["crm.merge.log"]._cron_close()

    def test_merges_are_undone_in_reverse_order(self):
        first = self._merge(self.one | self.two, self.one)
        second = self._merge(self.one | self.three, self.three)
        with self.assertRaisesRegex(UserError, "Undo that merge first"):
            first.action_undo()
        second.action_undo()
        first.action_undo()
        self.assertEqual(
            (self.one | self.two | self.three).exists(), self.one | self.two | self.three
        )
        self.assertEqual(self.two.comment, "<p>2</p>")
        self.assertEqual(self.one.comment, "<p>1</p>")
        with self.assertRaisesRegex(UserError, "undone already"):
            first.action_undo()

    def test_time_for_undoing_ends_and_the_cron_frees_the_snapshots(self):
        self.company.crm_merge_undo_days = 3
        self.one.company_id = self.two.company_id = self.company
        log = self._merge(self.one | self.two, self.one)
        today = fields.Date.context_today(log)
        self.assertEqual(log.undo_until, today + timedelta(days=3))
        system = log.sudo()
        self._run_job()
        self.assertTrue(all(former.snapshot for former in system.former_ids))
        self.cr.execute(
            "UPDATE crm_merge_log SET undo_until = %s WHERE id = %s",
            (today - timedelta(days=2), log.id),  # past in every time zone
        )
        log.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "was over"):
            log.action_undo()
        self._run_job()
        self.assertEqual(log.state, "closed")
        self.assertFalse(any(former.snapshot for former in system.former_ids))
        self.assertFalse(any(line.moves or line.rows for line in system.line_ids))
        self.assertFalse(system.family)
        self.assertFalse(log.may_undo)
        survivors = self.env["res.partner"].with_user(self.merger).get_survivors(self.two.ids)
        self.assertEqual(survivors, {str(self.two.id): self.one.id})

    def test_zero_days_never_undo(self):
        self.company.crm_merge_undo_days = 0
        log = self._merge(self.one | self.two, self.one)
        with self.assertRaises(UserError):
            log.action_undo()

    def test_old_numbers_names_and_links_lead_to_the_survivor(self):
        code = self.two.crm_code
        self._merge(self.one | self.two, self.one)
        partners = self.env["res.partner"].with_user(self.salesperson)
        found = [row[0] for row in partners.name_search("Quay 2")]
        self.assertIn(self.one.id, found)
        self.assertNotIn(self.two.id, found)
        self.assertIn(self.one.id, [row[0] for row in partners.name_search(code)])
        with self.assertRaisesRegex(RedirectWarning, "Quay 1"):
            partners.browse(self.two.id).web_read({"name": {}})
        log = self._merge(self.one | self.three, self.three)
        self.assertEqual(partners.get_survivors(self.two.ids), {str(self.two.id): self.three.id})
        log.action_undo()
        self.assertEqual(partners.get_survivors(self.two.ids), {str(self.two.id): self.one.id})

    def test_a_record_that_never_was_is_no_redirect(self):
        partners = self.env["res.partner"].with_user(self.salesperson)
        self.assertEqual(partners.browse(2**31 - 5).web_read({"name": {}}), [])

    def test_a_pair_called_different_comes_back(self):
        pairs = self.env["crm.dup.pair"]
        pairs._upsert(
            [
                (self.one.id, self.two.id, 12.0, "[]", None),
                (self.two.id, self.three.id, 12.0, "[]", None),
            ]
        )
        found = pairs.search([("partner_id", "=", self.two.id)])
        found.with_user(self.merger).action_mark_different()
        log = self._merge(self.one | self.two, self.one)
        kept = pairs.search([("other_id", "=", self.three.id)])
        self.assertEqual((kept.partner_id, kept.state), (self.one, "different"))
        log.action_undo()
        rows = pairs.search([("partner_id", "in", (self.one | self.two).ids)], order="id")
        self.assertEqual(
            {(row.partner_id, row.other_id, row.state) for row in rows},
            {(self.one, self.two, "open"), (self.two, self.three, "different")},
        )
        self.assertEqual(len(rows), 2)
