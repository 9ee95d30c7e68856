from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

# How a group of customers is told from the others.
GROUPINGS = {"state": "state_id", "industry": "industry_id", "level": "grade_id"}
NAMES_SHOWN = 5


class CrmHandover(models.TransientModel):
    """A leaver's customers split among several colleagues."""

    _inherit = "crm.handover"

    split_by = fields.Selection(
        [
            ("even", "Evenly"),
            ("state", "By region"),
            ("industry", "By industry"),
            ("level", "By customer level"),
            ("customer", "Customer by customer"),
        ],
        string="Split",
        default="even",
    )
    team_id = fields.Many2one("crm.team", help="Fills in the members of this team as successors.")
    successor_ids = fields.Many2many(
        "res.users",
        "crm_handover_successor_rel",
        string="Successors",
        compute="_compute_successor_ids",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('id', '!=', from_user_id)]",
    )
    share_ids = fields.One2many(
        "crm.handover.share",
        "handover_id",
        string="Shares",
        compute="_compute_share_ids",
        store=True,
        readonly=False,
    )
    split_summary = fields.Text(string="Who Gets What", compute="_compute_split_summary")

    @api.depends("team_id", "from_user_id")
    def _compute_successor_ids(self):
        for handover in self:
            chosen = handover.successor_ids | handover.team_id.member_ids
            handover.successor_ids = chosen - handover.from_user_id

    @api.depends("from_user_id", "partner_ids", "target", "split_by")
    def _compute_share_ids(self):
        for handover in self:
            values_list = handover._prepare_shares() if handover.target == "split" else []
            handover.share_ids = [
                fields.Command.clear(),
                *(fields.Command.create(values) for values in values_list),
            ]

    @api.depends(
        "from_user_id",
        "partner_ids",
        "target",
        "split_by",
        "to_user_id",
        "successor_ids",
        "share_ids.user_id",
        "share_ids.partner_ids",
    )
    def _compute_split_summary(self):
        for handover in self:
            handover.split_summary = handover.target == "split" and handover._describe_split()

    def _check_ready(self):
        result = super()._check_ready()
        if self.target != "split":
            return result
        if not self.to_user_id:
            raise UserError(self.env._("Choose who takes what belongs to no share."))
        heirs = self.to_user_id | self.successor_ids | self.share_ids.user_id
        if self.split_by == "even" and not self.successor_ids:
            raise UserError(self.env._("Choose the colleagues among whom to split."))
        if self.from_user_id in heirs:
            raise UserError(self.env._("Choose two different people."))
        if not all(heirs.mapped("active")):
            raise UserError(self.env._("Choose a colleague who can still log in."))
        return result

    def _get_heirs(self, customers):
        if self.target != "split":
            return super()._get_heirs(customers)
        heirs = dict.fromkeys(customers.ids, self.to_user_id)
        if self.split_by == "even":
            successors = self.successor_ids._origin or self.successor_ids
            for place, customer in enumerate(customers.sorted("id") if successors else ()):
                heirs[customer.id] = successors[place % len(successors)]
        elif self.split_by == "customer":
            for share in self.share_ids.filtered("user_id"):
                heirs |= dict.fromkeys(set(share.partner_ids.ids) & heirs.keys(), share.user_id)
        else:
            name = GROUPINGS[self.split_by]
            users = {share.key: share.user_id for share in self.share_ids if share.user_id}
            for customer in customers:
                heirs[customer.id] = users.get(customer[name].id or 0, self.to_user_id)
        return heirs

    def _prepare_shares(self):
        """Return the values of the shares: one for each group that has customers."""
        name = GROUPINGS.get(self.split_by)
        if not name or not self.from_user_id:
            return []
        customers = self._get_customers()
        return [
            {
                "name": group.display_name or self.env._("None"),
                "key": group.id or 0,
                "count": len(members),
            }
            for group, members in sorted(
                customers.grouped(name).items(), key=lambda item: -len(item[1])
            )
        ]

    def _describe_split(self):
        """Return one line for each successor: how many customers, and which."""
        customers = self._get_customers()
        names = {customer.id: customer.name for customer in customers}
        groups = defaultdict(list)
        for customer_id, user in self._get_heirs(customers).items():
            groups[user._origin].append(customer_id)
        lines = []
        for user, ids in groups.items():
            shown = [names[customer_id] for customer_id in ids[:NAMES_SHOWN]]
            values = {
                "user": user.name or self.env._("Nobody yet"),
                "count": len(ids),
                "names": self.env._(", ").join(shown),
                "more": len(ids) - len(shown),
            }
            lines.append(
                self.env._("%(user)s: %(count)s (%(names)s and %(more)s more)", **values)
                if values["more"]
                else self.env._("%(user)s: %(count)s (%(names)s)", **values)
            )
        return "\n".join(lines)
