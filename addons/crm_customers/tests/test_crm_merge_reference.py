from odoo.tests import tagged
from odoo.tools import SQL

from .merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMergeReferences(MergeCommon):
    """References that the database does not know as such, and what a merge costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.third = cls.env["res.partner"].create(
            [{"name": f"Mole {number}", "is_company": True} for number in (1, 2, 3)]
        )

    def _undo(self, log):
        log.action_undo()
        self.env.invalidate_all()

    def _create_field(self, **values):
        return self.env["ir.model.fields"].create(
            {
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "field_description": values["name"],
                "state": "manual",
                **values,
            }
        )

    def test_values_per_company_and_their_default(self):
        field = self._create_field(
            name="x_merge_agent",
            ttype="many2one",
            relation="res.partner",
            company_dependent=True,
        )
        other = self._create_company("Second Company")
        lead = self.env["crm.lead"].create({"name": "Agents"})
        lead.x_merge_agent = self.two
        lead.with_company(other).x_merge_agent = self.third
        self.env["ir.default"].set("crm.lead", "x_merge_agent", self.two.id, company_id=other.id)
        self.env.flush_all()
        log = self._merge(self.one | self.two, self.one)
        lead.invalidate_recordset()
        self.assertEqual(lead.x_merge_agent, self.one)
        self.assertEqual(lead.with_company(other).x_merge_agent, self.third)
        default = self.env["ir.default"].search([("field_id", "=", field.id)])
        self.assertEqual(default.json_value, str(self.one.id))
        self._undo(log)
        self.assertEqual(lead.x_merge_agent, self.two)
        self.assertEqual(lead.with_company(other).x_merge_agent, self.third)
        self.assertEqual(default.json_value, str(self.two.id))

    def test_reference_fields_and_loose_numbers(self):
        self._create_field(
            name="x_merge_ref", ttype="reference", selection="[('res.partner', 'Customer')]"
        )
        leads = self.env["crm.lead"].create([{"name": "A"}, {"name": "B"}])
        leads[0].x_merge_ref = f"res.partner,{self.two.id}"
        leads[1].x_merge_ref = f"res.partner,{self.third.id}"
        self.env.flush_all()
        log = self._merge(self.one | self.two, self.one)
        leads.invalidate_recordset()
        self.assertEqual(
            leads.mapped(lambda lead: lead.x_merge_ref.id), [self.one.id, self.third.id]
        )
        self._undo(log)
        self.assertEqual(
            leads.mapped(lambda lead: lead.x_merge_ref.id), [self.two.id, self.third.id]
        )

    def test_properties_that_are_customers(self):
        team = self.env["crm.team"].create(
            {
                "name": "Properties",
                "lead_properties_definition": [
                    {
                        "name": "agent",
                        "string": "Agent",
                        "type": "many2one",
                        "comodel": "res.partner",
                    },
                    {
                        "name": "partners",
                        "string": "Partners",
                        "type": "many2many",
                        "comodel": "res.partner",
                    },
                ],
            }
        )
        lists = ([self.two.id, self.third.id], [self.two.id, self.one.id], [self.third.id])
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number}",
                    "team_id": team.id,
                    "lead_properties": {"agent": self.two.id, "partners": partners},
                }
                for number, partners in enumerate(lists)
            ]
        )
        self.env.flush_all()

        def read():
            self.env.flush_all()
            return self.env.execute_query(
                SQL(
                    "SELECT (lead_properties->>'agent')::int, lead_properties->'partners'"
                    " FROM crm_lead WHERE id = ANY(%s) ORDER BY id",
                    leads.ids,
                )
            )

        before = read()
        log = self._merge(self.one | self.two, self.one)
        merged = ([self.one.id, self.third.id], [self.one.id], [self.third.id])
        self.assertEqual(read(), [(self.one.id, partners) for partners in merged])
        self._undo(log)
        self.assertEqual(read(), before)

    def test_properties_of_the_customers_are_put_together(self):
        base = self.one.properties_base_definition_id
        base.properties_definition = [
            {"name": name, "string": name, "type": "char"} for name in ("colour", "size", "mark")
        ]
        self.one.properties = {"colour": "red"}
        self.two.properties = {"colour": "blue", "size": "large"}
        self.env.flush_all()
        log = self._merge(self.one | self.two, self.one)
        self.assertEqual(self.one.properties["colour"], "red")
        self.assertEqual(self.one.properties["size"], "large")
        self._undo(log)
        self.assertFalse(self.one.properties.get("size"))
        self.assertEqual(self.two.properties["colour"], "blue")

    def test_the_trial_run_lists_what_the_merge_moves(self):
        tag = self.env["res.partner.category"].create({"name": "Trial"})
        segment = self.env["crm.segment"].create({"name": "Trial", "kind": "static"})
        for partner in (self.one, self.two):
            self._give_documents(partner, tag, segment)
        wizard = self.env["crm.merge.wizard"].with_user(self.merger)
        wizard = wizard.browse(
            (self.one | self.two).with_user(self.merger).action_merge_customers()["res_id"]
        )
        wizard.survivor_id = self.one
        wizard.action_check()
        planned = {
            (line.table_name, line.column_name): (line.count, line.clash_count)
            for line in wizard.line_ids
        }
        self.assertEqual(wizard.row_count, sum(count for count, _clashes in planned.values()))
        invoices = wizard.line_ids.filtered(
            lambda line: (line.table_name, line.column_name) == ("account_move", "partner_id")
        )
        self.assertEqual((invoices.label, invoices.count), ("Journal Entry", 1))
        shown = wizard.line_ids.filtered(lambda line: line.table_name == "crm_lead")[:1]
        action = shown.action_open_rows()
        self.assertEqual(self.env["crm.lead"].search(action["domain"]).partner_id, self.two)
        log = self.env["crm.merge.log"].sudo().browse(wizard.action_merge()["res_id"])
        moved = {}
        for line in log.line_ids.filtered("column_name"):
            place = line.table_name, line.column_name
            moved[place] = moved.get(place, 0) + line.count
        for place, (count, clashes) in planned.items():
            self.assertEqual(moved.get(place, 0), count - clashes, place)

    def test_the_one_with_most_documents_is_suggested(self):
        self.env["crm.lead"].create(
            [{"name": f"L{n}", "partner_id": self.two.id} for n in range(3)]
        )
        action = (self.one | self.two).with_user(self.merger).action_merge_customers()
        wizard = self.env["crm.merge.wizard"].with_user(self.merger).browse(action["res_id"])
        self.assertEqual(wizard.survivor_id, self.two)

    def test_costs_the_same_for_one_document_and_for_a_hundred(self):
        queries = []
        for number in (1, 100):
            kept, gone = self.env["res.partner"].create(
                [{"name": f"Cost {number} {side}", "is_company": True} for side in "ab"]
            )
            self.env["crm.lead"].create(
                [{"name": "Lead", "partner_id": gone.id, "user_id": False}] * number
            )
            invoice = self._create_invoice(10, partner_id=gone.id, post=False)
            for _copy in range(number - 1):
                invoice.copy({"partner_id": gone.id})
            self.env["mail.message"].create(
                [{"model": "res.partner", "res_id": gone.id, "body": "x"}] * number
            )
            self.env.flush_all()
            self.env.invalidate_all()
            wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.merger)
            before = self.cr.sql_log_count
            log = wizard._merge_customers(kept | gone, kept, {})
            self.env.flush_all()
            merged = self.cr.sql_log_count
            log.action_undo()
            self.env.flush_all()
            queries.append((merged - before, self.cr.sql_log_count - merged))
        (merge_one, undo_one), (merge_many, undo_many) = queries
        self.assertLessEqual(merge_many, merge_one + 5, queries)
        self.assertLessEqual(undo_many, undo_one + 5, queries)
