from . import (
    test_crm_service_mail,
    test_crm_service_sla_clock,
    test_crm_service_ticket,
    test_mail_tools,
    test_sla_tool,
)
