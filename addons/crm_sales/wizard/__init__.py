from . import crm_contract_event_record, sale_advance_payment_inv
