from odoo.tests import HttpCase, tagged

from .merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMergeTour(MergeCommon, HttpCase):
    """Trial run, choice, merge and undo in a browser, with the right to merge and no other."""

    def test_two_records_of_a_customer_are_merged_and_brought_back(self):
        self.env["crm.dup.pair"].search([]).unlink()
        one = self._create_customer(
            "宁波海港机械有限公司", phone="+86 574 8888 0001", company_id=self.company.id
        )
        two = self._create_customer(
            "宁波海港机械有限责任公司", phone="+86 574 8888 0002", company_id=self.company.id
        )
        lead = self.env["crm.lead"].create(
            {"name": "二期", "partner_id": two.id, "company_id": self.company.id}
        )
        self.env["crm.dup.pair"].create(
            {"partner_id": one.id, "other_id": two.id, "level": "sure", "score": 20}
        )
        self.env["res.partner.bank"].create({"acc_number": "6222 5740", "partner_id": one.id})
        before = self._read_rows(one | two)
        self.env.flush_all()
        self.start_tour("/odoo/crm-duplicates", "crm_customers_merge", login=self.merger.login)
        self.env.invalidate_all()
        log = self.env["crm.merge.log"].search([], order="id desc", limit=1)
        self.assertEqual((log.user_id, log.state), (self.merger, "undone"))
        self.assertEqual(log.line_ids.filtered(lambda line: line.table_name == "crm_lead").count, 1)
        self.assertEqual(self._read_rows(one | two), before, "both are as they were")
        self.assertEqual(lead.partner_id, two)
