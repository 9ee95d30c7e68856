"""The contract case in a real browser, in Chinese, against a real server, with real mail.

Nothing is simulated: the server is the process that ``make run`` starts, mail arrives over SMTP and
is fetched over IMAP, every decision is a click of the role that takes it. Master data (users, a
product, mail servers) are set up over RPC, as an administrator does once. The screenshots are left
in ``tests/output`` to be looked at.
"""

import io
import smtplib
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from case_world import World
from desks import DESKTOP, OUTPUT, TELEPHONE, Desk, chromium
from live_server import LiveServer
from mail_servers import MailServers
from playwright.sync_api import expect


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
    """Users of each role, a product and the mail servers; ids by name."""
    return World(server.login("admin", "admin"), mail).build()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


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


def test_1_marketing_plans_the_campaign_and_its_cost_is_a_posted_bill(desk, world, server):
    market = desk("market")
    market.open("/odoo/crm-campaigns/new")
    market.fill("title", "2026 秋季工业展")
    market.fill("crm_date_start", "2026-11-01")
    market.page.keyboard.type("2026-11-30")  # Tab leads to the end of the period
    market.page.keyboard.press("Tab")
    market.save()
    call = server.login("market", "market-secret")
    [world.campaign] = call("utm.campaign", "search", [("title", "=", "2026 秋季工业展")])
    head = desk("market_head")
    head.form("crm_campaigns.utm_campaign_action_plan", world.campaign)
    head.press("action_crm_approve")
    expect(head.page.locator("button[name=action_crm_start]:visible")).to_be_visible()
    head.press("action_crm_start")
    expect(head.page.locator("button[name=action_crm_start]:visible")).to_have_count(0)
    billing = server.login("biller", "biller-secret")
    hall = world.create("res.partner", name="会展公司", is_company=True)
    cost = {"name": "展位费", "price_unit": 4000, "tax_ids": [(5,)]}
    bill = billing(
        "account.move", "create",
        {
            "move_type": "in_invoice", "partner_id": hall, "invoice_date": "2026-11-02",
            "invoice_line_ids": [(0, 0, {**cost, "crm_campaign_id": world.campaign})],
        },
    )  # fmt: skip
    biller = desk("biller")
    biller.form("account.action_move_in_invoice_type", bill)
    biller.press("action_post")
    expect(biller.page.locator("button[name=action_register_payment]:visible")).to_be_visible()
    head.form("crm_campaigns.utm_campaign_action_plan", world.campaign)
    expect(head.page.locator("div[name=crm_cost]:visible").first).to_contain_text("4,000.00")
    head.shoot("1_campaign")


def test_2_a_customer_with_a_wrong_credit_code_is_refused_with_the_reason(desk, world, server):
    seller = desk("seller")
    seller.open("/odoo/crm-customers/new")
    seller.fill("name", "苏州启明精密制造有限公司")
    seller.choose("country_id", "中国")
    seller.fill("vat", "91320594MA1K300021")
    seller.save(expected=False)
    refusal = seller.page.locator(".o_notification, .o_error_dialog, .modal-body").first
    expect(refusal).to_contain_text("91320594MA1K300021")
    seller.shoot("2_wrong_credit_code")
    seller.dismiss()
    seller.fill("vat", "91320594MA1K30002N")
    seller.save()
    seller.shoot("2_customer")
    call = server.login("seller", "seller-secret")
    [customer] = call(
        "res.partner", "search_read", [("vat", "=", "91320594MA1K30002N")],
        ["user_id", "crm_lifecycle", "crm_code"],
    )  # fmt: skip
    assert customer["crm_lifecycle"] == "prospect"
    assert customer["crm_code"]
    world.invite(customer["id"])
    world.lead = call(
        "crm.lead", "create",
        {
            "name": "客户关系管理系统项目", "type": "lead",
            "partner_name": "苏州启明精密制造有限公司",
            "campaign_id": world.campaign, "user_id": world.users["seller"],
            "crm_line_ids": [(0, 0, {"product_id": world.product, "quantity": 1})],
        },
    )  # fmt: skip
    answers = {"name": "convert", "action": "exist", "partner_id": world.signatory}
    chosen = {"active_model": "crm.lead", "active_id": world.lead, "active_ids": [world.lead]}
    wizard = call("crm.lead2opportunity.partner", "create", answers, context=chosen)
    call("crm.lead2opportunity.partner", "action_apply", [wizard], context=chosen)
    [lead] = call("crm.lead", "read", [world.lead], ["type", "partner_id"])
    assert lead["type"] == "opportunity"
    assert lead["partner_id"][0] == world.signatory


def test_3_sales_turns_the_order_into_a_signed_contract(desk, world, server):
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
    seller.shoot("3_contract_draft")
    seller.press("action_sign")
    expect(seller.page.locator("button[name=action_sign]:visible")).to_have_count(0)
    seller.shoot("3_contract_signed")
    [contract] = call(
        "crm.contract", "search_read", [("partner_id", "=", world.customer)],
        ["id", "state", "amount_total", "plan_line_ids"],
    )  # fmt: skip
    assert (contract["state"], contract["amount_total"]) == ("signed", 300000)
    world.contract, world.plan = contract["id"], contract["plan_line_ids"]
    call("crm.lead", "action_set_won", [world.lead])


