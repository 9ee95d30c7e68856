from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.overview import Tile
from .res_partner_timeline import PAGE

IN_FORCE = ("signed", "suspended")


class ResPartner(models.Model):
    """The customer's page: every figure is the sum of records that its reader may open.

    Addons hand in tiles (:meth:`_crm_overview_tiles`); all of them are read in one statement,
    each with the rights of the user. Amounts of the ledger come from the stored figures, so that
    the page costs the same for a customer with ten invoices and with ten thousand.
    """

    _inherit = "res.partner"

    @api.readonly
    def crm_get_overview(self):
        """Return the page of this customer for the current user.

        :return: ``tiles``, ``health``, ``last_deal`` (date or None), ``timeline`` (its first page),
            what is ``planned``, and ``kinds`` to filter by
        """
        customer = self._get_page_customer()
        figures = customer._get_ledger_figures()
        return {
            "customer": [customer.id, customer.display_name],
            "last_deal": fields.Date.to_string(figures["last_deal"]),
            "tiles": customer._read_tiles(customer._crm_overview_tiles(figures)),
            "health": {
                **customer._get_health(figures),
                "rfm": [
                    figures.get(name) or 0
                    for name in ("rfm_recency", "rfm_frequency", "rfm_monetary")
                ],
                "rfm_class": self._get_rfm_label(figures.get("rfm_class")),
            },
            **customer._read_timeline(customer._get_timeline_sources(), None, PAGE),
        }

    def crm_open_tile(self, key):
        """Return the action with exactly the records that a tile's figure is made of."""
        customer = self._get_page_customer()
        figures = customer._get_ledger_figures()
        tiles = {tile.key: tile for tile in customer._crm_overview_tiles(figures)}
        tile = tiles.get(key)
        if not tile or not self.env[tile.model].has_access("read"):
            raise UserError(self.env._("This figure is not shown to you."))
        action = {"type": "ir.actions.act_window", "res_model": tile.model}
        if tile.action:
            action = self.env["ir.actions.act_window"]._for_xml_id(tile.action)
        return action | {
            "name": f"{tile.label} · {customer.display_name}",
            "domain": list(self._get_tile_domain(tile)),
            "context": {"create": False, "active_test": False},
            "views": action.get("views") or [(False, "list"), (False, "form")],
            "target": "current",
        }

    def _get_page_customer(self):
        """Return the customer whose page this is, if the user may read it."""
        self.ensure_one()
        if not self.env.user._is_internal():
            raise AccessError(self.env._("The page of a customer is for colleagues."))
        customer = self.commercial_partner_id
        customer.check_access("read")
        return customer

    def _get_rfm_label(self, rfm_class):
        labels = dict(self._fields["crm_rfm_class"]._description_selection(self.env))
        return labels.get(rfm_class, "")

    # Tiles

    def _crm_overview_tiles(self, figures):
        """Hook: the tiles of this customer's page. Extend with ``super()``.

        :param dict figures: what the ledger says, see ``_get_ledger_figures``; show amounts of it
            only where ``_sees_ledger()``
        :return: list of :class:`~..tools.overview.Tile`
        """
        self.ensure_one()
        company = self.env.company
        leads = [
            ("partner_id.commercial_partner_id", "=", self.id),
            ("type", "=", "opportunity"),
            ("active", "=", True),
            ("company_id", "in", [company.id, False]),
            ("stage_id.is_won", "=", False),
        ]
        contracts = [
            ("partner_id", "=", self.id),
            ("company_id", "=", company.id),
            ("state", "in", IN_FORCE),
        ]
        return [
            Tile(
                "pipeline",
                self.env._("Pipeline"),
                "fa-filter",
                "crm.lead",
                leads,
                field="expected_revenue",
                action="crm.crm_lead_opportunities",
                sequence=10,
            ),
            Tile(
                "contracts",
                self.env._("Contracts in Force"),
                "fa-file-text-o",
                "crm.contract",
                contracts,
                field="amount_total",
                currency="currency_id",
                action="crm_customers.crm_contract_action",
                sequence=20,
            ),
            *(
                self._get_ledger_tiles(figures)
                if self._sees_ledger()
                else self._get_invoice_tiles()
            ),
        ]

    def _get_ledger_tiles(self, figures):
        """Return the tiles of accounting roles, from the stored figures."""
        documents = self._get_document_domain()
        year_ago = self._get_page_today() - relativedelta(years=1)
        due = [("id", "in", self._get_due_lines)]
        return [
            Tile(
                "invoiced",
                self.env._("Invoiced in 12 Months"),
                "fa-pencil-square-o",
                "account.move",
                (*documents, ("invoice_date", ">", year_ago)),
                amounts=(figures.get("invoiced_year") or 0, figures.get("invoiced_total") or 0),
                note=self.env._("in all"),
                note_domain=documents,
                measure="amount_untaxed_signed",
                action="crm_customers.account_move_action_documents",
                sequence=30,
            ),
            Tile(
                "collected",
                self.env._("Collected"),
                "fa-money",
                "account.move",
                documents,
                amounts=(figures.get("collected_total") or 0, None),
                measure="crm_collected",
                action="crm_customers.account_move_action_collected",
                sequence=40,
            ),
            Tile(
                "overdue",
                self.env._("Overdue"),
                "fa-clock-o",
                "account.move.line",
                due,
                amounts=(figures.get("overdue_amount") or 0, figures.get("open_amount") or 0),
                note=self.env._("receivable"),
                measure="crm_open_amount",
                alert=(figures.get("overdue_amount") or 0) > 0,
                action="crm_customers.account_move_line_action_due",
                sequence=50,
            ),
        ]

    def _get_invoice_tiles(self):
        """Return the tiles of those who may read some invoices, but not the ledger."""
        documents = self._get_document_domain()
        today = self._get_page_today()
        return [
            Tile(
                "invoiced",
                self.env._("Invoiced in 12 Months"),
                "fa-pencil-square-o",
                "account.move",
                (*documents, ("invoice_date", ">", today - relativedelta(years=1))),
                field="amount_untaxed_signed",
                action="crm_customers.account_move_action_documents",
                sequence=30,
            ),
            Tile(
                "overdue",
                self.env._("Overdue"),
                "fa-clock-o",
                "account.move",
                (*documents, ("invoice_date_due", "<", today), ("amount_residual_signed", "!=", 0)),
                field="amount_residual_signed",
                action="crm_customers.account_move_action_documents",
                sequence=50,
            ),
        ]

    def _get_document_domain(self):
        """Return the domain of the documents that the figures of these customers count."""
        return [
            ("commercial_partner_id", "in", self.ids),
            ("company_id", "=", self.env.company.id),
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
        ]

    def _get_page_today(self):
        return self.env["crm.customer.metric"]._get_today(self.env.company)

    def _get_due_lines(self):
        """Return the ids of this customer's receivable lines that are due and open."""
        return self._get_open_lines(SQL("date_due < %s", self._get_page_today()))

    def _get_open_lines(self, condition=None):
        """Return the ids of the open receivable lines that the figures of these customers count.

        :param condition: ``SQL`` on the entries of :meth:`AccountMove._receivable_entries_sql`
        """
        self.env["account.move"]._flush_cash_sources()
        today = self._get_page_today()
        # sudo: ids only; opening the lines obeys the rights of the user
        lines = self.env["crm.customer.metric"].sudo()._open_lines_sql(today, self.ids)
        rows = self.env.execute_query(
            SQL(
                "SELECT line_id FROM (%s) entry WHERE %s AND company_id = %s"
                " AND commercial_partner_id = ANY(%s)",
                self.env["account.move"]._receivable_entries_sql(today, lines),
                condition or SQL("TRUE"),
                self.env.company.id,
                self.ids,
            )
        )
        return [row[0] for row in rows]

    def _get_tile_domain(self, tile):
        """Return a tile's domain with what is read only when it is opened."""
        return Domain(
            [
                (name, operator, value() if callable(value) else value)
                for name, operator, value in tile.domain
            ]
        )

    @api.model
    def _read_tiles(self, tiles):
        """Return the tiles as the client shows them, those the user may read, in their order."""
        offered = sorted(
            (tile for tile in tiles if self.env[tile.model].has_access("read")),
            key=lambda tile: tile.sequence,
        )
        sums = self._sum_tiles(offered)
        return [
            {
                "key": tile.key,
                "label": tile.label,
                "icon": tile.icon,
                "monetary": bool(tile.field or tile.measure),
                "measure": tile.measure or tile.field,
                "figures": sums[index, False],
                "note": tile.note,
                "note_figures": sums[index, True],
                "alert": bool(tile.alert and (tile.measure or sums[index, True])),
            }
            for index, tile in enumerate(offered)
        ]

    @api.model
    def _sum_tiles(self, tiles):
        """Return ``{(index, is note): [{amount, count, currency}, ...]}``, by one statement."""
        own = self.env.company.currency_id.id
        result, parts = {}, []
        for index, tile in enumerate(tiles):
            for is_note in (False, True):
                result[index, is_note] = []
                if tile.amounts:
                    amount = tile.amounts[is_note]
                    if amount is not None:
                        result[index, is_note].append(
                            {"amount": float(amount), "count": 0, "currency": own}
                        )
                    continue
                domain = tile.note_domain if is_note else tile.domain
                if domain is not None:
                    parts.append(self._get_tile_sql(tile, domain, index, is_note))
        if parts:
            for index, is_note, currency, amount, count in self.env.execute_query(
                SQL(" UNION ALL ").join(parts)
            ):
                if count:
                    result[index, is_note].append(
                        {
                            "amount": float(amount or 0),
                            "count": count,
                            "currency": currency or own,
                        }
                    )
        for figures in result.values():
            figures.sort(key=lambda figure: (figure["currency"] != own, figure["currency"]))
        return result

    @api.model
    def _get_tile_sql(self, tile, domain, index, is_note):
        """Return the query of one figure: place, currency, amount and number of its records."""
        model = self.env[tile.model].with_context(active_test=False)
        query = model._search(list(domain))
        amount, currency = SQL("NULL::numeric"), SQL("NULL::int")
        if tile.field:
            amount = model._field_to_sql(query.table, tile.field, query)
        if tile.currency:
            currency = model._field_to_sql(query.table, tile.currency, query)
        return SQL(
            "SELECT %s::int, %s::boolean, currency::int, SUM(amount)::numeric, COUNT(*)"
            " FROM (%s) part GROUP BY currency",
            index,
            is_note,
            query.select(SQL("%s AS currency", currency), SQL("%s AS amount", amount)),
        )
