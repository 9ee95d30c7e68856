from . import (
    base_import_import,
    base_partner_merge_automatic_wizard,
    crm_consent_wizard,
    crm_contract_suspend,
    crm_segment_add,
    resource_calendar_holiday_load,
)
