import logging
import time
from ast import literal_eval
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

DOMAIN_ERRORS = (ValueError, TypeError, SyntaxError, KeyError, UserError, psycopg2.Error)
# A segment refreshed within this time is not due again in the nightly run.
FRESH_HOURS = 6


class CrmSegment(models.Model):
    """A group of customers, chosen by hand or by a domain, with its members as rows.

    The domain is evaluated with the rights of the segment's owner in the segment's company, so
    that everybody sees the same members and nobody widens his own view with it.
    """

    _name = "crm.segment"
    _description = "Customer Segment"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("static", "Chosen by Hand"), ("dynamic", "By Condition")],
        required=True,
        default="dynamic",
        help="Switching from a condition to choosing by hand freezes the present members.",
    )
    domain = fields.Char(string="Condition", required=True, default="[]")
    note = fields.Text(string="Purpose")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index=True,
        help="The condition is evaluated with the owner's rights.",
    )
    member_ids = fields.One2many("crm.segment.member", "segment_id", string="Members")
    member_count = fields.Integer(compute="_compute_member_count")
    last_refresh = fields.Datetime(readonly=True, copy=False)
    last_duration = fields.Float(
        string="Duration (seconds)", digits=(16, 3), readonly=True, copy=False
    )
    last_domain = fields.Char(readonly=True, copy=False)
    last_error = fields.Char(string="Error of the Last Refresh", readonly=True, copy=False)
    is_stale = fields.Boolean(
        string="Needs a Refresh",
        compute="_compute_is_stale",
        help="The condition changed since the members were worked out.",
    )

    # Constraints

    @api.constrains("domain", "kind", "user_id", "company_id")
    def _check_domain(self):
        for segment in self.filtered(lambda segment: segment.kind == "dynamic"):
            segment._check_owner_company()
            segment._probe_domain()

    # Compute

    @api.depends("member_ids")
    def _compute_member_count(self):
        counts = dict(
            self.env["crm.segment.member"]._read_group(
                [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
            )
        )
        for segment in self:
            segment.member_count = counts.get(segment._origin, 0)

    @api.depends("kind", "domain", "last_domain")
    def _compute_is_stale(self):
        for segment in self:
            segment.is_stale = segment.kind == "dynamic" and segment.domain != segment.last_domain

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments._check_may_set_owner()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            self._check_may_set_owner()
        return result

    # Actions

    def action_refresh(self):
        """Work out the members of these segments now."""
        self.check_access("write")
        self._refresh()
        return True

    def action_view_members(self):
        """Open the members of this segment."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_customers.crm_segment_member_action"
        )
        return action | {
            "display_name": self.name,
            "domain": [("segment_id", "=", self.id)],
            "context": {"default_segment_id": self.id, "create": self.kind == "static"},
        }

    # Business

    @api.model
    def _cron_refresh(self):
        """Refresh the segments with a condition, the longest unrefreshed first.

        A segment that fails keeps its members, shows the error, and stops no other.
        """
        due = self.search(
            [
                ("kind", "=", "dynamic"),
                "|",
                ("last_refresh", "=", False),
                ("last_refresh", "<", fields.Datetime.now() - timedelta(hours=FRESH_HOURS)),
            ],
            order="last_refresh NULLS FIRST, id",
        )
        remaining = len(due)
        for segment in due:
            segment._refresh_or_note_error()
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    def _refresh_or_note_error(self):
        """Refresh one segment in a savepoint; note the error instead of raising it."""
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            return  # somebody refreshes it right now
        try:
            with self.env.cr.savepoint():
                self._refresh()
        except DOMAIN_ERRORS as error:
            _logger.info("segment %s was not refreshed: %s", self.id, error)
            self.last_error = str(error)

    def _refresh(self):
        """Replace the members of the segments that have a condition by what it gives now.

        One statement per segment writes only the difference; the others keep their members.

        :raises UserError: a condition can no longer be evaluated
        """
        members = self.env["crm.segment.member"]
        members.flush_model()
        for segment in self.filtered(lambda segment: segment.kind == "dynamic"):
            segment._refresh_one()
        members.invalidate_model()
        self.invalidate_recordset(["member_ids", "member_count"])

    def _refresh_one(self):
        """Refresh this segment and note how long it took; one session at a time."""
        if not self.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._(
                    "Segment “%(name)s” is being refreshed by somebody else."
                    " Try again in a moment.",
                    name=self.name,
                )
            )
        started = time.monotonic()
        self._write_member_changes()
        # sudo: the figures of a refresh are nobody's input
        self.sudo().write(
            {
                "last_refresh": fields.Datetime.now(),
                "last_duration": time.monotonic() - started,
                "last_domain": self.domain,
                "last_error": False,
            }
        )

    def _write_member_changes(self):
        """Delete the members that no longer match and insert the new ones, by SQL.

        :return: ``(added, removed)``
        """
        self.ensure_one()
        wanted = self._get_owner_partners()._search(self._parse_domain()).subselect()
        [row] = self.env.execute_query(
            SQL(
                """
                WITH wanted AS MATERIALIZED (
                    SELECT p.id FROM res_partner p WHERE p.id IN %(wanted)s
                ), removed AS (
                    DELETE FROM crm_segment_member m
                     WHERE m.segment_id = %(segment)s
                       AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.id = m.partner_id)
                 RETURNING 1
                ), added AS (
                    INSERT INTO crm_segment_member (
                        segment_id, partner_id, create_uid, write_uid, create_date, write_date
                    )
                    SELECT %(segment)s, w.id, %(uid)s, %(uid)s, %(now)s, %(now)s
                      FROM wanted w
                     WHERE NOT EXISTS (
                        SELECT 1 FROM crm_segment_member m
                         WHERE m.segment_id = %(segment)s AND m.partner_id = w.id
                     )
                        ON CONFLICT (segment_id, partner_id) DO NOTHING
                 RETURNING 1
                )
                SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM removed)
                """,
                wanted=wanted,
                segment=self.id,
                uid=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        return row

    def _get_owner_partners(self):
        """Return the partner model as the owner sees it, in the segment's company."""
        self.ensure_one()
        return (
            self.env["res.partner"]
            .with_user(self.user_id)
            .with_context(allowed_company_ids=self.company_id.ids, active_test=True)
        )

    def _parse_domain(self):
        """Return the condition as a validated ``Domain``.

        :raises ValidationError: it is no domain on customers
        """
        self.ensure_one()
        try:
            domain = Domain(literal_eval(self.domain or "[]"))
            domain.validate(self.env["res.partner"])
        except DOMAIN_ERRORS as error:
            raise ValidationError(
                self.env._(
                    "The condition of segment “%(name)s” is not valid: %(error)s. Use fixed values"
                    " or relative dates such as “today -30d”.",
                    name=self.name,
                    error=error,
                )
            ) from error
        return domain

    def _probe_domain(self):
        """Evaluate the condition once as the owner, so that a wrong value is found at once."""
        domain = self._parse_domain()
        try:
            with self.env.cr.savepoint():
                self._get_owner_partners().search_count(domain, limit=1)
        except DOMAIN_ERRORS as error:
            raise ValidationError(
                self.env._(
                    "The condition of segment “%(name)s” cannot be evaluated for its owner"
                    " %(owner)s: %(error)s",
                    name=self.name,
                    # sudo: any user's name may stand in a message
                    owner=self.sudo().user_id.name,
                    error=error,
                )
            ) from error

    def _check_owner_company(self):
        """Refuse an owner who does not work in the segment's company."""
        self.ensure_one()
        # sudo: a user's companies are not readable for everybody
        owner = self.sudo().user_id
        if self.company_id not in owner.company_ids:
            raise ValidationError(
                self.env._(
                    "%(owner)s does not work in %(company)s. Choose an owner who does.",
                    owner=owner.name,
                    company=self.company_id.name,
                )
            )

    def _check_may_set_owner(self):
        """Refuse that somebody borrows another person's rights by making him the owner."""
        if self.env.su or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        if any(segment.user_id != self.env.user for segment in self):
            raise UserError(
                self.env._(
                    "Only a sales manager may give a segment another owner, since it shows what"
                    " its owner may see."
                )
            )
