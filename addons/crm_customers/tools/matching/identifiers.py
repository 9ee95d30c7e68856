"""Numbers and addresses that name somebody: one form each, None or empty for what names nobody."""

import re

import phonenumbers
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from .text import plain

DIGITS = re.compile(r"\D+")
MAIL = re.compile(r"^[^@\s]+@([^@\s]+\.[^@\s]+)$")
# Everybody's mail: such a domain says nothing about who the customer is.
PUBLIC_MAIL_NAMES = """
126.com 139.com 163.com 189.cn 21cn.com aliyun.com aol.com foxmail.com gmail.com gmx.com gmx.de
googlemail.com hotmail.com icloud.com live.com live.cn mac.com mail.com mail.ru me.com msn.com
naver.com outlook.com proton.me protonmail.com qq.com sina.cn sina.com sohu.com tom.com
vip.163.com vip.qq.com vip.sina.com wo.cn web.de yahoo.co.jp yahoo.com yahoo.com.cn yahoo.cn
yandex.ru yeah.net example.com
"""
PUBLIC_MAIL = frozenset(PUBLIC_MAIL_NAMES.split())
FEWEST_DIGITS = 7


def credit_code(value: str) -> str | None:
    """A unified social credit code in its official form, or None when it is not one.

    Spaces, hyphens, letter case and full width do not matter; the check character does.
    """
    try:
        return uscc.validate(plain(value or "").upper())
    except ValidationError:
        return None


def tax_number(value: str) -> str:
    """A tax or credit number to compare by: letters and digits, upper case."""
    if value.isascii() and value.isalnum():
        return value.upper()
    return re.sub(r"[\W_]+", "", plain(value).upper()) if value else ""


def phone(value: str, region: str = "") -> str | None:
    """A telephone number in E.164, or None when it is not a valid number.

    :param region: country code that numbers without prefix are of
    """
    try:
        parsed = phonenumbers.parse(value or "", region.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def phone_key(value: str, region: str = "") -> str:
    """What telephone numbers are compared by: E.164, else the digits when there are enough."""
    if not value:
        return ""
    digits = DIGITS.sub("", plain(value))
    if value.startswith("+"):
        return f"+{digits}"
    return phone(value, region) or (digits if len(digits) >= FEWEST_DIGITS else "")


def mail_domain(email: str, website: str = "") -> str:
    """The domain that a company's mail or website is of; empty for public mail services."""
    match = MAIL.match((email or "").strip().lower())
    domain = match[1] if match else ""
    if not domain and website:
        domain = re.sub(r"^(?:https?://)?(?:www\.)?", "", website.strip().lower())
        domain = re.split(r"[/:?#]", domain)[0]
    return "" if domain in PUBLIC_MAIL or "." not in domain else domain
