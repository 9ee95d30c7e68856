"""The contract case in a real browser, in Chinese, against a real server, with real mail.

Nothing is simulated: the server is the process that ``make run`` starts, mail arrives over SMTP and
is fetched over IMAP, every decision is a click of the role that takes it. Master data (users, a
product, mail servers) are set up over RPC, as an administrator does once. The screenshots are left
in ``tests/output`` to be looked at.
"""

import io
import resource
import smtplib
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from live_server import LiveServer
from mail_servers import PASSWORD, MailServers
from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=60_000)

OUTPUT = Path(__file__).with_name("output")
ROLES = {
    "seller": ["sales_team.group_sale_salesman"],
    "biller": ["account.group_account_invoice"],
    "agent": ["crm_service.group_service_agent"],
    "chief": ["sales_team.group_sale_manager", "crm_reports.group_report_viewer"],
    "client": ["base.group_portal"],
}
DESKTOP = {"width": 1400, "height": 900}
TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def mail(tmp_path_factory):
    with MailServers(tmp_path_factory.mktemp("mail"), ("support", "chen", "robot")) as servers:
        yield servers


@pytest.fixture(scope="module")
def server():
    OUTPUT.mkdir(exist_ok=True)
    with LiveServer(OUTPUT) as live:
        yield live


@pytest.fixture(scope="module")
def world(server, mail):
    """Users of each role, a customer, a product and the mail servers; ids by name."""
    return World(server.login("admin", "admin"), mail).build()


