from odoo.tests import tagged

from .common import CampaignCommon


@tagged("post_install", "-at_install")
class TestHandover(CampaignCommon):
    """A leaver's campaigns go over with everything else."""

    def test_open_campaigns_go_to_the_colleague_and_cancelled_ones_stay(self):
        cancelled = self._create_campaign("Given up", crm_state="draft")
        cancelled.crm_state = "cancelled"
        wizard = (
            self.env["crm.handover"]
            .with_user(self.sales_manager)
            .create(
                {
                    "from_user_id": self.marketer.id,
                    "to_user_id": self.colleague_marketer.id,
                }
            )
        )
        self.assertEqual(wizard.line_ids.mapped("name"), ["Campaigns"])
        wizard.action_confirm()
        self.assertEqual(self.campaign.user_id, self.colleague_marketer)
        self.assertEqual(cancelled.user_id, self.marketer)
