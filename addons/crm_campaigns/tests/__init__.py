from . import (
    test_account_move_line,
    test_bounced_address,
    test_campaign_security,
    test_crm_campaign_audience,
    test_crm_campaign_member,
    test_crm_campaign_touch,
    test_handover,
    test_mailing_gate,
    test_returns,
    test_utm_campaign,
    test_utm_campaign_money,
)
