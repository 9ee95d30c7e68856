import psycopg2

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL

from ..exceptions import DuplicateCustomerError
from ..tools.import_rows import Entry, NameIndex, Sheet, find_columns, fold

# Imported records carry external ids of this module, as those of the host's own import do.
MODULE = "__import__"
# A batch that the host refuses is tried in parts of so many rows; after so many single rows at
# fault no further one is tried.
PART = 50
MAX_FAULTS = 100


class CrmImportProfile(models.AbstractModel):
    """A form of file that the host's import screen takes in row by row.

    A profile says which columns the form has and what a row becomes. Each profile is an abstract
    model that inherits this one, names the host model in whose import screen the file is loaded
    and implements `_get_import_columns`, `_resolve_rows` and `_save_rows`. Every row ends as
    created, updated, unchanged or refused; what is refused or used otherwise than written is a
    finding of the row and ends in the journal.

    A record is known again by an external id made of the row's key, so that a file may be
    imported any number of times.
    """

    _name = "crm.import.profile"
    _description = "Import Profile"

    # The host model in whose import screen such a file is loaded, the column that is the key of
    # its rows, and the file offered there as a template.
    _import_model = None
    _import_key = None
    _import_template = None
    # Rows stand alone, so that a file is looked through and imported in the background in batches.
    _import_queued = False

    @api.model
    def _get_profiles(self, model):
        """Return the profiles of files loaded in a model's import screen."""
        names = self.pool.descendants(["crm.import.profile"], "_inherit")
        return [self.env[name] for name in names if self.env[name]._import_model == model]

    @api.model
    def _find_profile(self, model, headings):
        """Return the profile whose form a file with these headings has, and its columns.

        :return: ``(profile, {index: Column})``, or ``(None, {})``
        """
        for profile in self._get_profiles(model):
            found = find_columns(profile._get_import_columns(), headings)
            if found:
                return profile, found
        return None, {}

    @api.model
    def _get_queued(self):
        """Return the profiles whose files are imported in the background."""
        names = self.pool.descendants(["crm.import.profile"], "_inherit")
        return [
            self.env[name]
            for name in names
            if self.env[name]._import_queued and self.env[name]._import_model
        ]

    def _get_import_columns(self):
        """Return the columns of the form, a tuple of ``Column``. To be implemented."""
        return ()

    def _resolve_rows(self, sheet: Sheet):
        """Find what the names in the rows mean and say what is wrong with them.

        To be implemented; adds findings to the rows, writes nothing.
        """

    def _save_rows(self, sheet: Sheet):
        """Turn the rows that nothing keeps out into records. To be implemented."""

    def _get_import_template(self):
        """Return the entry of the profile's template in the import screen."""
        return {
            "label": self.env._("Template for Repeated Imports: %(form)s", form=self._get_label()),
            "template": self._import_template,
        }

    def _get_label(self):
        """Return the name of the form in the user's language."""
        return self.env["ir.model"]._get(self._name).name

    def _import_sheet(self, sheet: Sheet):
        """Take in the rows of a sheet's window; each gets its findings and its outcome."""
        self._resolve_rows(sheet)
        self._save_rows(sheet)

    # ------------------------------------------------------------
    # Names
    # ------------------------------------------------------------

    def _index_names(self, model, domain, words, field="name"):
        """Return a ``NameIndex`` of the records whose name may be meant by one of the words.

        Names are compared without spaces and letter case, in every installed language, by one
        query whatever the number of words.

        :param words: names that the file holds; None takes in every record, for short lists
        """
        folded = None if words is None else tuple({fold(word) for word in words})
        if folded == ():
            return NameIndex(())
        languages = [self.env.lang]
        if self.env[model]._fields[field].translate:
            installed = [code for code, _name in self.env["res.lang"].get_installed()]
            languages = dict.fromkeys((self.env.lang, "en_US", *installed))
        names = SQL(" UNION ALL ").join(
            self.with_context(lang=lang)._select_names(rank, model, domain, folded, field)
            for rank, lang in enumerate(languages)
        )
        # A record is shown with the name of the user's language, which therefore comes first.
        query = SQL("SELECT id, name FROM (%s) names ORDER BY rank, id", names)
        return NameIndex(self.env.execute_query(query))

    def _select_names(self, rank, model, domain, folded, field):
        """Return the SQL that reads ids and names in the language of the context."""
        records = self.env[model]
        query = records._search(domain)
        name = records._field_to_sql(records._table, field, query)
        if folded is not None:
            plain = SQL(r"regexp_replace(lower(normalize(%s, NFKC)), '\s', '', 'g')", name)
            query.add_where(SQL("%s IN %s", plain, folded))
        return query.select(
            SQL("%s AS rank", rank),
            SQL("%s AS id", SQL.identifier(query.table, "id")),
            SQL("%s AS name", name),
        )

    def _match(self, row, column, index: NameIndex, unknown):
        """Return the id that a row's name means, None when it has none or it is not known.

        A name that is equal only without spaces and letter case is used and noted; one that is
        not known refuses the row with the given code.
        """
        word = row.values.get(column)
        if not isinstance(word, str) or not word:
            return None
        identifier, how = index.match(word)
        if how == "folded":
            row.adjust("folded", column, index.name(identifier))
        elif how != "exact":
            row.refuse("ambiguous" if how == "ambiguous" else unknown, column)
        return identifier

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def _known_ids(self, model, names):
        """Return ``{external name: id}`` of the records that earlier imports left."""
        rows = self.env["ir.model.data"]._lookup_xmlids(
            [f"{MODULE}.{name}" for name in names], self.env[model]
        )
        return {row[2]: row[4] for row in rows if row[6] and row[3] == model}

    def _adopt(self, model, entries):
        """Give existing records their external id, so that they are known from now on."""
        records = self.env[model].browse([entry.record_id for entry in entries])
        # sudo: external ids belong to the system, as in the host's own import
        self.env["ir.model.data"].sudo()._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{entry.name}", "record": record}
                for entry, record in zip(entries, records, strict=True)
            ]
        )

    def _make_entry(self, row, model, name, values, first=None, record_id=None):
        """Return the ``Entry`` of a row, with the fields that the user gave further columns to.

        Lines (one2many) among those only ever fill a new record: a repeat must not add them again.
        """
        lines = {
            field: value
            for field, value in row.extras.items()
            if self.env[model]._fields[field].type == "one2many"
        }
        others = {field: value for field, value in row.extras.items() if field not in lines}
        return Entry(row, name, others | values, lines | (first or {}), record_id)

    def _save_entries(self, model, entries: list[Entry]):
        """Create what is new, change what differs and leave the rest alone.

        Entries that have a ``record_id`` already are taken over; the others are looked up by
        their external name. Afterwards each has its ``record_id`` and ``outcome``, or its row is
        refused with what the host said.
        """
        known = self._known_ids(model, [entry.name for entry in entries])
        for entry in entries:
            entry.record_id = known.get(entry.name) or entry.record_id
        records = self.env[model].browse([e.record_id for e in entries if e.record_id])
        by_id = {record.id: record for record in records._filtered_access("write")}
        hidden = [e for e in entries if e.record_id and e.record_id not in by_id]
        for entry in hidden:
            entry.row.refuse("no_access", self._import_key)
        entries = [entry for entry in entries if entry not in hidden]
        self._adopt(model, [e for e in entries if e.record_id and e.name not in known])
        pending = []
        for entry in entries:
            record = by_id.get(entry.record_id)
            values = changes(record, entry.values) if record else entry.first | entry.values
            if record and not values:
                entry.outcome = "unchanged"
            else:
                pending.append((entry, values))
        self._load_entries(model, pending)

    def _load_entries(self, model, pending):
        """Write entries through the host's loader, all at once.

        When the host refuses the batch, small parts of it are tried, then single rows: the good
        ones come in, those at fault are refused with the host's own message. When those are too
        many, the fault is not with the rows; the rest is refused untried.
        """
        error = self._try_entries(model, pending)
        if isinstance(error, DuplicateCustomerError):
            pending = self._refuse_duplicates(pending, error)
            error = self._try_entries(model, pending)
        if error is None:
            return
        faults = 0
        for start in range(0, len(pending), PART):
            part = pending[start : start + PART]
            if len(pending) > PART and self._try_entries(model, part) is None:
                continue
            for item in part:
                if faults >= MAX_FAULTS:
                    item[0].row.refuse("not_tried", self._import_key)
                    continue
                error = self._try_entries(model, [item])
                if isinstance(error, DuplicateCustomerError):
                    self._refuse_duplicates([item], error)
                elif error is not None:
                    faults += 1
                    item[0].row.refuse("host", used=self._error_text(model, error))

    def _refuse_duplicates(self, pending, error):
        """Refuse the rows whose customer exists already; return the others.

        :param error: the ``DuplicateCustomerError`` of trying them all at once
        """
        known = {entry.record_id: entry for entry, _values in pending if entry.record_id}
        created = [entry for entry, _values in pending if not entry.record_id]
        at_fault = []
        for place, (partner_id, reason) in zip(error.places, error.refused.items(), strict=True):
            entry = known.get(partner_id) or created[place]
            entry.row.refuse("duplicate", self._import_key, used=reason)
            at_fault.append(entry)
        return [item for item in pending if item[0] not in at_fault]

    def _try_entries(self, model, pending):
        """Write entries all or none; return the host's error, or None when they came in.

        :raise ConcurrencyError: when another session brings in the same rows just now
        """
        data = [
            {"xml_id": f"{MODULE}.{entry.name}", "values": dict(values)}
            for entry, values in pending
        ]
        try:
            with self.env.cr.savepoint():
                records = self.env[model]._load_records(data)
        except (UserError, ValueError, psycopg2.IntegrityError, psycopg2.DataError) as error:
            if getattr(getattr(error, "diag", None), "table_name", "") == "ir_model_data":
                # The host runs the request again, and then finds the records of the other.
                raise ConcurrencyError(str(error)) from error
            return error
        for (entry, _values), record in zip(pending, records, strict=True):
            entry.outcome = "updated" if entry.record_id else "created"
            entry.record_id = record.id
        return None

    def _error_text(self, model, error):
        """Return what the host says of a record it refused."""
        if isinstance(error, psycopg2.Error):
            return self.env[model]._sql_error_to_message(error)
        return str(error)

    def _settle(self, entries):
        """Hand the outcome of each entry on to its row."""
        for entry in entries:
            entry.row.outcome = entry.outcome
            entry.row.record_id = entry.record_id

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    def _get_finding_texts(self):
        """Return the sentences for the codes of findings, with ``column``, ``value``, ``used``."""
        return {
            "missing": self.env._("There is no value here; fill it in."),
            "not_a_date": self.env._("Not a date in the chosen date format."),
            "not_a_number": self.env._("Not a number in the chosen number format."),
            "negative": self.env._("An amount may not be negative."),
            "repeated": self.env._(
                "Row %(used)s of the file has the same value; keep one of the two."
            ),
            "too_wide": self.env._(
                "The row has more cells than the headings; check the separator."
            ),
            "folded": self.env._("“%(used)s” is used: it is equal without spaces and letter case."),
            "nearly": self.env._("“%(used)s” is used: it is spelt nearly like this."),
            "ambiguous": self.env._(
                "Several records have this name; give them different names first."
            ),
            "no_access": self.env._("The record exists and you may not change it; ask its owner."),
            "not_tried": self.env._(
                "Not tried: too many rows before it were refused. Correct those and import again."
            ),
            "skipped": self.env._("Left out, as chosen in the import screen for values not found."),
            "host": "%(used)s",
            "duplicate": "%(used)s",
        }

    def _get_row_label(self, row):
        """Return what people call a row's record. To be extended."""
        return row.texts.get(self._import_key, "")

    def _describe(self, finding):
        """Return the sentence that says to people what a finding means."""
        text = self._get_finding_texts()[finding.code]
        return text % {"column": finding.column, "value": finding.value, "used": finding.used}


def changes(record, values):
    """Those of the values that a record does not have yet."""
    return {name: value for name, value in values.items() if differs(record, name, value)}


def differs(record, name, value):
    """Whether a field of a record has another value than the one that is wanted.

    One2many commands are given only when there is something to change.
    """
    field = record._fields[name]
    current = record[name]
    if field.type == "one2many":
        return bool(value)
    if field.type == "many2many":
        wanted = {identifier for command in value or () for identifier in command[2] or ()}
        return set(current.ids) != wanted
    if field.type == "many2one":
        return current.id != (value or False)
    if field.type in ("float", "monetary"):
        return round(current - (value or 0.0), 6) != 0
    wanted = field.convert_to_record(field.convert_to_cache(value, record), record)
    return (current or False) != (wanted or False)
