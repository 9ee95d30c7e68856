from odoo import fields, models

from ..tools.pool_rules import is_due


class CrmPoolPreview(models.TransientModel):
    """Dry run of return rules: change them here and see who would go back; nothing is saved."""

    _name = "crm.pool.preview"
    _description = "Dry Run of Return Rules"

    pool_id = fields.Many2one("crm.pool", required=True, ondelete="cascade")
    rule_ids = fields.One2many("crm.pool.preview.rule", "preview_id", string="Rules on Trial")
    line_ids = fields.One2many("crm.pool.preview.line", "preview_id", string="Customers")
    watched = fields.Integer(string="Customers Judged", readonly=True)
    due_now = fields.Integer(string="Tonight", readonly=True)
    due_now_before = fields.Integer(string="Tonight by Today's Rules", readonly=True)
    due_month = fields.Integer(string="Within 30 Days", readonly=True)
    due_month_before = fields.Integer(string="Within 30 Days by Today's Rules", readonly=True)

    def action_run(self):
        """Judge all customers by the rules on trial and list whose return changes."""
        self.ensure_one()
        self.pool_id._check_admin()
        self._run()
        return self._get_action()

    def action_apply(self):
        """Make the rules on trial the rules of the pool."""
        self.ensure_one()
        self.pool_id._check_admin()
        pool = self.pool_id
        pool.rule_ids.unlink()
        self.env["crm.pool.rule"].create(
            [rule._prepare_rule_values(pool) for rule in self.rule_ids]
        )
        pool._refresh_return_dates()
        return {"type": "ir.actions.act_window_close"}

    def _load_rules(self):
        """Start from the pool's own rules."""
        self.ensure_one()
        self.env["crm.pool.preview.rule"].create(
            [
                {
                    "preview_id": self.id,
                    **{name: rule[name] for name in ("trigger", "days", "date_start")},
                    **{
                        name: rule[name]
                        for name in ("exempt_contract", "exempt_opportunity", "exempt_deal")
                    },
                    "grade_ids": [fields.Command.set(rule.grade_ids.ids)],
                    "exempt_tag_ids": [fields.Command.set(rule.exempt_tag_ids.ids)],
                }
                for rule in self.pool_id.rule_ids
            ]
        )
        self._run()

    def _run(self):
        pool, today = self.pool_id, self.pool_id._today()
        before = pool._evaluate()
        after = pool._evaluate(rules=self.rule_ids._to_plain())
        month = fields.Date.add(today, days=30)

        def within(verdicts, last):
            return sum(bool(row.deadline and row.deadline < last) for row in verdicts.values())

        self.line_ids.unlink()
        self.write(
            {
                "watched": len(after),
                "due_now": within(after, today),
                "due_now_before": within(before, today),
                "due_month": within(after, month),
                "due_month_before": within(before, month),
            }
        )
        moved = [cid for cid in after if after[cid].deadline != before[cid].deadline]
        shown = moved or [cid for cid in after if is_due(after[cid], month)]
        shown.sort(key=lambda cid: (str(after[cid].deadline or "9999"), cid))
        partners = self.env["res.partner"].browse(shown)
        self.env["crm.pool.preview.line"].create(
            [
                {
                    "preview_id": self.id,
                    "partner_id": partner.id,
                    "date_before": before[partner.id].deadline,
                    "date_after": after[partner.id].deadline,
                    "explanation": partner._explain_verdict(pool, after[partner.id], today),
                }
                for partner in partners
            ]
        )

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dry Run: %(pool)s", pool=self.pool_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
