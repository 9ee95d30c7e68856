from functools import partial

from odoo import fields

from .optional_float import OptionalFloat

MONEY_GROUPS = (
    "crm_campaigns.group_marketing_user,"
    "account.group_account_readonly,account.group_account_invoice"
)

# The figures of a campaign: read from the ledger with all rights, shown to who may see money.
CampaignMonetary = partial(
    fields.Monetary, currency_field="crm_currency_id", compute_sudo=True, groups=MONEY_GROUPS
)
CampaignRatio = partial(OptionalFloat, compute_sudo=True, groups=MONEY_GROUPS)
CampaignCount = partial(fields.Integer, compute_sudo=True)
