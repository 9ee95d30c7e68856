"""Amounts in Chinese capitals, against two independent opinions."""

from collections.abc import Iterator
from decimal import Decimal

from .dedupe import read_rows
from .formats import money, number

NAME = "rmb"
FILES = {"vectors": "rmb_uppercase_vectors.csv"}


def load(session, paths) -> list:
    """Draw up a contract over each amount; it says the amount in capitals."""
    rows = read_rows(paths["vectors"])
    env = session.manager
    currency = env["res.currency"].with_context(active_test=False).search([("name", "=", "CNY")])
    return [
        (
            row,
            env["crm.contract"]
            .new({"amount_total": float(row["amount"]), "currency_id": currency.id})
            .amount_capitals,
        )
        for row in rows
    ]


def figures(session, capitals) -> Iterator[tuple[str, str, str]]:
    """How often the product and both opinions agree."""
    agree = sum(text == row["cn2an_rmb"] == row["nzh_toMoney"] for row, text in capitals)
    amounts = [Decimal(row["amount"]) for row, _text in capitals]
    yield "vectors", "all", number(len(capitals))
    yield "agree", "all", number(agree)
    yield "disagree", "all", number(len(capitals) - agree)
    yield "distinct_amounts", "all", number(len(set(amounts)))
    yield "amount", "all", money(sum(amounts))
