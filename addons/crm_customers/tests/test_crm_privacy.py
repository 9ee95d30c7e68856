import base64
import io
import json
import zipfile

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .import_common import OPTIONS
from .merge_common import MergeCommon

NAME, EMAIL, PHONE = "诸葛静怡", "jingyi.zhuge@erase.example.com", "+86 139 1234 8765"


class PrivacyCommon(MergeCommon):
    """A person with traces everywhere, and a privacy officer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls._create_user("suite_officer", "crm_customers.group_privacy")
        cls.person = cls.env["res.partner"].create(
            {
                "name": NAME,
                "parent_id": cls.customer.id,
                "email": EMAIL,
                "phone": PHONE,
                "function": "采购经理",
                "comment": f"<p>{NAME} likes tea</p>",
            }
        )
        person, env = cls.person, cls.env
        env["crm.consent"].create(
            {
                "partner_id": person.id,
                "channel": "email",
                "purpose": "marketing",
                "state": "granted",
                "evidence": f"Card of {NAME}",
            }
        )
        cls.lead = env["crm.lead"].create(
            {"name": f"Line for {NAME}", "partner_id": person.id, "description": f"call {PHONE}"}
        )
        cls.note = cls.customer.message_post(body=f"{NAME} ({EMAIL}, 13912348765) called")
        cls.mail = person.message_post(
            body=f"Dear {NAME}", attachments=[("cv.txt", f"{NAME} {EMAIL}".encode())]
        )
        cls.answer = cls.lead.message_post(body="my own words", author_id=person.id)
        person.activity_schedule("mail.mail_activity_data_call", user_id=env.uid, summary=NAME)
        person.with_context(tracking_disable=False).email = f"old.{EMAIL}"
        person.with_context(tracking_disable=False).email = EMAIL
        twin = env["res.partner"].create(
            {"name": f"{NAME}女士", "parent_id": cls.customer.id, "email": "j.zhuge@erase.example"}
        )
        cls.twin = twin
        env.flush_all()

    def _erase(self, partners=None, **choices):
        return (
            self.env["crm.privacy.erasure"]
            .with_user(self.officer)
            ._erase(partners or self.person, "letter 117", **choices)
        )

    def _scan(self, *texts):
        """Return ``{(table, column)}`` that hold one of the texts, read from the catalogue."""
        self.env.flush_all()
        columns = self.env.execute_query(
            SQL(
                """
                SELECT t.relname, a.attname FROM pg_class t
                  JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0
                 WHERE t.relkind = 'r' AND t.relnamespace = current_schema::regnamespace
                   AND NOT a.attisdropped AND format_type(a.atttypid, NULL) IN
                       ('text', 'character varying', 'jsonb', 'json', 'text[]',
                        'character varying[]')
                """
            )
        )
        tables = {}
        for table, column in columns:
            tables.setdefault(table, []).append(column)
        found = set()
        for table, names in tables.items():
            conditions = [
                SQL(
                    "bool_or(%s::text ILIKE ANY(%s))",
                    SQL.identifier(name),
                    [f"%{text}%" for text in texts],
                )
                for name in names
            ]
            row = self.env.execute_query(
                SQL("SELECT %s FROM %s", SQL(", ").join(conditions), SQL.identifier(table))
            )[0]
            found.update((table, name) for name, hit in zip(names, row, strict=True) if hit)
        return found


@tagged("post_install", "-at_install")
class TestCrmPrivacy(PrivacyCommon):
    """Export and erasure of one person's data."""

    def test_only_privacy_officers_may(self):
        for user in (self.salesperson, self.sales_manager, self.biller):
            with self.assertRaises(AccessError):
                self.env["crm.privacy.erasure"].with_user(user)._erase(self.person, "x")
            with self.assertRaises(AccessError):
                self.person.with_user(user)._export_personal_data()
            with self.assertRaises(AccessError):
                self.env["crm.privacy.wizard"].with_user(user).create({})

    def test_everything_is_exported_as_one_file(self):
        content = self.person.with_user(self.officer)._export_personal_data()
        archive = zipfile.ZipFile(io.BytesIO(content))
        data = json.loads(archive.read("data.json"))
        self.assertEqual(data["person"][0]["email"], EMAIL)
        self.assertEqual(data["consents"][0]["evidence"], f"Card of {NAME}")
        self.assertEqual(data["leads"][0]["name"], self.lead.name)
        self.assertEqual(data["activities"][0]["summary"], NAME)
        bodies = " ".join(row["body"] for row in data["messages"])
        self.assertIn(f"Dear {NAME}", bodies)
        self.assertIn("my own words", bodies)
        self.assertTrue([name for name in archive.namelist() if name.endswith("cv.txt")])
        book = openpyxl.load_workbook(io.BytesIO(archive.read("data.xlsx")))
        self.assertIn("Consents", book.sheetnames)
        texts = [cell.value for row in book["Person"].iter_rows() for cell in row]
        self.assertIn(EMAIL, texts)

    def test_after_erasure_no_text_of_the_database_holds_the_person(self):
        self.assertIn(("mail_message", "body"), self._scan(NAME))
        self._erase()
        self.assertEqual(self._scan(NAME, EMAIL, "139 1234 8765", "13912348765"), set())
        self.assertFalse(self.person.active)
        self.assertFalse(self.person.email or self.person.phone or self.person.function)
        self.assertEqual(self.person.parent_id, self.customer)
        self.assertFalse(self.person.crm_consent_ids)
        self.assertIn("called", self.note.body)
        self.assertNotIn("my own words", self.answer.body)
        self.assertFalse(self.mail.exists())
        self.assertEqual(self.customer.email, "office@pilot.example.com")

    def test_merged_records_and_their_journal_go_as_well(self):
        self._merge(self.person | self.twin, self.person)
        self._erase()
        self.assertEqual(self._scan(NAME, EMAIL, "j.zhuge@erase.example"), set())
        self.assertFalse(
            self.env["crm.merge.former"].search([("survivor_id", "=", self.person.id)])
        )

    def test_messages_and_attachments_stay_where_it_was_chosen_without_the_addresses(self):
        self._erase(messages=False, attachments=False)
        self.assertTrue(self.mail.exists())
        self.assertTrue(self.mail.attachment_ids)
        self.assertIn("my own words", self.answer.body)
        self.assertEqual(self._scan(NAME, EMAIL, "13912348765"), set())

    def test_invoices_stay_and_say_so(self):
        person = self.env["res.partner"].create({"name": "端木清扬", "email": "dm@erase.example"})
        invoice = self._create_invoice(
            100, partner_id=person.id, narration="端木清扬 dm@erase.example"
        )
        erasure = self._erase(person)
        self.assertEqual(invoice.partner_id.name, "端木清扬")
        self.assertIn("dm@erase.example", invoice.narration)
        stays = erasure.line_ids.filtered(lambda line: line.how == "stay").mapped("what")
        self.assertTrue([text for text in stays if "accounting law" in text])
        self.assertTrue([text for text in stays if "Name on posted invoices" in text])
        allowed = {"account_move", "account_move_line", "res_partner"}
        self.assertLessEqual({table for table, _c in self._scan("端木清扬", "dm@erase")}, allowed)

    def test_the_preview_says_what_erasing_does_and_does_nothing(self):
        before = self._scan(NAME)
        wizard = self.env["crm.privacy.wizard"].with_user(self.officer)
        wizard = wizard.create({"partner_ids": self.person.ids, "reason": "letter 117"})
        wizard.action_preview()
        shown = wizard.line_ids.mapped(lambda line: (line.how, line.what, line.count))
        self.assertTrue(shown)
        self.assertLessEqual(before, self._scan(NAME))
        self.assertEqual(self.person.email, EMAIL)
        self.env.invalidate_all()
        action = wizard.action_erase()
        done = self.env["crm.privacy.erasure"].browse(action["res_id"])
        self.assertEqual(
            done.line_ids.mapped(lambda line: (line.how, line.what, line.count)), shown
        )

    def test_the_journal_says_how_much_and_nothing_of_the_person(self):
        erasure = self._erase().with_user(self.officer)
        self.assertEqual(erasure.user_id, self.officer)
        counts = {line.what: line.count for line in erasure.line_ids}
        self.assertEqual(counts["Consents"], 1)
        text = " ".join([erasure.reason, *erasure.line_ids.mapped("what")])
        self.assertNotIn(NAME, text)
        with self.assertRaises(UserError):
            erasure.reason = "other"

    def test_twice_does_no_more_than_once(self):
        self._erase()
        again = self._erase()
        done = again.line_ids.filtered(lambda line: line.how != "stay")
        self.assertFalse(done.mapped("what"))

    def test_an_address_of_somebody_else_as_well_is_left_alone_and_said(self):
        other = self.env["res.partner"].create({"name": "另一位", "phone": PHONE})
        erasure = self._erase()
        self.assertTrue(other.phone)
        self.assertIn("Telephone of other contacts as well", erasure.line_ids.mapped("what"))
        self.assertEqual(self._scan(EMAIL), set())

    def test_the_address_is_blocked_when_it_comes_back(self):
        self._erase()
        again = self.env["res.partner"].create({"name": "新来的人", "email": EMAIL.upper()})
        for purpose in ("marketing", "service"):
            refusals = again._get_contact_refusals("email", purpose)
            self.assertEqual(refusals, {again.id: "erased"})
        self.assertIn("erased on", again.with_user(self.salesperson).crm_suppressed_message)
        self.env["crm.consent"].create(
            {
                "partner_id": again.id,
                "channel": "email",
                "purpose": "service",
                "state": "granted",
                "evidence": "asked anew",
            }
        )
        self.assertFalse(again._get_contact_refusals("email", "service"))

    def test_an_import_that_brings_the_person_back_says_so(self):
        self._erase()
        text = f"reference,last_name,email\nP-1,Somebody,{EMAIL}\nP-2,Other,other@x.example\n"
        self.sales_manager.group_ids += self.env.ref("base.group_partner_manager")
        screen = self.env["base_import.import"].with_user(self.sales_manager)
        screen = screen.create(
            {
                "res_model": "res.partner",
                "file": text.encode(),
                "file_name": "file.csv",
                "file_type": "text/csv",
            }
        )
        preview = screen.parse_preview(dict(OPTIONS))
        fields = ["/".join(preview["matches"][index]) for index in range(3)]
        number = screen.crm_enqueue(fields, preview["headers"], {**OPTIONS, **preview["options"]})
        log = self.env["crm.import.log"].browse(number)
        self.assertEqual(log.created_count, 2)
        self.assertEqual(log.issue_ids.mapped("row"), [2])
        self.assertIn("erased", log.issue_ids.reason)

    def test_companies_and_colleagues_are_refused(self):
        for partner in (self.customer, self.colleague.partner_id):
            with self.assertRaises(UserError):
                self._erase(partner)

    def test_the_file_is_handed_over_by_the_wizard(self):
        wizard = self.env["crm.privacy.wizard"].with_user(self.officer)
        wizard = wizard.create({"partner_ids": self.person.ids})
        self.assertEqual(wizard.other_ids, self.env["res.partner"])
        self.assertIn("content", wizard.action_export()["url"])
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(wizard.content)))
        self.assertIn("data.xlsx", archive.namelist())
