from odoo import api, fields, models

# The most specific condition a policy names decides its rank; a lower rank wins.
RANKED_FIELDS = ("contract_id", "partner_id", "category_id", "team_id")
DEFAULT_RANK = len(RANKED_FIELDS)


class CrmServiceSlaPolicy(models.Model):
    """Which times are promised to whom.

    Exactly one policy applies to a ticket: contract before customer before category before team
    before the company's default, then the sequence. Every condition a policy names must hold. Its
    targets are copied to the clocks, so an edited policy changes new tickets only; re-apply brings
    the open ones along.
    """

    _name = "crm.service.sla.policy"
    _description = "Service Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    contract_id = fields.Many2one(
        "crm.contract", check_company=True, index="btree_not_null", ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        check_company=True,
        index="btree_not_null",
        domain="[('parent_id', '=', False)]",
        ondelete="cascade",
    )
    category_id = fields.Many2one("crm.service.category", ondelete="cascade")
    team_id = fields.Many2one("crm.service.team", check_company=True, ondelete="cascade")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Empty: the hours of the contract, else those of the team.",
    )
    around_the_clock = fields.Boolean(
        help="Every second counts, weekends and holidays included; no working hours apply."
    )
    target_ids = fields.One2many("crm.service.sla.target", "policy_id", string="Targets", copy=True)
    description = fields.Text(translate=True)

    def _get_rank(self):
        """Return how specific the policy is: 0 for a contract's, the highest for the default."""
        self.ensure_one()
        return next((rank for rank, name in enumerate(RANKED_FIELDS) if self[name]), DEFAULT_RANK)

    @api.model
    def _match(self, tickets):
        """Return the one policy of every ticket.

        Loads only policies that could apply and looks each ticket up by its most specific key, so
        the cost does not grow with the number of policies of other customers.

        :return: ``{ticket: policy}``, an empty policy where none applies
        """
        # sudo: which promise applies must not depend on who writes the ticket
        policies = self.sudo().search(self._get_candidate_domain(tickets))
        by_key = {}
        for policy in sorted(policies, key=lambda one: (one._get_rank(), one.sequence, one.id)):
            by_key.setdefault(policy._get_key(), []).append(policy)
        return {ticket: self._pick(ticket, by_key) for ticket in tickets}

    @api.model
    def _find_for_contract(self, contract):
        """Return the policy of a contract's requests, whatever their category and team."""
        # sudo: what is promised does not depend on who prints the contract
        policies = self.sudo().search(
            [
                ("company_id", "=", contract.company_id.id),
                ("contract_id", "in", [False, contract.id]),
                ("partner_id", "in", [False, contract.partner_id.id]),
                ("category_id", "=", False),
                ("team_id", "=", False),
            ]
        )
        return policies.sorted(lambda one: (one._get_rank(), one.sequence, one.id))[:1]

    def _get_key(self):
        rank = self._get_rank()
        name = RANKED_FIELDS[rank] if rank < DEFAULT_RANK else "company_id"
        return name, self[name].id

    @api.model
    def _get_candidate_domain(self, tickets):
        return [
            ("company_id", "in", tickets.company_id.ids),
            ("contract_id", "in", [False, *tickets.contract_id.ids]),
            ("partner_id", "in", [False, *tickets.commercial_partner_id.ids]),
            ("category_id", "in", [False, *tickets._get_category_chain().ids]),
            ("team_id", "in", [False, *tickets.team_id.ids]),
        ]

    def _pick(self, ticket, by_key):
        keys = [
            ("contract_id", ticket.contract_id.id),
            ("partner_id", ticket.commercial_partner_id.id),
            *(("category_id", one.id) for one in ticket._get_category_chain()),
            ("team_id", ticket.team_id.id),
            ("company_id", ticket.company_id.id),
        ]
        for key in keys:
            for policy in by_key.get(key, ()):
                if policy._applies_to(ticket):
                    return policy
        return self.browse()

    def _applies_to(self, ticket):
        return (
            self.company_id == ticket.company_id
            and (not self.contract_id or self.contract_id == ticket.contract_id)
            and (not self.partner_id or self.partner_id == ticket.commercial_partner_id)
            and (not self.category_id or self.category_id in ticket._get_category_chain())
            and (not self.team_id or self.team_id == ticket.team_id)
        )

    def _get_target_seconds(self, priority, metric):
        """Return the promised working seconds, or 0 when the policy promises nothing here.

        A target for the ticket's priority goes before one for every priority.
        """
        targets = self.target_ids.filtered(lambda one: one.metric == metric)
        exact = targets.filtered(lambda one: one.priority == priority)
        return (exact or targets.filtered(lambda one: not one.priority))[:1].minutes * 60

    def _get_calendar(self, ticket):
        """Return the calendar a ticket's clocks count in; empty: the wall clock."""
        if self.around_the_clock:
            return self.env["resource.calendar"]
        return self.calendar_id or ticket.contract_id.calendar_id or ticket.team_id.calendar_id

    def action_reapply(self):
        """Bring the open tickets of these policies to what the policies say now."""
        self.check_access("write")
        tickets = self.env["crm.service.ticket"].search(
            [("kind", "in", ("open", "waiting")), ("company_id", "in", self.company_id.ids)]
        )
        tickets._sla_apply_policy()
        return True
