from . import (
    test_crm_import_profile_lead,
    test_crm_payment_plan,
    test_crm_payment_plan_cash,
    test_instalment_invoices,
    test_instalments,
)
