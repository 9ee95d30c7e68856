from . import (
    test_crm_dashboard,
    test_crm_dashboard_money,
    test_crm_dashboard_security,
    test_crm_opportunity_report,
    test_crm_report_security,
    test_crm_sla_report,
    test_dashboard_tour,
    test_drill,
    test_ledger_reports,
    test_performance,
    test_period,
    test_workbook,
)
