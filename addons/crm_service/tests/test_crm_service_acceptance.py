"""Acceptance: inspection period, defects, signature, seal, contract events, report."""

import base64
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import LockError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import seal
from .common import ServiceCommon, utc

PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
        "gg=="
    )
)


class AcceptanceCommon(ServiceCommon):
    """A contract in force and an acceptance of two items. No test lives here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._sign_contract(inspection_days=10, rectify_days=10)

    def prepare(self, user=None, **values):
        acceptances = self.env["crm.service.acceptance"].with_user(user or self.agent)
        return acceptances.create(
            {
                "contract_id": self.contract.id,
                "date_delivered": "2026-09-25",
                "item_ids": [
                    Command.create({"name": "数据导入", "criterion": "All rows"}),
                    Command.create({"name": "报表", "criterion": "Figures agree"}),
                ],
                **values,
            }
        )

    def submit(self, moment="09-25 10:00", **values):
        with self.at(moment):
            acceptance = self.prepare(**values)
            acceptance.action_submit()
        return acceptance

    def sign(self, acceptance, user=None, name="陈立群", signature=PNG, moment="10-20 10:00"):
        with self.at(moment):
            acceptance.with_user(user or self.portal_user).sudo()._sign(
                name, signature, "203.0.113.9"
            )

    def events(self, event):
        return self.contract.event_ids.filtered(lambda one: one.event == event)


@tagged("post_install", "-at_install")
class TestAcceptance(AcceptanceCommon):
    """From delivery to the signed report."""

    def test_the_inspection_ends_after_n_working_days_over_the_national_day(self):
        acceptance = self.submit()
        # Ten working days after Friday 09-25, holidays skipped, Saturday 10-10 worked.
        self.assertEqual(str(acceptance.inspection_until), "2026-10-15")
        self.assertEqual(acceptance.inspection_deadline, utc("10-15 18:00"))

    def test_submitting_delivers_the_contract_once(self):
        self.submit()
        self.assertEqual(str(self.events("delivered").date), "2026-09-25")

    def test_an_acceptance_without_items_or_day_cannot_be_submitted(self):
        for values in ({"item_ids": []}, {"date_delivered": False}):
            acceptance = self.prepare(**values)
            with self.assertRaises(UserError):
                acceptance.action_submit()
            acceptance.with_user(self.manager).unlink()

    def test_the_customers_signatory_is_invited_by_mail(self):
        acceptance = self.submit()
        invitation = acceptance.message_ids.filtered(lambda one: one.subtype_id.name != "Note")
        self.assertIn(self.contact, invitation.notified_partner_ids)

    def test_a_signature_needs_every_defect_verified(self):
        acceptance = self.submit()
        with self.at("09-28 15:00"):
            first = acceptance._add_defect(
                {"subject": "Import stops", "acceptance_item_id": acceptance.item_ids[0].id}
            )
            second = acceptance._add_defect({"subject": "Wrong total"})
        self.assertEqual(acceptance.state, "defects")
        self.assertEqual(acceptance.item_ids[0].result, "failed")
        with self.assertRaises(UserError):
            self.sign(acceptance)
        with self.assertRaises(UserError):
            first.with_user(self.agent).action_verify()
        with self.at("10-09 10:00"):
            (first | second).with_user(self.agent).action_resolve()
            first._verify("陈立群")
        self.assertEqual(acceptance.open_defect_count, 1)
        self.assertEqual(acceptance.item_ids[0].result, "passed")
        with self.at("10-10 10:00"):
            second._verify("陈立群")
        self.assertEqual(acceptance.state, "submitted")
        self.sign(acceptance)
        self.assertEqual(acceptance.state, "accepted")

    def test_a_reopened_defect_blocks_the_signature_again(self):
        acceptance = self.submit()
        defect = acceptance._add_defect({"subject": "Stops"})
        defect.action_resolve()
        defect._verify("x")
        self.assertEqual(acceptance.state, "submitted")
        defect.action_resume()
        self.assertFalse(defect.verified_at)
        self.assertEqual(acceptance.state, "defects")

    def test_a_cancelled_defect_blocks_nothing(self):
        acceptance = self.submit()
        acceptance._add_defect({"subject": "Was none"}).action_cancel()
        self.assertEqual(acceptance.state, "submitted")
        self.assertEqual(acceptance.defect_count, 0)

    def test_signing_accepts_the_contract_exactly_once(self):
        acceptance = self.submit()
        self.sign(acceptance)
        self.assertEqual(str(self.events("accepted").date), "2026-10-20")
        with self.assertRaisesRegex(UserError, "signed already"):
            self.sign(acceptance)
        self.assertEqual(len(self.events("accepted")), 1)

    def test_of_two_signers_at_once_one_is_told_to_wait(self):
        acceptance = self.submit()

        def taken(*_args, **_kwargs):
            raise LockError("taken")

        with (
            patch.object(type(acceptance), "lock_for_update", taken),
            self.assertRaisesRegex(UserError, "being signed right now"),
        ):
            self.sign(acceptance)
        self.assertFalse(self.events("accepted"))

    def test_the_signature_says_who_when_from_where_and_what(self):
        acceptance = self.submit()
        self.sign(acceptance)
        self.assertEqual(acceptance.signed_by, "陈立群")
        self.assertEqual(acceptance.signed_on, utc("10-20 10:00"))
        self.assertEqual(acceptance.signed_ip, "203.0.113.9")
        self.assertEqual(acceptance.signed_user_id, self.portal_user)
        self.assertEqual(acceptance.content_hash, seal.fingerprint(acceptance.sealed_content))
        self.assertTrue(acceptance._is_seal_intact())
        self.assertEqual(set(acceptance.item_ids.mapped("result")), {"passed"})

    def test_what_is_signed_cannot_be_changed(self):
        acceptance = self.submit()
        defect = acceptance._add_defect({"subject": "Stops"})
        defect.action_resolve()
        defect._verify("x")
        self.sign(acceptance)
        for record, values in (
            (acceptance, {"signed_by": "Someone else"}),
            (acceptance, {"state": "draft"}),
            (acceptance, {"date_delivered": "2026-09-01"}),
            (acceptance, {"item_ids": [Command.create({"name": "More"})]}),
            (acceptance.item_ids[0], {"name": "Less"}),
            (acceptance.item_ids[0], {"result": "failed"}),
        ):
            with self.assertRaises(UserError):
                record.with_user(self.manager).write(values)
        with self.assertRaises(UserError):
            acceptance.item_ids.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            acceptance.with_user(self.manager).unlink()
        # Talking about it goes on, and the content stays what was signed.
        acceptance.with_user(self.agent).message_post(body="Filed.")
        defect.subject = "Told differently"
        self.assertEqual(acceptance._get_content()["defects"][0]["subject"], "Stops")
        self.assertTrue(acceptance._is_seal_intact())

    def test_a_changed_content_breaks_the_seal(self):
        acceptance = self.submit()
        self.sign(acceptance)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_service_acceptance SET sealed_content ="
            " jsonb_set(sealed_content, '{customer}', '\"Other\"') WHERE id = %s",
            [acceptance.id],
        )
        acceptance.invalidate_recordset()
        self.assertFalse(acceptance._is_seal_intact())

    def test_a_signature_needs_a_name_and_an_image(self):
        acceptance = self.submit()
        for name, signature in (
            ("", PNG),
            ("  ", PNG),
            ("Chen", ""),
            ("Chen", "not base64!"),
            ("Chen", base64.b64encode(b"<script>")),
        ):
            with self.assertRaises(UserError):
                self.sign(acceptance, name=name, signature=signature)
        self.assertEqual(acceptance.state, "submitted")

    def test_a_suspended_contract_cannot_be_accepted(self):
        acceptance = self.submit()
        self.contract._suspend("flood")
        with self.assertRaises(UserError):
            self.sign(acceptance)

    def test_a_suspension_moves_the_end_of_the_inspection(self):
        acceptance = self.submit()
        with self.at("09-28 10:00"):
            self.contract._suspend("flood")
        with self.at("10-12 10:00"):
            self.contract.action_resume()
        self.assertEqual(str(acceptance.inspection_until), "2026-10-29")

    def test_a_rejection_needs_a_reason_and_leads_to_the_next_round(self):
        acceptance = self.submit()
        with self.assertRaises(UserError):
            acceptance._reject(" ")
        wizard = (
            self.env["crm.service.reject"]
            .with_user(self.agent)
            .with_context(active_id=acceptance.id)
            .create({"reason": "Half is missing"})
        )
        wizard.action_reject()
        self.assertEqual(acceptance.state, "rejected")
        following = self.env["crm.service.acceptance"].browse(
            acceptance.action_new_round()["res_id"]
        )
        self.assertEqual(following.round_number, 2)
        self.assertEqual(following.previous_id, acceptance)
        self.assertEqual(following.item_ids.mapped("name"), acceptance.item_ids.mapped("name"))
        self.assertEqual(set(following.item_ids.mapped("result")), {"pending"})
        self.assertFalse(self.events("accepted"))

    def test_a_contract_has_one_open_acceptance_of_a_kind(self):
        self.submit()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.prepare()

    def test_the_training_acceptance_raises_trained(self):
        self.sign(self.submit(), moment="10-20 10:00")
        training = self.submit("10-21 10:00", kind="training", date_delivered="2026-10-21")
        self.sign(training, moment="10-22 10:00")
        self.assertEqual(str(self.events("trained").date), "2026-10-22")
        self.assertEqual(len(self.events("delivered")), 1)

    def test_the_signed_report_is_printed_with_everything_that_was_sealed(self):
        self.customer.lang = "zh_CN"
        acceptance = self.submit()
        with self.at("09-28 15:00"):
            defect = acceptance._add_defect(
                {"subject": "金额显示错误", "acceptance_item_id": acceptance.item_ids[1].id}
            )
        with self.at("10-09 10:00"):
            defect.action_resolve()
            defect._verify("陈立群")
        self.sign(acceptance)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "crm_service.crm_service_acceptance_action_report", acceptance.ids
        )
        text = html.decode()
        for word in (
            "验收报告",
            "金额显示错误",
            "2026-09-28 15:00",
            "2026-10-09 10:00",
            "陈立群",
            acceptance.content_hash,
            "data:image/png;base64",
        ):
            self.assertTrue(word in text, word)

    def test_the_report_is_filed_once_after_signing(self):
        acceptance = self.submit()
        self.sign(acceptance)
        report = self.env["ir.actions.report"]
        with patch.object(
            type(report), "_render_qweb_pdf", lambda *_args, **_kwargs: (b"%PDF-1.4", "pdf")
        ):
            acceptance.sudo()._file_report()
        self.assertTrue(acceptance.report_id)
        waiting = self.env["crm.service.acceptance"].search(
            [("state", "=", "accepted"), ("report_id", "=", False)]
        )
        self.assertNotIn(acceptance, waiting)
