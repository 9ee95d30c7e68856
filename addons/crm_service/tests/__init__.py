from . import test_crm_service_sla_clock, test_sla_tool
