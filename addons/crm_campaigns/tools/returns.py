"""What a campaign costs and brings, and the ratios marketers judge it by.

Every ratio is ``None``, not zero, where it has no meaning: nothing was spent, or nobody came.
"""

from dataclasses import dataclass

WARNING_SHARE = 0.8  # of the budget: time to look
LIMIT_SHARE = 1.0  # of the budget: nothing left


@dataclass(frozen=True)
class CampaignFigures:
    """The figures of one campaign with its sub-campaigns, money in company currency.

    :ivar cost: posted vendor-bill lines less vendor credits, untaxed
    :ivar committed: the same from draft bills
    :ivar invoiced: posted customer invoices less credit notes, untaxed
    :ivar collected: the share of ``invoiced`` that arrived as money
    :ivar leads: leads and opportunities, lost ones included
    :ivar responses: persons with at least one human touch
    :ivar customers: customers whose record names the campaign as their origin
    :ivar buyers: customers among them with a posted invoice
    """

    cost: float = 0.0
    committed: float = 0.0
    invoiced: float = 0.0
    collected: float = 0.0
    leads: int = 0
    responses: int = 0
    customers: int = 0
    buyers: int = 0

    @property
    def roi(self):
        """Return on investment on money received: (collected - cost) / cost."""
        return share(self.collected - self.cost, self.cost)

    @property
    def roas(self):
        """Return on advertising spend: invoiced / cost."""
        return share(self.invoiced, self.cost)

    @property
    def cost_per_lead(self):
        """Cost divided by leads, in currency."""
        return cost_per(self.cost, self.leads)

    @property
    def cost_per_customer(self):
        """Cost divided by customers who bought (CAC), in currency."""
        return cost_per(self.cost, self.buyers)


def share(part, whole):
    """Return ``part / whole``, or None where nothing (or less) was spent."""
    return part / whole if whole > 0 else None


def cost_per(cost, count):
    """Return the cost of one, or None where there was no cost or nobody to divide it by."""
    return cost / count if cost > 0 and count else None


def budget_alert(budget, spent):
    """Say how far the budget is used.

    :param budget: planned amount
    :param spent: actual plus committed cost, same currency
    :return: ``"over"`` from 100 % (or with cost and no budget), ``"warning"`` from 80 %,
        ``"ok"`` below, ``None`` where there is neither budget nor cost
    """
    if budget <= 0:
        return "over" if spent > 0 else None
    used = round(spent / budget, 6)
    if used >= LIMIT_SHARE:
        return "over"
    return "warning" if used >= WARNING_SHARE else "ok"


def collected_share(untaxed, total, cash):
    """Return how much of an untaxed document amount arrived as money, unrounded.

    :param untaxed: untaxed amount in company currency, credit notes negative
    :param total: total of the document in its currency, positive
    :param cash: money received in the same currency, paid-out credit notes negative
    """
    return abs(untaxed) * cash / total if total else 0.0
