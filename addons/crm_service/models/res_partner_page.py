from odoo import fields, models

from odoo.addons.crm_customers.tools.overview import Tile, TimelineSource


class ResPartner(models.Model):
    """Tickets on the customer's page: open ones as a figure, all of them in the timeline."""

    _inherit = "res.partner"

    def _crm_overview_tiles(self, figures):
        unfinished = [
            ("commercial_partner_id", "=", self.id),
            ("company_id", "=", self.env.company.id),
            ("active", "=", True),
            ("kind", "in", ("open", "waiting")),
        ]
        return [
            *super()._crm_overview_tiles(figures),
            Tile(
                "tickets",
                self.env._("Open Tickets"),
                "fa-life-ring",
                "crm.service.ticket",
                unfinished,
                note=self.env._("late"),
                note_domain=(*unfinished, ("next_deadline", "<", fields.Datetime.now())),
                alert=True,
                action="crm_service.crm_service_ticket_action",
                sequence=60,
            ),
        ]

    def _crm_timeline_sources(self):
        return [
            *super()._crm_timeline_sources(),
            TimelineSource(
                "ticket",
                "crm.service.ticket",
                [
                    ("commercial_partner_id", "=", self.id),
                    ("company_id", "=", self.env.company.id),
                ],
                "received_at",
                "subject",
                "stage_id",
                person="user_id",
                label=self.env._("Tickets"),
                icon="fa-life-ring",
            ),
        ]
