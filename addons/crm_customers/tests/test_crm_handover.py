from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .pool_common import TODAY, PoolCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestCrmHandover(PoolCommon):
    """Everything a leaver owns goes over in one step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_owned("第二客户有限公司")
        cls.contract = cls._create_contract()
        cls.lead, cls.lost, cls.orphan = cls.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "partner_id": partner and partner.id,
                    "user_id": cls.salesperson.id,
                    "company_id": cls.company.id,
                }
                for name, partner in (
                    ("Open", cls.signatory),
                    ("Lost", cls.customer),
                    ("No customer", False),
                )
            ]
        )
        cls.lost.action_set_lost()
        cls.activity = cls.second.activity_schedule(
            "mail.mail_activity_data_call", user_id=cls.salesperson.id
        )

    def _handover(self, **values):
        form = Form(self.env["crm.handover"].with_user(self.sales_manager))
        form.from_user_id = self.salesperson
        for name, value in values.items():
            form[name] = value
        return form.save()

    def test_the_wizard_shows_what_goes(self):
        wizard = self._handover(to_user_id=self.colleague)
        self.assertEqual(wizard.customer_count, 2)
        counts = {line.name: line.count for line in wizard.line_ids}
        self.assertEqual(
            counts, {"Leads and opportunities": 2, "Open activities": 1, "Contracts": 1}
        )

    def test_customers_contacts_and_open_documents_go_to_the_colleague(self):
        wizard = self._handover(to_user_id=self.colleague, reason="离职")
        self.salesperson.active = False
        wizard.action_confirm()
        moved = (
            self.customer.user_id
            | self.second.user_id
            | self.signatory.user_id
            | self.contract.user_id
            | self.lead.user_id
            | self.orphan.user_id
            | self.activity.user_id
        )
        self.assertEqual(moved, self.colleague)
        self.assertEqual(self.lost.user_id, self.salesperson)
        log = self.customer.crm_owner_log_ids[:1]
        self.assertEqual((log.how, log.reason, log.user_id), ("leave", "离职", self.sales_manager))

    def test_documents_may_stay(self):
        wizard = self._handover(to_user_id=self.colleague)
        wizard.line_ids.filtered(lambda line: line.name == "Contracts").included = False
        wizard.action_confirm()
        self.assertEqual(self.contract.user_id, self.salesperson)

    def test_only_the_named_customers_go(self):
        wizard = self._handover(to_user_id=self.colleague)
        wizard.partner_ids = self.second
        wizard.action_confirm()
        self.assertEqual(self.second.user_id, self.colleague)
        self.assertEqual(self.customer.user_id | self.orphan.user_id, self.salesperson)

    def test_to_the_pool_goes_what_waits_there_and_the_rest_to_a_colleague(self):
        wizard = self._handover(target="pool", pool_id=self.pool, to_user_id=self.colleague)
        wizard.action_confirm()
        self.assertTrue(self.customer.crm_pooled and self.second.crm_pooled)
        self.assertTrue(self.lead.crm_pooled)
        self.assertFalse(self.activity.user_id)
        self.assertEqual(self.contract.user_id | self.orphan.user_id, self.colleague)

    def test_a_failure_leaves_everything_where_it_was(self):
        wizard = self._handover(to_user_id=self.colleague)
        contract = type(self.env["crm.contract"])
        original = contract.write

        def fail(records, vals):
            if "user_id" in vals:
                raise ValueError("The last of the documents fails")
            return original(records, vals)

        self.patch(contract, "write", fail)
        with self.assertRaises(ValueError), self.env.cr.savepoint():
            wizard.action_confirm()
        self.assertEqual(
            self.customer.user_id | self.lead.user_id | self.activity.user_id, self.salesperson
        )

    def test_what_is_missing_is_said(self):
        wizard = self._handover(to_user_id=self.colleague)
        wizard.to_user_id = False
        with self.assertRaisesRegex(UserError, "who takes over"):
            wizard.action_confirm()

    def test_salespeople_do_not_hand_over(self):
        with self.assertRaises(AccessError):
            self.env["crm.handover"].with_user(self.salesperson).create(
                {"from_user_id": self.colleague.id}
            )
