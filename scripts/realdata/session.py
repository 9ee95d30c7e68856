"""The people on whose behalf data sets are imported."""

from pathlib import Path

from odoo import Command

from .importer import import_file

OUTCOMES = ("created", "updated", "unchanged", "refused", "adjusted")
MANAGER_LOGIN = "realdata.manager"
# What it takes to import products, customers and opportunities, and to read the analyses.
MANAGER_GROUPS = (
    "base.group_partner_manager",
    "product.group_product_manager",
    "sales_team.group_sale_manager",
    "crm_customers.group_merge",
)


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
        users = self.env["res.users"]
        user = users.search([("login", "=", MANAGER_LOGIN)])
        if not user:
            groups = [self.env.ref(name).id for name in MANAGER_GROUPS]
            user = users.with_context(no_reset_password=True).create(
                {
                    "name": "Real Data Manager",
                    "login": MANAGER_LOGIN,
                    "group_ids": [Command.set(groups)],
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
