"""Tickets: numbers, entry by telephone, stages, routing, merging, counts, cost of creation."""

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import ServiceCommon, utc

TICKET = "crm.service.ticket"


@tagged("post_install", "-at_install")
class TestTicket(ServiceCommon):
    """What a ticket is and what it refuses."""

    def test_each_company_counts_its_own_tickets(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids = [Command.link(elsewhere.id)]
        theirs = self.env[TICKET].create({"subject": "Theirs", "company_id": elsewhere.id})
        mine = self._create_ticket() | self._create_ticket()
        numbers = [int(ticket.name[-5:]) for ticket in mine]
        self.assertEqual(numbers[1], numbers[0] + 1)
        self.assertTrue(theirs.name.endswith("00001"))

    def test_the_company_of_a_ticket_is_its_teams(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids = [Command.link(elsewhere.id)]
        team = self.env["crm.service.team"].create(
            {"name": "There", "company_id": elsewhere.id, "calendar_id": False}
        )
        ticket = self.env[TICKET].create({"subject": "There", "team_id": team.id})
        self.assertEqual(ticket.company_id, elsewhere)
        self.assertTrue(ticket.name.endswith("00001"))

    def test_a_category_routes_the_ticket_to_its_team(self):
        category = self.env["crm.service.category"].create(
            {"name": "Fault", "team_id": self.team.id, "company_id": self.company.id}
        )
        ticket = self.env[TICKET].create({"subject": "x", "category_id": category.id})
        self.assertEqual(ticket.team_id, self.team)

    def test_a_ticket_of_no_category_falls_to_the_team_of_the_agent_who_enters_it(self):
        own = self.env[TICKET].with_user(self.agent).create({"subject": "Called"})
        self.assertEqual(own.team_id, self.team)
        self.assertTrue(own.clock_ids.calendar_id, "the clocks keep working hours")
        other = self.env["crm.service.team"].create(
            {"name": "Second line", "company_id": self.company.id}
        )
        category = self.env["crm.service.category"].create(
            {"name": "x", "team_id": other.id, "company_id": self.company.id}
        )
        routed = (
            self.env[TICKET]
            .with_user(self.agent)
            .create({"subject": "Called", "category_id": category.id, "user_id": self.agent.id})
        )
        self.assertEqual(routed.sudo().team_id, other)

    def test_a_call_may_be_entered_later_within_the_limit(self):
        with self.at("11-23 15:00"):
            form = Form(
                self.env[TICKET].with_user(self.agent).with_context(default_channel="phone"),
                view="crm_service.crm_service_ticket_view_form_phone",
            )
            form.subject = "Called about the import"
            form.partner_id = self.contact
            form.team_id = self.team
            form.received_at = utc("11-23 10:00")
            ticket = form.save()
        self.assertEqual(ticket.channel, "phone")
        self.assertEqual(ticket.response_deadline, utc("11-23 15:00"))

    def test_a_call_cannot_be_entered_after_the_limit_or_before_it_came(self):
        with self.at("11-23 15:00"):
            for moment in ("11-22 14:00", "11-23 16:00"):
                with self.assertRaises(ValidationError):
                    self._create_ticket(self.agent, channel="phone", received_at=utc(moment))
            manager_may = self._create_ticket(
                self.manager, channel="phone", received_at=utc("11-20 14:00")
            )
        self.assertEqual(manager_may.received_at, utc("11-20 14:00"))

    def test_a_portal_request_cannot_be_dated_back(self):
        with self.at("11-23 15:00"), self.assertRaises(ValidationError):
            self._create_ticket(self.agent, channel="portal", received_at=utc("11-23 10:00"))

    def test_waiting_needs_a_reason_also_on_the_board(self):
        ticket = self._create_ticket(self.agent)
        with self.assertRaises(ValidationError):
            ticket.stage_id = ticket._find_stage("waiting")
        wizard = (
            self.env["crm.service.hold"]
            .with_user(self.agent)
            .with_context(active_ids=ticket.ids)
            .create({"reason": "log files"})
        )
        wizard.action_hold()
        self.assertEqual(ticket.kind, "waiting")
        self.assertEqual(ticket.hold_reason, "log files")
        ticket.action_resume()
        self.assertFalse(ticket.hold_reason)

    def test_the_way_through_the_stages_leaves_its_times(self):
        with self.at("11-23 10:00"):
            ticket = self._create_ticket(self.agent)
            ticket.action_assign_to_me()
        with self.at("11-23 11:00"):
            ticket.action_resolve()
        with self.at("11-23 12:00"):
            ticket.action_close()
        self.assertEqual(ticket.resolved_at, utc("11-23 11:00"))
        self.assertEqual(ticket.closed_at, utc("11-23 12:00"))
        self.assertEqual(ticket.user_id, self.agent)
        with self.at("11-23 13:00"):
            ticket.action_resume()
        self.assertFalse(ticket.resolved_at or ticket.closed_at)
        self.assertEqual(ticket.reopen_count, 1)

    def test_a_stage_in_use_keeps_its_kind(self):
        ticket = self._create_ticket()
        with self.assertRaises(UserError):
            ticket.stage_id.kind = "closed"

    def test_a_stage_of_one_team_is_used_by_that_team_only(self):
        own = self.env["crm.service.stage"].create(
            {
                "name": "Fixed in the field",
                "kind": "resolved",
                "sequence": 1,
                "team_ids": [Command.set(self.team.ids)],
            }
        )
        other_team = self.env["crm.service.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        mine, theirs = self._create_ticket(), self._create_ticket(team_id=other_team.id)
        (mine | theirs).action_resolve()
        self.assertEqual(mine.stage_id, own)
        self.assertNotEqual(theirs.stage_id, own)

    def test_the_contract_must_be_the_customers(self):
        contract = self._sign_contract()
        with self.assertRaises(ValidationError):
            self._create_ticket(partner_id=self.rival_contact.id, contract_id=contract.id)

    def test_requests_of_customers_are_kept(self):
        ticket = self._create_ticket(channel="phone")
        with self.assertRaises(UserError):
            ticket.with_user(self.manager).unlink()

    def test_only_tickets_of_one_customer_that_are_worked_on_can_be_merged(self):
        ticket = self._create_ticket()
        foreign = self._create_ticket(partner_id=self.rival_contact.id)
        done = self._create_ticket()
        done.action_resolve()
        for other in (foreign, done, ticket):
            with self.assertRaises(UserError):
                ticket._merge_into(other)

    def test_the_contact_who_asks_follows_the_ticket(self):
        ticket = self._create_ticket()
        self.assertIn(self.contact, ticket.message_partner_ids)
        unknown = self._create_ticket(partner_id=self.customer.id, email_from="x@y.example.com")
        self.assertNotIn(self.customer, unknown.message_partner_ids)

    def test_deadlines_sort_filter_and_group(self):
        with self.at("11-23 10:00"):
            urgent = self._create_ticket()
            self.policy.target_ids.minutes = 30
            sooner = self._create_ticket()
        tickets = urgent | sooner
        found = self.env[TICKET].search([("id", "in", tickets.ids)], order="next_deadline")
        self.assertEqual(found, sooner | urgent)
        late = self.env[TICKET].search(
            [("id", "in", tickets.ids), ("next_deadline", "<", utc("11-23 12:00"))]
        )
        self.assertEqual(late, sooner)
        groups = self.env[TICKET]._read_group(
            [("id", "in", tickets.ids)], ["next_deadline:day"], ["__count"]
        )
        self.assertEqual(sum(count for _day, count in groups), 2)

    def test_a_customers_page_counts_open_and_late_tickets_by_one_read(self):
        with self.at("11-23 10:00"):
            for _number in range(3):
                self._create_ticket()
            self._create_ticket().action_resolve()
        partners = (self.customer | self.contact | self.rival).with_user(self.salesperson)
        with self.at("11-24 10:00"):
            partners.invalidate_recordset()
            self.env.flush_all()
            self.assertEqual(partners[0].crm_service_ticket_count, 3)
            self.assertEqual(partners.mapped("crm_service_ticket_count"), [3, 3, 0])
            self.assertEqual(partners.mapped("crm_service_late_count"), [3, 3, 0])

    def test_a_team_counts_its_open_unassigned_waiting_and_late_tickets(self):
        with self.at("11-23 10:00"):
            self._create_ticket(user_id=self.agent.id)
            held = self._create_ticket()
            held._set_kind("waiting", "files")
            self.reply(held, self.agent)
        with self.at("11-25 10:00"):
            self.team.invalidate_recordset()
            team = self.team
            self.assertEqual(
                (team.open_count, team.unassigned_count, team.waiting_count, team.late_count),
                (2, 1, 1, 1),
            )


@tagged("post_install", "-at_install")
class TestTicketCost(ServiceCommon):
    """Creating tickets with all their clocks is set-based."""

    def count_queries(self, number):
        values = [
            {
                "subject": f"Ticket {index}",
                "partner_id": self.contact.id,
                "team_id": self.team.id,
                "channel": "phone",
            }
            for index in range(number)
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        tickets = self.env[TICKET].with_user(self.agent).create(values)
        self.env.flush_all()
        self.assertEqual(len(tickets.sudo().clock_ids), 2 * number)
        return self.env.cr.sql_log_count - before

    def test_a_hundred_tickets_cost_little_more_than_one(self):
        self.count_queries(1)
        one, hundred = self.count_queries(1), self.count_queries(100)
        self.assertLess(one, 90)
        # Beyond what one costs: at most three queries a ticket.
        self.assertLess((hundred - one) / 99, 3, (one, hundred))
