from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMergeLossless(MergeCommon):
    """Linked rows per table are the same before, after and after undoing, for every table."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls._create_customer(
            "上海试点机械(浦东)有限公司",
            user_id=cls.colleague.id,
            phone="+86 21 5080 1238",
            company_registry="REG-77",
            comment="<p>Pays late</p>",
            ref="A-77",
        )
        cls.customer.comment = "<p>Wants paper</p>"
        tags = cls.env["res.partner.category"].create([{"name": "Both"}, {"name": "Twin only"}])
        segments = cls.env["crm.segment"].create(
            [{"name": "Both", "kind": "static"}, {"name": "Twin only", "kind": "static"}]
        )
        cls._give_documents(cls.customer, tags[0], segments[0])
        cls.person = cls._give_documents(cls.twin, tags[0], segments[0])
        cls.twin.category_id = [Command.link(tags[1].id)]
        cls.env["crm.segment.member"].create(
            {"segment_id": segments[1].id, "partner_id": cls.twin.id}
        )
        cls.tags, cls.segments = tags, segments
        cls.both = cls.customer | cls.twin
        cls.everybody = cls.both | cls.both.child_ids
        cls.env.flush_all()

    def _undo(self, log, user=None):
        log.with_user(user or self.merger).action_undo()
        self.env.invalidate_all()

    def test_every_link_of_every_table_survives_and_comes_back(self):
        before = self._count_links(self.everybody)
        kinds = {table for table, _column, partner in before if partner == self.twin.id}
        self.assertGreater(len(kinds), 15, kinds)
        rows = self._read_rows(self.everybody)
        log = self._merge(self.both, self.customer)
        after = self._count_links(self.everybody)
        self.assertFalse(self.twin.exists())
        self.assertFalse([place for place in after if place[2] == self.twin.id])
        taken_out = {}
        for line in log.sudo().line_ids.filtered(lambda line: line.kind == "delete"):
            for row in line.rows:
                for column, value in row.items():
                    if (line.table_name, column) in self._sum(
                        before
                    ) and value in self.everybody.ids:
                        place = line.table_name, column
                        taken_out[place] = taken_out.get(place, 0) + 1
        # what the merge itself leaves: its message, the log of owners, the twin's row as such
        own = {"mail_message", "crm_owner_log", "mail_followers", "res_partner", "crm_dup_pair"}
        total = self._sum(after, leave_out=own)
        for place, count in taken_out.items():
            total[place] += count * (place[0] not in own)
        self.assertEqual(+total, self._sum(before, leave_out=own))
        messages = self.env["mail.message"].search_count(
            [("model", "=", "res.partner"), ("res_id", "=", self.customer.id)]
        )
        self.assertGreater(messages, 2)
        self._undo(log)
        self.assertFalse(log.undo_note)
        back = self._count_links(self.everybody)
        # messages about the merge and its undoing are newer, and stay
        added = {
            place: count - before[place] for place, count in back.items() if count != before[place]
        }
        self.assertEqual({place[0] for place in added}, {"mail_message"}, added)
        self.assertEqual({p: c for p, c in before.items() if back[p] < c}, {})
        self.assertEqual(self._read_rows(self.everybody), rows)

    def test_values_the_host_forgets_are_taken_over(self):
        self.customer.user_id = False
        self._merge(self.both, self.customer)
        self.assertEqual(self.customer.user_id, self.colleague)
        self.assertEqual(self.customer.company_registry, "REG-77")
        self.assertEqual(self.customer.phone, "+86 21 5080 1238")
        self.assertEqual(self.customer.ref, "A-77")
        self.assertEqual(self.customer.email, "office@pilot.example.com")
        self.assertIn("Wants paper", self.customer.comment)
        self.assertIn("Pays late", self.customer.comment)
        self.assertEqual(self.customer.category_id, self.tags)

    def test_chosen_values_stay_and_go_back(self):
        rows = self._read_rows(self.both)
        log = self._merge(
            self.both,
            self.customer,
            name=self.twin.id,
            user_id=self.twin.id,
            comment=self.twin.id,
            category_id=self.customer.id,
            crm_code=self.twin.id,
        )
        self.assertEqual(self.customer.name, "上海试点机械(浦东)有限公司")
        self.assertEqual(self.customer.user_id, self.colleague)
        self.assertEqual(self.customer.category_id, self.tags[0])
        self.assertEqual(self.customer.crm_code, rows[self.twin.id]["crm_code"])
        self.assertNotIn("Wants paper", self.customer.comment)
        self._undo(log)
        self.assertEqual(self._read_rows(self.both), rows)
        self.assertEqual(self.twin.category_id, self.tags)
        self.assertEqual(self.customer.category_id, self.tags[0])

    def test_the_record_comes_back_with_its_number_and_its_dates(self):
        number, born, code = self.twin.id, self.twin.create_date, self.twin.crm_code
        log = self._merge(self.both, self.customer)
        self._undo(log)
        twin = self.env["res.partner"].browse(number)
        self.assertTrue(twin.exists())
        self.assertEqual((twin.create_date, twin.crm_code), (born, code))
        self.assertEqual(twin.commercial_partner_id, twin)
        self.assertEqual(self.person.commercial_partner_id, twin)

    def test_contacts_and_their_commercial_figures_follow_both_ways(self):
        self.twin.vat = "914403002793498542"
        self.env.flush_all()
        log = self._merge(self.both, self.customer)
        self.assertEqual(self.person.parent_id, self.customer)
        self.assertEqual(self.person.commercial_partner_id, self.customer)
        self.assertEqual(self.person.crm_owner_id, self.salesperson)
        self.assertEqual(self.person.crm_code, self.customer.crm_code)
        self._undo(log)
        self.assertEqual(self.person.parent_id, self.twin)
        self.assertEqual(self.person.commercial_partner_id, self.twin)
        self.assertEqual(self.person.crm_owner_id, self.colleague)
        self.assertEqual(self.person.vat, "914403002793498542")
        self.assertFalse(self.customer.vat)

    def test_accounting_stays_intact(self):
        invoices = self.env["account.move"].search([("partner_id", "in", self.both.ids)])
        mine = invoices.filtered(lambda move: move.partner_id == self.twin)
        self._pay(mine, 100)
        self.env.flush_all()
        owed = sum(self.both._open_receivable(company=self.company).values())
        log = self._merge(self.both, self.customer)
        for move in mine:
            self.assertEqual(move.commercial_partner_id, self.customer)
            self.assertEqual(move.line_ids.partner_id, self.customer)
            self.assertEqual(move.invoice_partner_display_name, self.customer.display_name)
            self.assertEqual((move.state, move.amount_residual), ("posted", 13))
        self.assertEqual(
            self.customer._open_receivable(company=self.company)[self.customer.id], owed
        )
        self._undo(log)
        self.assertEqual(mine.line_ids.partner_id, self.twin)
        self.assertEqual(mine.commercial_partner_id, self.twin)
        self.assertEqual(mine.invoice_partner_display_name, self.twin.display_name)
        self.assertEqual(sum(self.both._open_receivable(company=self.company).values()), owed)

    def test_what_changed_since_is_left_and_reported(self):
        third = self._create_customer("第三方有限公司")
        log = self._merge(self.both, self.customer, name=self.twin.id)
        leads = self.env["crm.lead"].search([("partner_id", "=", self.customer.id)])
        moved, deleted = (
            leads,
            self.env["crm.segment.member"].search([("segment_id", "=", self.segments[1].id)]),
        )
        moved.partner_id = third
        deleted.unlink()
        self.customer.name = "Renamed since"
        self.customer.flush_recordset()
        self._undo(log)
        self.assertEqual(moved.partner_id, third)
        self.assertEqual(self.customer.name, "Renamed since")
        for words in ("Renamed since", "Segment", "Lead"):
            self.assertIn(words, log.undo_note)
        self.assertIn("left as it is", log.undo_note)
        self.assertIn("left there", log.undo_note)

    def test_newer_rows_stay_with_the_survivor(self):
        log = self._merge(self.both, self.customer)
        lead = self.env["crm.lead"].create({"name": "New", "partner_id": self.customer.id})
        self._undo(log)
        self.assertEqual(lead.partner_id, self.customer)

    def test_links_to_what_is_gone_come_back_empty_and_are_reported(self):
        industry = self.env["res.partner.industry"].create({"name": "Gone soon"})
        self.twin.industry_id = industry
        self.env.flush_all()
        log = self._merge(self.both, self.customer, industry_id=self.customer.id)
        industry.unlink()
        self._undo(log)
        self.assertFalse(self.twin.industry_id)
        self.assertIn("Industry", log.undo_note)


@tagged("post_install", "-at_install")
class TestMergeClashes(MergeCommon):
    """Rows that cannot stay beside others go into the journal; all others move."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twins = cls.env["res.partner"].create(
            [{"name": f"Lakeside {number}", "is_company": True} for number in range(4)]
        )
        cls.first = cls.twins[0]

    def _undo(self, log):
        log.with_user(self.merger).action_undo()
        self.env.invalidate_all()

    def test_a_unique_index_keeps_what_does_not_clash(self):
        segments = self.env["crm.segment"].create(
            [{"name": f"S{number}", "kind": "static"} for number in range(3)]
        )
        members = self.env["crm.segment.member"].create(
            [
                {"segment_id": segments[index].id, "partner_id": partner.id}
                for index, partners in enumerate((self.twins, self.twins[1:], self.twins[3]))
                for partner in partners
            ]
        )
        before = {member.id: (member.segment_id, member.partner_id) for member in members}
        log = self._merge(self.twins, self.first)
        for segment in segments:
            self.assertEqual(segment.member_ids.partner_id, self.first)
            self.assertEqual(len(segment.member_ids), 1)
        self._undo(log)
        self.assertEqual(members.exists(), members)
        self.assertEqual(
            {member.id: (member.segment_id, member.partner_id) for member in members}, before
        )

    def test_the_better_right_of_a_colleague_stays(self):
        rows = self.env["crm.customer.member"].create(
            [
                {"partner_id": self.first.id, "user_id": self.colleague.id, "can_write": False},
                {"partner_id": self.twins[1].id, "user_id": self.colleague.id, "can_write": True},
            ]
        )
        log = self._merge(self.twins[:2], self.first)
        self.assertEqual(rows.exists(), rows[1])
        self.assertEqual(rows[1].partner_id, self.first)
        self._undo(log)
        self.assertEqual(rows.mapped("can_write"), [False, True])
        self.assertEqual(rows.partner_id, self.twins[:2])

    def test_an_index_with_expression_and_condition(self):
        self.cr.execute(
            "CREATE UNIQUE INDEX merge_test_idx ON res_partner_bank"
            " (partner_id, lower(acc_holder_name)) WHERE active AND starts_with(acc_number, 'MT-')"
        )
        accounts = self.env["res.partner.bank"].create(
            [
                {"acc_number": "MT-1", "acc_holder_name": "ANNA", "partner_id": self.first.id},
                {"acc_number": "MT-2", "acc_holder_name": "anna", "partner_id": self.twins[1].id},
                {"acc_number": "MT-3", "acc_holder_name": "Bert", "partner_id": self.twins[1].id},
                {
                    "acc_number": "MT-4",
                    "acc_holder_name": "anna",
                    "partner_id": self.twins[2].id,
                    "active": False,
                },
            ]
        )
        owners = accounts.mapped("partner_id.id")
        log = self._merge(self.twins[:3], self.first)
        self.assertEqual(accounts.exists(), accounts - accounts[1])
        self.assertEqual(accounts.exists().partner_id, self.first)
        self._undo(log)
        self.assertEqual(accounts.mapped("partner_id.id"), owners)

    def test_a_check_that_two_customers_differ(self):
        self.cr.execute(
            "ALTER TABLE crm_lead ADD COLUMN merge_other int REFERENCES res_partner,"
            " ADD CONSTRAINT merge_check CHECK (partner_id <> merge_other)"
        )
        lead = self.env["crm.lead"].create({"name": "Own", "partner_id": self.first.id})
        kept = self.env["crm.lead"].create({"name": "Kept", "partner_id": self.twins[1].id})
        message = lead.message_post(body="About the lead")
        self.env.flush_all()
        self.cr.execute(
            SQL("UPDATE crm_lead SET merge_other = %s WHERE id = %s", self.twins[1].id, lead.id)
        )
        log = self._merge(self.twins[:2], self.first)
        self.assertFalse(lead.exists())
        self.assertEqual(kept.partner_id, self.first)
        self._undo(log)
        self.assertTrue(lead.exists())
        self.assertTrue(message.exists())
        self.assertEqual((lead.partner_id, kept.partner_id), (self.first, self.twins[1]))

    def test_a_bank_account_of_both_keeps_its_payments_and_files(self):
        ours, theirs = self.env["res.partner.bank"].create(
            [{"acc_number": "6222 0210", "partner_id": partner.id} for partner in self.twins[:2]]
        )
        file = self.env["ir.attachment"].create(
            {"name": "Letter", "res_model": "res.partner.bank", "res_id": theirs.id}
        )
        bill = self._create_invoice(
            10, move_type="in_invoice", partner_id=self.twins[1].id, partner_bank_id=theirs.id
        )
        log = self._merge(self.twins[:2], self.first)
        self.assertFalse(theirs.exists())
        self.assertEqual((bill.partner_bank_id, file.res_id), (ours, ours.id))
        self._undo(log)
        self.assertEqual((bill.partner_bank_id, file.res_id), (theirs, theirs.id))
        self.assertEqual(theirs.partner_id, self.twins[1])

    def test_followers_of_both_keep_what_they_follow(self):
        subtypes = self.env["mail.message.subtype"].search([], limit=2)
        self.first._message_subscribe([self.merger.partner_id.id], subtypes[:1].ids)
        self.twins[1]._message_subscribe([self.merger.partner_id.id], subtypes.ids)
        self.env.flush_all()
        log = self._merge(self.twins[:2], self.first)
        follower = self.first.message_follower_ids.filtered(
            lambda one: one.partner_id == self.merger.partner_id
        )
        self.assertEqual(len(follower), 1)
        self.assertLessEqual(subtypes, follower.subtype_ids)
        self._undo(log)
        for partner, wanted in zip(self.twins[:2], (subtypes[:1], subtypes), strict=True):
            follower = partner.message_follower_ids.filtered(
                lambda one: one.partner_id == self.merger.partner_id
            )
            self.assertEqual(follower.subtype_ids, wanted)

    def test_pictures_are_chosen_and_come_back(self):
        pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk%s"
        red, green = (
            pixel % end
            for end in (
                "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
                "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
            )
        )
        self.first.image_1920, self.twins[1].image_1920 = red, green
        self.env.flush_all()
        ours, theirs = (partner.image_1920 for partner in self.twins[:2])
        self.assertNotEqual(ours, theirs)
        log = self._merge(self.twins[:2], self.first, image_1920=self.twins[1].id)
        self.assertEqual(self.first.image_1920, theirs)
        self._undo(log)
        self.assertEqual([partner.image_1920 for partner in self.twins[:2]], [ours, theirs])
