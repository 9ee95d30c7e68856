from odoo.tests import tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestMailingGate(CampaignCommon, MockEmail):
    """Every mailing passes the consent gate when it is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("willing", "withdrawn", "listed", "nameless", "zwilling")
        cls.people = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"{name}@example.com",
                    "phone": f"+86 138 0013 80{number:02}",
                    "country_id": cls.env.ref("base.cn").id,
                }
                for number, name in enumerate(names)
            ]
        )
        cls.by_name = {person.name: person for person in cls.people}
        cls.by_name["nameless"].write({"email": False, "phone": False})
        cls.by_name["zwilling"].write(
            {"email": "willing@example.com", "phone": "+86 138 0013 8000"}
        )
        cls.env["mail.blacklist"]._add("listed@example.com")
        cls._declare("withdrawn", "email", "withdrawn")
        cls.env["crm.campaign.member"]._add(cls.campaign, dict.fromkeys(cls.people.ids))

    @classmethod
    def _declare(cls, name, channel, state):
        return cls.env["crm.consent"].create(
            {
                "partner_id": cls.by_name[name].id,
                "channel": channel,
                "purpose": "marketing",
                "state": state,
                "evidence": "Card signed at the stand",
            }
        )

    def _mailing(self, mailing_type="mail", **values):
        action = self.campaign.with_user(self.marketer).action_crm_mail_members()
        mailing = self.env["mailing.mailing"].browse(action["res_id"])
        mailing.write(
            {
                "mailing_type": mailing_type,
                "body_html": "<p>Come and see us</p>",
                "body_plaintext": "Come and see us",
                "mailing_domain": repr([("id", "in", self.people.ids)]),
                **values,
            }
        )
        return mailing.with_user(self.marketer)

    def _send(self, mailing):
        with self.mock_mail_gateway():
            mailing.action_send_mail()
        return mailing.mailing_trace_ids

    def _addressed(self, traces):
        sent = traces.filtered(lambda t: t.trace_status not in ("cancel", "error"))
        return {self.env["res.partner"].browse(trace.res_id).name for trace in sent}

    def test_a_mailing_to_the_members_leaves_out_who_withdrew(self):
        traces = self._send(self._mailing())
        self.assertEqual(self._addressed(traces), {"willing"})
        refused = traces.filtered(lambda t: t.res_id == self.by_name["withdrawn"].id)
        self.assertEqual((refused.trace_status, refused.failure_type), ("cancel", "mail_optout"))

    def test_the_mailing_to_the_members_passes_over_who_declined(self):
        members = self.campaign.crm_member_ids
        declined = members.filtered(lambda m: m.partner_id == self.by_name["willing"])
        declined.state = "declined"
        action = self.campaign.with_user(self.marketer).action_crm_mail_members()
        mailing = self.env["mailing.mailing"].browse(action["res_id"])
        people = self.env["res.partner"].browse(mailing._get_recipients())
        listed = self.by_name["listed"]
        self.assertEqual(people, (members - declined).partner_id.sorted() - listed)

    def test_turning_the_exclusion_list_off_does_not_open_the_gate(self):
        traces = self._send(self._mailing(use_exclusion_list=False))
        self.assertEqual(self._addressed(traces), {"willing"})

    def test_a_withdrawal_for_marketing_does_not_stop_a_service_message(self):
        traces = self._send(self._mailing(crm_purpose="service"))
        self.assertIn("withdrawn", self._addressed(traces))

    def test_a_list_contact_with_the_address_of_one_who_withdrew_is_left_out(self):
        mailing_list = self.env["mailing.list"].create({"name": "News"})
        for name in ("withdrawn", "reader"):
            self.env["mailing.contact"].create(
                {"name": name, "email": f"{name}@example.com", "list_ids": mailing_list.ids}
            )
        mailing = self._mailing(
            mailing_model_id=self.env["ir.model"]._get_id("mailing.list"),
            contact_list_ids=mailing_list.ids,
        )
        mailing.sudo().mailing_domain = repr([("list_ids", "in", mailing_list.ids)])
        traces = self._send(mailing)
        sent = traces.filtered(lambda t: t.trace_status != "cancel")
        self.assertEqual(sent.mapped("email"), ["reader@example.com"])

    def test_an_sms_for_marketing_needs_a_grant(self):
        self._declare("willing", "sms", "granted")
        traces = self._send(self._mailing("sms"))
        self.assertEqual(self._addressed(traces), {"willing"})
        refused = traces.filtered(lambda t: t.res_id == self.by_name["withdrawn"].id)
        self.assertEqual((refused.trace_status, refused.failure_type), ("cancel", "sms_optout"))

    def test_the_preview_tells_exactly_who_will_be_left_out(self):
        for mailing_type in ("mail", "sms"):
            mailing = self._mailing(mailing_type)
            action = mailing.action_crm_preview_recipients()
            audience = (
                self.env[action["res_model"]].with_user(self.marketer).browse(action["res_id"])
            )
            told = {line.name for line in audience.line_ids}
            self.assertTrue(all(line.reason for line in audience.line_ids))
            self.assertEqual(audience.total_count, len(self.people))
            sent = self._addressed(self._send(mailing)) if told != set(self.by_name) else set()
            self.assertEqual(told, set(self.by_name) - sent, mailing_type)

    def test_the_preview_names_the_reasons(self):
        audience = self.env["crm.campaign.audience"].browse(
            self._mailing().action_crm_preview_recipients()["res_id"]
        )
        self.assertEqual(
            {line.name: line.reason for line in audience.line_ids},
            {
                "withdrawn": "Consent withdrawn",
                "listed": "On the blacklist",
                "nameless": "No address for this channel",
                "zwilling": "Another recipient has the same address",
            },
        )

    def test_sending_makes_members_invited(self):
        with self.mock_mail_gateway(mail_unlink_sent=False):
            self._mailing().action_send_mail()
            self.env["mail.mail"].search([("mailing_id.campaign_id", "=", self.campaign.id)]).send()
        states = {m.partner_id.name: m.state for m in self.campaign.crm_member_ids}
        self.assertEqual(states["willing"], "invited")
        self.assertEqual(states["withdrawn"], "planned")

    def test_the_gate_costs_the_same_for_one_and_for_many(self):
        mailing = self._mailing()
        many = self.env["res.partner"].create(
            [{"name": f"G{i}", "email": f"g{i}@example.com"} for i in range(100)]
        )
        counts = []
        for some in (many[:1], many[:1], many):  # the first warms the host's caches
            self.env.flush_all()
            self.env.invalidate_all()
            addresses = {partner.id: {f"g{i}@example.com"} for i, partner in enumerate(some)}
            before = self.cr.sql_log_count
            self.assertEqual(mailing._crm_refused_recipients(addresses), {})
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
