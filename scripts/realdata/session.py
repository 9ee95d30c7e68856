"""The people on whose behalf data sets are imported."""

from pathlib import Path

from odoo import Command

from .importer import import_file

OUTCOMES = ("created", "updated", "unchanged", "refused", "adjusted")
# What it takes to import products, customers and opportunities, and to read the analyses.
MANAGER_GROUPS = (
    "base.group_partner_manager",
    "product.group_product_manager",
    "sales_team.group_sale_manager",
    "crm_customers.group_merge",
)
ACCOUNTANT_GROUPS = ("account.group_account_invoice",)
SERVICE_GROUPS = ("crm_service.group_service_manager",)


class Session:
    """An environment, and what to do after each step of an import."""

    def __init__(self, env, after_step=lambda: None):
        """Take an environment of the superuser; it is used to make the people only."""
        self.env = env
        self.after_step = after_step

    @property
    def administrator(self):
        """The environment of the administrator, who alone may make users."""
        return self._env_of(self.env.ref("base.user_admin"))

    @property
    def manager(self):
        """The environment of a sales manager, made when needed."""
        return self._person("Real Data Manager", "realdata.manager", MANAGER_GROUPS)

    @property
    def service(self):
        """The environment of a service manager, made when needed."""
        return self._person("Real Data Service", "realdata.service", SERVICE_GROUPS)

    @property
    def accountant(self):
        """The environment of a colleague who makes invoices, made when needed."""
        return self._person("Real Data Invoicing", "realdata.invoicing", ACCOUNTANT_GROUPS)

    def _person(self, name, login, groups):
        """The environment of a colleague with these roles, made when needed."""
        users = self.env["res.users"]
        user = users.search([("login", "=", login)])
        if not user:
            roles = [self.env.ref(group).id for group in groups]
            user = users.with_context(no_reset_password=True).create(
                {
                    "name": name,
                    "login": login,
                    "group_ids": [Command.set(roles)],
                    "company_id": self.env.company.id,
                    "company_ids": [Command.set(self.env.company.ids)],
                }
            )
        return self._env_of(user)

    def _env_of(self, user):
        context = {"lang": "en_US", "allowed_company_ids": self.env.company.ids}
        return self.env(user=user.id, context=context)

    def import_file(self, env, model: str, path: Path, **chosen) -> dict:
        """Import a file as the person of the environment; say and return what became of it."""
        totals = import_file(env, model, path, after_step=self.after_step, **chosen)
        counts = ", ".join(f"{totals[name]} {name}" for name in OUTCOMES)
        print(f"  {path.name}: {counts}")
        return totals
