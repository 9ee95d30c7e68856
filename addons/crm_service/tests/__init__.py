from . import (
    test_crm_service_acceptance,
    test_crm_service_mail,
    test_crm_service_mail_realdata,
    test_crm_service_notice,
    test_crm_service_plan,
    test_crm_service_portal,
    test_crm_service_sla_clock,
    test_crm_service_ticket,
    test_crm_service_ticket_security,
    test_mail_tools,
    test_sla_tool,
)
