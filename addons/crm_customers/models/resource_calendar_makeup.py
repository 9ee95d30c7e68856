from odoo import api, fields, models

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class ResourceCalendarMakeup(models.Model):
    """A dated working day on which the week says otherwise: 补班, 调休.

    The hours of the chosen weekday apply. A time off over the same date wins, unless the day says
    that it is worked all the same.
    """

    _name = "resource.calendar.makeup"
    _inherit = "crm.working.time.mixin"
    _description = "Make-up Working Day"
    _order = "date desc, id desc"
    _rec_name = "date"

    calendar_id = fields.Many2one(
        "resource.calendar", string="Working Hours", required=True, index=True, ondelete="cascade"
    )
    date = fields.Date(required=True)
    dayofweek = fields.Selection(
        WEEKDAYS,
        string="Works Like",
        required=True,
        default="0",
        help="The hours of this weekday are worked on the date.",
    )
    name = fields.Char(string="Reason")
    despite_leaves = fields.Boolean(
        string="Despite Time Off",
        help="Worked even where a time off covers the date.",
    )
    is_official = fields.Boolean(
        string="Official",
        readonly=True,
        copy=True,
        help="Loaded from the official notice; loading the year again keeps it up to date.",
    )

    _calendar_date_unique = models.Constraint(
        "UNIQUE(calendar_id, date)",
        "This calendar already has a make-up day on that date.",
    )

    # Business

    @api.model
    def _load_official(self, calendar, official):
        """Bring a calendar's official make-up days of a year in line with the notice.

        A day that people entered stays as it is, also where the notice names the same date.

        :param official: ``OfficialYear``
        :return: ``(added, removed)``
        """
        wanted = {period.first: period for period in official.makeups}
        present = self.search(
            [
                ("calendar_id", "=", calendar.id),
                ("date", ">=", f"{official.year}-01-01"),
                ("date", "<=", f"{official.year}-12-31"),
            ]
        )
        stale = present.filtered(lambda day: day.is_official and day.date not in wanted)
        missing = wanted.keys() - set(present.mapped("date"))
        stale.unlink()
        self.create(
            [
                {
                    "calendar_id": calendar.id,
                    "date": day,
                    "name": wanted[day].label,
                    "is_official": True,
                }
                for day in sorted(missing)
            ]
        )
        return len(missing), len(stale)
