import base64
from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

CHANNELS = ("email", "sms", "phone", "post", "wechat")


class ConsentCase(TransactionCase):
    """A person who can be reached on every channel."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US", tracking_disable=True))
        cls.person = cls._create_person("林悦")
        cls.seller = new_test_user(
            cls.env, login="consent_seller", groups="sales_team.group_sale_salesman"
        )

    @classmethod
    def _create_person(cls, name, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "email": "lin.yue@linhai.example.com",
                "phone": "+8613800138000",
                "country_id": cls.env.ref("base.cn").id,
                "street": "科技路 88 号",
                "city": "杭州市",
                "crm_wechat": "linyue_hz",
                **values,
            }
        )

    @classmethod
    def _declare(cls, state, channel="sms", purpose="marketing", person=None, **values):
        return cls.env["crm.consent"].create(
            {
                "partner_id": (person or cls.person).id,
                "channel": channel,
                "purpose": purpose,
                "state": state,
                "evidence": "Form 2026-114",
                **values,
            }
        )

    def _refusal(self, channel, purpose="marketing", person=None):
        person = person or self.person
        refusals = person._get_contact_refusals(channel, purpose)
        allowed = person._filter_contactable(channel, purpose)
        self.assertEqual(bool(allowed), not refusals)
        return refusals.get(person.id)


@tagged("post_install", "-at_install")
class TestCrmConsent(ConsentCase):
    """The ledger: what people said stays as they said it."""

    def test_the_newest_declaration_counts(self):
        now = fields.Datetime.now()
        self._declare("granted", date=now - timedelta(days=3))
        self._declare("withdrawn", date=now - timedelta(days=1))
        self._declare("granted", date=now - timedelta(days=2))
        self.assertEqual(self._refusal("sms"), "withdrawn")

    def test_of_two_at_the_same_time_the_one_recorded_later_counts(self):
        moment = datetime(2026, 3, 2, 9, 0)
        self._declare("withdrawn", date=moment)
        self._declare("granted", date=moment)
        self.assertIsNone(self._refusal("sms"))

    def test_a_declaration_cannot_be_changed_not_even_by_the_administrator(self):
        consent = self._declare("granted")
        for values in ({"state": "withdrawn"}, {"evidence": "other"}):
            with self.assertRaisesRegex(UserError, "never changed"):
                consent.sudo().write(values)

    def test_a_declaration_cannot_be_deleted_not_even_by_the_administrator(self):
        consent = self._declare("granted")
        with self.assertRaisesRegex(UserError, "never deleted"):
            consent.sudo().unlink()

    def test_who_records_is_the_one_who_does_it(self):
        consent = (
            self.env["crm.consent"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self.person.id,
                    "channel": "sms",
                    "purpose": "marketing",
                    "evidence": "By telephone, 10:04",
                    "user_id": self.env.ref("base.user_admin").id,
                }
            )
        )
        self.assertEqual(consent.user_id, self.seller)

    def test_a_grant_needs_evidence_and_a_withdrawal_needs_none(self):
        with self.assertRaisesRegex(ValidationError, "evidence"):
            self._declare("granted", evidence=False)
        document = base64.b64encode(b"signed form")
        self.assertTrue(self._declare("granted", evidence=False, document=document))
        self.assertTrue(self._declare("withdrawn", evidence=False))

    def test_nobody_declares_in_the_future(self):
        with self.assertRaisesRegex(ValidationError, "future"):
            self._declare("granted", date=fields.Datetime.now() + timedelta(days=1))

    def test_consents_and_their_documents_go_with_the_person(self):
        consent = self._declare("granted", document=base64.b64encode(b"signed form"))
        document = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "crm.consent"),
                ("res_field", "=", "document"),
                ("res_id", "=", consent.id),
            ]
        )
        self.assertTrue(document)
        self.person.unlink()
        self.assertFalse(consent.exists())
        self.assertFalse(document.exists())

    def test_consents_survive_the_merge_of_two_people(self):
        twin = self._create_person("林悦 (2)")
        early = self._declare("granted", date=datetime(2026, 1, 5))
        late = self._declare("withdrawn", person=twin, date=datetime(2026, 2, 5))
        same = self._declare("granted", channel="phone")
        self._declare("granted", channel="phone", person=twin)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.person | twin).ids, self.person
        )
        self.assertFalse(twin.exists())
        self.assertEqual(len(self.person.crm_consent_ids), 4)
        self.assertLessEqual(early | late | same, self.person.crm_consent_ids)
        self.assertEqual(self._refusal("sms"), "withdrawn")

    def test_the_dialog_records_one_row_per_person_and_channel(self):
        other = self._create_person("周明")
        people = self.person | other
        action = people.with_user(self.seller).action_record_consent()
        wizard = Form(
            self.env["crm.consent.wizard"].with_user(self.seller).with_context(**action["context"])
        )
        wizard.state = "withdrawn"
        wizard.all_channels = True
        wizard.evidence = "Letter of 3 March"
        wizard.save().action_record()
        rows = people.crm_consent_ids
        self.assertEqual(len(rows), 10)
        self.assertEqual(set(rows.mapped("channel")), set(CHANNELS))
        self.assertEqual(rows.user_id, self.seller)
        self.assertEqual(self._refusal("email", person=other), "withdrawn")

    def test_the_dialog_asks_for_the_channel(self):
        wizard = self.env["crm.consent.wizard"].create(
            {"partner_ids": [Command.set(self.person.ids)], "channel": False}
        )
        with self.assertRaisesRegex(UserError, "channel"):
            wizard.action_record()

    def test_the_page_shows_every_channel_with_the_reason(self):
        self._declare("withdrawn", channel="email", purpose="survey")
        matrix = self.person.with_user(self.seller).crm_contact_matrix
        for text in ("Email", "WeChat", "Consent withdrawn", "No consent given", "Yes"):
            self.assertIn(text, matrix)
        self.assertEqual(matrix.count("text-danger"), 4)
        self.assertFalse(self.env["res.partner"].new({}).crm_contact_matrix)


@tagged("post_install", "-at_install")
class TestContactGate(ConsentCase):
    """The gate that everything that goes out has to pass."""

    def test_marketing_by_sms_phone_and_wechat_needs_a_grant(self):
        for channel in ("sms", "phone", "wechat"):
            self.assertEqual(self._refusal(channel), "not_granted", channel)
            self._declare("granted", channel=channel)
            self.assertIsNone(self._refusal(channel), channel)
            self._declare("withdrawn", channel=channel)
            self.assertEqual(self._refusal(channel), "withdrawn", channel)

    def test_marketing_by_email_and_post_goes_until_it_is_withdrawn(self):
        for channel in ("email", "post"):
            self.assertIsNone(self._refusal(channel), channel)
            self._declare("withdrawn", channel=channel)
            self.assertEqual(self._refusal(channel), "withdrawn", channel)

    def test_a_company_may_demand_a_grant_for_email(self):
        self.env.company.crm_email_optin = True
        self.assertEqual(self._refusal("email"), "not_granted")
        self._declare("granted", channel="email")
        self.assertIsNone(self._refusal("email"))
        self.assertIsNone(self._refusal("post"))

    def test_the_company_that_sends_decides(self):
        strict = self.env["res.company"].create({"name": "Strict", "crm_email_optin": True})
        self.assertIsNone(self._refusal("email"))
        self.assertEqual(
            self._refusal("email", person=self.person.with_company(strict)), "not_granted"
        )

    def test_a_withdrawal_counts_for_its_own_purpose_only(self):
        for channel in CHANNELS:
            self._declare("withdrawn", channel=channel)
            self.assertIsNone(self._refusal(channel, "service"), channel)
            self.assertIsNone(self._refusal(channel, "survey"), channel)
            self._declare("withdrawn", channel=channel, purpose="service")
            self.assertEqual(self._refusal(channel, "service"), "withdrawn", channel)
            self.assertIsNone(self._refusal(channel, "survey"), channel)

    def test_a_consent_for_one_channel_is_none_for_another(self):
        self._declare("granted", channel="sms")
        self.assertEqual(self._refusal("phone"), "not_granted")

    def test_a_missing_and_an_invalid_address_are_told_apart(self):
        for channel, values, code in (
            ("email", {"email": False}, "no_address"),
            ("email", {"email": "at the office"}, "bad_address"),
            ("sms", {"phone": False}, "no_address"),
            ("sms", {"phone": "12"}, "bad_address"),
            ("phone", {"phone": "extension 8"}, "bad_address"),
            ("post", {"street": False}, "no_address"),
            ("post", {"city": False}, "no_address"),
            ("wechat", {"crm_wechat": False}, "no_address"),
            ("wechat", {"crm_wechat": " "}, "no_address"),
        ):
            person = self._create_person("陈工", **values)
            self.assertEqual(self._refusal(channel, "service", person), code, (channel, values))

    def test_a_state_serves_where_the_city_is_one(self):
        state = self.env["res.country.state"].search(
            [("country_id", "=", self.env.ref("base.cn").id)], limit=1
        )
        person = self._create_person("陈工", city=False, state_id=state.id)
        self.assertIsNone(self._refusal("post", "service", person))

    def test_the_host_s_blacklists_stop_marketing_and_surveys_but_no_service(self):
        self.env["mail.blacklist"]._add(self.person.email)
        self.env["phone.blacklist"]._add([self.person.phone_sanitized])
        for channel in ("email", "sms", "phone"):
            self._declare("granted", channel=channel)
            self.assertEqual(self._refusal(channel), "blacklisted", channel)
            self.assertEqual(self._refusal(channel, "survey"), "blacklisted", channel)
            self.assertIsNone(self._refusal(channel, "service"), channel)
        self.assertIsNone(self._refusal("post"))
        self.env["mail.blacklist"]._remove(self.person.email)
        self.env["phone.blacklist"]._remove([self.person.phone_sanitized])
        for channel in ("email", "sms", "phone"):
            self.assertIsNone(self._refusal(channel), channel)

    def test_an_archived_person_is_not_contacted_at_all(self):
        self._declare("granted", channel="email", purpose="service")
        self.person.active = False
        for channel in CHANNELS:
            self.assertEqual(self._refusal(channel, "service"), "archived", channel)

    def test_the_gate_keeps_order_and_explains_everybody_else(self):
        people = self.env["res.partner"].union(
            *(self._create_person(f"客户 {index}") for index in range(4))
        )
        self._declare("withdrawn", channel="email", person=people[1])
        people[3].email = False
        backwards = people.browse(reversed(people.ids))
        self.assertEqual(
            backwards._filter_contactable("email", "marketing").ids, [people[2].id, people[0].id]
        )
        self.assertEqual(
            backwards._explain_contactable("email", "marketing"),
            {people[1].id: "Consent withdrawn", people[3].id: "No address for this channel"},
        )

    def test_the_answer_does_not_depend_on_who_asks(self):
        self.env["mail.blacklist"]._add(self.person.email)
        nobody = new_test_user(self.env, login="consent_reader", groups="base.group_user")
        portal = new_test_user(self.env, login="consent_portal", groups="base.group_portal")
        for user in (nobody, portal):
            self.assertEqual(
                self._refusal("email", person=self.person.with_user(user)), "blacklisted"
            )

    def test_an_unknown_channel_or_purpose_is_an_error(self):
        for pair in (("fax", "marketing"), ("email", "spam")):
            with self.assertRaises(ValueError):
                self.person._filter_contactable(*pair)

    def test_nobody_gives_nobody(self):
        nobody = self.env["res.partner"]
        self.assertFalse(nobody._filter_contactable("email", "marketing"))
        self.assertEqual(nobody._explain_contactable("sms", "service"), {})

    def test_the_number_of_queries_does_not_depend_on_the_number_of_people(self):
        people = self.env["res.partner"].create(
            [
                {"name": f"客户 {index}", "email": f"c{index}@kehu.example.com"}
                for index in range(1500)
            ]
        )
        self._declare("withdrawn", channel="email", person=people[7])
        people[:1]._filter_contactable("email", "marketing")  # what a server reads once
        for count in (1, 100, 1500):
            self.env.flush_all()
            self.env.invalidate_all()
            chosen = people.browse(people[-count:].ids)
            # four here, one of the addon that knows which addresses mail came back from
            with self.assertQueryCount(5):
                allowed = chosen._filter_contactable("email", "marketing")
            self.assertEqual(len(allowed), count - (count == 1500))
