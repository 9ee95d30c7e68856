"""The host's own tests with all addons of the suite installed: ``scripts/suite test-host``.

Each suite runs in a fresh copy of the demonstration's database, its tests of both kinds after
everything is loaded. What fails without our addons as well, or for a reason that is written down,
stands in ``tests/host_expected_failures.txt`` and is reported as expected.
"""

from collections.abc import Sequence

from . import host, host_cli, packages, paths, serve, testing
from .console import Problem, child, locked, say
from .database import Store
from .postgres import test_cluster

# Files of the host's test folders; an empty list means all of them.
SUITES = {
    "crm": [],
    "sale_crm": [],
    "sale": [],
    "account": [
        "test_account_partner.py",
        "test_account_move_out_invoice.py",
        "test_account_move_out_refund.py",
        "test_account_move_payments_widget.py",
        "test_account_payment.py",
        "test_account_payment_register.py",
        "test_account_payment_items.py",
        "test_early_payment_discount.py",
        "test_payment_term.py",
        "test_portal_invoice.py",
        "test_res_partner_merge.py",
        "test_taxes_downpayment.py",
    ],
    "mass_mailing": [],
    "portal": [],
    "rating": [],
    "resource": [],
    "sales_team": [],
    "base": ["test_res_partner.py", "test_res_partner_bank.py", "test_res_partner_merge.py"],
}
# Ten tests of country packages that are not installed take half of the time of the suite of sale.
LEFT_OUT = "not TestTaxesDownPaymentSale"


def run(arguments: Sequence[str]) -> int:
    """Run the suites that are named, or all; further arguments go to pytest."""
    chosen = [name for name in arguments if name in SUITES] or list(SUITES)
    rest = [argument for argument in arguments if argument not in SUITES]
    with locked("setup", serve.SETTING_UP):
        packages.setup_for_tests()
    serve.set_up(development=True)
    failed = []
    with test_cluster().use() as server:
        store = Store(server, testing.DATA)
        template = testing.ensure_template(store)
        for name in chosen:
            with testing.cloned(store, template) as copy:
                if _run_suite(store, copy, name, rest):
                    failed.append(name)
    say(f"Suites of the host that failed: {', '.join(failed) or 'none'}.")
    return int(bool(failed))


def get_files(name: str) -> list[str]:
    """The paths of a suite's tests, as pytest takes them."""
    folder = host.home() / "odoo" / "addons" / name / "tests"
    if not folder.is_dir():
        raise Problem(f"The host has no tests of {name} in {folder}.")
    return [str(folder / file) for file in SUITES[name]] or [str(folder)]


def _run_suite(store: Store, copy: str, name: str, rest: Sequence[str]) -> int:
    environment = {
        **host_cli.environment(store.server, store.data),
        "CRM_SUITE_HOST_TESTS": name,
        "TZ": "UTC",
    }
    command = [*testing.pytest_command(copy), "-k", LEFT_OUT, *get_files(name), *rest]
    say(f"The host's tests of {name}")
    with child(command, env=environment, cwd=paths.ROOT, stdout=None) as process:
        return process.wait()
