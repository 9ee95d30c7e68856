from urllib.parse import urljoin

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestDeleteInUse(CrmCommon, HttpCase):
    """Whoever deletes what is in use reads what uses it, in his language."""

    def _delete(self, records, login, lang):
        """Delete the records as the web client does; return the message of the dialog."""
        self.authenticate(login, login)
        with mute_logger("odoo.sql_db", "odoo.http"):
            response = self.opener.post(
                urljoin(self.base_url(), f"/web/dataset/call_kw/{records._name}/unlink"),
                json={
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": records._name,
                        "method": "unlink",
                        "args": [records.ids],
                        "kwargs": {"context": {"lang": lang}},
                    },
                },
            )
        return response.json()["error"]["data"]["message"]

    def _create_contact_manager(self, lang):
        return new_test_user(
            self.env,
            f"contacts_{lang}",
            "base.group_partner_manager",
            lang=lang,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def _create_contract(self, customer):
        return self.env["crm.contract"].create(
            {"subject": "In use", "partner_id": customer.id, "company_id": self.company.id}
        )

    def test_a_customer_with_a_contract(self):
        customer = self.env["res.partner"].create({"name": "In use", "is_company": True})
        self._create_contract(customer)
        user = self._create_contact_manager("en_US")
        message = self._delete(customer, user.login, user.lang)
        self.assertIn("“Contract”", message)
        self.assertIn("“Customer”", message)
        self.assertIn("Archive it", message)
        self.assertNotIn("violates", message)

    def test_a_customer_with_a_contract_in_chinese(self):
        customer = self.env["res.partner"].create({"name": "在用客户", "is_company": True})
        self._create_contract(customer)
        user = self._create_contact_manager("zh_CN")
        message = self._delete(customer, user.login, user.lang)
        self.assertIn("“合同”", message)
        self.assertIn("“客户”", message)
        self.assertIn("归档", message)
