from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.china_holidays import UnknownYearError, known_years, official_year


class ResourceCalendar(models.Model):
    """Loading the official holidays and make-up days of China into a calendar."""

    _inherit = "resource.calendar"

    # Actions

    def action_load_official_holidays(self, year=None):
        """Load the official holidays and make-up days of China and say what was done.

        A repeat changes nothing; a corrected notice replaces the days loaded before.

        :param int year: calendar year; None: the current one, and the next as soon as it is known
        :raises UserError: the library does not know the year
        """
        self.ensure_one()
        self.check_access("write")
        this_year = fields.Date.context_today(self).year
        years = [year] if year else [this_year]
        if not year and known_years()[1] > this_year:
            years.append(this_year + 1)
        messages = [self._load_official_holidays(one) for one in years]
        if not year and len(years) == 1:
            messages.append(
                self.env._(
                    "%(year)s is not known yet: load it once the notice is out and the library"
                    " is updated.",
                    year=str(this_year + 1),
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Official holidays"),
                "message": " ".join(messages),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # Business

    def _load_official_holidays(self, year):
        """Make the holidays and make-up days of a year those of the State Council's notice.

        Rows that people entered stay; rows loaded before that the notice does not hold go.

        :return: one sentence that says what was done
        :raises UserError: the library does not know the year
        """
        self.ensure_one()
        try:
            official = official_year(year)
        except UnknownYearError as error:
            first, last = known_years()
            raise UserError(
                self.env._(
                    "The official holidays of %(year)s are not known: the library chinesecalendar"
                    " covers %(first)s to %(last)s. The State Council publishes a year's holidays"
                    " in the November before; have the library updated then, and load again.",
                    year=str(year),
                    first=str(first),
                    last=str(last),
                )
            ) from error
        leaves = self.env["resource.calendar.leaves"]._load_official(self, official)
        makeups = self.env["resource.calendar.makeup"]._load_official(self, official)
        return self.env._(
            "%(year)s: %(holidays)s holidays and %(makeups)s make-up days"
            " (%(added)s added, %(removed)s removed).",
            year=str(year),
            holidays=len(official.holidays),
            makeups=len(official.makeups),
            added=leaves[0] + makeups[0],
            removed=leaves[1] + makeups[1],
        )

    @api.model
    def _load_known_official_holidays(self, calendar_ids):
        """Load this year and the next as far as the library knows them; set-up of new databases.

        Years that are not known are left out without an error, so that an installation never
        fails because of the date.
        """
        this_year = fields.Date.context_today(self).year
        first, last = known_years()
        for calendar in self.browse(calendar_ids):
            for year in range(max(first, this_year), min(last, this_year + 1) + 1):
                calendar._load_official_holidays(year)
