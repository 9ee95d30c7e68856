from odoo import models

from ..tools.import_rows import Column


class CrmImportProfileCustomerCompany(models.AbstractModel):
    """Companies with a number of their own, credit code, address and telephone number."""

    _name = "crm.import.profile.customer.company"
    _inherit = "crm.import.profile.customer"
    _description = "Companies by Number"

    _import_model = "res.partner"
    _import_template = "/crm_customers/static/import/companies.csv"

    def _get_import_columns(self):
        return (
            *super()._get_import_columns(),
            Column(
                "company_name",
                "name",
                required=True,
                identifies=True,
                aliases=("公司名称", "企业名称", "单位名称"),
            ),
            Column(
                "credit_code", "vat", aliases=("统一社会信用代码", "信用代码", "税号", "tax_number")
            ),
            Column("founded_on", "crm_birthdate", aliases=("成立日期", "注册日期")),
            Column("website", "website", aliases=("网址",)),
        )

    def _prepare_values(self, row):
        values = super()._prepare_values(row) | {"name": row.values["company_name"]}
        if row.values.get("credit_code"):
            values["vat"] = row.values["credit_code"]
        if row.values.get("website"):
            values["website"] = row.values["website"]
        return values

    def _prepare_first_values(self):
        values = super()._prepare_first_values() | {"is_company": True}
        if self.env.context.get("crm_import_trial"):
            # What is undone takes no customer number.
            values["crm_code"] = "-"
        return values

    def _prepare_export(self, partner):
        return super()._prepare_export(partner) | {
            "company_name": partner.name,
            "credit_code": partner.vat,
            "founded_on": partner.crm_birthdate,
            "website": partner.website,
        }

    def _get_row_label(self, row):
        return row.texts.get("company_name", "")
