"""What every test of merging needs: customers with documents, and all links counted. No test here.

Links are found without the code under test: foreign keys in the catalogue of the database, pairs of
a model's name and a number by the columns' names, values per company and properties by their JSON.
"""

import json
from collections import Counter

from odoo import Command
from odoo.tools import SQL

from .common import CrmCommon

# Written anew from the customers, or by the merge itself.
DERIVED = {
    "crm_customer_metric",
    "crm_customer_metric_queue",
    "crm_dup_key",
    "crm_dup_queue",
    "crm_merge_log",
    "crm_merge_log_line",
    "crm_merge_former",
}


class MergeCommon(CrmCommon):
    """A merger with the right to merge, and ways to count what points at customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merger = cls._create_user("suite_merger", "crm_customers.group_merge")
        cls.env["crm.dup.rule"].search([]).active = False

    @classmethod
    def _create_customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    def _merge(self, partners, survivor, user=None, **choices):
        """Merge as a user does, through the wizard, and return the journal."""
        partners = self.env["res.partner"].browse(partners.ids)
        action = (
            partners.with_user(user or self.merger)
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .action_merge_customers()
        )
        wizard = self.env["crm.merge.wizard"].with_user(user or self.merger)
        wizard = wizard.browse(action["res_id"])
        wizard.survivor_id = survivor
        wizard.choices = choices
        wizard.action_check()
        self.assertFalse(wizard.problems)
        result = wizard.action_merge()
        return self.env["crm.merge.log"].with_user(user or self.merger).browse(result["res_id"])

    # ------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------

    def _list_link_columns(self):
        """Return ``(table, column)`` of every foreign key to customers."""
        return self.env.execute_query(
            SQL(
                """
                SELECT con.conrelid::regclass::text, a.attname
                  FROM pg_constraint con
                  JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = con.conkey[1]
                 WHERE con.contype = 'f' AND con.confrelid = 'res_partner'::regclass
                 ORDER BY 1, 2
                """
            )
        )

    def _list_pair_columns(self):
        """Return ``(table, model column, number column)`` of loose references."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT n.table_name, m.column_name, n.column_name
                  FROM information_schema.columns n
                  JOIN information_schema.columns m
                    ON m.table_name = n.table_name AND m.table_schema = n.table_schema
                  JOIN information_schema.tables t
                    ON t.table_name = n.table_name AND t.table_schema = n.table_schema
                 WHERE n.table_schema = current_schema AND t.table_type = 'BASE TABLE'
                   AND n.column_name = 'res_id' AND n.data_type = 'integer'
                   AND m.column_name IN ('model', 'res_model') AND m.data_type = 'character varying'
                 ORDER BY 1, 2
                """
            )
        )
        transient = {model._table for model in self.env.values() if model._transient}
        return [row for row in rows if row[0] not in transient]

    def _list_jsonb_columns(self):
        return self.env.execute_query(
            SQL(
                """
                SELECT f.model, f.name FROM ir_model_fields f
                 WHERE f.company_dependent AND f.ttype = 'many2one' AND f.relation = 'res.partner'
                """
            )
        )

    def _count_links(self, partners):
        """Return ``{(table, column, partner): rows}`` of all that points at some customers."""
        self.env.flush_all()
        found = Counter()
        ids = tuple(partners.ids)
        for table, column in self._list_link_columns():
            if table in DERIVED or table.startswith(("crm_merge_wizard", "base_partner_merge")):
                continue
            rows = self.env.execute_query(
                SQL(
                    "SELECT %(column)s, count(*) FROM %(table)s"
                    " WHERE %(column)s IN %(ids)s GROUP BY 1",
                    column=SQL.identifier(column),
                    table=SQL.identifier(table),
                    ids=ids,
                )
            )
            found.update({(table, column, partner): count for partner, count in rows})
        for table, model, column in self._list_pair_columns():
            rows = self.env.execute_query(
                SQL(
                    "SELECT %(column)s, count(*) FROM %(table)s"
                    " WHERE %(model)s = 'res.partner' AND %(column)s IN %(ids)s GROUP BY 1",
                    column=SQL.identifier(column),
                    model=SQL.identifier(model),
                    table=SQL.identifier(table),
                    ids=ids,
                )
            )
            found.update({(table, column, partner): count for partner, count in rows})
        for model, name in self._list_jsonb_columns():
            table = self.env[model]._table
            rows = self.env.execute_query(
                SQL(
                    "SELECT one.value::int, count(*) FROM %s, jsonb_each_text(%s) one"
                    " WHERE one.value IN %s GROUP BY 1",
                    SQL.identifier(table),
                    SQL.identifier(name),
                    tuple(map(str, ids)),
                )
            )
            found.update({(table, name, partner): count for partner, count in rows})
        return +found

    def _read_rows(self, partners):
        """Return the rows of customers with all columns, less who wrote last and when."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT id, (to_jsonb(p.*) - 'write_date' - 'write_uid')::text FROM res_partner p"
                " WHERE id IN %s",
                tuple(partners.ids),
            )
        )
        return {number: json.loads(row) for number, row in rows}

    @staticmethod
    def _sum(counts, leave_out=()):
        """Return ``{(table, column): rows}`` whoever they belong to."""
        total = Counter()
        for (table, column, _partner), count in counts.items():
            if table not in leave_out:
                total[table, column] += count
        return total

    # ------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------

    @classmethod
    def _give_documents(cls, partner, tag, segment, event=None):
        """Give a customer a row of many kinds."""
        env, name = cls.env, partner.name
        person = env["res.partner"].create(
            {"name": f"{name} 联系人", "parent_id": partner.id, "email": "buyer@links.example.com"}
        )
        cls._create_invoice(113, partner_id=partner.id)
        cls._create_contract(partner_id=partner.id, user=cls.env.user)
        env["crm.lead"].create({"name": f"{name} 商机", "partner_id": partner.id})
        partner.activity_schedule("mail.mail_activity_data_call", user_id=cls.env.uid)
        partner.message_post(body="first", attachments=[("offer.txt", b"offer")])
        partner.message_subscribe(partner_ids=[person.id, cls.env.user.partner_id.id])
        partner.category_id = [Command.link(tag.id)]
        env["crm.segment.member"].create({"segment_id": segment.id, "partner_id": partner.id})
        env["crm.customer.member"].create({"partner_id": partner.id, "user_id": cls.colleague.id})
        env["crm.consent"].create(
            {
                "partner_id": person.id,
                "channel": "email",
                "purpose": "marketing",
                "state": "granted",
                "evidence": "signed form",
            }
        )
        env["res.partner.bank"].create(
            [
                {"acc_number": "6222 0210 0011", "partner_id": partner.id},
                {"acc_number": f"6222-{partner.id}", "partner_id": partner.id},
            ]
        )
        env["ir.model.data"].create(
            {
                "module": "merge_test",
                "name": f"partner_{partner.id}",
                "model": "res.partner",
                "res_id": partner.id,
            }
        )
        env["calendar.event"].create(
            {
                "name": f"{name} 会议",
                "start": "2026-10-12 02:00:00",
                "stop": "2026-10-12 03:00:00",
                "partner_ids": [Command.link(partner.id)],
            }
        )
        return person
