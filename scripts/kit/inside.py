"""Steps of the database set-up that need the host's environment: ``inside.py STEP DATABASE``."""

import json
import os
import sys


def company(env) -> None:
    """Give the new database's company its country, currency and time zone.

    Must run before accounting is installed, which takes the chart of accounts from the country.
    """
    code = os.environ.get("COUNTRY", "cn").lower()
    country = env["res.country"].search([("code", "=", code.upper())])
    if not country:
        sys.exit(f"ERROR: COUNTRY={code} is not the two-letter code of a country")
    country.currency_id.active = True
    main_company = env.ref("base.main_company")
    main_company.write({"country_id": country.id, "currency_id": country.currency_id.id})
    zones = {"cn": "Asia/Shanghai"}
    if code in zones:
        env["res.users"].with_context(active_test=False).search([]).write({"tz": zones[code]})


def chart(env) -> None:
    """Give the company the chart of accounts of its country, and with it the currency.

    The host's demo data loads the generic chart, of the United States and in their dollars,
    whatever the company's country is. Must run before orders and contracts are made.
    """
    main_company = env.ref("base.main_company")
    charts = env["account.chart.template"]
    wanted = charts._guess_chart_template(main_company.country_id)
    if main_company.chart_template != wanted:
        charts.try_loading(wanted, main_company, install_demo=True)
        # Made in the old currency, when the company was.
        pricelists = env["product.pricelist"].with_context(active_test=False)
        pricelists.search([("company_id", "=", main_company.id)]).write(
            {"currency_id": main_company.currency_id.id}
        )


def logins(env) -> None:
    """Print the logins whose password is the login itself, as the demo data makes them."""
    found = []
    for user in env["res.users"].search([("share", "in", (False, True))], order="id"):
        env.cr.execute("SELECT password FROM res_users WHERE id = %s", [user.id])
        stored = env.cr.fetchone()[0]
        if stored and user._crypt_context().verify(user.login, stored):
            found.append({"login": user.login, "name": user.name, "portal": user.share})
    print("LOGINS " + json.dumps(found))


def assets(env) -> None:
    """Build the asset bundles, so that no page and no browser test waits for them."""
    env["ir.qweb"]._pregenerate_assets_bundles()


STEPS = {"company": company, "chart": chart, "logins": logins, "assets": assets}


def main() -> None:
    step, database = sys.argv[1:]
    from launch import keep_paid_services_off

    keep_paid_services_off()
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http"], setup_logging=True)
    with Registry(database).cursor() as cr:
        STEPS[step](api.Environment(cr, SUPERUSER_ID, {}))


if __name__ == "__main__":
    main()
