"""Invoice titles (开票抬头) as text and what they lack, without a database."""

from dataclasses import dataclass

# The four lines that Chinese invoicing software, and people on the telephone, ask for; the words
# are those printed on the invoice, whatever language the reader has.
LINES = "名称：{name}\n纳税人识别号：{number}\n地址、电话：{place}\n开户行及账号：{account}"


@dataclass(frozen=True)
class TitleFacts:
    """What an invoice says of its buyer.

    :param number_valid: whether the tax number keeps the rules of its country
    :param special: whether a special VAT invoice (专票) is wanted
    :param electronic: whether the invoice is sent as a file
    :param person: whether the buyer is a natural person
    """

    name: str = ""
    number: str = ""
    number_valid: bool = True
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""
    special: bool = True
    electronic: bool = True
    person: bool = False
    email: str = ""
    mobile: str = ""

    def block(self) -> str:
        """The four lines to copy; what is not known is left empty."""
        return LINES.format(
            name=self.name,
            number=self.number,
            place=" ".join(filter(None, (self.address, self.phone))),
            account=" ".join(filter(None, (self.bank, self.account))),
        )

    def list_missing(self) -> list[str]:
        """Codes of what the wanted invoice still needs, in the order of the lines.

        A special invoice needs all six; an ordinary one the name, and the tax number of a company.
        An electronic one needs an address or a mobile number to be sent to.
        """
        missing = [] if self.name else ["name"]
        if self.special and self.person:
            missing.append("company")
        if self.special or not self.person:
            if not self.number:
                missing.append("number")
            elif not self.number_valid:
                missing.append("valid_number")
        if self.special:
            wanted = ("address", "phone", "bank", "account")
            missing += [part for part in wanted if not getattr(self, part)]
        if self.electronic and not (self.email or self.mobile):
            missing.append("receiver")
        return missing
