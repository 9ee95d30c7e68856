from datetime import timezone

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_service_sla_mixin import DONE


class CrmServiceTicket(models.Model):
    """A ticket as a defect of an acceptance or a finding of an inspection."""

    _inherit = "crm.service.ticket"

    acceptance_id = fields.Many2one(
        "crm.service.acceptance",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        groups="base.group_user",
    )
    acceptance_item_id = fields.Many2one(
        "crm.service.acceptance.item",
        string="Accepted Item",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('acceptance_id', '=', acceptance_id)]",
        groups="base.group_user",
    )
    verified_at = fields.Datetime(readonly=True, copy=False)
    verified_by = fields.Char(readonly=True, copy=False)
    check_line_id = fields.Many2one(
        "crm.service.visit.line",
        string="Inspection Finding",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups="base.group_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        defects = tickets.filtered("acceptance_id")
        for acceptance in defects.acceptance_id:
            acceptance._check_under_inspection()
        defects.acceptance_item_id.result = "failed"
        defects.acceptance_id._follow_defects()
        return tickets

    def action_verify(self):
        """Confirm that defects are mended, as seen by us together with the customer."""
        self.check_access("write")
        self._verify(self.env.user.name)
        return True

    def _verify(self, name):
        """Confirm that mended defects are mended.

        :param str name: who looked
        :raises UserError: a defect is not resolved yet
        """
        for defect in self:
            if defect.kind not in DONE:
                raise UserError(
                    self.env._(
                        "%(defect)s is not mended yet: resolve it first.",
                        defect=defect.display_name,
                    )
                )
        self.write({"verified_at": fields.Datetime.now(), "verified_by": name})
        for item, defects in (
            self.filtered("acceptance_item_id").grouped("acceptance_item_id").items()
        ):
            siblings = item.acceptance_id.defect_ids.filtered(
                lambda one, item=item: one.acceptance_item_id == item and one.kind != "cancelled"
            )
            if all(one.verified_at for one in siblings | defects):
                item.result = "passed"
        self.acceptance_id._follow_defects()

    def _after_kind_change(self, before, now):
        super()._after_kind_change(before, now)
        defects = self.filtered(lambda one: one.acceptance_id and before[one.id] != one.kind)
        defects.filtered(lambda one: one.kind not in DONE and one.verified_at).write(
            {"verified_at": False, "verified_by": False}
        )
        defects.acceptance_id._follow_defects()

    def _sla_get_promise(self, metric, policy):
        """A defect is rectified within the contract's working days, whatever the policy says."""
        days = self.acceptance_id and self.contract_id.rectify_days
        if metric != "resolution" or not days:
            return super()._sla_get_promise(metric, policy)
        calendar = self.contract_id.calendar_id
        received = self.received_at.replace(tzinfo=timezone.utc)
        today = received.astimezone(pytz.timezone(calendar.tz)).date()
        until = calendar._plan_working_days(today, days, company=self.company_id)
        deadline = calendar._end_of_working_day(until, company=self.company_id)
        return calendar._worked_seconds(received, deadline, company=self.company_id), calendar

    def _get_defect_content(self):
        """Return what the acceptance report says about this defect, as plain values."""
        self.ensure_one()
        return {
            "number": self.name,
            "subject": self.subject,
            "item": self.acceptance_item_id.name or "",
            "found": fields.Datetime.to_string(self.received_at),
            "due": fields.Datetime.to_string(self.resolution_deadline) or "",
            "fixed": fields.Datetime.to_string(self.resolved_at) or "",
            "verified": fields.Datetime.to_string(self.verified_at) or "",
            "verified_by": self.verified_by or "",
        }
