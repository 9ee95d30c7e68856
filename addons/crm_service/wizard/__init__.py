from . import crm_service_hold, crm_service_reject
