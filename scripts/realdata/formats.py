"""How figures are written: counts whole, money with two decimals, the rest as short as exact."""

from datetime import date


def number(value) -> str:
    """A count, mean or percentage."""
    if value is None:
        return ""
    text = f"{value:.6f}"
    return text.rstrip("0").rstrip(".")


def money(value) -> str:
    """An amount."""
    return f"{value or 0:.2f}"


def date_slice(unit: str, day: date) -> str:
    """A period by its first day: ``2017Q1`` or ``2017-03``."""
    if unit == "quarter":
        return f"{day.year}Q{(day.month + 2) // 3}"
    return f"{day:%Y-%m}"


def by_label(report, field, measure, domain=(), spelling=None) -> list[tuple[str, float]]:
    """A figure by the names of one dimension, in the order of the names.

    :param spelling: names that are written otherwise
    """
    spelling = spelling or {}
    rows = report._get_figures([measure], [field], list(domain))
    return sorted((spelling.get(row[field][1], row[field][1]), row[measure]) for row in rows)
