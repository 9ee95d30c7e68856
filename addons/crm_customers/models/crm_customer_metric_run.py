from odoo import fields, models


class CrmCustomerMetricRun(models.Model):
    """One nightly refresh of a company's customer figures: for which day, how much, how long.

    Figures move with the calendar; a row of today says that those stored are of today.
    """

    _name = "crm.customer.metric.run"
    _description = "Refresh of Customer Figures"
    _order = "id desc"
    _rec_name = "date"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    date = fields.Date(required=True, readonly=True)
    changed = fields.Integer(string="Customers Changed", readonly=True)
    seconds = fields.Float(readonly=True)

    _day_idx = models.Index("(company_id, date DESC)")
