from odoo import models

from ..tools.import_rows import Column, Entry, external_name

COMPANIES = [("is_company", "=", True)]


class CrmImportProfilePartner(models.AbstractModel):
    """Accounts: one company a row, with its sector, country and parent company.

    A company that exists under exactly this name is taken over. Empty cells leave a field as it
    is.
    """

    _name = "crm.import.profile.partner"
    _inherit = "crm.import.profile"
    _description = "Accounts"

    _import_model = "res.partner"
    _import_key = "account"
    _import_template = "/crm_customers/static/import/accounts.csv"

    def _get_import_columns(self):
        return (
            Column("account", "name", required=True, identifies=True, aliases=("客户", "客户名称")),
            Column("sector", "industry_id", aliases=("行业",)),
            Column("office_location", "country_id", aliases=("国家", "所在国家")),
            Column("subsidiary_of", "parent_id", aliases=("母公司", "上级公司")),
        )

    def _resolve_rows(self, sheet):
        rows = sheet.good
        industries = self._index_sectors(rows)
        countries = self._index_names("res.country", [], None)
        parents = self._index_names("res.partner", COMPANIES, sheet.words("subsidiary_of", rows))
        listed = set(sheet.words("account", sheet.rows))
        for row in rows:
            self._resolve_sector(row, industries)
            self._resolve_country(row, countries)
            self._resolve_parent(row, parents, listed)

    def _save_rows(self, sheet):
        rows = sheet.good
        names = sheet.words("account", rows)
        existing = self._index_names("res.partner", COMPANIES, names)
        known = self._known_ids("res.partner", map(partner_name, names))
        entries = []
        for row in rows:
            account = row.values["account"]
            partner_id, how = existing.match(account)
            if how == "ambiguous" and partner_name(account) not in known:
                row.refuse("ambiguous", "account")
                continue
            entries.append(
                self._make_entry(
                    row,
                    "res.partner",
                    partner_name(account),
                    self._prepare_values(row),
                    {"is_company": True},
                    record_id=partner_id if how == "exact" else None,
                )
            )
        self._save_entries("res.partner", entries)
        self._settle(entries)
        self._link_parents(sheet)

    def _prepare_values(self, row):
        """Return the field values of a row's company, but for its parent."""
        values = {"name": row.values["account"]}
        for name in ("industry_id", "country_id"):
            if row.values.get(name):
                values[name] = row.values[name]
        return values

    def _link_parents(self, sheet):
        """Put companies under their parent, once both exist; a parent may follow in the file.

        The host gives a company of type "contact" its parent's address and the other way round,
        so a subsidiary's address is of type "other".
        """
        rows = [
            row
            for row in sheet.rows[: sheet.stop]
            if row.values.get("subsidiary_of") and row.values.get("account")
        ]
        names = {row.values[column] for row in rows for column in ("account", "subsidiary_of")}
        known = self._known_ids("res.partner", map(partner_name, names))
        entries = []
        for row in rows:
            name = partner_name(row.values["account"])
            parent_id = known.get(partner_name(row.values["subsidiary_of"]))
            parent_id = parent_id or row.values.get("parent_id")
            if name in known and parent_id and parent_id != known[name]:
                entries.append(Entry(row, name, {"parent_id": parent_id, "type": "other"}))
        self._save_entries("res.partner", entries)
        for entry in entries:
            if entry.outcome == "updated" and entry.row.outcome == "unchanged":
                entry.row.outcome = "updated"

    # ------------------------------------------------------------
    # Names
    # ------------------------------------------------------------

    def _index_sectors(self, rows):
        """Return a ``NameIndex`` of the sectors; those not known are kept as new ones.

        Each new sector is noted once, on the first row that has it.
        """
        index = self._index_names("res.partner.industry", [], None)
        first = {}
        for row in rows:
            sector = row.values.get("sector")
            if sector and index.match(sector)[1] == "unknown":
                first.setdefault(sector, row)
        if first and self.env.user.has_group("sales_team.group_sale_manager"):
            # sudo: sectors are the administrator's list; a sales manager's file may add to it
            industries = self.env["res.partner.industry"].sudo()
            for industry in industries.create([{"name": sector} for sector in first]):
                index.add(industry.id, industry.name)
                first[industry.name].adjust("new_sector", "sector")
        return index

    def _resolve_sector(self, row, industries):
        sector = row.values.get("sector")
        if sector:
            industry_id, how = industries.match(sector)
            if how == "folded":
                row.adjust("folded", "sector", industries.name(industry_id))
            elif not industry_id:
                row.adjust("unknown_sector", "sector")
            row.values["industry_id"] = industry_id

    def _resolve_country(self, row, countries):
        country = row.values.get("office_location")
        if country:
            country_id, how = countries.match(country)
            if not country_id:
                country_id, how = countries.closest(country), "nearly"
            if not country_id:
                row.adjust("unknown_country", "office_location")
            elif how != "exact":
                row.adjust(how, "office_location", countries.name(country_id))
            row.values["country_id"] = country_id

    def _resolve_parent(self, row, parents, listed):
        parent = row.values.get("subsidiary_of")
        if parent and parent not in listed:
            row.values["parent_id"], how = parents.match(parent)
            if how == "folded":
                row.adjust("folded", "subsidiary_of", parents.name(row.values["parent_id"]))
            elif how != "exact":
                row.adjust("unknown_parent", "subsidiary_of")

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "new_sector": self.env._("No sector has this name: it is kept, as a new one."),
            "unknown_sector": self.env._(
                "No such sector, and only a sales manager's import makes new ones; left empty."
            ),
            "unknown_country": self.env._("No such country; the country is left empty."),
            "unknown_parent": self.env._("No such company; the parent company is left empty."),
        }


def partner_name(account):
    """The external name of an imported company."""
    return external_name("partner", account)
