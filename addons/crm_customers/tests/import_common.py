"""Fixtures of the tests of imports. No test lives here."""

import io

import openpyxl

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

# The options the web client's import screen starts with.
OPTIONS = {
    "quoting": '"',
    "separator": "",
    "encoding": "",
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "has_headers": True,
    "advanced": True,
    "keep_matches": False,
    "skip": 0,
    "limit": 2000,
}


class ImportCase(TransactionCase):
    """A company with a manager, a salesperson and an administrator, and a way to import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, lang="en_US"))
        cls.company = cls.env["res.company"].create({"name": "Import Company"})
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.manager = new_test_user(
            cls.env,
            "import_manager",
            "sales_team.group_sale_manager,base.group_partner_manager,"
            "product.group_product_manager",
            **company,
        )
        cls.seller = new_test_user(
            cls.env, "import_seller", "sales_team.group_sale_salesman", **company
        )
        cls.administrator = new_test_user(
            cls.env, "import_admin", "base.group_system,sales_team.group_sale_manager", **company
        )
        cls.agent = new_test_user(
            cls.env, "import_agent", "sales_team.group_sale_salesman", name="Ada Voss", **company
        )
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Voss Team",
                "crm_team_member_ids": [Command.create({"user_id": cls.agent.id})],
            }
        )
        cls.customer = cls.env["res.partner"].create({"name": "Kiln & Co", "is_company": True})

    def _env(self, user=None):
        return self.env(
            user=user or self.manager, context={"lang": "en_US", "tracking_disable": True}
        )

    def _screen(self, model, data, user=None, name="file.csv", mime="text/csv"):
        content = data.encode() if isinstance(data, str) else data
        return self._env(user)["base_import.import"].create(
            {"res_model": model, "file": content, "file_name": name, "file_type": mime}
        )

    def _preview(self, screen, **options):
        """The preview and the mapping it suggests, as field paths by column."""
        preview = screen.parse_preview({**OPTIONS, **options})
        self.assertNotIn("error", preview)
        matches = preview["matches"] or {}
        return preview, [
            "/".join(matches[index]) if index in matches else False
            for index in range(len(preview["headers"]))
        ]

    def _import(self, model, data, user=None, test=False, screen=None, **options):
        """Import as the web client does, with the suggested mapping; return the last answer."""
        screen = screen or self._screen(model, data, user)
        preview, fields = self._preview(screen, **options)
        columns = [heading.strip().lower() for heading in preview["headers"]]
        chosen = {**OPTIONS, **preview["options"], **options}
        answer = {"nextrow": chosen["skip"]}
        while True:
            answer = screen.execute_import(
                fields, columns, {**chosen, "skip": answer["nextrow"]}, dryrun=test
            )
            if not answer.get("nextrow"):
                return answer

    def _log(self, answer, user=None):
        return self._env(user)["crm.import.log"].browse(answer["crm_import"]["log_id"])

    def _counts(self, answer):
        """The numbers of rows created, updated, unchanged and refused."""
        step = answer["crm_import"]
        return tuple(step[name] for name in ("created", "updated", "unchanged", "refused"))

    def _refused(self, answer):
        """What the journal refused: row, column and value."""
        issues = self._log(answer).issue_ids.filtered("refused")
        return [(issue.row, issue.column or "", issue.value or "") for issue in issues]

    def _workbook(self, lines):
        """A workbook with these rows of cells."""
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        output = io.BytesIO()
        book.save(output)
        return output.getvalue()

    def _lead(self, number):
        """The opportunity that came in under a number."""
        xml_ids = self.env["ir.model.data"].search(
            [("model", "=", "crm.lead"), ("name", "=", f"lead_{self.company.id}_{number}")]
        )
        return self.env["crm.lead"].browse(xml_ids.res_id)
