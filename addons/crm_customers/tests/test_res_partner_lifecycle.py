from datetime import date, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CrmCommon


@tagged("post_install", "-at_install")
class TestResPartnerLifecycle(CrmCommon):
    """Prospect, active, dormant, lost: the nightly job follows the deals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"crm_dormant_days": 180, "crm_lost_days": 365})
        cls.customer.company_id = cls.company

    def _run_job(self):
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=3600.0):
            self.env["res.partner"]._cron_update_lifecycle()
        self.env.flush_all()

    def _invoice_of(self, days_ago):
        day = date.today() - timedelta(days=days_ago)
        return self._create_invoice(100, invoice_date=day)

    def test_a_first_deal_makes_a_prospect_active(self):
        self.assertEqual(self.customer.crm_lifecycle, "prospect")
        self._invoice_of(10)
        self._run_job()
        self.assertEqual(self.customer.crm_lifecycle, "active")

    def test_without_deal_a_customer_is_dormant_then_lost_and_comes_back(self):
        self._invoice_of(400)
        self._run_job()
        self.assertEqual(self.customer.crm_lifecycle, "lost")
        self._invoice_of(200)
        self._run_job()
        self.assertEqual(self.customer.crm_lifecycle, "dormant")
        self._invoice_of(1)
        self._run_job()
        self.assertEqual(self.customer.crm_lifecycle, "active")

    def test_who_never_bought_keeps_the_stage_people_gave(self):
        self.customer.crm_lifecycle = "lost"
        self._run_job()
        self.assertEqual(self.customer.crm_lifecycle, "lost")

    def test_without_thresholds_nobody_falls_asleep(self):
        self.company.write({"crm_dormant_days": 0, "crm_lost_days": 0})
        self._invoice_of(2000)
        self._run_job()
        self.assertEqual(self.customer.crm_lifecycle, "active")

    def test_the_change_is_tracked(self):
        customer = self.customer.with_context(tracking_disable=False)
        self._invoice_of(200)
        self._run_job_tracked(customer)
        tracked = customer.message_ids.tracking_value_ids
        self.assertIn("crm_lifecycle", tracked.field_id.mapped("name"))

    def _run_job_tracked(self, customer):
        self.flush_tracking()
        moves = customer._get_lifecycle_moves()
        self.assertEqual(moves["dormant"], customer.ids)
        customer._set_lifecycle(customer.ids, "dormant")
        self.flush_tracking()

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.flush()

    def test_a_customer_is_not_lost_before_it_is_dormant(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.company.crm_lost_days = 90
            self.env.flush_all()

    def test_the_figures_cost_one_query(self):
        self._invoice_of(200)
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["res.partner"]._get_lifecycle_moves()
