from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

# The document a split belongs to, by the kind of document.
PARENTS = {"lead": "lead_id", "order": "order_id", "contract": "contract_id"}


class CrmRevenueSplit(models.Model):
    """How the revenue of one document is shared between sellers.

    Without a row everything counts for the document's own salesperson. An opportunity hands its
    rows to the order made from it, an order to its contract; each then stands for itself. The
    rows of a confirmed order's or a signed contract's revenue feed targets and commission.

    Owns: shares in per cent. Who: the owner of an open document, then sales managers.
    Twice at once: the first rows of an order or contract write it, so a second session is retried
    and finds them; changing rows that add up to 100 keeps the sum whoever else does it.
    Half of it: the sum is checked once, right before the commit.
    A million rows: found by their document, one index each.
    """

    _name = "crm.revenue.split"
    _description = "Revenue Split"
    _order = "percent desc, id"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", index="btree_not_null", ondelete="cascade"
    )
    order_id = fields.Many2one(
        "sale.order", string="Sales Order", index="btree_not_null", ondelete="cascade"
    )
    contract_id = fields.Many2one("crm.contract", index="btree_not_null", ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, index=True, compute_sudo=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    percent = fields.Float(string="Share (%)", digits=(16, 4), required=True)

    _percent_in_range = models.Constraint(
        "CHECK (percent > 0 AND percent <= 100)", "A share lies above 0 % and up to 100 %."
    )
    _one_document = models.Constraint(
        "CHECK (num_nonnulls(lead_id, order_id, contract_id) = 1)",
        "A share belongs to one opportunity, order or contract.",
    )
    _seller_uniq = models.UniqueIndex(
        "(COALESCE(lead_id, 0), COALESCE(order_id, 0), COALESCE(contract_id, 0), user_id)",
        "This salesperson has a share already.",
    )

    @api.depends("lead_id.company_id", "order_id.company_id", "contract_id.company_id")
    def _compute_company_id(self):
        for split in self:
            document = split.contract_id or split.order_id or split.lead_id
            split.company_id = document.company_id

    @api.depends("user_id", "percent")
    def _compute_display_name(self):
        for split in self:
            split.display_name = f"{split.user_id.name} {split.percent:g} %"

    @api.model_create_multi
    def create(self, vals_list):
        splits = super().create(vals_list)
        splits._check_changeable()
        splits._check_total_before_commit()
        splits._announce()
        return splits

    def write(self, vals):
        self._check_changeable()
        result = super().write(vals)
        self._check_changeable()
        self._check_total_before_commit()
        self._announce()
        return result

    def unlink(self):
        self._check_changeable()
        self._check_total_before_commit()
        self._announce()
        return super().unlink()

    # -- business ----------------------------------------------------------------------------

    def _prepare_copies(self):
        """Return the commands that give another document the same shares."""
        return [
            fields.Command.create({"user_id": split.user_id.id, "percent": split.percent})
            for split in self
        ]

    def _announce(self):
        """Have what these documents mean for sellers read again."""
        queue = self.env["crm.sales.queue"]
        queue._mark("contract", self.contract_id.ids)
        queue._mark("order", self.order_id.ids)
        # sudo: who shares revenue need not be allowed to read every invoice of it
        documents = self.sudo()
        queue._mark("move", documents._get_moves().ids)

    def _get_moves(self):
        """Return the customer documents whose revenue these rows share out."""
        lines = self.order_id.order_line.invoice_lines
        moves = self.env["account.move"]
        if self.contract_id:
            moves = moves.search(
                [("crm_contract_id", "in", self.contract_id.ids), ("state", "=", "posted")]
            )
        return moves | lines.move_id

    def _check_changeable(self):
        """Refuse to share out anew what is confirmed or signed, but to sales managers."""
        if self.env.su or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        # sudo: the state of the document decides, whoever may read it
        rows = self.sudo()
        closed = rows.filtered(
            lambda row: (
                row.order_id.state == "sale" or row.contract_id.state not in (False, "draft")
            )
        )
        if closed:
            raise UserError(
                self.env._(
                    "%(document)s is settled between the sellers. Ask a sales manager to share"
                    " its revenue out anew.",
                    document=closed[0]._get_document().display_name,
                )
            )

    def _get_document(self):
        self.ensure_one()
        return self.contract_id or self.order_id or self.lead_id

    def _check_total_before_commit(self):
        """Check the sum of each document's shares once, when the transaction is complete."""
        precommit = self.env.cr.precommit
        waiting = precommit.data.setdefault(self._name, {name: set() for name in PARENTS.values()})
        if not any(waiting.values()):
            # sudo: the sum is that of all shares, whoever may read them
            precommit.add(self.sudo().browse()._check_totals)
        for name in PARENTS.values():
            waiting[name] |= set(self[name].ids)

    def _check_totals(self):
        """Raise when the shares of a document changed in this transaction are not 100 %."""
        waiting = self.env.cr.precommit.data.pop(self._name, {})
        self.flush_model()
        for name in ("lead_id", "order_id", "contract_id"):
            ids = list(waiting.get(name, ()))
            rows = ids and self.env.execute_query(
                SQL(
                    "SELECT %(name)s, SUM(percent) FROM crm_revenue_split"
                    " WHERE %(name)s = ANY(%(ids)s)"
                    " GROUP BY %(name)s HAVING ROUND(SUM(percent)::numeric, 4) <> 100",
                    name=SQL.identifier(name),
                    ids=ids,
                )
            )
            if rows:
                document_id, total = rows[0]
                document = self.env[self._fields[name].comodel_name].browse(document_id)
                raise ValidationError(
                    self.env._(
                        "The shares of %(document)s add up to %(total)s %%, not to 100 %%."
                        " Correct the shares.",
                        document=document.display_name,
                        total=f"{Decimal(str(round(total, 4))).normalize():f}",
                    )
                )
