"""Maven's "CRM Sales Opportunities": accounts, products, teams and opportunities."""

from collections.abc import Iterable, Iterator

from .formats import by_label, date_slice, money, number

NAME = "maven"
FILES = {
    "teams": "maven_sales_teams.csv",
    "products": "maven_products.csv",
    "accounts": "maven_accounts.csv",
    "opportunities": "maven_sales_pipeline*.csv",
}
OUTCOMES = {"Won": "won", "Lost": "lost"}
WON = [("outcome", "=", "won")]
LOST = [("outcome", "=", "lost")]
OPEN = [("outcome", "=", "open")]
LARGEST_ACCOUNTS = 5


def load(session, paths) -> None:
    """Import the four files: the teams by the administrator, the others by a sales manager."""
    session.import_file(session.administrator, "crm.team", paths["teams"])
    session.import_file(session.manager, "product.template", paths["products"])
    session.import_file(session.manager, "res.partner", paths["accounts"])
    session.import_file(session.manager, "crm.lead", paths["opportunities"])


def figures(session, _loaded=None) -> Iterator[tuple[str, str, str]]:
    """Read the opportunity analyses and the import journal; yield metric, slice and value."""
    env = session.manager
    deals, lines = env["crm.opportunity.report"], env["crm.opportunity.product.report"]
    yield from totals(deals)
    yield from unlisted_products(env["crm.import.issue"])
    yield from people(deals)
    yield from cut(deals, "agent", "user_id", ("opportunities", "won", "value", "rate"))
    yield from cut(lines, "product", "product_id", ("opportunities", "won", "value", "rate"))
    yield from cut(deals, "manager", "manager_id", ("opportunities", "won", "value", "rate"))
    yield from cut(deals, "office", "office_id", ("opportunities", "won", "value", "rate"))
    yield from sectors(deals, env["crm.import.issue"])
    yield from largest_accounts(deals)
    yield from periods(deals)
    yield from list_values(lines)


def totals(deals) -> Iterator[tuple[str, str, str]]:
    """Figures over all opportunities, by stage and by outcome."""
    yield "opportunities", "all", number(one(deals, "__count"))
    for stage, count in by_stage(deals, "__count"):
        yield "opportunities", f"stage={stage}", number(count)
    yield "won_value", "all", money(one(deals, "won_value:sum"))
    yield "won_value_mean", "all", number(one(deals, "value:avg", WON))
    yield "won_value_median", "all", number(one(deals, "value:median", WON))
    yield "win_rate_pct", "all", number(one(deals, "win_rate:avg"))
    for stage, outcome in OUTCOMES.items():
        domain = [("outcome", "=", outcome)]
        for name, aggregate in (("mean", "avg"), ("median", "median")):
            value = one(deals, f"days_to_close:{aggregate}", domain)
            yield f"days_to_close_{name}", f"stage={stage}", number(value)
    nobody = [("partner_id", "=", False)]
    yield "opportunities_without_account", "all", number(one(deals, "__count", nobody))
    for stage, count in by_stage(deals, "__count", nobody):
        yield "opportunities_without_account", f"stage={stage}", number(count)


def unlisted_products(issues) -> Iterator[tuple[str, str, str]]:
    """Product names that the import took for others, from its journal."""
    domain = [("column", "=", "product"), ("code", "=", "folded")]
    metric = "opportunities_with_unlisted_product_name"
    for name, meant, count in issues._read_group(
        domain, ["value", "used_value"], ["__count"], order="value"
    ):
        yield metric, f"name={name};means={meant}", number(count)
    yield metric, "all", number(issues.search_count(domain))


def people(deals) -> Iterator[tuple[str, str, str]]:
    """How many salespeople and customers there are."""
    yield "agents_with_opportunities", "all", number(one(deals, "user_id:count_distinct"))
    yield "accounts_with_opportunities", "all", number(one(deals, "partner_id:count_distinct"))


def cut(report, name: str, field: str, parts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Figures by one dimension; opportunities are counted once, whatever lines they have."""
    known = [(field, "!=", False)]
    metrics = {
        "opportunities": ("opportunities", "lead_id:count_distinct", known, number),
        "won": ("won_opportunities", "lead_id:count_distinct", known + WON, number),
        "value": ("won_value", "won_value:sum", known + WON, money),
        "rate": ("win_rate_pct", "win_rate:avg", [*known, ("outcome", "!=", "open")], number),
    }
    for part in parts:
        metric, measure, domain, written = metrics[part]
        for label, value in by_label(report, field, measure, domain):
            yield metric, f"{name}={label}", written(value)


def sectors(deals, issues) -> Iterator[tuple[str, str, str]]:
    """Won value by sector, each as the file writes it."""
    spelling = {
        issue.used_value: issue.value
        for issue in issues.search([("column", "=", "sector"), ("code", "=", "folded")])
    }
    domain = [*WON, ("industry_id", "!=", False)]
    for label, value in by_label(deals, "industry_id", "won_value:sum", domain, spelling):
        yield "won_value", f"sector={label}", money(value)


def largest_accounts(deals) -> Iterator[tuple[str, str, str]]:
    """Won value of the customers with most of it."""
    found = by_label(deals, "partner_id", "won_value:sum", [*WON, ("partner_id", "!=", False)])
    largest = sorted(found, key=lambda pair: -pair[1])[:LARGEST_ACCOUNTS]
    for label, value in largest:
        yield "won_value", f"account={label}", money(value)


def periods(deals) -> Iterator[tuple[str, str, str]]:
    """Figures by the quarter and the month of closing, and by office and quarter."""
    for unit in ("quarter", "month"):
        for metric, measure, domain, written in (
            ("won_opportunities", "__count", WON, number),
            ("lost_opportunities", "__count", LOST, number),
            ("won_value", "won_value:sum", WON, money),
        ):
            spec = f"date_closed:{unit}"
            for row in deals._get_figures([measure], [spec], domain):
                piece = date_slice(unit, row[spec][0])
                yield metric, f"{unit}={piece}", written(row[measure])
    spec = "date_closed:quarter"
    rows = deals._get_figures(["won_value:sum"], ["office_id", spec], WON)
    for row in sorted(rows, key=lambda row: (row["office_id"][1], row[spec][0])):
        quarter = date_slice("quarter", row[spec][0])
        piece = f"office={row['office_id'][1]};quarter={quarter}"
        yield "won_value", piece, money(row["won_value:sum"])


def list_values(lines) -> Iterator[tuple[str, str, str]]:
    """What the products cost by the catalogue."""
    yield "won_list_value", "all", money(one(lines, "list_value:sum", WON))
    yield "won_value_of_list_value_pct", "all", number(one(lines, "list_value_pct:avg", WON))
    yield "open_list_value", "all", money(one(lines, "list_value:sum", OPEN))
    for label, value in by_label(lines, "stage_id", "list_value:sum", OPEN):
        yield "open_list_value", f"stage={label}", money(value)


def by_stage(deals, measure: str, domain=()) -> list[tuple[str, float]]:
    """A figure by stage, where won and lost are stages as in the file."""
    found = by_label(deals, "stage_id", measure, [*OPEN, *domain])
    for stage, outcome in OUTCOMES.items():
        value = one(deals, measure, [("outcome", "=", outcome), *domain])
        if value:
            found.append((stage, value))
    return sorted(found)


def one(report, measure: str, domain=()):
    """One figure over all rows of a domain."""
    return report._get_figures([measure], domain=list(domain))[0][measure]
