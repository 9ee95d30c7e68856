from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmMergeWizard(models.TransientModel):
    """Merges customers: which one stays, whose values stay, and what will move.

    Two steps. The first compares; the second is a trial run that lists every table and its rows,
    and what stands in the way.
    """

    _name = "crm.merge.wizard"
    _description = "Merge Customers"

    step = fields.Selection(
        [("choose", "Choose"), ("check", "Check")], required=True, default="choose"
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        context={"active_test": False},
        domain=[("crm_editable", "=", True)],
    )
    survivor_id = fields.Many2one(
        "res.partner",
        string="The One that Stays",
        compute="_compute_survivor_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', partner_ids)]",
        context={"active_test": False},
    )
    links = fields.Json(compute="_compute_links")
    differences = fields.Json(compute="_compute_differences")
    choices = fields.Json(default=dict)
    line_ids = fields.One2many("crm.merge.wizard.line", "wizard_id", readonly=True)
    row_count = fields.Integer(string="Rows to Move", readonly=True)
    problems = fields.Text(readonly=True)
    warnings = fields.Text(readonly=True)
    undo_days = fields.Integer(compute="_compute_undo_days")
    undo_until = fields.Date(compute="_compute_undo_days")

    @api.depends("partner_ids")
    def _compute_links(self):
        for wizard in self:
            wizard.links = wizard._count_links()

    @api.depends("partner_ids")
    def _compute_survivor_id(self):
        """Suggest the one with most linked rows; of equals, the oldest."""
        for wizard in self:
            partners = wizard.partner_ids._origin
            if wizard.survivor_id._origin in partners:
                continue
            links = wizard._count_links()
            wizard.survivor_id = partners.sorted(
                lambda partner, links=links: (-links.get(str(partner.id), 0), partner.id)
            )[:1]

    @api.depends("partner_ids", "survivor_id")
    @api.depends_context("lang", "uid")
    def _compute_differences(self):
        for wizard in self:
            partners = wizard.partner_ids._origin
            survivor = wizard.survivor_id._origin
            wizard.differences = {
                "partners": [
                    {
                        "id": partner.id,
                        "name": partner.display_name,
                        "stays": partner == survivor,
                        "links": (wizard.links or {}).get(str(partner.id), 0),
                    }
                    for partner in survivor | partners
                ],
                "rows": self.env["crm.merge.choice"]._compare(survivor, partners)
                if len(partners) > 1 and survivor in partners
                else [],
            }

    @api.depends("survivor_id")
    @api.depends_context("company")
    def _compute_undo_days(self):
        for wizard in self:
            company = wizard.survivor_id.company_id or self.env.company
            wizard.undo_days = company.sudo().crm_merge_undo_days  # sudo: a setting for everybody
            wizard.undo_until = fields.Date.context_today(self) + timedelta(days=wizard.undo_days)

    def _count_links(self):
        """Return how many rows point at each customer: ``{id as text: count}``."""
        partners = self.partner_ids._origin
        if len(partners) < 2:
            return {}
        # sudo: how many, not which
        references = self.env["crm.merge.reference"].sudo()
        self.env.flush_all()
        counted = references._count(
            references._get_references("res.partner"), partners.ids, own="res_partner"
        )
        return {
            str(partner.id): sum(counts.get(partner.id, 0) for counts in counted.values())
            for partner in partners
        }

    @api.model
    def _start(self, partners):
        """Return the action that opens the wizard on some customers."""
        partners.check_access("read")
        wizard = self.create({"partner_ids": [(6, 0, partners.ids)]})
        return wizard._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge Customers"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def action_check(self):
        """Show what would move, without moving anything."""
        self.ensure_one()
        self._check_partners()
        sources = self.partner_ids - self.survivor_id
        rules = self.env["crm.merge.rules"]
        self.line_ids.unlink()
        rows = self._list_rows(sources)
        self.env["crm.merge.wizard.line"].create([{"wizard_id": self.id, **row} for row in rows])
        self.write(
            {
                "step": "check",
                "row_count": sum(row["count"] for row in rows),
                "problems": "\n".join(rules._list_problems(self.survivor_id, sources)),
                "warnings": "\n".join(rules._list_warnings(self.survivor_id, sources)),
            }
        )
        return self._reopen()

    def action_back(self):
        """Go back to the comparison."""
        self.step = "choose"
        return self._reopen()

    def action_merge(self):
        """Merge the customers and open the journal of it."""
        self.ensure_one()
        self._check_partners()
        choices = {row["name"]: row["default"] for row in self.differences["rows"]}
        choices.update(self._get_valid_choices())
        log = self.env["base.partner.merge.automatic.wizard"]._merge_customers(
            self.partner_ids, self.survivor_id, choices
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merged Customers"),
            "res_model": "crm.merge.log",
            "res_id": log.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _get_valid_choices(self):
        """Return what was chosen, as far as it can be: the client sent it."""
        rows = {row["name"]: row for row in self.differences["rows"]}
        valid = {}
        for name, choice in (self.choices or {}).items():
            row = rows.get(name)
            if row is None:
                continue
            options = {option["id"] for option in row["options"] if option["may"]}
            if choice in options or (choice == "all" and row["joint"]):
                valid[name] = choice
        return valid

    def _check_partners(self):
        self.env["base.partner.merge.automatic.wizard"]._check_may_merge()
        if len(self.partner_ids) < 2:
            raise UserError(self.env._("Choose at least two customers."))
        if self.survivor_id not in self.partner_ids:
            raise UserError(self.env._("Choose which one of them stays."))
        self.partner_ids.check_access("read")
        self.partner_ids.check_access("write")

    def _list_rows(self, sources):
        """Return the lines of the trial run."""
        self.env.flush_all()
        # sudo: every row moves, whoever may see it
        references = self.env["crm.merge.reference"].sudo()
        # sudo: as above
        clashes = self.env["crm.merge.clash"].sudo()
        counted = references._count(
            references._get_references("res.partner"), sources.ids, own="res_partner"
        )
        limits = clashes._read_limits(counted)
        columns = clashes._read_columns({reference.table for reference in counted})
        labels = self.env["crm.merge.log.line"]._get_labels(
            {(reference.table, reference.column) for reference in counted}
        )
        mapping = dict.fromkeys(sources.ids, self.survivor_id.id)
        rows = []
        for reference, counts in counted.items():
            surplus = {}
            if reference.kind == "id":
                surplus = clashes._find_surplus(
                    reference, mapping, limits, columns[reference.table]
                )
            label, field_label = labels[reference.table, reference.column]
            model, domain = self._get_drill_down(reference, sources)
            rows.append(
                {
                    "label": label,
                    "field_label": field_label,
                    "table_name": reference.table,
                    "column_name": reference.column,
                    "count": sum(counts.values()),
                    "clash_count": len(surplus),
                    "model": model,
                    "domain": domain,
                }
            )
        return rows

    def _get_drill_down(self, reference, sources):
        """Return model and domain that show the rows of a reference, or nothing."""
        if not reference.model:
            found = [
                (model._name, [(field.name, "in", sources.ids)])
                for model in self.env.values()
                if not model._abstract and not model._transient
                for field in model._fields.values()
                if field.type == "many2many"
                and field.relation == reference.table
                and field.column2 == reference.column
            ]
            return found[0] if found else (False, [])
        model = self.env[reference.model]
        field = model._fields.get(reference.field)
        if field is None or model._transient or reference.kind not in ("id", "text"):
            return False, []
        if field.type == "reference":
            texts = [f"res.partner,{number}" for number in sources.ids]
            return model._name, [(field.name, "in", texts)]
        domain = [(field.name, "in", sources.ids)]
        if field.type == "many2one_reference":
            domain.append((field.model_field, "=", "res.partner"))
        return model._name, domain
