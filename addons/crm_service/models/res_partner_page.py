from odoo import fields, models

from odoo.addons.crm_customers.tools.overview import Tile, TimelineSource


class ResPartner(models.Model):
    """Tickets, inspections, acceptances and notices on the customer's page."""

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
        own = ("company_id", "=", self.env.company.id)
        visit = {"person": "user_id", "label": self.env._("Inspections"), "icon": "fa-stethoscope"}
        acceptance = {
            "person": "user_id",
            "label": self.env._("Acceptances"),
            "icon": "fa-check-square-o",
        }
        notice = {"person": "user_id", "label": self.env._("Notices"), "icon": "fa-bullhorn"}
        told = [("recipient_ids.commercial_partner_id", "=", self.id), own]
        return [
            *super()._crm_timeline_sources(),
            TimelineSource(
                "ticket",
                "crm.service.ticket",
                [("commercial_partner_id", "=", self.id), own],
                "received_at",
                "subject",
                "stage_id",
                person="user_id",
                label=self.env._("Tickets"),
                icon="fa-life-ring",
            ),
            TimelineSource(
                "visit",
                "crm.service.visit",
                [("partner_id", "=", self.id), own, ("state", "in", ("planned", "in_progress"))],
                "date",
                "name",
                "contract_id",
                planned=True,
                key="visit_planned",
                **visit,
            ),
            TimelineSource(
                "visit",
                "crm.service.visit",
                [("partner_id", "=", self.id), own, ("state", "=", "done")],
                "done_on",
                "name",
                "contract_id",
                **visit,
            ),
            # Until this day the customer inspects what was delivered.
            TimelineSource(
                "acceptance",
                "crm.service.acceptance",
                [("partner_id", "=", self.id), own, ("state", "=", "submitted")],
                "inspection_until",
                "name",
                "contract_id",
                planned=True,
                key="acceptance_planned",
                **acceptance,
            ),
            TimelineSource(
                "acceptance",
                "crm.service.acceptance",
                [("partner_id", "=", self.id), own, ("state", "!=", "draft")],
                "date_delivered",
                "name",
                "state",
                **acceptance,
            ),
            TimelineSource(
                "notice",
                "crm.service.notice",
                [*told, ("state", "in", ("sent", "started"))],
                "window_start",
                "name",
                "kind",
                planned=True,
                key="notice_planned",
                **notice,
            ),
            TimelineSource(
                "notice",
                "crm.service.notice",
                [*told, ("state", "!=", "draft")],
                "sent_at",
                "name",
                "kind",
                **notice,
            ),
        ]
