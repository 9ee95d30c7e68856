from odoo import api, models


class LinkTrackerClick(models.Model):
    """A click on a campaign's mail is a touch of the person it was sent to."""

    _inherit = "link.tracker.click"

    @api.model_create_multi
    def create(self, vals_list):
        clicks = super().create(vals_list)
        for click in clicks.filtered("mailing_trace_id"):
            click.mailing_trace_id._record_campaign_touches(
                "click",
                {click.mailing_trace_id: (f"link.tracker.click,{click.id}", click.create_date)},
            )
        return clicks
