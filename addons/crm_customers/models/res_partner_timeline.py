from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import html_to_inner_content

from ..tools.overview import TimelineSource

PAGE = 20
SNIPPET = 240
# So much of a text is fetched; a page of long mails stays small.
FETCHED = 4000


class ResPartner(models.Model):
    """What happened with a customer, newest first, from the records of all addons.

    Addons hand in sources (:meth:`_crm_timeline_sources`). A page is one statement over all of
    them, each with the rights of the user; it goes on behind the last row shown, so that what
    arrives meanwhile neither repeats nor hides a row.
    """

    _inherit = "res.partner"

    @api.readonly
    def crm_get_timeline(self, kinds=None, cursor=None, limit=PAGE):
        """Return a page of the customer's timeline.

        :param kinds: list of kinds to show; None or empty: all
        :param cursor: what the page before returned as ``cursor``; None: the newest
        :param limit: rows, at most 100
        :return: ``timeline`` (rows), ``cursor`` (None at the end), ``kinds`` to choose from
        """
        customer = self._get_page_customer()
        sources = customer._get_timeline_sources()
        wanted = [source for source in sources if not kinds or source.kind in kinds]
        page = customer._read_timeline(wanted, cursor, max(1, min(int(limit), 100)))
        return {**page, "kinds": customer._describe_kinds(sources)}

    def _get_timeline_sources(self):
        """Return the sources whose model the user may read."""
        return [
            source
            for source in self._crm_timeline_sources()
            if source.trusted or self.env[source.model].has_access("read")
        ]

    def _describe_kinds(self, sources):
        return [
            {"kind": source.kind, "label": source.label, "icon": source.icon} for source in sources
        ]

    def _crm_timeline_sources(self):
        """Hook: where this customer's timeline comes from. Extend with ``super()``.

        :return: list of :class:`~..tools.overview.TimelineSource`
        """
        self.ensure_one()
        family = self.env["res.partner"]._search([("commercial_partner_id", "=", self.id)])
        events = self.env["calendar.event"]
        return [
            TimelineSource(
                "followup",
                "mail.activity",
                [("crm_customer_id", "=", self.id), ("crm_evidence", "=", True)],
                "date_done",
                "summary",
                "feedback",
                person="user_id",
                opens="",
                label=self.env._("Follow-ups"),
                icon="fa-comments-o",
            ),
            TimelineSource(
                "meeting",
                "calendar.event",
                (
                    Domain("partner_ids.commercial_partner_id", "=", self.id)
                    & Domain("start", "<=", fields.Datetime.now())
                    & (
                        Domain(events._get_default_privacy_domain())
                        | Domain("partner_ids", "in", self.env.user.partner_id.ids)
                    ),
                ),
                "start",
                "name",
                "location",
                person="user_id",
                label=self.env._("Meetings"),
                icon="fa-calendar",
            ),
            # Whoever reads the customer reads what is written on it and on its contacts.
            TimelineSource(
                "message",
                "mail.message",
                [
                    ("model", "=", "res.partner"),
                    ("res_id", "in", family),
                    ("message_type", "in", ("comment", "email", "email_outgoing", "sms")),
                ],
                "date",
                "subject",
                "body",
                person="author_id",
                opens="",
                trusted=True,
                label=self.env._("Mails and Notes"),
                icon="fa-envelope-o",
            ),
            TimelineSource(
                "owner",
                "crm.owner.log",
                [("partner_id", "=", self.id)],
                "date",
                "to_user_id",
                "how",
                person="user_id",
                opens="",
                label=self.env._("Changes of Owner"),
                icon="fa-user-o",
            ),
            TimelineSource(
                "contract",
                "crm.contract.event",
                [("contract_id.partner_id", "=", self.id)],
                "date",
                "contract_id",
                "event",
                person="user_id",
                opens="contract_id",
                label=self.env._("Contracts"),
                icon="fa-file-text-o",
            ),
            TimelineSource(
                "invoice",
                "account.move",
                self._get_document_domain(),
                "invoice_date",
                "name",
                "move_type",
                amount="amount_total_in_currency_signed",
                currency="currency_id",
                person="invoice_user_id",
                label=self.env._("Invoices"),
                icon="fa-pencil-square-o",
            ),
            TimelineSource(
                "payment",
                "account.payment",
                [
                    ("partner_id", "in", family),
                    ("partner_type", "=", "customer"),
                    ("company_id", "=", self.env.company.id),
                    ("state", "in", ("in_process", "paid")),
                ],
                "date",
                "name",
                "payment_type",
                amount="amount",
                currency="currency_id",
                label=self.env._("Payments"),
                icon="fa-money",
            ),
        ]

    def _read_timeline(self, sources, cursor, limit):
        """Return the rows of one page and where the next one begins."""
        before = self._read_cursor(cursor)
        parts = [
            SQL("(%s)", query)
            for source in sources
            if (query := self._get_source_sql(source, before, limit + 1)) is not None
        ]
        if not parts:
            return {"timeline": [], "cursor": None, "kinds": self._describe_kinds(sources)}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT page.*, COALESCE(partner.name, person.name) AS person
                  FROM (
                    SELECT * FROM (%s) happened
                     ORDER BY date DESC, kind COLLATE "C" DESC, id DESC LIMIT %s
                  ) page
                  LEFT JOIN res_users users ON users.id = page.user_id
                  LEFT JOIN res_partner partner ON partner.id = users.partner_id
                  LEFT JOIN res_partner person ON person.id = page.person_id
                 ORDER BY date DESC, kind COLLATE "C" DESC, id DESC
                """,
                SQL(" UNION ALL ").join(parts),
                limit + 1,
            )
        )
        shown = rows[:limit]
        more = None
        if len(rows) > limit:
            kind, record_id, moment = shown[-1][:3]
            more = f"{moment.isoformat()}|{kind}|{record_id}"
        by_kind = {source.kind: source for source in sources}
        return {
            "timeline": [self._prepare_row(by_kind[row[0]], row) for row in shown],
            "cursor": more,
            "kinds": self._describe_kinds(sources),
        }

    @api.model
    def _read_cursor(self, cursor):
        """Return moment, kind and id of the last row shown, or None."""
        if not cursor:
            return None
        moment, kind, record_id = str(cursor).split("|")
        return datetime.fromisoformat(moment), kind, int(record_id)

    @api.model
    def _get_source_sql(self, source, before, limit):
        """Return the query of the newest rows of one source, or None where nothing can be read."""
        model = self.env[source.model].with_context(active_test=False)
        if source.trusted:
            # sudo: the domain names documents that the user may read
            model = model.sudo()
        query = model._search(self._get_source_domain(source))
        if query.is_empty():
            return None
        table = query.table
        moment = model._field_to_sql(table, source.date, query)
        query.add_where(SQL("%s IS NOT NULL", moment))
        if before:
            self._start_behind(query, source.kind, moment, before)
        person = model._fields[source.person] if source.person else None
        person_sql = model._field_to_sql(table, source.person, query) if person else SQL("NULL")
        is_user = bool(person) and person.comodel_name == "res.users"
        query.order = SQL("%s DESC, %s DESC", moment, SQL.identifier(table, "id"))
        query.limit = limit
        opens = SQL("NULL")
        if source.opens:
            opens = model._field_to_sql(table, source.opens, query)
        return query.select(
            SQL("%s::text AS kind", source.kind),
            SQL("%s AS id", SQL.identifier(table, "id")),
            SQL("%s::timestamp AS date", moment),
            SQL("%s::text AS title", self._get_text_sql(model, query, source.title)),
            SQL("%s::text AS note", self._get_text_sql(model, query, source.note)),
            SQL("%s::numeric AS amount", self._get_value_sql(model, query, source.amount)),
            SQL("%s::int AS currency", self._get_value_sql(model, query, source.currency)),
            SQL("%s::int AS opens", opens),
            SQL("%s::int AS user_id", person_sql if is_user else SQL("NULL")),
            SQL("%s::int AS person_id", person_sql if person and not is_user else SQL("NULL")),
        )

    @api.model
    def _get_source_domain(self, source):
        return Domain.AND(
            part if isinstance(part, Domain) else Domain(*part) for part in source.domain
        )

    @api.model
    def _start_behind(self, query, kind, moment, before):
        """Leave out what was shown on the pages before."""
        date, last_kind, last_id = before
        # Comparing with the day first lets an index on a date column serve.
        query.add_where(SQL("%s < %s::date + 1", moment, date))
        if kind > last_kind:
            query.add_where(SQL("%s < %s", moment, date))
        elif kind < last_kind:
            query.add_where(SQL("%s <= %s", moment, date))
        else:
            own = SQL.identifier(query.table, "id")
            query.add_where(SQL("(%s::timestamp, %s) < (%s, %s)", moment, own, date, last_id))

    @api.model
    def _get_value_sql(self, model, query, name):
        return model._field_to_sql(query.table, name, query) if name else SQL("NULL")

    @api.model
    def _get_text_sql(self, model, query, name):
        """Return a field as text; of a many2one the name of what it refers to."""
        if not name:
            return SQL("NULL")
        value = model._field_to_sql(query.table, name, query)
        field = model._fields[name]
        if field.type != "many2one":
            return SQL("LEFT(%s::text, %s)", value, FETCHED)
        # sudo: naming what the record refers to, as its own form does
        other = self.env[field.comodel_name].sudo()
        if field.comodel_name == "res.users":
            return SQL(
                "(SELECT p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id"
                " WHERE u.id = %s)",
                value,
            )
        return SQL(
            "(SELECT %s FROM %s AS other WHERE other.id = %s)",
            other._field_to_sql("other", other._rec_name or "name"),
            SQL.identifier(other._table),
            value,
        )

    @api.model
    def _prepare_row(self, source, row):
        """Return one row as the client shows it."""
        kind, record_id, moment, title, note, amount, currency, opens = row[:8]
        model = self.env[source.model]
        target = model._fields[source.opens].comodel_name if source.opens not in ("", "id") else ""
        is_date = model._fields[source.date].type == "date"
        return {
            "key": f"{kind}-{record_id}",
            "kind": kind,
            "icon": source.icon,
            "label": source.label,
            "date": fields.Date.to_string(moment) if is_date else fields.Datetime.to_string(moment),
            "is_date": is_date,
            "title": self._word(model, source.title, title),
            "note": self._word(model, source.note, note),
            "amount": None if amount is None else float(amount),
            "currency": currency,
            "person": row[-1] or "",
            "opens": [target or source.model, opens] if opens else None,
        }

    @api.model
    def _word(self, model, name, value):
        """Return a stored text as people read it."""
        if not value:
            return ""
        field = model._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "html":
            value = html_to_inner_content(value)
        return value if len(value) <= SNIPPET else f"{value[: SNIPPET - 1]}…"
