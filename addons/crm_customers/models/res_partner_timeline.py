from datetime import datetime

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.mail import html_to_inner_content

PAGE = 20
# So many planned records stand above the past.
PLANNED = 10
SNIPPET = 240
# So much of a text is fetched; a page of long mails stays small.
FETCHED = 4000


class ResPartner(models.Model):
    """What is planned and what happened with a customer, from the records of all addons.

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
        :return: ``timeline`` (rows), ``cursor`` (None at the end), ``kinds`` to choose from; with
            the newest page also what is ``planned``, the next first
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
        """Return what can be chosen: each kind once, as its first source calls it."""
        first = {source.kind: source for source in reversed(sources)}
        return [
            {"kind": source.kind, "label": source.label, "icon": source.icon}
            for source in sources
            if first[source.kind] is source
        ]

    def _read_timeline(self, sources, cursor, limit):
        """Return the rows of one page and where the next one begins, and what is planned.

        What is planned comes with the first page only, the next first.
        """
        before = self._read_cursor(cursor)
        past = [source for source in sources if not source.planned]
        coming = [source for source in sources if source.planned and not before]
        parts = [
            self._get_part_sql(past, before, limit + 1),
            self._get_part_sql(coming, None, PLANNED + 1),
        ]
        parts = [part for part in parts if part]
        rows = self._read_parts(parts) if parts else []
        by_name = {source.name: source for source in sources}
        happened = [row for row in rows if not by_name[row[0]].planned]
        planned = [row for row in rows if by_name[row[0]].planned]
        shown = happened[:limit]
        more = None
        if len(happened) > limit:
            name, record_id, moment = shown[-1][:3]
            more = f"{moment.isoformat()}|{name}|{record_id}"
        return {
            "timeline": [self._prepare_row(by_name[row[0]], row) for row in shown],
            "planned": [self._prepare_row(by_name[row[0]], row) for row in planned[:PLANNED]],
            "more_planned": len(planned) > PLANNED,
            "cursor": more,
            "kinds": self._describe_kinds(sources),
        }

    @api.model
    def _get_part_sql(self, sources, before, limit):
        """Return the query of the first rows of these sources, past or planned, or None."""
        queries = [
            SQL("(%s)", query)
            for source in sources
            if (query := self._get_source_sql(source, before, limit)) is not None
        ]
        if not queries:
            return None
        order = SQL('date, source COLLATE "C", id')
        if not sources[0].planned:
            order = SQL('date DESC, source COLLATE "C" DESC, id DESC')
        return SQL(
            "(SELECT *, %s AS planned FROM (%s) part ORDER BY %s LIMIT %s)",
            sources[0].planned,
            SQL(" UNION ALL ").join(queries),
            order,
            limit,
        )

    @api.model
    def _read_parts(self, parts):
        """Return the rows of the past and of what is planned, by one statement."""
        return self.env.execute_query(
            SQL(
                """
                SELECT page.*, COALESCE(partner.name, person.name) AS person
                  FROM (%s) page
                  LEFT JOIN res_users users ON users.id = page.user_id
                  LEFT JOIN res_partner partner ON partner.id = users.partner_id
                  LEFT JOIN res_partner person ON person.id = page.person_id
                 ORDER BY planned, CASE WHEN planned THEN date END,
                          date DESC, source COLLATE "C" DESC, id DESC
                """,
                SQL(" UNION ALL ").join(parts),
            )
        )

    @api.model
    def _read_cursor(self, cursor):
        """Return moment, source and id of the last row shown, or None."""
        if not cursor:
            return None
        moment, name, record_id = str(cursor).split("|")
        return datetime.fromisoformat(moment), name, int(record_id)

    @api.model
    def _get_source_sql(self, source, before, limit):
        """Return the query of one source's first rows, or None where nothing can be read."""
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
            self._start_behind(query, source.name, moment, before)
        person = model._fields[source.person] if source.person else None
        person_sql = model._field_to_sql(table, source.person, query) if person else SQL("NULL")
        is_user = bool(person) and person.comodel_name == "res.users"
        way = SQL("ASC" if source.planned else "DESC")
        query.order = SQL("%s %s, %s %s", moment, way, SQL.identifier(table, "id"), way)
        query.limit = limit
        opens = SQL("NULL")
        if source.opens:
            opens = model._field_to_sql(table, source.opens, query)
        return query.select(
            SQL("%s::text AS source", source.name),
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
    def _start_behind(self, query, name, moment, before):
        """Leave out what was shown on the pages before."""
        date, last_name, last_id = before
        # Comparing with the day first lets an index on a date column serve.
        query.add_where(SQL("%s < %s::date + 1", moment, date))
        if name > last_name:
            query.add_where(SQL("%s < %s", moment, date))
        elif name < last_name:
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
        _name, record_id, moment, title, note, amount, currency, opens = row[:8]
        model = self.env[source.model]
        target = model._fields[source.opens].comodel_name if source.opens not in ("", "id") else ""
        is_date = model._fields[source.date].type == "date"
        title, note = self._word(model, source.title, title), self._word(model, source.note, note)
        if source.planned and not title:
            # An activity without words of its own is called by its type.
            title, note = note, ""
        return {
            "key": f"{source.name}-{record_id}",
            "kind": source.kind,
            "icon": source.icon,
            "label": source.label,
            "date": fields.Date.to_string(moment) if is_date else fields.Datetime.to_string(moment),
            "is_date": is_date,
            "title": title,
            "note": note,
            "amount": None if amount is None else float(amount),
            "currency": currency,
            "person": row[-1] or "",
            "opens": [target or source.model, opens] if opens else None,
            "method": source.method,
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
