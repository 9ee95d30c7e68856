from odoo import fields, models

from odoo.addons.crm_customers.models.resource_calendar import TIMING_FIELDS

BANKED = "crm_service.time_banked"


class ResourceCalendar(models.Model):
    """Open promises follow their working hours; time that was used stays used."""

    _inherit = "resource.calendar"

    def write(self, vals):
        if TIMING_FIELDS & vals.keys():
            self._bank_service_clocks()
        return super().write(vals)

    def _on_working_time_changed(self):
        """Plan the open deadlines of service clocks again; called once before the commit."""
        super()._on_working_time_changed()
        now = fields.Datetime.now()
        self._get_service_clocks()._replan(now, self.env._("The working hours changed"))

    def _bank_service_clocks(self):
        """Fix the time that open clocks have used, before these calendars change.

        Afterwards the hours in which it was used may be gone. Once per calendar and transaction.
        """
        banked = self.env.cr.precommit.data.setdefault(BANKED, set())
        calendars = self.filtered(lambda one: one.id and one.id not in banked)
        if not calendars:
            return
        banked.update(calendars.ids)
        calendars._get_service_clocks()._bank(
            fields.Datetime.now(), self.env._("The working hours change")
        )

    def _get_service_clocks(self):
        # sudo: who edits a calendar may not see what is promised with it
        return (
            self.env["crm.service.sla.clock"]
            .sudo()
            .search(
                [
                    ("calendar_id", "in", self.ids),
                    ("stopped_at", "=", False),
                    ("running_since", "!=", False),
                ]
            )
        )
