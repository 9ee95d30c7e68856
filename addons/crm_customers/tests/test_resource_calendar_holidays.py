from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..tools.china_holidays import UnknownYearError, known_years, official_year
from .calendar_common import CalendarCase, at, shown


@tagged("post_install", "-at_install")
class TestResourceCalendarHolidays(CalendarCase):
    """Loading the official holidays and make-up days of China."""

    def _days(self, records, field):
        return sorted(str(day) for day in records.mapped(field))

    def test_a_year_is_loaded_as_the_notice_says(self):
        self.k._load_official_holidays(2026)
        self.assertEqual(
            self._days(self.k.crm_makeup_ids, "date"),
            ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
        )
        leaves = self.k.leave_ids.sorted("date_from")
        self.assertEqual(len(leaves), 7)
        national = leaves[-1]
        self.assertEqual(national.name, "国庆节 National Day")
        self.assertEqual(str(national.date_from), "2026-09-30 16:00:00")
        self.assertEqual(str(national.date_to), "2026-10-07 15:59:59")
        self.assertEqual(national.company_id, self.company)
        found = self.k._plan_deadline(at("2026-09-30 17:00"), 4 * 3600)
        self.assertEqual(shown(found), "2026-10-08 12:00")

    def test_a_repeat_changes_nothing(self):
        self.k._load_official_holidays(2026)
        before = (self.k.crm_makeup_ids.ids, self.k.leave_ids.ids)
        message = self.k._load_official_holidays(2026)
        self.assertEqual((self.k.crm_makeup_ids.ids, self.k.leave_ids.ids), before)
        self.assertIn("0 added, 0 removed", message)

    def test_a_corrected_notice_replaces_what_was_loaded_and_leaves_what_people_entered(self):
        makeups = self.env["resource.calendar.makeup"]
        self.k._load_official_holidays(2026)
        own_makeup = self._add_makeup("2026-11-28")
        own_leave = self._add_leave("2026-12-24 00:00", "2026-12-25 00:00")
        stale_makeup = makeups.create(
            {"calendar_id": self.k.id, "date": "2026-03-07", "is_official": True}
        )
        stale_leave = self._add_leave("2026-03-08 00:00", "2026-03-09 00:00", crm_is_official=True)
        self.k.leave_ids.filtered(lambda leave: leave.name == "国庆节 National Day").unlink()
        message = self.k._load_official_holidays(2026)
        self.assertIn("1 added, 2 removed", message)
        self.assertTrue(own_makeup.exists() and own_leave.exists())
        self.assertFalse(stale_makeup.exists() or stale_leave.exists())
        self.assertEqual(len(self.k.leave_ids), 8)

    def test_a_make_up_day_people_entered_stays_as_it_is(self):
        own = self._add_makeup("2026-10-10", dayofweek="4")
        self.k._load_official_holidays(2026)
        self.assertEqual(own.dayofweek, "4")
        self.assertFalse(own.is_official)
        self.assertEqual(len(self.k.crm_makeup_ids), 6)

    def test_other_years_and_other_calendars_stay_untouched(self):
        other = self._create_calendar("Other", [])
        self.k._load_official_holidays(2025)
        self.k._load_official_holidays(2026)
        self.assertEqual({day.year for day in self.k.crm_makeup_ids.mapped("date")}, {2025, 2026})
        self.assertFalse(other.crm_makeup_ids or other.leave_ids)

    def test_the_holidays_of_a_shared_calendar_count_for_every_company(self):
        shared = self._create_calendar("Shared", [], company_id=False)
        shared._load_official_holidays(2026)
        self.assertFalse(shared.leave_ids.company_id)

    def test_a_year_the_library_does_not_know_is_refused_with_what_to_do(self):
        unknown = known_years()[1] + 1
        for year in (unknown, 1999):
            with self.assertRaisesRegex(UserError, f"{year} are not known.*library updated"):
                self.k.action_load_official_holidays(year)
        self.assertFalse(self.k.crm_makeup_ids or self.k.leave_ids)
        with self.assertRaises(UnknownYearError):
            official_year(unknown)

    def test_one_click_loads_this_year_and_says_that_the_next_is_not_known(self):
        last = known_years()[1]
        with freeze_time(f"{last}-06-01 12:00:00"):
            action = self.k.action_load_official_holidays()
        self.assertIn(f"{last}:", action["params"]["message"])
        self.assertIn(f"{last + 1} is not known yet", action["params"]["message"])
        self.assertEqual({day.year for day in self.k.crm_makeup_ids.mapped("date")}, {last})

    def test_one_click_loads_the_next_year_as_soon_as_it_is_known(self):
        with freeze_time("2024-12-01 12:00:00"):
            action = self.k.action_load_official_holidays()
        self.assertIn("2025:", action["params"]["message"])
        self.assertEqual({day.year for day in self.k.crm_makeup_ids.mapped("date")}, {2024, 2025})

    def test_the_dialog_loads_another_year(self):
        wizard = Form(
            self.env["resource.calendar.holiday.load"].with_context(default_calendar_id=self.k.id)
        )
        wizard.year = 2019
        wizard.save().action_load()
        self.assertEqual({day.year for day in self.k.crm_makeup_ids.mapped("date")}, {2019})
        self.assertIn(str(known_years()[1]), wizard.known_years)

    def test_only_who_may_change_calendars_may_load_holidays(self):
        manager = new_test_user(
            self.env, login="planner_manager", groups="sales_team.group_sale_manager"
        )
        with self.assertRaises(AccessError):
            self.k.with_user(manager).action_load_official_holidays(2026)
        keeper = new_test_user(
            self.env,
            login="planner_keeper",
            groups="base.group_system",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.k.with_user(keeper).action_load_official_holidays(2026)
        self.assertEqual(len(self.k.crm_makeup_ids), 6)

    def test_an_installation_loads_the_known_years_and_never_fails_by_its_date(self):
        with freeze_time(date(known_years()[1] + 5, 1, 1)):
            self.env["resource.calendar"]._load_known_official_holidays(self.k.ids)
        self.assertFalse(self.k.crm_makeup_ids)
        with freeze_time("2025-12-31 12:00:00"):
            self.env["resource.calendar"]._load_known_official_holidays(self.k.ids)
        self.assertEqual({day.year for day in self.k.crm_makeup_ids.mapped("date")}, {2025, 2026})

    def test_the_shipped_calendar_has_the_hours_its_name_says(self):
        calendar = self.env.ref("crm_customers.resource_calendar_business_hours_china")
        week = (at("2028-11-20 00:00"), at("2028-11-27 00:00"))
        self.assertEqual(calendar._worked_seconds(*week), 40 * 3600)
        found = calendar._plan_deadline(at("2028-11-20 09:00"), 8 * 3600)
        self.assertEqual(shown(found), "2028-11-20 18:00")
