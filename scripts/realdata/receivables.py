"""IBM's accounts receivable: invoices of two years, when they were due and when settled."""

from collections.abc import Iterator
from datetime import date

from .dedupe import Records, read_rows
from .formats import by_label, date_slice, money, number

NAME = "receivables"
FILES = {"invoices": "ibm_accounts_receivable*.csv"}
DATE_FORMAT = "%m/%d/%Y"
LARGEST_CUSTOMERS = 5
MINE = [("partner_id.ref", "=like", f"{NAME}/%")]
INVOICES = [("move_type", "=", "out_invoice")]
LATE = [("is_late", "=", True)]
DISPUTED = [("is_disputed", "=", True)]
# When receivables are looked at, and up to when settlements had been recorded.
AS_OF = (
    (date(2012, 9, 30), None),
    (date(2013, 3, 3), None),
    (date(2013, 5, 26), None),
    (date(2013, 10, 31), None),
    (date(2012, 12, 31), date(2012, 6, 30)),
    (date(2013, 12, 31), date(2013, 7, 31)),
)
BUCKETS = {
    "not_due": "not due",
    "days_30": "1-30",
    "days_60": "31-60",
    "days_90": "61-90",
    "days_120": "91-120",
    "older": ">120",
}


def load(session, paths) -> None:
    """Import the customers, tagged with the country's code, then the file itself.

    The codes of countries are IBM's own, no country of the world; so they become tags.
    """
    countries = {row["customerID"]: row["countryCode"] for row in read_rows(paths["invoices"])}
    Records(session, NAME).load(
        ((key, {"company_name": key, "Tags": code}, {}) for key, code in sorted(countries.items())),
        name_create_enabled_fields={"category_id": True},
    )
    session.import_file(
        session.accountant, "account.move", paths["invoices"], date_format=DATE_FORMAT
    )


def figures(session, _loaded=None) -> Iterator[tuple[str, str, str]]:
    """Read the analyses of settlement and of receivables."""
    env = session.accountant
    settled = env["crm.settlement.report"]
    yield "customers", "all", number(one(settled, "partner_id:count_distinct"))
    yield from counts(settled, "all", [])
    customers = by_label(settled, "partner_id", "amount:sum", MINE)
    tags = env["res.partner"].search([("ref", "=like", f"{NAME}/%")]).category_id
    for tag in tags.sorted("name"):
        yield from counts(
            settled, f"country={tag.name}", [("partner_id.category_id", "in", tag.ids)]
        )
    for name, _amount in sorted(customers, key=lambda pair: -pair[1])[:LARGEST_CUSTOMERS]:
        yield from counts(settled, f"customer={name}", [("partner_id.name", "=", name)])
    yield from days(settled)
    yield from periods(settled)
    for as_of, recorded_to in AS_OF:
        yield from ageing(env["crm.receivable.report"], as_of, recorded_to)


def counts(report, piece: str, domain: list) -> Iterator[tuple[str, str, str]]:
    """How many invoices, how much, how late and how disputed."""
    for metric, measure, written in (
        ("invoices", "__count", number),
        ("invoiced_amount", "amount:sum", money),
        ("late_invoices", "late_count:sum", number),
        ("late_amount", "late_amount:sum", money),
        ("late_pct", "late_rate:avg", number),
        ("disputed_invoices", "disputed_count:sum", number),
        ("disputed_amount", "disputed_amount:sum", money),
        ("days_to_settle_mean", "days_to_settle:avg", number),
        ("days_late_mean", "days_late:avg", number),
    ):
        yield metric, piece, written(one(report, measure, domain))


def days(report) -> Iterator[tuple[str, str, str]]:
    """Days until invoices were settled, and days late."""
    yield "days_to_settle_median", "all", number(one(report, "days_to_settle:median"))
    yield "days_late_mean", "only=late", number(one(report, "days_late:avg", LATE))
    yield "days_late_max", "all", number(one(report, "days_late:max"))
    for word, domain in (("yes", DISPUTED), ("no", [("is_disputed", "=", False)])):
        value = one(report, "days_to_settle:avg", domain)
        yield "days_to_settle_mean", f"disputed={word}", number(value)


def periods(report) -> Iterator[tuple[str, str, str]]:
    """Amounts by the quarter and month of the invoice, and of its settlement."""
    for unit in ("quarter", "month"):
        for metric, day in (
            ("invoiced_amount", "invoice_date"),
            ("settled_amount", "date_settled"),
        ):
            spec = f"{day}:{unit}"
            for row in report._get_figures(["amount:sum"], [spec], [*MINE, (day, "!=", False)]):
                piece = date_slice(unit, row[spec][0])
                yield metric, f"{unit}={piece}", money(row["amount:sum"])


def ageing(report, as_of: date, recorded_to: date | None) -> Iterator[tuple[str, str, str]]:
    """Open invoices at the end of a day, by how long they are overdue."""
    report = report.with_context(crm_as_of=as_of, crm_recorded_to=recorded_to)
    piece = f"as_of={as_of}"
    if recorded_to:
        piece += f";settlements_to={recorded_to}"
    yield from open_invoices(report, piece, INVOICES)
    for bucket, name in BUCKETS.items():
        domain = [*INVOICES, ("bucket", "=", bucket)]
        yield from open_invoices(report, f"{piece};bucket={name}", domain)


def open_invoices(report, piece: str, domain: list) -> Iterator[tuple[str, str, str]]:
    """How many invoices are open, and how much of them."""
    yield "open_invoices", piece, number(one(report, "move_id:count_distinct", domain))
    yield "open_amount", piece, money(one(report, "residual:sum", domain))


def one(report, measure: str, domain=()):
    """One figure over the rows of a domain that belong to this data set."""
    return report._get_figures([measure], domain=[*MINE, *domain])[0][measure]
