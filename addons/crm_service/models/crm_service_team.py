from odoo import api, fields, models


class CrmServiceTeam(models.Model):
    """A group of agents with a mail address, a leader and working hours."""

    _name = "crm.service.team"
    _description = "Service Team"
    _inherit = ["mail.alias.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    leader_id = fields.Many2one(
        "res.users",
        string="Team Leader",
        domain="[('share', '=', False)]",
        tracking=True,
        help="Is told about broken promises and sees every ticket of the team.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "crm_service_team_member_rel",
        "team_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Support Hours",
        check_company=True,
        default=lambda self: self.env.company._get_contract_calendar(),
        help="Promised times count in these hours when neither the policy nor the contract"
        " brings its own. Empty: around the clock.",
    )
    acknowledge = fields.Boolean(
        string="Acknowledge Receipt",
        default=True,
        help="Send the customer the ticket number and the promised times. Unknown senders get"
        " nothing, so that forged mail is never answered.",
    )
    description = fields.Text(translate=True)
    ticket_ids = fields.One2many("crm.service.ticket", "team_id", string="Tickets")
    open_count = fields.Integer(string="Open Tickets", compute="_compute_ticket_counts")
    unassigned_count = fields.Integer(string="Unassigned", compute="_compute_ticket_counts")
    late_count = fields.Integer(string="Late", compute="_compute_ticket_counts")
    waiting_count = fields.Integer(string="Waiting", compute="_compute_ticket_counts")

    @api.depends("ticket_ids.kind", "ticket_ids.user_id", "ticket_ids.next_deadline")
    def _compute_ticket_counts(self):
        now = fields.Datetime.now()
        counts = {team.id: [0, 0, 0, 0] for team in self}
        # Grouped by minute it would be one row a ticket; the server adds them up instead.
        groups = self.env["crm.service.ticket"]._read_group(
            [("team_id", "in", self.ids), ("kind", "in", ("open", "waiting"))],
            ["team_id", "kind"],
            ["__count", "user_id:count"],
        )
        for team, kind, count, assigned in groups:
            row = counts[team.id]
            row[0] += count
            row[1] += count - assigned
            row[3] += count if kind == "waiting" else 0
        late = self.env["crm.service.ticket"]._read_group(
            [("team_id", "in", self.ids), ("next_deadline", "<", now)], ["team_id"], ["__count"]
        )
        for team, count in late:
            counts[team.id][2] = count
        for team in self:
            row = counts[team.id]
            team.open_count, team.unassigned_count, team.late_count, team.waiting_count = row

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("crm.service.ticket")
        # The mixin calls this once before the team exists and again afterwards.
        if self.id:
            values["alias_defaults"] = repr({"team_id": self.id})
        return values

    def action_view_tickets(self):
        """Open the tickets of this team that are still worked on."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_ticket_action"
        )
        return action | {
            "domain": [("team_id", "=", self.id)],
            "context": {"default_team_id": self.id, "search_default_unfinished": 1},
            "display_name": self.display_name,
        }
