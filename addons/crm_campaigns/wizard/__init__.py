from . import (
    crm_campaign_audience,
    crm_campaign_audience_line,
    mail_compose_message,
    sms_composer,
)
