"""What an administrator sets up once before the contract case begins."""

from mail_servers import PASSWORD

ROLES = {
    "seller": ["sales_team.group_sale_salesman"],
    "biller": ["account.group_account_invoice"],
    "agent": ["crm_service.group_service_agent"],
    "market": ["crm_campaigns.group_marketing_user"],
    "market_head": ["crm_campaigns.group_marketing_manager"],
    "chief": ["sales_team.group_sale_manager", "crm_reports.group_report_viewer"],
}


class World:
    """Sets up what an administrator sets up once."""

    def __init__(self, call, mail):
        self.call = call
        self.mail = mail
        self.users = {}

    def ref(self, xml_id):
        module, name = xml_id.split(".")
        rows = self.call(
            "ir.model.data", "search_read", [("module", "=", module), ("name", "=", name)],
            ["res_id"],
        )  # fmt: skip
        return rows[0]["res_id"]

    def create(self, model, **values):
        return self.call(model, "create", values)

    def build(self):
        self.company = self.ref("base.main_company")
        for login, groups in ROLES.items():
            self._create_user(
                login, groups, name=login, email=f"{login}@supplier.example",
                company_id=self.company, company_ids=[(6, 0, [self.company])],
            )  # fmt: skip
        self._build_sales()
        self._build_mail()
        return self

    def invite(self, customer):
        """Give the customer a signatory with a login to the portal."""
        self.customer = customer
        # A new contact gets the language that was installed first, whoever enters it.
        self.call("res.partner", "write", [customer], {"lang": "zh_CN"})
        self.signatory = self.create(
            "res.partner", name="陈立群", parent_id=customer, lang="zh_CN",
            email="chen@customer.example",
        )  # fmt: skip
        self._create_user("client", ["base.group_portal"], partner_id=self.signatory)

    def _create_user(self, login, groups, **values):
        self.users[login] = self.create(
            "res.users", login=login, password=f"{login}-secret", lang="zh_CN",
            tz="Asia/Shanghai", group_ids=[(6, 0, [self.ref(group) for group in groups])],
            **values,
        )  # fmt: skip

    def _build_sales(self):
        tax = self.create(
            "account.tax", name="增值税 6% (测试)", amount=6, type_tax_use="sale",
            company_id=self.company,
        )  # fmt: skip
        self.product = self.create(
            "product.product", name="客户关系管理系统开发", type="service", list_price=283018.87,
            invoice_policy="order", taxes_id=[(6, 0, [tax])],
        )  # fmt: skip

    def _build_mail(self):
        domain = self.create("mail.alias.domain", name="supplier.example")
        self.call("res.company", "write", [self.company], {"alias_domain_id": domain})
        self.team = self.create(
            "crm.service.team", name="技术支持", alias_name="support", alias_domain_id=domain,
            company_id=self.company, sequence=1, member_ids=[(6, 0, [self.users["agent"]])],
        )  # fmt: skip
        self.create(
            "ir.mail_server", name="SMTP", smtp_host="127.0.0.1", smtp_port=self.mail.smtp_port,
            smtp_encryption="none",
        )  # fmt: skip
        self.inbox = self.create(
            "fetchmail.server", name="IMAP", server_type="imap", server="127.0.0.1",
            port=self.mail.imap_port, is_ssl=False, user="support", password=PASSWORD,
            object_id=False,
        )  # fmt: skip
        self.call("fetchmail.server", "button_confirm_login", [self.inbox])
