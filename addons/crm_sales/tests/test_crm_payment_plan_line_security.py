from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SalesCommon

# role -> (read, write, create, unlink) on an own, a colleague's and nobody's record
MATRIX = {
    "salesperson": {"own": "rwcu", "other": "", "nobody": "rwcu"},
    "all_leads": {"own": "rwcu", "other": "rwcu", "nobody": "rwcu"},
    "sales_manager": {"own": "rwcu", "other": "rwcu", "nobody": "rwcu"},
    "biller": {"own": "r", "other": "r", "nobody": "r"},
    "reader": {"own": "r", "other": "r", "nobody": "r"},
    "plain": {"own": "", "other": "", "nobody": ""},
    "portal": {"own": "", "other": "", "nobody": ""},
}


@tagged("post_install", "-at_install")
class TestCrmPaymentPlanLineSecurity(SalesCommon):
    """Who may do what with instalments, templates, opportunity products and stage history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all_leads = cls._create_user("sales_all", "sales_team.group_sale_salesman_all_leads")
        cls.plain = cls._create_user("sales_plain", "base.group_user")
        cls.portal = cls._create_user("sales_portal", "base.group_portal")

    def _role(self, name):
        return getattr(self, name)

    def _contracts(self):
        """Return draft contracts of the salesperson, the colleague and nobody."""
        owners = {"own": self.salesperson, "other": self.colleague, "nobody": None}
        contracts = {}
        for kind, owner in owners.items():
            contract = self._create_contract(user=self.env.user, user_id=owner and owner.id)
            contract._apply_plan_template(self.template)
            contracts[kind] = contract
        return contracts

    def _assert_allowed(self, allowed, work):
        if allowed:
            work()
        else:
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                work()

    def test_roles_and_operations_on_instalments(self):
        for role, kinds in MATRIX.items():
            user = self._role(role)
            for kind, contract in self._contracts().items():
                line = contract.plan_line_ids[0].with_user(user)
                operations = {
                    "r": lambda line=line: line.invalidate_recordset() or line.read(["amount"]),
                    "w": lambda line=line: line.write({"percent": 30}),
                    "c": lambda line=line, contract=contract: line.create(
                        {"contract_id": contract.id, "name": "More"}
                    ),
                    "u": lambda line=line: line.unlink(),
                }
                for letter, work in operations.items():
                    with self.subTest(role=role, record=kind, operation=letter):
                        self._assert_allowed(letter in kinds[kind], work)

    def test_templates_are_kept_by_sales_managers(self):
        for role, letters in {
            "salesperson": "r",
            "all_leads": "r",
            "sales_manager": "rwcu",
            "biller": "r",
            "reader": "r",
            "plain": "",
            "portal": "",
        }.items():
            template = self.template.copy().with_user(self._role(role))
            operations = {
                "r": lambda template=template: (
                    template.invalidate_recordset() or template.read(["name"])
                ),
                "w": lambda template=template: template.write({"name": "Renamed"}),
                "c": lambda template=template: template.create(
                    {
                        "name": "New",
                        "line_ids": [Command.create({"name": "All", "percent": 100})],
                    }
                ),
                "u": lambda template=template: template.unlink(),
            }
            for letter, work in operations.items():
                with self.subTest(role=role, operation=letter):
                    self._assert_allowed(letter in letters, work)

    def test_opportunity_products_and_history_follow_the_opportunity(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"Lead of {owner.login}",
                    "user_id": owner.id,
                    "company_id": self.company.id,
                    "crm_line_ids": [Command.create({"product_id": self.product.id})],
                }
                for owner in (self.salesperson, self.colleague)
            ]
        )
        for role, visible in {"salesperson": leads[0], "sales_manager": leads}.items():
            for model in ("crm.lead.line", "crm.lead.stage.log"):
                rows = (
                    self.env[model]
                    .with_user(self._role(role))
                    .search([("lead_id", "in", leads.ids)])
                )
                self.assertEqual(rows.lead_id, visible, f"{role} {model}")
        for role in ("biller", "reader", "plain", "portal"):
            for model in ("crm.lead.line", "crm.lead.stage.log"):
                self.assertFalse(self.env[model].with_user(self._role(role)).has_access("read"))

    def test_another_company_sees_nothing(self):
        line = self._create_planned_contract(sign=False).plan_line_ids[0]
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            login="elsewhere",
            groups="sales_team.group_sale_manager,account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        lines = self.env["crm.payment.plan.line"].with_user(stranger)
        self.assertFalse(
            lines.with_context(allowed_company_ids=other.ids).search([("id", "=", line.id)])
        )

    def test_a_template_of_another_company_is_not_offered(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.template.company_id = other
        self.assertFalse(
            self.env["crm.payment.plan.template"]
            .with_user(self.sales_manager)
            .search([("id", "=", self.template.id)])
        )

    def test_each_does_his_part_of_a_deal_with_his_own_rights(self):
        """Sales signs, invoicing bills and books the money, sales and readers see it."""
        contract = self._create_planned_contract().with_user(self.salesperson)
        line = contract.plan_line_ids[0]
        line.with_user(self.biller).action_create_invoices()
        invoice = line.move_ids.with_user(self.biller)
        invoice.invoice_date = "2026-10-01"
        invoice.action_post()
        self.env["account.payment.register"].with_user(self.biller).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 10000}).action_create_payments()
        for user in (self.salesperson, self.biller, self.reader):
            seen = line.with_user(user)
            seen.invalidate_recordset()
            self.assertEqual((seen.amount_collected, seen.state), (10000, "partial"))
            self.assertEqual(seen.contract_id.amount_collected, 10000)
