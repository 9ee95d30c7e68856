from odoo import api, models


class CrmWorkingTimeMixin(models.AbstractModel):
    """Rows that make up the working time of calendars announce their changes.

    What is planned with a calendar hears of it, see ``resource.calendar._on_working_time_changed``.
    """

    _name = "crm.working.time.mixin"
    _description = "Part of a Calendar's Working Time"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._get_affected_calendars()._announce_working_time_change()
        return rows

    def write(self, vals):
        calendars = self._get_affected_calendars()
        result = super().write(vals)
        (calendars | self._get_affected_calendars())._announce_working_time_change()
        return result

    def unlink(self):
        self._get_affected_calendars()._announce_working_time_change()
        return super().unlink()

    def _get_affected_calendars(self):
        """Return the calendars whose working time these rows say something about."""
        return self.calendar_id
