from . import crm_campaign_money
