from odoo.tests import tagged

from .common import ServiceCommon


@tagged("post_install", "-at_install")
class TestHandover(ServiceCommon):
    """A leaver's tickets go over with everything else."""

    def test_open_tickets_go_to_the_colleague_and_closed_ones_stay(self):
        tickets = self.env["crm.service.ticket"].create(
            [
                {"subject": name, "team_id": self.team.id, "partner_id": self.customer.id}
                for name in ("Open", "Closed")
            ]
        )
        tickets.user_id = self.agent
        tickets[1].closed_at = "2026-10-01 08:00:00"
        wizard = (
            self.env["crm.handover"]
            .with_user(self.sales_manager)
            .create({"from_user_id": self.agent.id, "to_user_id": self.leader.id})
        )
        self.assertIn("Open tickets", wizard.line_ids.mapped("name"))
        wizard.action_confirm()
        self.assertEqual(tickets.mapped("user_id"), self.leader | self.agent)
