from . import crm_contract_suspend
