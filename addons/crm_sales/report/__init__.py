from . import (
    crm_ageing_report,
    crm_forecast_accuracy,
    crm_forecast_change,
    report_crm_sales_report_crm_contract,
    sale_report,
)
