from odoo.addons.crm_customers.hooks import release_shipped_records


def uninstall_hook(env):
    """Tickets do not hold back the stages that this addon ships."""
    release_shipped_records(env, "crm_service")
