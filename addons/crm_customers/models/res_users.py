from odoo import api, fields, models
from odoo.tools import SQL

SEEN = (
    "crm_shared_partner_ids",
    "crm_edited_partner_ids",
    "crm_led_user_ids",
    "crm_team_user_ids",
)


class ResUsers(models.Model):
    """Whose customers a user sees besides his own.

    Every rule on customers and their documents asks for it, so it is read once a request, by one
    statement, and kept with the user's other values until sharing or teams change.
    """

    _inherit = "res.users"

    crm_shared_partner_ids = fields.Many2many(
        "res.partner",
        string="Customers Shared with the User",
        compute="_compute_crm_seen",
        groups="base.group_system",
    )
    crm_edited_partner_ids = fields.Many2many(
        "res.partner",
        string="Customers Shared for Editing",
        compute="_compute_crm_seen",
        groups="base.group_system",
    )
    crm_led_user_ids = fields.Many2many(
        "res.users",
        string="People of the Teams Led",
        compute="_compute_crm_seen",
        groups="base.group_system",
    )
    crm_team_user_ids = fields.Many2many(
        "res.users",
        string="People of the Teams Led or Belonged To",
        compute="_compute_crm_seen",
        groups="base.group_system",
    )

    @api.depends()  # see _forget_seen
    @api.depends_context("uid", "tz")
    def _compute_crm_seen(self):
        self.env["crm.customer.member"].flush_model()
        self.env["crm.team"].flush_model(["active", "user_id", "parent_path"])
        self.env["crm.team.member"].flush_model(["active", "user_id", "crm_team_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH top AS (
                    SELECT t.user_id AS viewer, t.parent_path, TRUE AS led
                      FROM crm_team t
                     WHERE t.active AND t.user_id = ANY(%(users)s)
                     UNION
                    SELECT m.user_id, t.parent_path, FALSE
                      FROM crm_team_member m
                      JOIN crm_team t ON t.id = m.crm_team_id AND t.active
                     WHERE m.active AND m.user_id = ANY(%(users)s)
                ), below AS (
                    SELECT top.viewer, top.led, t.id, t.user_id
                      FROM top
                      JOIN crm_team t ON t.active AND t.parent_path LIKE top.parent_path || '%%'
                ), people AS (
                    SELECT viewer, led, user_id FROM below WHERE user_id IS NOT NULL
                     UNION
                    SELECT below.viewer, below.led, m.user_id
                      FROM below
                      JOIN crm_team_member m ON m.crm_team_id = below.id AND m.active
                      JOIN res_users u ON u.id = m.user_id AND u.active
                )
                SELECT viewer, 'crm_team_user_ids', user_id FROM people
                 UNION
                SELECT viewer, 'crm_led_user_ids', user_id FROM people WHERE led
                 UNION
                SELECT user_id, 'crm_shared_partner_ids', partner_id FROM crm_customer_member
                 WHERE user_id = ANY(%(users)s) AND (date_to IS NULL OR date_to >= %(today)s)
                 UNION
                SELECT user_id, 'crm_edited_partner_ids', partner_id FROM crm_customer_member
                 WHERE user_id = ANY(%(users)s) AND (date_to IS NULL OR date_to >= %(today)s)
                   AND can_write
                """,
                users=self._origin.ids,
                today=fields.Date.context_today(self),
            )
        )
        found = {}
        for user_id, name, record_id in rows:
            found.setdefault((user_id, name), []).append(record_id)
        for user in self:
            for name in SEEN:
                user[name] = found.get((user._origin.id, name), [])

    def _get_seen_ids(self, name):
        """Return the ids in one of the fields of :data:`SEEN`."""
        # sudo: the question is asked before the user may read anything
        return self.sudo().with_context(active_test=False)[name].ids

    @api.model
    def _forget_seen(self):
        """Have it read again: sharing or a team changed."""
        self.env["res.users"].invalidate_model(SEEN, flush=False)

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals:
            self._forget_seen()
        return result
