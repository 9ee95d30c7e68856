from . import (
    test_crm_contract_event_record,
    test_crm_contract_report,
    test_crm_import_profile_lead,
    test_crm_lead,
    test_crm_lead_stage_log,
    test_crm_payment_plan,
    test_crm_payment_plan_cash,
    test_crm_payment_plan_line_security,
    test_crm_sales_concurrency,
    test_instalment_invoices,
    test_instalments,
    test_ownership,
)
