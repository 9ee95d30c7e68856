from . import (
    crm_dashboard,
    crm_dashboard_axis,
    crm_dashboard_measure,
    crm_dashboard_money,
    crm_dashboard_provider,
    crm_dashboard_tile,
)
