from . import (
    crm_commission_dispute,
    crm_contract_event_record,
    crm_target_entry,
    crm_target_entry_line,
    sale_advance_payment_inv,
)