@pytest.fixture(scope="module")
def browser():
    # The host limits the address space of its process; Chromium reserves more than that.
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        yield chromium
        chromium.close()


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
        self.customer = self.create(
            "res.partner", name="苏州启明精密制造有限公司", is_company=True, lang="zh_CN",
            country_id=self.ref("base.cn"), vat="91310115MA1K30001D",
        )  # fmt: skip
        self.signatory = self.create(
            "res.partner", name="陈立群", parent_id=self.customer, lang="zh_CN",
            email="chen@customer.example",
        )  # fmt: skip
        for login, groups in ROLES.items():
            values = {
                "name": {"client": "陈立群"}.get(login, login),
                "login": login,
                "password": f"{login}-secret",
                "lang": "zh_CN",
                "tz": "Asia/Shanghai",
                "group_ids": [(6, 0, [self.ref(group) for group in groups])],
            }
            if login == "client":
                values["partner_id"] = self.signatory
            else:
                values["email"] = f"{login}@supplier.example"
                values["company_id"] = self.company
                values["company_ids"] = [(6, 0, [self.company])]
            self.users[login] = self.create("res.users", **values)
        self.call("res.partner", "write", [self.customer], {"user_id": self.users["seller"]})
        self._build_sales()
        self._build_mail()
        return self

    def _build_sales(self):
        tax = self.create(
            "account.tax", name="增值税 6% (测试)", amount=6, type_tax_use="sale",
            company_id=self.company,
        )  # fmt: skip
        self.product = self.create(
            "product.product", name="客户关系管理系统开发", type="service", list_price=283018.87,
            invoice_policy="order", taxes_id=[(6, 0, [tax])],
        )  # fmt: skip
        self.lead = self.create(
            "crm.lead", name="客户关系管理系统项目", type="opportunity",
            partner_id=self.signatory, user_id=self.users["seller"], company_id=self.company,
            crm_line_ids=[(0, 0, {"product_id": self.product, "quantity": 1})],
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


class Desk:
    """One role at its browser."""

    def __init__(self, browser, server, login, size=DESKTOP):
        self.server = server
        self.errors = []
        context = browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
        )
        self.page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{server.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", f"{login}-secret")
        self.page.click("button[type=submit]")
        self.page.wait_for_url(lambda url: "/web/login" not in url)

    def open(self, path):
        self.page.goto(f"{self.server.url}{path}")

    def form(self, action, record):
        """Open a record in the web client and wait until its form stands."""
        self.open(f"/odoo/action-{action}/{record}")
        expect(self.page.locator(".o_form_view .o_form_sheet")).to_be_visible()

    def press(self, name):
        """Press the button that calls ``name`` and confirm the question it may ask."""
        self.page.locator(f"button[name='{name}']:visible").first.click()
        self.page.wait_for_timeout(300)
        question = self.page.locator(".modal .modal-footer .btn-primary")
        if question.count() and not self.page.locator(".modal .o_form_view").count():
            question.first.click()

    def shoot(self, name):
        self.page.wait_for_timeout(800)
        self.page.screenshot(path=OUTPUT / f"case_{name}.png")

    def close(self):
        self.page.context.close()
        assert not self.errors, self.errors


@pytest.fixture
def desk(request, browser, server, world):
    """Open a browser for a role; all are closed, and checked for script errors, at the end."""
    opened = []

    def sit_down(login, size=DESKTOP):
        opened.append(Desk(browser, server, login, size))
        return opened[-1]

    yield sit_down
    for number, one in enumerate(opened, 1):
        one.shoot(f"end_of_{request.node.originalname}_{number}")
        one.close()


def test_1_sales_turns_the_order_into_a_signed_contract(desk, world, server):
    seller = desk("seller")
    call = server.login("seller", "seller-secret")
    action = call("crm.lead", "action_new_quotation", [world.lead])
    order = call("sale.order", "create", {"partner_id": world.signatory}, context=action["context"])
    seller.form("sale.action_quotations", order)
    expect(seller.page.locator(".o_form_sheet")).to_contain_text("客户关系管理系统开发")
    seller.press("action_confirm")
    expect(seller.page.locator("button[name=action_crm_create_contract]:visible")).to_be_visible()
    seller.press("action_crm_create_contract")
    sheet = seller.page.locator(".o_form_sheet")
    expect(sheet).to_contain_text("叁拾万元整")
    expect(sheet.locator("div[name=partner_id] input")).to_have_value("苏州启明精密制造有限公司")
    seller.shoot("1_contract_draft")
    seller.press("action_sign")
    expect(seller.page.locator("button[name=action_sign]:visible")).to_have_count(0)
    seller.shoot("1_contract_signed")
    [contract] = call(
        "crm.contract", "search_read", [("partner_id", "=", world.customer)],
        ["id", "state", "amount_total", "plan_line_ids"],
    )  # fmt: skip
    assert (contract["state"], contract["amount_total"]) == ("signed", 300000)
    world.contract, world.plan = contract["id"], contract["plan_line_ids"]
    call("crm.lead", "action_set_won", [world.lead])


def test_2_finance_invoices_the_instalment_and_registers_a_part_payment(desk, world, server):
    biller = desk("biller")
    biller.form("crm_sales.crm_payment_plan_line_action", world.plan[0])
    biller.shoot("2_instalment")
    biller.press("action_create_invoices")
    expect(biller.page.locator("button[name=action_post]:visible")).to_be_visible()
    biller.press("action_post")
    expect(biller.page.locator("button[name=action_register_payment]:visible")).to_be_visible()
    biller.shoot("2_invoice")
    biller.press("action_register_payment")
    amount = biller.page.locator(".modal div[name=amount] input")
    amount.fill("50000")
    amount.press("Tab")
    biller.page.locator(".modal button[name=action_create_payments]").click()
    expect(biller.page.locator(".modal")).to_have_count(0)
    seller = server.login("seller", "seller-secret")
    [line] = seller(
        "crm.payment.plan.line", "read", world.plan[:1], ["state", "amount_collected", "amount"]
    )
    assert line["state"] == "partial"
    assert line["amount_collected"] == 50000
    biller.form("crm_sales.crm_payment_plan_line_action", world.plan[0])
    biller.shoot("2_instalment_partly_paid")


def test_3_service_delivers_and_the_customer_finds_two_defects(desk, world, server):
    call = server.login("agent", "agent-secret")
    world.acceptance = call(
        "crm.service.acceptance", "create",
        {
            "contract_id": world.contract,
            "item_ids": [(0, 0, {"name": name}) for name in ("客户信息管理", "销售管理")],
        },
    )  # fmt: skip
    agent = desk("agent")
    agent.form("crm_service.crm_service_acceptance_action", world.acceptance)
    agent.press("action_submit")
    expect(agent.page.locator("button[name=action_add_defect]:visible")).to_be_visible()
    agent.shoot("3_acceptance_submitted")
    client = desk("client")
    for subject in ("导出的表格乱码", "审批邮件没有发出"):
        client.open(f"/my/acceptances/{world.acceptance}")
        client.page.locator("summary", has=client.page.locator("xpath=..")).first.click()
        client.page.fill("#defect_subject", subject)
        client.page.fill("#defect_description", "操作步骤见附件")
        client.page.locator("form[action$='/defect'] button[type=submit]").click()
        expect(client.page.locator("body")).to_contain_text(subject)
    client.shoot("3_portal_defects")
    [acceptance] = call(
        "crm.service.acceptance", "read", [world.acceptance], ["state", "defect_ids"]
    )
    assert acceptance["state"] == "defects"
    assert len(acceptance["defect_ids"]) == 2
    deadlines = call(
        "crm.service.ticket", "read", acceptance["defect_ids"], ["resolution_deadline"]
    )
    assert all(row["resolution_deadline"] for row in deadlines)
    for defect in acceptance["defect_ids"]:
        call("crm.service.ticket", "action_resolve", [defect])


def test_4_the_customer_verifies_and_signs_in_the_portal_once(desk, world, server):
    client = desk("client", TELEPHONE)
    for _defect in range(2):
        client.open(f"/my/acceptances/{world.acceptance}")
        client.page.locator("form[action*='/verify/'] button").first.click()
        client.page.wait_for_load_state("load")
    client.open(f"/my/acceptances/{world.acceptance}")
    client.shoot("4_portal_before_signing")
    sign = client.page.locator(".o_portal_sign_submit")
    sign.scroll_into_view_if_needed()
    expect(sign).to_be_enabled()
    sign.click()
    expect(client.page.locator("#signature")).to_be_visible()
    client.shoot("4_portal_signed")
    call = server.login("seller", "seller-secret")
    lines = call("crm.payment.plan.line", "read", world.plan, ["event", "due_date", "state"])
    accepted = [line for line in lines if line["event"] == "accepted"]
    assert accepted
    assert all(line["due_date"] and line["state"] == "due" for line in accepted)
    report = client.page.request.get(
        f"{server.url}/my/acceptances/{world.acceptance}?report_type=pdf"
    )
    assert report.ok
    assert report.body().startswith(b"%PDF")
    (OUTPUT / "case_4_acceptance_report.pdf").write_bytes(report.body())


def send(mail, sender, subject, **headers):
    """Send one mail to the support address over SMTP."""
    message = EmailMessage()
    message["From"], message["To"] = sender, "support@supplier.example"
    message["Subject"] = subject
    message["Message-Id"] = f"<{abs(hash((sender, subject)))}@customer.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("登录后页面空白,请尽快处理。")
    with smtplib.SMTP("127.0.0.1", mail.smtp_port) as connection:
        connection.send_message(message)


def test_5_a_request_by_mail_gets_promised_times_and_an_auto_reply_gets_nothing(
    desk, world, mail, server
):
    send(mail, "陈立群 <chen@customer.example>", "系统打不开")
    send(mail, "robot@customer.example", "自动回复: 外出", Auto_Submitted="auto-replied")
    admin = server.login("admin", "admin")
    admin("fetchmail.server", "fetch_mail", [world.inbox])
    call = server.login("agent", "agent-secret")
    tickets = call(
        "crm.service.ticket", "search_read", [("channel", "=", "email"),
        ("team_id", "=", world.team)],
        ["subject", "partner_id", "response_deadline", "resolution_deadline"],
    )  # fmt: skip
    assert [ticket["subject"] for ticket in tickets] == ["系统打不开"]
    assert tickets[0]["partner_id"][0] == world.signatory
    assert tickets[0]["response_deadline"] < tickets[0]["resolution_deadline"]
    world.ticket = tickets[0]["id"]
    agent = desk("agent")
    agent.form("crm_service.crm_service_ticket_action", world.ticket)
    agent.shoot("5_ticket_by_mail")
    agent.page.locator("button.o-mail-Chatter-sendMessage").click()
    agent.page.locator(".o-mail-Composer-input").fill("您好,已在处理。")
    agent.page.locator(".o-mail-Composer-send:visible").first.click()
    expect(agent.page.locator(".o-mail-Message", has_text="已在处理").first).to_be_visible()
    admin("mail.mail", "process_email_queue")
    answer = mail.wait_for("chen", lambda one: "已在处理" in one.as_string() or (
        one.get_body() and "已在处理" in one.get_body().get_content()))  # fmt: skip
    assert "support" in (answer["reply-to"] or answer["from"])
    [ticket] = call("crm.service.ticket", "read", [world.ticket], ["first_response_at"])
    assert ticket["first_response_at"]


def test_6_requests_by_portal_and_telephone_get_promised_times_too(desk, world, server):
    client = desk("client")
    client.open("/my/tickets/new")
    client.page.fill("#subject", "如何导出报表")
    client.page.fill("#description", "请说明步骤")
    client.shoot("6_portal_form")
    client.page.locator("form:has(#subject) button[type=submit]").click()
    expect(client.page.locator("body")).to_contain_text("如何导出报表")
    client.shoot("6_portal_ticket")
    agent = desk("agent")
    agent.open("/odoo/action-crm_service.crm_service_ticket_action_phone/new")
    agent.page.locator("div[name=subject] input, div[name=subject] textarea").first.fill(
        "电话:服务器告警"
    )
    agent.page.locator("div[name=partner_id] input").fill("陈立群")
    agent.page.locator(".o-autocomplete--dropdown-item", has_text="启明").first.click()
    agent.page.locator("button.o_form_button_save").click()
    expect(agent.page.locator("button.o_form_button_save")).not_to_be_visible()
    call = server.login("agent", "agent-secret")
    tickets = call(
        "crm.service.ticket", "search_read",
        [("subject", "in", ["如何导出报表", "电话:服务器告警"])],
        ["subject", "response_deadline", "resolution_deadline", "commercial_partner_id"],
    )  # fmt: skip
    assert len(tickets) == 2
    for ticket in tickets:
        assert ticket["response_deadline"], ticket
        assert ticket["resolution_deadline"], ticket
        assert ticket["commercial_partner_id"][0] == world.customer


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desktop"), (TELEPHONE, "telephone")])
def test_7_the_dashboard_shows_the_money_and_opens_it(desk, size, name):
    chief = desk("chief", size)
    chief.open("/odoo/crm-dashboards")
    tiles = chief.page.locator(".o_crm_tile")
    expect(tiles.first).to_be_visible()
    chief.page.wait_for_timeout(3000)
    assert tiles.count() >= 6
    chief.shoot(f"7_dashboard_{name}")


def test_8_the_workbook_has_native_charts(desk, server):
    chief = desk("chief")
    chief.open("/odoo/crm-dashboards")
    expect(chief.page.locator(".o_crm_tile").first).to_be_visible()
    with chief.page.expect_download() as waiting:
        chief.page.locator(".o_crm_export").click()
    content = Path(waiting.value.path()).read_bytes()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert any(name.startswith("xl/charts/chart") for name in names)
