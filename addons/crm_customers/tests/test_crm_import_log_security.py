from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .import_common import ImportCase

OPERATIONS = ("read", "create", "write", "unlink")


@tagged("post_install", "-at_install")
class TestImportLogSecurity(ImportCase):
    """Who may do what with journals, findings and the meaning of stages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(
            cls.env,
            "import_colleague",
            "sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.portal = new_test_user(cls.env, "import_portal", "base.group_portal")

    def setUp(self):
        super().setUp()
        answer = self._import("res.partner", "account,sector\n,retail\n", user=self.seller)
        self.log = self.env["crm.import.log"].browse(answer["crm_import"]["log_id"])

    def _allowed(self, record, user):
        record = record.with_user(user)
        record.invalidate_recordset()
        return tuple(operation for operation in OPERATIONS if record.has_access(operation))

    def test_roles_and_operations(self):
        expected = {
            self.seller: (("read",), ("read",), ("read",)),
            self.colleague: ((), (), ("read",)),
            self.manager: (("read", "unlink"), ("read",), OPERATIONS),
            self.portal: ((), (), ()),
        }
        meaning = self.env["crm.import.stage"].search([], limit=1)
        for user, rights in expected.items():
            with self.subTest(user=user.login):
                found = tuple(
                    self._allowed(record, user)
                    for record in (self.log, self.log.issue_ids, meaning)
                )
                self.assertEqual(found, rights)

    def test_journals_of_other_companies_stay_hidden(self):
        other = self.env["res.company"].create({"name": "Other Import Company"})
        stranger = new_test_user(
            self.env,
            "import_stranger",
            "sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        self.assertFalse(self._allowed(self.log, stranger))
        self.assertFalse(self._allowed(self.log.issue_ids, stranger))

    def test_the_file_to_correct_is_for_those_who_may_read_the_journal(self):
        self.assertTrue(self.log.with_user(self.seller).correction_xlsx)
        with self.assertRaises(AccessError):
            self.log.with_user(self.colleague).read(["correction_xlsx"])