def test_4_finance_invoices_the_instalment_and_registers_a_part_payment(desk, world, server):
    biller = desk("biller")
    biller.form("crm_sales.crm_payment_plan_line_action", world.plan[0])
    biller.shoot("4_instalment")
    biller.press("action_create_invoices")
    expect(biller.page.locator("button[name=action_post]:visible")).to_be_visible()
    biller.press("action_post")
    expect(biller.page.locator("button[name=action_register_payment]:visible")).to_be_visible()
    biller.shoot("4_invoice")
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
    biller.shoot("4_instalment_partly_paid")


def test_5_service_delivers_and_the_customer_finds_two_defects(desk, world, server):
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
    agent.shoot("5_acceptance_submitted")
    client = desk("client")
    for subject in ("导出的表格乱码", "审批邮件没有发出"):
        client.open(f"/my/acceptances/{world.acceptance}")
        client.page.locator("summary", has=client.page.locator("xpath=..")).first.click()
        client.page.fill("#defect_subject", subject)
        client.page.fill("#defect_description", "操作步骤见附件")
        client.page.locator("form[action$='/defect'] button[type=submit]").click()
        expect(client.page.locator("body")).to_contain_text(subject)
    client.shoot("5_portal_defects")
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


def test_6_the_customer_verifies_and_signs_in_the_portal_once(desk, world, server):
    client = desk("client", TELEPHONE)
    for _defect in range(2):
        client.open(f"/my/acceptances/{world.acceptance}")
        client.page.locator("form[action*='/verify/'] button").first.click()
        client.page.wait_for_load_state("load")
    client.open(f"/my/acceptances/{world.acceptance}")
    client.shoot("6_portal_before_signing")
    sign = client.page.locator(".o_portal_sign_submit")
    sign.scroll_into_view_if_needed()
    expect(sign).to_be_enabled()
    sign.click()
    expect(client.page.locator("#signature")).to_be_visible()
    client.shoot("6_portal_signed")
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
    (OUTPUT / "case_6_acceptance_report.pdf").write_bytes(report.body())


def test_7_the_second_instalment_is_invoiced_and_credited_again(desk, world, server):
    call = server.login("seller", "seller-secret")
    [second] = [
        line for line in call("crm.payment.plan.line", "read", world.plan, ["event", "amount"])
        if line["event"] == "accepted"
    ]  # fmt: skip
    biller = desk("biller")
    biller.form("crm_sales.crm_payment_plan_line_action", second["id"])
    biller.press("action_create_invoices")
    expect(biller.page.locator("button[name=action_post]:visible")).to_be_visible()
    biller.press("action_post")
    expect(biller.page.locator("button[name=action_reverse]:visible")).to_be_visible()
    biller.page.locator("button[name=action_reverse]:visible").click()
    biller.page.locator(".modal button[name=refund_moves]").click()
    expect(biller.page.locator(".modal")).to_have_count(0)
    expect(biller.page.locator("button[name=action_post]:visible")).to_be_visible()
    biller.press("action_post")
    expect(biller.page.locator("button[name=action_post]:visible")).to_have_count(0)
    biller.form("crm_sales.crm_payment_plan_line_action", second["id"])
    biller.shoot("7_credited")
    [line] = call(
        "crm.payment.plan.line", "read", [second["id"]], ["amount_collected", "amount_credited"]
    )
    assert line["amount_collected"] == 0, "a credit note is not cash"
    assert line["amount_credited"] == second["amount"]


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


def test_8_a_request_by_mail_gets_promised_times_and_an_auto_reply_gets_nothing(
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
    agent.shoot("8_ticket_by_mail")
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


def test_9_requests_by_portal_and_telephone_get_promised_times_too(desk, world, server):
    client = desk("client")
    client.open("/my/tickets/new")
    client.page.fill("#subject", "如何导出报表")
    client.page.fill("#description", "请说明步骤")
    client.shoot("9_portal_form")
    client.page.locator("form:has(#subject) button[type=submit]").click()
    expect(client.page.locator("body")).to_contain_text("如何导出报表")
    client.shoot("9_portal_ticket")
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


def test_a_the_campaign_shows_what_it_cost_and_brought(desk, world):
    head = desk("market_head")
    head.form("crm_campaigns.utm_campaign_action_plan", world.campaign)
    expect(head.page.locator("div[name=crm_cost]:visible").first).to_contain_text("4,000.00")
    collected = head.page.locator("div[name=crm_collected]:visible").first
    expect(collected).to_contain_text("47,169.81")  # 50,000.00 without its 6 % tax
    head.shoot("a_campaign")


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "desktop"), (TELEPHONE, "telephone")])
def test_b_the_dashboard_shows_the_money_and_opens_it(desk, size, name):
    chief = desk("chief", size)
    chief.open("/odoo/crm-dashboards")
    tiles = chief.page.locator(".o_crm_tile")
    expect(tiles.first).to_be_visible()
    chief.page.wait_for_timeout(3000)
    assert tiles.count() >= 6
    chief.shoot(f"b_dashboard_{name}")
    chief.page.locator(".o_crm_headline").first.click()
    records = chief.page.locator(".o_list_view .o_data_row, .o_kanban_view .o_kanban_record")
    expect(records.first).to_be_visible()
    chief.shoot(f"b_records_{name}")


def test_c_the_workbook_has_native_charts(desk, server):
    chief = desk("chief")
    chief.open("/odoo/crm-dashboards")
    expect(chief.page.locator(".o_crm_tile").first).to_be_visible()
    with chief.page.expect_download() as waiting:
        chief.page.locator(".o_crm_export").click()
    content = Path(waiting.value.path()).read_bytes()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert any(name.startswith("xl/charts/chart") for name in names)
