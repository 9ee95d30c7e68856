from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from .common import ReportsCommon

# Each analysis, the records its rows stand for, and the link between them.
SOURCES = {
    "crm.opportunity.report": ("crm.lead", "lead_id", [("type", "=", "opportunity")]),
    "crm.opportunity.product.report": ("crm.lead", "lead_id", [("type", "=", "opportunity")]),
    "crm.collection.report": ("account.move", "move_id", None),
    "crm.receivable.report": ("account.move", "move_id", None),
    "crm.settlement.report": ("account.move", "move_id", None),
    "crm.instalment.report": ("crm.payment.plan.line", "line_id", []),
    "crm.campaign.report": ("crm.campaign.money", "id", []),
    "crm.sla.report": ("crm.service.sla.clock", "id", [("void", "=", False)]),
}


@tagged("post_install", "-at_install")
class TestReportSecurity(ReportsCommon):
    """An analysis shows a reader exactly the rows of the records he may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_chain()

    def _get_source_ids(self, user, model, domain, ids):
        source = self.env[model].with_user(user).with_context(active_test=False)
        if not source.has_access("read"):
            return set()
        if domain is None:
            domain = [("id", "in", list(ids))]
        return set(source.search(domain).ids)

    def test_each_role_sees_the_rows_of_the_records_it_may_read_and_no_others(self):
        self.env.flush_all()
        for report, (model, link, domain) in SOURCES.items():
            # sudo: the test knows what there is, and asks what each role gets of it
            rows = (
                self.env[report]
                .sudo()
                .search(Domain("company_id", "in", [*self.company.ids, False]))
            )
            all_ids = set(rows.ids if link == "id" else rows.mapped(link).ids)
            self.assertTrue(all_ids, report)
            for role, user in self.roles.items():
                model_rows = self.env[report].with_user(user)
                seen = set()
                if model_rows.has_access("read"):
                    records = model_rows.search([])
                    seen = set(records.ids if link == "id" else records.mapped(link).ids)
                expected = self._get_source_ids(user, model, domain, all_ids) & all_ids
                with self.subTest(report=report, role=role):
                    self.assertEqual(seen, expected)

    def test_sellers_see_different_rows_and_managers_those_of_both(self):
        for report in ("crm.opportunity.report", "crm.collection.report", "crm.instalment.report"):
            rows = self.env[report]
            own = set(rows.with_user(self.salesperson).search([]).ids)
            other = set(rows.with_user(self.colleague).search([]).ids)
            both = set(rows.with_user(self.sales_manager).search([]).ids)
            with self.subTest(report=report):
                self.assertTrue(own and other)
                self.assertFalse(own & other)
                self.assertEqual(own | other, both)

    def test_a_report_viewer_without_other_rights_sees_no_row_of_any_analysis(self):
        for report in SOURCES:
            for user in (self.viewer, self.designer):
                with self.subTest(report=report, user=user.login), self.assertRaises(AccessError):
                    self.env[report].with_user(user).search([])

    def test_nobody_changes_an_analysis(self):
        for report in SOURCES:
            rows = self.env[report].with_user(self.director)
            with self.subTest(report=report):
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(rows.has_access(operation))

    def test_the_portal_sees_no_analysis_and_no_dashboard(self):
        for model in (*SOURCES, "crm.dashboard", "crm.dashboard.tile", "crm.dashboard.measure"):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.portal_user).has_access("read"))

    def test_rows_of_other_companies_are_hidden(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        lead = self._create_lead(123, company_id=other.id, user_id=False, partner_id=False)
        self.env.flush_all()
        rows = self.env["crm.opportunity.report"].with_user(self.sales_manager)
        self.assertNotIn(lead.id, rows.search([]).ids)
