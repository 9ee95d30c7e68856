from odoo import Command
from odoo.tests import tagged

from .pool_common import PoolCommon

PHONE = "+86 135 6421 8017"


@tagged("post_install", "-at_install")
class TestCrmPoolMask(PoolCommon):
    """A pooled customer's telephone is read in part, and found by nobody who knows it whole."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hidden = cls.pooled[0]
        cls.hidden.phone = PHONE
        cls.contact = cls.env["res.partner"].create(
            {"name": "采购经理", "parent_id": cls.hidden.id, "phone": "+86 139 0000 8017"}
        )
        cls.env.flush_all()

    def _rows(self):
        return self.env["crm.pool.customer"].with_user(self.salesperson)

    def _masked(self, phone):
        self.hidden.phone = phone
        self.env.flush_all()
        self.env.invalidate_all()
        return self._rows().browse(self.hidden.id).phone

    def test_a_masked_number_reads_like_one(self):
        for phone, masked in (
            (PHONE, "+86 135****8017"),
            ("+8613564218017", "+86 135****8017"),
            ("0086-135-6421-8017", "+86 135****8017"),
            ("135 6421 8017", "135****8017"),
            ("+86 21 5080 1238", "+86 21****38"),
            ("021-50801238", "021****1238"),
            ("+1 (415) 555-0132", "+1 41****32"),
            ("+852 2836 1234", "+852 28****34"),
            ("+49 30 1234567", "+49 30****67"),
            ("10086", "****"),
            ("n/a", False),
            (False, False),
        ):
            self.assertEqual(self._masked(phone), masked, phone)

    def test_no_search_in_the_pool_finds_the_whole_number(self):
        rows = self._rows()
        for value in (PHONE, "6421", "13564218017", "+86 135 6421%"):
            for operator in ("=", "ilike", "like", "=ilike", "in"):
                sought = [value] if operator == "in" else value
                found = rows.search([("phone", operator, sought)])
                self.assertFalse(found, (operator, value))
            self.assertFalse(rows.name_search(value))
        self.assertEqual(rows.search([("phone", "like", "135****8017")]).ids, self.hidden.ids)

    def test_sorting_grouping_and_exporting_know_the_masked_number_only(self):
        twin = self._create_pooled("镇江四号有限公司")
        twin.phone = "+86 135 0000 8017"  # before the other one by number, equal when masked
        rows = self._rows()
        pair = [("id", "in", (self.hidden | twin).ids)]
        self.assertEqual(rows.search(pair, order="phone, id").ids, (self.hidden | twin).ids)
        groups = rows.formatted_read_group(pair, ["phone"], ["__count"])
        self.assertEqual(
            [(group["phone"], group["__count"]) for group in groups], [("+86 135****8017", 2)]
        )
        exporting = self.env.ref("base.group_allow_export")
        self.salesperson.group_ids = [Command.link(exporting.id)]
        row = rows.browse(self.hidden.id)
        self.assertEqual(row.export_data(["phone"])["datas"], [["+86 135****8017"]])

    def test_no_way_round_through_other_records(self):
        tag = self.env["res.partner.category"].create({"name": "Masked"})
        self.hidden.category_id = [Command.link(tag.id)]
        self.env["crm.lead"].create(
            {"name": "Waiting", "partner_id": self.hidden.id, "user_id": False}
        ).crm_pooled = True
        self.env["crm.owner.log"].sudo().create(
            {"partner_id": self.hidden.id, "how": "return", "from_user_id": self.colleague.id}
        )
        self.env.flush_all()
        for model, path in (
            ("res.partner", "phone"),
            ("res.partner", "phone_sanitized"),
            ("res.partner", "child_ids.phone"),
            ("res.partner", "parent_id.phone"),
            ("res.partner.category", "partner_ids.phone"),
            ("crm.lead", "partner_id.phone"),
            ("crm.owner.log", "partner_id.phone"),
            ("crm.customer.member", "partner_id.phone"),
            ("mail.activity", "crm_customer_id.phone"),
            ("crm.contract", "partner_id.phone"),
        ):
            found = self.env[model].with_user(self.salesperson).search([(path, "like", "6421")])
            self.assertFalse(found, (model, path))
        self.assertFalse(self.env["res.partner"].with_user(self.salesperson).name_search("6421"))
