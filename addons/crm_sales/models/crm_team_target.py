from odoo import api, fields, models
from odoo.fields import Domain


class CrmTeam(models.Model):
    """Who leads a team leads everything below it."""

    _inherit = "crm.team"

    crm_is_led = fields.Boolean(
        string="Led by Me", compute="_compute_crm_is_led", search="_search_crm_is_led"
    )
    crm_is_mine = fields.Boolean(
        string="My Team", compute="_compute_crm_is_led", search="_search_crm_is_mine"
    )

    @api.depends("parent_path", "user_id", "crm_team_member_ids.user_id")
    @api.depends_context("uid")
    def _compute_crm_is_led(self):
        led, mine = (self.filtered_domain(domain) for domain in self._get_own_team_domains())
        for team in self:
            team.crm_is_led, team.crm_is_mine = team in led, team in mine

    @api.model
    def _get_own_team_domains(self):
        """Return the domains of the teams led, and of those the user is a member of."""
        # sudo: the tree of teams and their members decide, whoever may read all of them
        teams = self.browse().sudo().with_context(active_test=False)
        led = teams.search([("user_id", "=", self.env.uid)])
        mine = teams.search([("crm_team_member_ids.user_id", "=", self.env.uid)])
        below = teams.search([("id", "child_of", led.ids)]) if led else teams
        return Domain("id", "in", below.ids), Domain("id", "in", mine.ids)

    @api.model
    def _search_crm_is_led(self, operator, value):
        return self._search_own(operator, value, 0)

    @api.model
    def _search_crm_is_mine(self, operator, value):
        return self._search_own(operator, value, 1)

    @api.model
    def _search_own(self, operator, value, index):
        if operator != "in":
            return NotImplemented
        if True in value and False in value:
            return Domain.TRUE
        domain = self._get_own_team_domains()[index]
        return domain if True in value else ~domain

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            # sudo: figures of targets are the program's
            self.env["crm.target"].sudo()._refresh_company(self.company_id or self.env.company)
        return result
