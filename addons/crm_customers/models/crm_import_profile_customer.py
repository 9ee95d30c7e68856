from odoo import models

from ..tools.import_rows import Column, external_name, parse_date
from .crm_import_profile import MODULE

# Lists often write days without signs.
DAY_FORMATS = ("%Y%m%d",)
DAY_COLUMNS = ("birth_date", "founded_on")


class CrmImportProfileCustomer(models.AbstractModel):
    """Customers with a number of their own: one record a row, known again by the number.

    A row is known by the reference that the other system gives, or by the external ID that
    exported lists carry, which goes before. Each row obeys the duplicate rules: one that a rule
    refuses is kept out with the reason, one that a rule warns of comes in, is noted in the journal
    and stands in the list of duplicates.
    """

    _name = "crm.import.profile.customer"
    _inherit = "crm.import.profile"
    _description = "Customers"

    _import_key = "reference"
    _import_queued = True

    def _get_import_columns(self):
        return (
            Column("reference", "ref", identifies=True, aliases=("编号", "客户编号")),
            Column("external_id", "id", aliases=("外部ID", "外部 ID")),
            Column("street", "street", aliases=("街道", "地址")),
            Column("street2", "street2", aliases=("地址2",)),
            Column("city", "city", aliases=("城市",)),
            Column("zip", "zip", aliases=("邮编", "邮政编码")),
            Column("state", "state_id", aliases=("省份", "省")),
            Column("country", "country_id", aliases=("国家",)),
            Column("phone", "phone", aliases=("电话", "联系电话")),
            Column("email", "email", aliases=("邮箱", "电子邮箱")),
        )

    def _resolve_rows(self, sheet):
        self._resolve_numbers(sheet.good)
        rows = sheet.good
        countries = self._index_names("res.country", [], sheet.words("country", rows))
        codes = {
            country.code.lower(): country.id
            for country in self.env["res.country"].search_fetch([], ["code"])
        }
        for row in rows:
            self._resolve_day(row)
            country = row.values.get("country")
            if country:
                country_id = codes.get(country.lower()) or countries.match(country)[0]
                row.values["country_id"] = country_id
                if not country_id:
                    row.adjust("unknown_country", "country")
        self._resolve_states(rows)

    def _resolve_numbers(self, rows):
        """Find the customers that rows mean by external ID; that or the reference must be there."""
        names = {row.values["external_id"] for row in rows if row.values.get("external_id")}
        known = {
            f"{found[1]}.{found[2]}": found[4]
            for found in self.env["ir.model.data"]._lookup_xmlids(
                [name for name in names if "." in name], self.env["res.partner"]
            )
            if found[3] == "res.partner" and found[6]
        }
        for row in rows:
            name = row.values.get("external_id")
            if not name and not row.values.get("reference"):
                row.refuse("missing", "reference")
            elif name and name not in known:
                row.refuse("unknown_record", "external_id")
            elif name:
                row.values["known_id"] = known[name]

    def _resolve_day(self, row):
        """Read the day of birth or founding; one that is none is left empty and noted."""
        for column in DAY_COLUMNS:
            text = row.values.get(column)
            if text:
                row.values["day"] = parse_date(text, DAY_FORMATS)
                if not row.values["day"]:
                    row.adjust("no_day", column)

    def _resolve_states(self, rows):
        """Find the provinces by code or name, in the row's country or in the column's own one.

        Without a country, all provinces of the column are taken to be of the one country that
        knows most of them.
        """
        states = self.env["res.country.state"].search_fetch([], ["code", "name", "country_id"])
        known = {}
        for state in states:
            for text in (state.code, state.name):
                known.setdefault(text.lower(), {})[state.country_id.id] = state.id
        usual = most_frequent(
            country_id
            for row in rows
            if row.values.get("state") and not row.values.get("country_id")
            for country_id in known.get(row.values["state"].lower(), ())
        )
        for row in rows:
            state = row.values.get("state")
            if not state:
                continue
            country_id = row.values.get("country_id") or usual
            row.values["state_id"] = known.get(state.lower(), {}).get(country_id)
            if not row.values["state_id"]:
                row.adjust("unknown_state", "state")

    def _save_rows(self, sheet):
        entries = [
            self._make_entry(
                row,
                "res.partner",
                self._get_external_name(row),
                self._prepare_values(row),
                self._prepare_first_values(),
                record_id=row.values.get("known_id"),
            )
            for row in sheet.good
        ]
        self._save_entries("res.partner", entries)
        self._settle(entries)
        created = [entry for entry in entries if entry.outcome == "created"]
        self._note_duplicates(created)
        self._note_erased(created)

    def _get_external_name(self, row):
        """Return the name, in the module of imported records, by which a row is known again."""
        module, _dot, name = (row.values.get("external_id") or "").partition(".")
        if name:
            return name if module == MODULE else external_name("customer_record", module, name)
        return external_name("customer", row.values["reference"])

    def _prepare_values(self, row):
        """Return the field values of a row's customer; empty cells say nothing."""
        names = ("street", "street2", "city", "zip", "phone", "email", "state_id", "country_id")
        values = {name: row.values[name] for name in names if row.values.get(name)}
        if row.values.get("day"):
            values["crm_birthdate"] = row.values["day"]
        return values | ({"ref": row.values["reference"]} if row.values.get("reference") else {})

    def _prepare_first_values(self):
        """Return further values of a customer that is new. To be extended."""
        return {}

    def _note_duplicates(self, entries):
        """Note in the journal the new customers of which a rule warns."""
        by_id = {entry.record_id: entry for entry in entries}
        # sudo: a duplicate is named even if the user may not read the other customer
        pairs = self.env["crm.dup.pair"].sudo()
        found = pairs.search(
            [
                ("state", "=", "open"),
                ("rule_id.action", "=", "warn"),
                "|",
                ("partner_id", "in", list(by_id)),
                ("other_id", "in", list(by_id)),
            ]
        )
        # The later record is the doubtful one, unless it was there before the import.
        doubtful = {
            pair: (pair.other_id, pair.partner_id)
            if pair.other_id.id in by_id
            else (pair.partner_id, pair.other_id)
            for pair in found
        }
        others = [other.id for _mine, other in doubtful.values()]
        known = self.env["res.partner"]._reveal(others)
        for (pair, (mine, _other)), revealed in zip(doubtful.items(), known, strict=True):
            fields = pairs._name_fields(pair.rule_id.field_ids.mapped("code"))
            row = by_id[mine.id].row
            row.adjust("resembles", self._import_key, f"{revealed['name']}: {fields}")

    def _note_erased(self, entries):
        """Note in the journal the new customers with the address of an erased person."""
        partners = self.env["res.partner"].browse([entry.record_id for entry in entries])
        found = self.env["crm.privacy.suppression"]._find_suppressed(partners)
        for entry in entries:
            if entry.record_id in found:
                entry.row.adjust("erased", self._import_key)

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "erased": self.env._(
                "The data of a person with this address was erased at that person's request;"
                " nothing is sent to it. Ask the privacy officer whether you may keep it."
            ),
            "unknown_record": self.env._(
                "No customer has this external ID; leave the cell empty for a new one."
            ),
            "unknown_country": self.env._("No such country; the country is left empty."),
            "no_day": self.env._("Not a date; the day is left empty."),
            "unknown_state": self.env._("No such province; the province is left empty."),
            "resembles": self.env._(
                "May exist already (%(used)s is the same); see the list of duplicates."
            ),
        }


def most_frequent(values):
    """The value that comes most often, None of none."""
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts, key=counts.get, default=None)
