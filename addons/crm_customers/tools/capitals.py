"""Amounts in Chinese capitals (大写), as contracts, receipts and bills write them.

Standard: 票据法 practice, "正确填写票据和结算凭证的基本规定" (People's Bank of China): capitals end
with 整 after 元 or 角; zeros between digits are read once as 零.
"""

from decimal import ROUND_HALF_UP, Decimal

import cn2an


def amount_in_capitals(amount, currency_code="CNY"):
    """Return ``amount`` in Chinese capitals.

    :param amount: number in main currency units; rounded to the cent, half up
    :param str currency_code: ISO code; only CNY has capitals
    :return: e.g. ``壹拾万元整``; an empty string for another currency
    """
    if currency_code != "CNY":
        return ""
    cents = Decimal(str(amount or 0)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return cn2an.an2cn(str(cents), "rmb")
