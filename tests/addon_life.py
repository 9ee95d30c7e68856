"""Inside the host: fill a database with business, then uninstall an addon from it.

Run by the tests as ``addon_life.py DATABASE ADDON REPORT``, in a process of its own as the host's
command line would be. Everything is committed. The report says what the host's tables held before
and after, and what the addon had added to the database and did not take away.
"""

import json
import sys
from datetime import date
from pathlib import Path

from kit.launch import keep_paid_services_off

from odoo.tools import SQL

DAY = date(2026, 9, 28)
# Who wrote a row last is not part of the business it tells of.
HOST_TABLES = (
    "account_full_reconcile",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
    "crm_lead",
    "crm_team",
    "mailing_mailing",
    "product_template",
    "res_company",
    "res_partner",
    "resource_calendar",
    "resource_calendar_attendance",
    "sale_order",
    "sale_order_line",
    "utm_campaign",
)
# Rows that are parts of another record go and stay with it.
WHOLE = {"resource_calendar_attendance": ("calendar_id", "resource.calendar")}
OWN_FIELDS = """
    SELECT field.model, field.name
      FROM ir_model_data data
      JOIN ir_model_fields field ON data.model = 'ir.model.fields' AND data.res_id = field.id
     WHERE field.store
     GROUP BY field.model, field.name
    HAVING array_agg(data.module::text) = ARRAY[%s]
"""


def fill_host(env):
    """A customer with an invoice paid in part, a credit note and an opportunity: host records."""
    partner = env["res.partner"].create({"name": "上海试点机械有限公司", "is_company": True})
    person = env["res.partner"].create({"name": "陈立群", "parent_id": partner.id})
    lead = env["crm.lead"].create(
        {"name": "CRM", "type": "opportunity", "partner_id": partner.id, "expected_revenue": 1000}
    )
    invoice = make_invoice(env, partner, "out_invoice", 1130.55)
    pay(invoice, 600)
    make_invoice(env, partner, "out_refund", 30.05)
    return partner, person, lead, invoice


def make_invoice(env, partner, kind, amount, **line):
    """Return a posted invoice or bill with one line."""
    values = {"name": "Development", "quantity": 1, "price_unit": amount, **line}
    move = env["account.move"].create(
        {
            "move_type": kind,
            "partner_id": partner.id,
            "invoice_date": DAY,
            "invoice_line_ids": [(0, 0, values)],
        }
    )
    move.action_post()
    return move


def pay(invoice, amount):
    """Register a payment of a part, as finance does."""
    wizard = invoice.env["account.payment.register"].with_context(
        active_model="account.move", active_ids=invoice.ids
    )
    wizard.create({"amount": amount, "payment_date": DAY})._create_payments()


def fill_crm_customers(env, partner, person, lead, invoice):
    """A signed contract on the invoice, consent, a segment, a make-up day."""
    contract = env["crm.contract"].create(
        {
            "subject": "CRM system",
            "partner_id": partner.id,
            "partner_signatory_id": person.id,
            "amount_total": 1130.55,
            "date_signed": DAY,
            "lead_id": lead.id,
            "calendar_id": env.ref("crm_customers.resource_calendar_business_hours_china").id,
        }
    )
    contract.action_sign()
    env["crm.segment"].create(
        {"name": "Machines", "kind": "static", "member_ids": [(0, 0, {"partner_id": partner.id})]}
    )
    env["resource.calendar.makeup"].create(
        {
            "calendar_id": env.company.resource_calendar_id.id,
            "date": date(2026, 10, 10),
            "dayofweek": "4",
        }
    )
    return contract


def fill_crm_sales(env, partner, _person, lead, _invoice):
    """A contract from an order with a plan, its first instalment invoiced and paid."""
    product = env["product.product"].create(
        {"name": "Development", "type": "service", "invoice_policy": "order"}
    )
    lead.crm_line_ids = [(0, 0, {"product_id": product.id, "quantity": 2})]
    order = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "opportunity_id": lead.id,
            "order_line": [(0, 0, {"product_id": product.id, "price_unit": 10000})],
        }
    )
    order.action_confirm()
    order.action_crm_create_contract()
    contract = order.crm_contract_id
    contract.plan_line_ids.unlink()
    contract.plan_line_ids = [
        (0, 0, {"sequence": 1, "name": "First", "percent": 40, "event": "signed"}),
        (0, 0, {"sequence": 2, "name": "Last", "percent": 60, "event": "accepted"}),
    ]
    contract.date_signed = DAY
    contract.action_sign()
    contract.plan_line_ids[0].action_create_invoices()
    invoice = contract.plan_line_ids[0].move_ids
    invoice.invoice_date = DAY
    invoice.action_post()
    pay(invoice, 1500)
    assert contract.plan_line_ids[0].amount_collected == 1500


