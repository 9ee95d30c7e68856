# The mixins come first: a model inherits only from what is known before it.
from . import crm_report_mixin

# isort: split
from . import crm_invoice_report_mixin, crm_opportunity_report_mixin

# isort: split
from . import (
    crm_campaign_report,
    crm_collection_report,
    crm_instalment_report,
    crm_opportunity_product_report,
    crm_opportunity_report,
    crm_receivable_report,
    crm_settlement_report,
    crm_sla_report,
)
