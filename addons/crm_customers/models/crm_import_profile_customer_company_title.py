from odoo import models

from ..tools.import_rows import Column, fold

# By column of the file, the field of the title.
TITLE_FIELDS = {
    "invoice_address": "address",
    "invoice_phone": "phone",
    "invoice_kind": "invoice_kind",
    "invoice_medium": "medium",
    "invoice_email": "email",
    "invoice_mobile": "mobile",
}
# What a cell may say; the first of each is what an exported list says in the reader's language.
WORDS = {
    "invoice_kind": {
        "special": ("special", "专票", "增值税专用发票", "专用发票"),
        "ordinary": ("ordinary", "普票", "增值税普通发票", "普通发票"),
    },
    "invoice_medium": {
        "electronic": ("electronic", "电子", "电子发票", "数电票"),
        "paper": ("paper", "纸质", "纸质发票"),
    },
}


class CrmImportProfileCustomerCompany(models.AbstractModel):
    """The invoice title of a company: its default one is made, or changed, by the row."""

    _inherit = "crm.import.profile.customer.company"

    def _get_import_columns(self):
        path = "crm_invoice_title_ids"
        return (
            *super()._get_import_columns(),
            Column("invoice_address", f"{path}/address", aliases=("注册地址", "开票地址")),
            Column("invoice_phone", f"{path}/phone", aliases=("注册电话", "开票电话")),
            Column("invoice_bank", f"{path}/bank_id/bank_id", aliases=("开户行", "开户银行")),
            Column("invoice_account", f"{path}/bank_id", aliases=("银行账号", "开户账号")),
            Column("invoice_kind", f"{path}/invoice_kind", aliases=("发票类型",)),
            Column("invoice_medium", f"{path}/medium", aliases=("发票介质",)),
            Column("invoice_email", f"{path}/email", aliases=("收票邮箱",)),
            Column("invoice_mobile", f"{path}/mobile", aliases=("收票手机",)),
        )

    def _resolve_rows(self, sheet):
        result = super()._resolve_rows(sheet)
        for row in sheet.good:
            for column, meanings in WORDS.items():
                word = row.values.get(column)
                if word:
                    row.values[column] = next(
                        (code for code, words in meanings.items() if fold(word) in words), None
                    )
                    if not row.values[column]:
                        row.adjust("unknown_word", column)
            if row.values.get("invoice_bank") and not row.values.get("invoice_account"):
                row.adjust("bank_alone", "invoice_bank")
        return result

    def _save_rows(self, sheet):
        result = super()._save_rows(sheet)
        rows = [row for row in sheet.good if row.record_id and self._wants_title(row)]
        if rows:
            accounts = self._save_accounts(rows)
            self._save_titles(rows, accounts)
        return result

    def _wants_title(self, row):
        names = (*TITLE_FIELDS, "invoice_account")
        return any(row.values.get(name) for name in names)

    def _save_accounts(self, rows):
        """Find or make the accounts that the rows name.

        :return: ``{partner id: res.partner.bank id}``
        """
        rows = [row for row in rows if row.values.get("invoice_account")]
        accounts = self.env["res.partner.bank"].with_context(active_test=False)
        found = accounts.search([("partner_id", "in", [row.record_id for row in rows])])
        known = {(one.partner_id.id, one.sanitized_acc_number): one for one in found}
        banks = self._find_banks(rows)
        result, missing = {}, []
        for row in rows:
            number = "".join(filter(str.isalnum, row.values["invoice_account"])).upper()
            account = known.get((row.record_id, number))
            bank_id = banks.get(fold(row.values.get("invoice_bank") or ""))
            if not account:
                missing.append((row, bank_id))
                continue
            result[row.record_id] = account.id
            if bank_id and account.bank_id.id != bank_id:
                account.bank_id = bank_id
                self._mark_updated(row)
        made = accounts.create(
            [
                {
                    "partner_id": row.record_id,
                    "acc_number": row.values["invoice_account"],
                    "bank_id": bank_id,
                }
                for row, bank_id in missing
            ]
        )
        for (row, _bank), account in zip(missing, made, strict=True):
            result[row.record_id] = account.id
        return result

    def _find_banks(self, rows):
        """Return ``{folded name: res.bank id}``; banks that are not known are kept as new ones."""
        names = {}
        for row in rows:
            if row.values.get("invoice_bank"):
                names.setdefault(fold(row.values["invoice_bank"]), row.values["invoice_bank"])
        index = self._index_names("res.bank", [], list(names.values()))
        known = {key: index.match(name)[0] for key, name in names.items()}
        missing = [key for key, identifier in known.items() if not identifier]
        made = self.env["res.bank"].create([{"name": names[key]} for key in missing])
        return known | dict(zip(missing, made.ids, strict=True))

    def _save_titles(self, rows, accounts):
        """Give the default title of each row's company what the row says."""
        customers = self.env["res.partner"].browse([row.record_id for row in rows])
        missing = []
        for row, customer in zip(rows, customers, strict=True):
            values = {
                field: row.values[column]
                for column, field in TITLE_FIELDS.items()
                if row.values.get(column)
            }
            if customer.id in accounts:
                values["bank_id"] = accounts[customer.id]
            title = customer._get_invoice_title()._origin
            if not title:
                missing.append({"partner_id": customer.id, **values})
                self._mark_updated(row)
                continue
            differing = {
                name: value
                for name, value in values.items()
                if title._get_change_values([name])[name] != value
            }
            if differing:
                title.update(differing)
                self._mark_updated(row)
        self.env["crm.invoice.title"].create(missing)

    def _mark_updated(self, row):
        if row.outcome == "unchanged":
            row.outcome = "updated"

    def _prepare_export(self, partner):
        title = partner._get_invoice_title()._origin
        chinese = (self.env.lang or "").startswith("zh")
        account = title.bank_id
        return super()._prepare_export(partner) | {
            **{
                column: WORDS[column][title[field]][chinese]
                if column in WORDS and title
                else title[field]
                for column, field in TITLE_FIELDS.items()
            },
            "invoice_bank": account.bank_id.name,
            "invoice_account": account.acc_number,
        }

    def _get_finding_texts(self):
        return super()._get_finding_texts() | {
            "unknown_word": self.env._("Not one of the words for it; the cell is left out."),
            "bank_alone": self.env._("A bank without account number; fill in the number as well."),
        }
