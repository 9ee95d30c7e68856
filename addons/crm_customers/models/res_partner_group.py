from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

FIGURE_GROUPS = (
    "sales_team.group_sale_salesman,account.group_account_readonly,account.group_account_invoice"
)


class ResPartner(models.Model):
    """The group a company belongs to, over all levels.

    ``parent_id`` is the host's and makes contacts; a company of its own stops there. The tree is
    read by a recursive query over one index, so that no stored path can go stale.
    """

    _inherit = "res.partner"

    # Computed from nothing, so that the host's merge does not copy it: see the merge wizard.
    crm_parent_id = fields.Many2one(
        "res.partner",
        string="Parent Company",
        compute="_compute_crm_parent_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        help="The company above this one in its group. Each of them stays a customer of its own.",
    )
    crm_subsidiary_ids = fields.One2many("res.partner", "crm_parent_id", string="Subsidiaries")
    crm_group_ids = fields.Many2many(
        "res.partner",
        string="Companies of the Group",
        compute="_compute_crm_group_ids",
        groups=FIGURE_GROUPS,
    )
    crm_group_hidden = fields.Integer(
        string="Companies Not Shown",
        compute="_compute_crm_group_ids",
        groups=FIGURE_GROUPS,
        help="Companies of the group that you may not see; no figure contains them.",
    )
    crm_group_label = fields.Char(
        string="Company in the Group", compute="_compute_crm_group_label", groups=FIGURE_GROUPS
    )
    # Compute

    def _compute_crm_parent_id(self):
        for partner in self:
            partner.crm_parent_id = False

    @api.depends("crm_facts", "crm_parent_id", "crm_subsidiary_ids")
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_crm_group_ids(self):
        grouped = self.filtered(lambda partner: partner._get_fact("grouped"))
        for partner in self - grouped:
            partner.crm_group_ids = partner._origin
            partner.crm_group_hidden = 0
        if not grouped:
            return
        tops, parents = grouped._read_groups()
        everybody = self.browse(parents)
        visible = everybody._filtered_access("read")
        names = {partner.id: partner.name or "" for partner in visible}
        children = {}
        for node, parent in parents.items():
            children.setdefault(parent, []).append(node)
        for partner in grouped:
            top = tops.get(partner._origin.id)
            nodes = _walk(top, children, names) if top else []
            partner.crm_group_ids = [node for node in nodes if node in names]
            partner.crm_group_hidden = len(nodes) - len(partner.crm_group_ids)

    @api.depends("name", "crm_parent_id")
    def _compute_crm_group_label(self):
        below = self.filtered("crm_parent_id")
        parents = below._read_groups()[1] if below else {}
        for partner in self:
            depth, node = 0, parents.get(partner._origin.id)
            while node:
                depth, node = depth + 1, parents.get(node)
            # a wide space each level, which no list trims and every font has
            indent = "\u3000" * depth
            partner.crm_group_label = f"{indent}{'└ ' if depth else ''}{partner.name or ''}"

    # Tree

    def _read_groups(self):
        """Return where these companies stand.

        :return: ``({id: id of its topmost company}, {id: id of the one above, or None})``; the
            second one for all companies of these groups
        """
        self.env["res.partner"].flush_model(["crm_parent_id"])
        tops = dict(
            self.env.execute_query(
                SQL(
                    """
                    WITH RECURSIVE up(start, id) AS (
                        SELECT id, id FROM res_partner WHERE id = ANY(%s)
                         UNION
                        SELECT up.start, own.crm_parent_id
                          FROM up JOIN res_partner own ON own.id = up.id
                         WHERE own.crm_parent_id IS NOT NULL
                    )
                    SELECT up.start, up.id
                      FROM up JOIN res_partner own ON own.id = up.id
                     WHERE own.crm_parent_id IS NULL
                    """,
                    self._origin.ids,
                )
            )
        )
        parents = dict(
            self.env.execute_query(
                SQL(
                    """
                    WITH RECURSIVE down(id, parent_id) AS (
                        SELECT id, crm_parent_id FROM res_partner WHERE id = ANY(%s)
                         UNION
                        SELECT own.id, own.crm_parent_id
                          FROM down JOIN res_partner own ON own.crm_parent_id = down.id
                    )
                    SELECT id, parent_id FROM down
                    """,
                    list(set(tops.values())),
                )
            )
        )
        return tops, parents

    def _read_descendants(self):
        """Return ``{id: [its own id and those of all companies below]}``."""
        self.env["res.partner"].flush_model(["crm_parent_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE down(start, id) AS (
                    SELECT id, id FROM res_partner WHERE id = ANY(%s)
                     UNION
                    SELECT down.start, own.id
                      FROM down JOIN res_partner own ON own.crm_parent_id = down.id
                )
                SELECT start, id FROM down
                """,
                self.ids,
            )
        )
        below = {}
        for start, node in rows:
            below.setdefault(start, []).append(node)
        return below

    # Changes

    def write(self, vals):
        above = vals.get("crm_parent_id")
        if above:
            self._lock_group_move(above)
        result = super().write(vals)
        if above:
            self._check_no_group_cycle()
        return result

    @api.constrains("crm_parent_id", "is_company")
    def _check_group_of_companies(self):
        # sudo: the company above may be hidden; it is told by name at most
        for partner in self.sudo():
            if partner.crm_parent_id and not (
                partner.is_company and partner.crm_parent_id.is_company
            ):
                raise ValidationError(
                    self.env._(
                        "A group consists of companies: %(company)s cannot stand below %(parent)s.",
                        company=partner.name,
                        parent=partner.crm_parent_id.name,
                    )
                )

    def _lock_group_move(self, partner_id):
        """Hold these companies and those above their new place until the commit.

        Each move writes its own row and locks those above its new place. Two moves that would
        make a circle together therefore meet: the later one fails to serialise and runs again.
        All rows are locked at once and in order, so that nobody waits in a circle for locks.
        """
        self.env["res.partner"].flush_model(["crm_parent_id"])
        self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_partner
                 WHERE id IN (
                    WITH RECURSIVE up(id) AS (
                        SELECT %s::int
                         UNION
                        SELECT own.crm_parent_id FROM up JOIN res_partner own ON own.id = up.id
                         WHERE own.crm_parent_id IS NOT NULL
                    )
                    SELECT id FROM up
                     UNION
                    SELECT unnest(%s::int[])
                 )
                 ORDER BY id FOR NO KEY UPDATE
                """,
                partner_id,
                self.ids,
            )
        )

    def _check_no_group_cycle(self):
        self.flush_recordset(["crm_parent_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE up(start, id) AS (
                    SELECT id, crm_parent_id FROM res_partner
                     WHERE id = ANY(%s) AND crm_parent_id IS NOT NULL
                     UNION
                    SELECT up.start, own.crm_parent_id
                      FROM up JOIN res_partner own ON own.id = up.id
                     WHERE own.crm_parent_id IS NOT NULL
                )
                SELECT start FROM up WHERE start = id
                """,
                self.ids,
            )
        )
        if rows:
            raise ValidationError(
                self.env._(
                    "%(company)s cannot stand below a company that stands below it. Choose another"
                    " parent company.",
                    company=self.browse(rows[0][0]).name,
                )
            )

    # Actions

    def action_open_company(self):
        """Open the page of one company of the group."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.id,
            "views": [[False, "form"]],
        }


def _walk(top, children, names):
    """The companies of a tree, each before those below it, neighbours by name."""
    found, waiting = [], [top]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += sorted(
            children.get(node, ()), key=lambda child: (names.get(child, ""), child), reverse=True
        )
    return found
