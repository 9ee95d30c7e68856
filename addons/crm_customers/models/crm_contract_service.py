from typing import NamedTuple

from odoo import models


class ServicePromise(NamedTuple):
    """What a contract promises for an ordinary fault.

    :ivar calendar: ``resource.calendar`` of the service hours; empty: around the clock
    :ivar int response: working minutes until somebody responds; 0: nothing is promised
    :ivar int resolution: working minutes until it is solved; 0: nothing is promised
    """

    calendar: models.BaseModel
    response: int = 0
    resolution: int = 0


class CrmContract(models.Model):
    """What is promised for the time after delivery."""

    _inherit = "crm.contract"

    def _get_service_promise(self):
        """Hook: return the ``ServicePromise`` of this contract; here its hours and no times.

        Who answers requests extends it with the times he keeps.
        """
        self.ensure_one()
        return ServicePromise(self.calendar_id)
