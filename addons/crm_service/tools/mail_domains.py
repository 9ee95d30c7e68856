"""Mail domains that say nothing about the company of the one who writes."""

# Providers of private mailboxes, in China first, since most customers write from there.
PUBLIC_DOMAINS = frozenset(
    {
        "qq.com",
        "vip.qq.com",
        "foxmail.com",
        "163.com",
        "vip.163.com",
        "126.com",
        "yeah.net",
        "188.com",
        "sina.com",
        "sina.cn",
        "vip.sina.com",
        "sohu.com",
        "tom.com",
        "21cn.com",
        "aliyun.com",
        "139.com",
        "189.cn",
        "wo.cn",
        "263.net",
        "10086.cn",
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "hotmail.fr",
        "live.com",
        "live.cn",
        "msn.com",
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.co.jp",
        "yahoo.fr",
        "yahoo.de",
        "yahoo.cn",
        "yahoo.com.cn",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "gmx.com",
        "gmx.net",
        "gmx.de",
        "web.de",
        "t-online.de",
        "orange.fr",
        "free.fr",
        "laposte.net",
        "libero.it",
        "mail.com",
        "mail.ru",
        "yandex.ru",
        "yandex.com",
        "zoho.com",
        "fastmail.com",
        "naver.com",
        "daum.net",
        "hanmail.net",
        "rediffmail.com",
    }
)


def mail_domain(address):
    """Return the lower-case domain of a normalized address, empty when there is none."""
    return (address or "").rpartition("@")[2].strip().lower() if "@" in (address or "") else ""


def company_domain(address):
    """Return the domain of an address when it can identify a company, else an empty string."""
    domain = mail_domain(address)
    return "" if domain in PUBLIC_DOMAINS else domain