def fill_crm_campaigns(env, partner, person, _lead, _invoice):
    """A campaign with a budget, a bill that costs it something, and a member."""
    campaign = env["utm.campaign"].create(
        {"title": "Exhibition", "crm_date_start": DAY, "crm_date_end": DAY}
    )
    env["crm.campaign.budget.line"].create(
        {"campaign_id": campaign.id, "channel": "event", "month": DAY, "amount": 5000}
    )
    make_invoice(env, partner, "in_invoice", 400, crm_campaign_id=campaign.id)
    env["crm.campaign.member"].create({"campaign_id": campaign.id, "partner_id": person.id})
    partner.crm_campaign_id = campaign


def fill_crm_service(env, partner, person, lead, invoice):
    """A ticket with running clocks and an acceptance in the customer's hands."""
    contract = fill_crm_customers(env, partner, person, lead, invoice)
    env["crm.service.ticket"].create({"subject": "It stops", "partner_id": person.id})
    acceptance = env["crm.service.acceptance"].create(
        {
            "contract_id": contract.id,
            "date_delivered": DAY,
            "item_ids": [(0, 0, {"name": "数据导入"})],
        }
    )
    acceptance.action_submit()


def fill_crm_reports(env, partner, person, lead, invoice):
    """A dashboard of the company's own beside those shipped."""
    fill_crm_customers(env, partner, person, lead, invoice)
    env.ref("crm_reports.crm_dashboard_management").copy()


def read_host(cr, addon):
    """Return ``{table: {id: {column: value}}}`` of the business, without what the addon ships."""
    found = {}
    for table in HOST_TABLES:
        if columns_of(cr, table):
            row = SQL("to_jsonb(t) - 'write_date' - 'write_uid'")
            key, model = WHOLE.get(table, ("id", table.replace("_", ".")))
            shipped = SQL(
                "SELECT res_id FROM ir_model_data WHERE module = %s AND model = %s", addon, model
            )
            rows = SQL(
                "SELECT id, %s FROM %s t WHERE %s NOT IN (%s)",
                row,
                SQL.identifier(table),
                SQL.identifier(key),
                shipped,
            )
            cr.execute(rows)
            found[table] = dict(cr.fetchall())
    return found


def columns_of(cr, table):
    """Return the names of a table's columns, none when there is no such table."""
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    return {name for (name,) in cr.fetchall()}


def read_own_columns(env, addon):
    """Return the columns, as (table, column), that no other module has a share in."""
    env.cr.execute(OWN_FIELDS, [addon])
    return [
        (env[model]._table, name)
        for model, name in env.cr.fetchall()
        if not env[model]._abstract and env[model]._fields[name].column_type
    ]


def read_left_behind(cr, addon, columns):
    """Return what still tells of an addon that was uninstalled."""
    cr.execute("SELECT model, name FROM ir_model_data WHERE module = %s", [addon])
    names = [f"{model} {name}" for model, name in cr.fetchall()]
    return names + [f"{table}.{name}" for table, name in columns if name in columns_of(cr, table)]


def main():
    """Fill the database, read it, uninstall the addon, read it again."""
    database, addon, report = sys.argv[1:]
    keep_paid_services_off()
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        globals()[f"fill_{addon}"](env, *fill_host(env))
        cr.commit()
        told = {"before": read_host(cr, addon)}
        columns = read_own_columns(env, addon)
        told["columns"] = len(columns)
        env["ir.module.module"].search([("name", "=", addon)]).button_immediate_uninstall()
    with Registry(database).cursor() as cr:
        told["after"] = read_host(cr, addon)
        told["left"] = read_left_behind(cr, addon, columns)
    Path(report).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
