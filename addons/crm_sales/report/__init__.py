from . import report_crm_contract
