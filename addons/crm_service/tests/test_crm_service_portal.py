"""The customer's day in the portal, and what strangers try."""

import base64
import json

from odoo import Command, http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ServiceCommon, utc
from .test_crm_service_acceptance import PNG

TICKET = "crm.service.ticket"


class PortalCommon(ServiceCommon, HttpCase):
    """Logs customers in and posts forms with their token. No test lives here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._sign_contract()
        for user in (cls.portal_user, cls.stranger):
            user.password = user.login

    def login(self, user):
        self.authenticate(user.login, user.login)

    def post(self, url, files=None, **values):
        values["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(url, data=values, files=files, allow_redirects=True)

    def rpc(self, url, **params):
        return self.url_open(
            url,
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()


@tagged("post_install", "-at_install")
class TestPortalTickets(PortalCommon):
    """Requests of customers."""

    def setUp(self):
        super().setUp()
        self.ticket = self._create_ticket(contract_id=self.contract.id)

    def test_the_list_shows_the_companys_tickets_with_their_promised_times(self):
        foreign = self._create_ticket(partner_id=self.rival_contact.id, subject="Foreign matter")
        colleague = self.env["res.partner"].create(
            {"name": "李同事", "parent_id": self.customer.id}
        )
        theirs = self._create_ticket(partner_id=colleague.id, subject="Of a colleague")
        self.login(self.portal_user)
        page = self.url_open("/my/tickets").text
        self.assertIn(self.ticket.name, page)
        self.assertIn(theirs.subject, page)
        self.assertNotIn(foreign.subject, page)
        self.assertIn("Promised by", page)
        found = self.url_open("/my/tickets?search=colleague").text
        self.assertNotIn(self.ticket.name, found)

    def test_a_request_is_made_with_category_contract_and_attachment(self):
        category = self.env["crm.service.category"].create(
            {"name": "Fault", "company_id": self.company.id, "team_id": self.team.id}
        )
        self.login(self.portal_user)
        self.assertIn("Fault", self.url_open("/my/tickets/new").text)
        response = self.post(
            "/my/tickets/new",
            files=[("attachments", ("错误.txt", b"trace", "text/plain"))],
            subject="Login fails",
            description="Since <today>",
            category_id=str(category.id),
            contract_id=str(self.contract.id),
            priority="2",
        )
        ticket = self.env[TICKET].search([("subject", "=", "Login fails")])
        self.assertIn(ticket.name, response.text)
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.channel, "portal")
        self.assertEqual(ticket.category_id, category)
        self.assertEqual(ticket.contract_id, self.contract)
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.priority, "2")
        self.assertIn("&lt;today&gt;", ticket.description)
        self.assertTrue(ticket.next_deadline)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", TICKET), ("res_id", "=", ticket.id)]
        )
        self.assertEqual(attachment.name, "错误.txt")
        self.assertTrue(ticket.message_ids.filtered(lambda one: one.message_type == "auto_comment"))

    def test_an_incomplete_form_says_what_is_missing_and_keeps_what_was_typed(self):
        self.login(self.portal_user)
        page = self.post("/my/tickets/new", subject="", description="Typed words").text
        self.assertIn("Say in a few words", page)
        self.assertIn("Typed words", page)

    def test_what_a_customer_may_not_choose_is_ignored(self):
        hidden = self.env["crm.service.category"].create(
            {"name": "Internal", "portal_visible": False}
        )
        theirs = self._sign_contract(partner_id=self.rival.id, partner_signatory_id=False)
        self.login(self.portal_user)
        self.post(
            "/my/tickets/new",
            subject="Sneaky",
            description="x",
            category_id=str(hidden.id),
            contract_id=str(theirs.id),
            priority="9",
            partner_id=str(self.rival.id),
            user_id=str(self.agent.id),
        )
        ticket = self.env[TICKET].search([("subject", "=", "Sneaky")])
        self.assertFalse(ticket.category_id or ticket.contract_id or ticket.user_id)
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.priority, "1")

    def test_the_page_shows_promises_pauses_and_the_conversation(self):
        self.ticket._set_kind("waiting", "日志文件")
        self.login(self.portal_user)
        page = self.url_open(self.ticket.access_url).text
        self.assertIn("日志文件", page)
        self.assertIn("First Response", page)
        self.assertIn("Asia/Shanghai", page)

    def test_a_customer_closes_and_reopens_his_own_ticket(self):
        self.login(self.portal_user)
        self.post(f"/my/tickets/{self.ticket.id}/close")
        self.assertEqual(self.ticket.kind, "closed")
        page = self.post(f"/my/tickets/{self.ticket.id}/reopen", reason="Still there").text
        self.assertEqual(self.ticket.kind, "open")
        self.assertEqual(self.ticket.reopen_count, 1)
        self.assertIn("We work on it again", page)
        self.assertTrue(
            self.ticket.message_ids.filtered(lambda one: "Still there" in (one.body or ""))
        )

    def test_a_ticket_closed_long_ago_is_not_reopened(self):
        self.ticket.action_close()
        self.ticket.resolved_at = utc("01-01 10:00")
        self.login(self.portal_user)
        page = self.post(f"/my/tickets/{self.ticket.id}/reopen").text
        self.assertIn("cannot be reopened", page)
        self.assertEqual(self.ticket.kind, "closed")

    def test_nothing_changes_by_a_link_that_is_opened(self):
        self.login(self.portal_user)
        for action in ("close", "reopen"):
            response = self.url_open(f"/my/tickets/{self.ticket.id}/{action}")
            self.assertEqual(response.status_code, 405)
        self.assertEqual(self.ticket.kind, "open")

    @mute_logger("odoo.http")
    def test_a_form_without_its_token_is_refused(self):
        self.login(self.portal_user)
        response = self.url_open(f"/my/tickets/{self.ticket.id}/close", data={"x": "1"})
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.ticket.kind, "open")

    def test_a_stranger_reaches_nothing_by_number(self):
        self.login(self.stranger)
        page = self.url_open(self.ticket.access_url)
        self.assertNotIn(self.ticket.subject, page.text)
        for action in ("close", "reopen"):
            response = self.post(f"/my/tickets/{self.ticket.id}/{action}")
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self.ticket.kind, "open")

    def test_a_guessed_token_opens_nothing_and_a_right_one_only_shows(self):
        token = self.ticket._portal_ensure_token()
        self.assertNotIn(
            self.ticket.subject, self.url_open(f"{self.ticket.access_url}?access_token=1").text
        )
        self.login(self.stranger)
        page = self.url_open(f"{self.ticket.access_url}?access_token={token}").text
        self.assertIn(self.ticket.subject, page)
        self.assertNotIn("/close", page)
        response = self.post(f"/my/tickets/{self.ticket.id}/close?access_token={token}")
        self.assertEqual(response.status_code, 404)

    def test_following_a_ticket_of_another_customer_gives_no_right(self):
        self.ticket.message_subscribe(partner_ids=self.rival_contact.ids)
        self.login(self.stranger)
        self.assertNotIn(self.ticket.subject, self.url_open("/my/tickets?filterby=all").text)
        response = self.post(f"/my/tickets/{self.ticket.id}/close")
        self.assertEqual(response.status_code, 404)

    def test_an_attachment_of_another_customer_cannot_be_fetched(self):
        attachment = self.env["ir.attachment"].create(
            {
                "name": "secret.txt",
                "raw": b"secret",
                "res_model": TICKET,
                "res_id": self.ticket.id,
            }
        )
        self.login(self.stranger)
        self.assertNotIn(b"secret", self.url_open(f"/web/content/{attachment.id}").content)
        # The customer's own page hands out the token with the link.
        token = attachment.generate_access_token()[0]
        self.login(self.portal_user)
        link = f"/web/content/{attachment.id}?access_token={token}"
        self.assertIn(b"secret", self.url_open(link).content)

    def test_a_contact_who_changes_company_sees_the_new_ones_tickets_at_once(self):
        self.login(self.portal_user)
        self.assertIn(self.ticket.name, self.url_open("/my/tickets").text)
        foreign = self._create_ticket(partner_id=self.rival_contact.id, subject="Now his matter")
        self.contact.parent_id = self.rival
        self.env.flush_all()
        page = self.url_open("/my/tickets").text
        self.assertIn(foreign.subject, page)
        visible = self.env[TICKET].with_user(self.portal_user).search([])
        self.assertEqual(visible.commercial_partner_id, self.rival)

    def test_the_home_page_counts_what_waits(self):
        self.login(self.portal_user)
        counts = self.rpc("/my/counters", counters=["service_ticket_count"])["result"]
        self.assertEqual(counts["service_ticket_count"], 1)
        self.assertIn("/my/tickets", self.url_open("/my").text)


@tagged("post_install", "-at_install")
class TestPortalAcceptance(PortalCommon):
    """The customer inspects, reports defects, verifies and signs."""

    def setUp(self):
        super().setUp()
        self.acceptance = self.env["crm.service.acceptance"].create(
            {
                "contract_id": self.contract.id,
                "item_ids": [Command.create({"name": "数据导入"})],
            }
        )
        self.acceptance.action_submit()
        self.url = f"/my/acceptances/{self.acceptance.id}"
        self.signature = PNG.decode()

    def test_from_the_defect_to_the_signature(self):
        self.login(self.portal_user)
        self.assertIn(self.acceptance.name, self.url_open("/my/acceptances").text)
        self.assertIn("数据导入", self.url_open(self.url).text)
        item = self.acceptance.item_ids
        self.post(f"{self.url}/defect", subject="Stops", description="At row 12", item_id=item.id)
        defect = self.acceptance.defect_ids
        self.assertEqual(defect.partner_id, self.contact)
        self.assertEqual(defect.acceptance_item_id, item)
        self.assertEqual(self.acceptance.state, "defects")
        answer = self.rpc(f"{self.url}/sign", name="陈立群", signature=self.signature)
        self.assertIn("verified", answer["result"]["error"])
        defect.with_user(self.agent).action_resolve()
        self.post(f"{self.url}/verify/{defect.id}")
        self.assertEqual(defect.verified_by, self.portal_user.name)
        answer = self.rpc(f"{self.url}/sign", name="陈立群", signature=self.signature)
        self.assertTrue(answer["result"]["force_refresh"])
        self.assertEqual(self.acceptance.state, "accepted")
        self.assertTrue(self.acceptance.signed_ip)
        self.assertEqual(self.acceptance.signed_user_id, self.portal_user)
        self.assertTrue(self.contract._get_event_date("accepted"))
        page = self.url_open(self.url).text
        self.assertIn(self.acceptance.content_hash, page)
        self.assertIn("Unchanged since it was signed", page)
        again = self.rpc(f"{self.url}/sign", name="陈立群", signature=self.signature)
        self.assertIn("signed already", again["result"]["error"])

    def test_a_bad_signature_is_refused_in_words(self):
        self.login(self.portal_user)
        for name, signature in (("", self.signature), ("Chen", None), ("Chen", "x")):
            answer = self.rpc(f"{self.url}/sign", name=name, signature=signature)
            self.assertTrue(answer["result"]["error"])
        self.assertEqual(self.acceptance.state, "submitted")

    def test_a_rejection_is_recorded_with_its_reason(self):
        self.login(self.portal_user)
        self.post(f"{self.url}/reject", reason="Half is missing")
        self.assertEqual(self.acceptance.state, "rejected")
        self.assertEqual(self.acceptance.reject_reason, "Half is missing")

    @mute_logger("odoo.http")
    def test_a_stranger_can_neither_see_nor_sign(self):
        token = self.acceptance._portal_ensure_token()
        self.login(self.stranger)
        self.assertNotIn("数据导入", self.url_open(self.url).text)
        for token_part in ("", f"?access_token={token}"):
            answer = self.rpc(f"{self.url}/sign{token_part}", name="王敌", signature=self.signature)
            self.assertIn("error", answer)
        for action in ("reject", "defect"):
            response = self.post(f"{self.url}/{action}", reason="x", subject="x")
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self.acceptance.state, "submitted")
        self.assertFalse(self.acceptance.defect_ids)

    def test_a_draft_is_not_shown(self):
        draft = self.env["crm.service.acceptance"].create(
            {"contract_id": self.contract.id, "kind": "training"}
        )
        self.login(self.portal_user)
        self.assertNotIn(draft.name, self.url_open("/my/acceptances").text)
        self.assertNotIn(draft.name, self.url_open(f"/my/acceptances/{draft.id}").text)

    def test_the_signature_of_another_acceptance_cannot_be_fetched(self):
        self.acceptance.sudo().write({"signature": base64.b64encode(base64.b64decode(PNG))})
        self.login(self.stranger)
        response = self.url_open(
            f"/web/image/crm.service.acceptance/{self.acceptance.id}/signature"
        )
        self.assertNotEqual(response.content, base64.b64decode(PNG))


@tagged("post_install", "-at_install")
class TestPortalNotice(PortalCommon):
    """The customer reads and acknowledges a notice; only his own."""

    def setUp(self):
        super().setUp()
        self.notice = self.env["crm.service.notice"].create(
            {
                "name": "Upgrade to 2.1",
                "company_id": self.company.id,
                "window_start": "2099-01-01 12:00:00",
                "window_end": "2099-01-01 14:00:00",
                "contract_ids": [Command.set(self.contract.ids)],
            }
        )
        self.notice.action_send()
        self.recipient = self.notice.recipient_ids
        self.recipient._send_once()

    def test_a_notice_is_read_and_acknowledged(self):
        self.login(self.portal_user)
        self.assertIn("Upgrade to 2.1", self.url_open("/my/notices").text)
        page = self.url_open(self.recipient.access_url).text
        self.assertIn("I have read this notice", page)
        page = self.post(f"{self.recipient.access_url}/acknowledge").text
        self.assertIn("Thank you", page)
        self.assertEqual(self.recipient.acknowledged_by, self.portal_user.name)

    def test_a_stranger_sees_and_acknowledges_nothing(self):
        self.login(self.stranger)
        self.assertNotIn("Upgrade to 2.1", self.url_open(self.recipient.access_url).text)
        response = self.post(f"{self.recipient.access_url}/acknowledge")
        self.assertEqual(response.status_code, 404)
        self.assertFalse(self.recipient.acknowledged_at)
