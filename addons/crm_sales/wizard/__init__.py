from . import (
    crm_approval_answer,
    crm_commission_dispute,
    crm_contract_event_record,
    crm_credit_release,
    crm_lead_lost,
    crm_lead_move,
    crm_lead_won,
    crm_quotation_compare,
    crm_target_entry,
    crm_target_entry_line,
    sale_advance_payment_inv,
)
