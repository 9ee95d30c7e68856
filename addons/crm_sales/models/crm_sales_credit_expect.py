from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.shares import largest_remainder

SALE_DOCUMENTS = ("out_invoice", "out_refund", "out_receipt")
SIGNED_STATES = ("signed", "suspended", "done", "terminated")


class CrmSalesCredit(models.Model):
    """What contracts, orders and invoices say that their sellers achieved.

    * A contract counts from its signature, an order without a contract from its confirmation.
      A terminated contract counts with what was invoiced and not credited.
    * A posted invoice counts with its amount, a credit note with minus its amount.
    * Collected is the cash truth, one source per reconciliation: no write-off, no draft payment.
    * Margin is the orders' margin when they count as signed.
    """

    _inherit = "crm.sales.credit"

    @api.model
    def _expect(self, keys):
        """Return the values of the rows that the documents ``keys`` should have."""
        ids = {"contract": [], "order": [], "move": []}
        for key in keys:
            kind, _colon, number = key.partition(":")
            ids[kind].append(int(number))
        contracts = self.env["crm.contract"].browse(ids["contract"]).exists()
        orders = self.env["sale.order"].browse(ids["order"]).exists()
        moves = self.env["account.move"].browse(ids["move"]).exists()
        facts = [
            *self._expect_contracts(contracts),
            *self._expect_orders(orders),
            *self._expect_moves(moves),
        ]
        return self._share_out(facts)

    @api.model
    def _expect_contracts(self, contracts):
        facts = []
        for contract in contracts.filtered(lambda row: row.state in SIGNED_STATES):
            orders = contract.order_ids
            ordered = sum(orders.mapped("amount_total"))
            value = contract._get_credited_value()
            untaxed = sum(orders.mapped("amount_untaxed")) / ordered if ordered else 1.0
            margin = sum(orders.mapped("margin")) / ordered if ordered else 0.0
            fact = {
                "company": contract.company_id,
                "date": contract.date_signed,
                "document": contract.display_name,
                "doc_key": f"contract:{contract.id}",
                "source_key": f"contract:{contract.id}",
                "partner_id": contract.partner_id.id,
                "contract_id": contract.id,
                "seller": contract.user_id,
                "team": contract.team_id,
                "splits": contract.crm_split_ids,
            }
            convert = self._get_converter(contract.currency_id, contract, contract.date_signed)
            facts.append(fact | {"basis": "signed", "amounts": convert(value * untaxed, value)})
            if ordered:
                facts.append(
                    fact | {"basis": "margin", "amounts": convert(value * margin, value * margin)}
                )
        return facts

    @api.model
    def _expect_orders(self, orders):
        facts = []
        for order in orders.filtered(lambda row: row.state == "sale" and not row.crm_contract_id):
            tz = order.company_id.resource_calendar_id.tz or "UTC"
            date = fields.Datetime.context_timestamp(order.with_context(tz=tz), order.date_order)
            fact = {
                "company": order.company_id,
                "date": date.date(),
                "document": order.name,
                "doc_key": f"order:{order.id}",
                "source_key": f"order:{order.id}",
                "partner_id": order.partner_id.commercial_partner_id.id,
                "order_id": order.id,
                "seller": order.user_id,
                "team": order.team_id,
                "splits": order.crm_split_ids,
            }
            convert = self._get_converter(order.currency_id, order, date.date())
            facts += [
                fact
                | {"basis": "signed", "amounts": convert(order.amount_untaxed, order.amount_total)},
                fact | {"basis": "margin", "amounts": convert(order.margin, order.margin)},
            ]
        return facts

    @api.model
    def _expect_moves(self, moves):
        moves = moves.filtered(
            lambda move: move.move_type in SALE_DOCUMENTS and move.state == "posted"
        )
        facts = []
        cash = self._read_cash(moves)
        nothing = self.env["sale.order"]
        for move in moves:
            orders = move.invoice_line_ids.sale_line_ids.order_id
            order = orders if len(orders) == 1 else nothing
            contract = move.crm_contract_id
            owner = contract or order
            fact = {
                "company": move.company_id,
                "date": move.invoice_date or move.date,
                "document": move.name,
                "doc_key": f"move:{move.id}",
                "source_key": f"move:{move.id}",
                "partner_id": move.commercial_partner_id.id,
                "contract_id": contract.id,
                "order_id": order.id,
                "move_id": move.id,
                "seller": owner.user_id or move.invoice_user_id,
                "team": owner.team_id or move.team_id,
                "splits": owner.crm_split_ids if owner else self.env["crm.revenue.split"],
            }
            total = move.amount_total_signed
            amounts = (move.amount_untaxed_signed, total)
            facts.append(fact | {"basis": "invoiced", "amounts": amounts})
            untaxed = move.amount_untaxed_signed / total if total else 1.0
            facts += [
                fact
                | {
                    "basis": "collected",
                    "source_key": f"partial:{partial_id}",
                    "date": date,
                    "partial_id": partial_id,
                    "payment_name": payment,
                    "amounts": (float(amount) * untaxed, float(amount)),
                }
                for partial_id, date, payment, amount in cash.get(move.id, ())
            ]
        return facts

    @api.model
    def _read_cash(self, moves):
        """Return the cash of documents: ``{move_id: [(partial_id, date, payment, amount)]}``."""
        result = {}
        if not moves:
            return result
        moves._flush_cash_sources()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cash.move_id, cash.partial_id, cash.date, payment.name, cash.amount_company
                  FROM (%s) cash
                  JOIN account_move payment ON payment.id = cash.counterpart_move_id
                 WHERE cash.move_id = ANY(%s)
                 ORDER BY cash.date, cash.partial_id
                """,
                moves._cash_entries_sql(move_ids=moves.ids),
                moves.ids,
            )
        )
        for move_id, *entry in rows:
            result.setdefault(move_id, []).append(tuple(entry))
        return result

    @api.model
    def _get_converter(self, currency, document, date):
        """Return what turns amounts of ``document`` into the company's currency on ``date``."""
        company = document.company_id
        if currency == company.currency_id:
            return lambda *amounts: amounts
        return lambda *amounts: tuple(
            currency._convert(amount, company.currency_id, company, date) for amount in amounts
        )

    @api.model
    def _share_out(self, facts):
        """Return the values of the rows: each fact divided among its sellers, to the cent."""
        kept = self._read_sellers([fact["source_key"] for fact in facts])
        rows = []
        for fact in facts:
            shares = fact["splits"].sorted("id")
            company, owner = fact["company"], fact["seller"]
            sellers = [(share.user_id, share.percent) for share in shares]
            if not sellers:
                owner = kept.get((fact["source_key"], fact["basis"]), owner)
                sellers = [(owner, 100.0)]
            digits = company.currency_id.decimal_places
            weights = [percent for _seller, percent in sellers]
            columns = [largest_remainder(total, weights, digits) for total in fact["amounts"]]
            for (seller, percent), amount, taxed in zip(sellers, *columns, strict=True):
                rows.append(
                    {
                        "company_id": company.id,
                        "basis": fact["basis"],
                        "date": fact["date"],
                        "user_id": seller.id,
                        "team_id": self._get_credited_team(fact, seller).id,
                        "partner_id": fact["partner_id"],
                        "document": fact["document"],
                        "doc_key": fact["doc_key"],
                        "source_key": fact["source_key"],
                        "contract_id": fact.get("contract_id", False),
                        "order_id": fact.get("order_id", False),
                        "move_id": fact.get("move_id", False),
                        "partial_id": fact.get("partial_id", False),
                        "payment_name": fact.get("payment_name", False),
                        "percent": percent,
                        "amount": float(amount),
                        "amount_taxed": float(taxed),
                    }
                )
        return rows

    @api.model
    def _read_sellers(self, source_keys):
        """Return who is credited alone with a source: a change of owner later moves nothing.

        Credit passes to somebody else by an explicit split only, so that handing a portfolio over
        takes away nobody's commission.
        """
        rows = self.search([("source_key", "in", source_keys), ("percent", "=", 100)])
        return {(row.source_key, row.basis): row.user_id for row in rows if row.user_id}

    @api.model
    def _get_credited_team(self, fact, seller):
        """Return the team a seller's share counts for: the document's, a helper's own."""
        if seller == fact["seller"]:
            return fact["team"] or seller.sale_team_id
        return seller.sale_team_id or fact["team"]
