"""Which promise applies to a ticket."""

import pytz
from psycopg2 import IntegrityError

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ServiceCommon

NEW_YORK = pytz.timezone("America/New_York")


@tagged("post_install", "-at_install")
class TestSlaPolicyChoice(ServiceCommon):
    """Exactly one policy applies: the most specific, then the first in sequence."""

    def test_contract_before_customer_before_category_before_team_before_company(self):
        contract = self._sign_contract()
        category = self.env["crm.service.category"].create({"name": "Fault"})
        below = self.env["crm.service.category"].create({"name": "Crash", "parent_id": category.id})
        ladder = [
            self._create_policy("Contract", {"response": 1}, contract_id=contract.id),
            self._create_policy("Customer", {"response": 1}, partner_id=self.customer.id),
            self._create_policy("Category", {"response": 1}, category_id=category.id),
            self._create_policy("Team", {"response": 1}, team_id=self.team.id),
            self.policy,
        ]
        ticket = self._create_ticket(contract_id=contract.id, category_id=below.id)
        for policy in ladder:
            self.assertEqual(ticket.sla_policy_id, policy)
            policy.active = False
            ticket._sla_apply_policy()
        self.assertFalse(ticket.sla_policy_id)
        self.assertFalse(ticket.next_deadline)

    def test_a_contract_promises_what_the_policy_of_its_requests_says(self):
        contract = self._sign_contract()
        promise = contract.with_user(self.agent)._get_service_promise()
        self.assertEqual(promise.calendar, contract.calendar_id)
        self.assertEqual(promise.resolution, 480)
        self._create_policy("Other team", {"response": 3}, team_id=self.team.id)
        self.assertEqual(contract._get_service_promise(), promise)
        own = self._create_policy(
            "Own", {"response": 1}, contract_id=contract.id, around_the_clock=True
        )
        promise = contract._get_service_promise()
        self.assertEqual((promise.response, promise.resolution), (own.target_ids.minutes, 0))
        self.assertFalse(promise.calendar)

    def test_every_condition_of_a_policy_must_hold(self):
        other = self.env["crm.service.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        self._create_policy("Both", {"response": 1}, partner_id=self.customer.id, team_id=other.id)
        self.assertEqual(self._create_ticket().sla_policy_id, self.policy)
        self.assertEqual(self._create_ticket(team_id=other.id).sla_policy_id.name, "Both")

    def test_among_equals_the_sequence_decides(self):
        self._create_policy("Second", {"response": 1}, team_id=self.team.id, sequence=20)
        first = self._create_policy("First", {"response": 1}, team_id=self.team.id, sequence=5)
        self.assertEqual(self._create_ticket().sla_policy_id, first)

    def test_a_target_for_the_priority_goes_before_one_for_all(self):
        self.policy.target_ids = [
            Command.create({"metric": "resolution", "priority": "3", "minutes": 120})
        ]
        urgent, normal = self._create_ticket(priority="3"), self._create_ticket()
        self.assertEqual(self.clock(urgent).target_s, 7200)
        self.assertEqual(self.clock(normal).target_s, 8 * 3600)

    def test_the_calendar_is_the_policys_else_the_contracts_else_the_teams(self):
        theirs = self.calendar.copy({"name": "Contract hours"})
        contract = self._sign_contract()
        contract.calendar_id = theirs
        self.assertEqual(self.clock(self._create_ticket()).calendar_id, self.calendar)
        ticket = self._create_ticket(contract_id=contract.id)
        self.assertEqual(self.clock(ticket).calendar_id, theirs)
        own = self.policy.calendar_id = self.calendar.copy({"name": "Policy hours"})
        ticket._sla_apply_policy()
        self.assertEqual(self.clock(ticket).calendar_id, own)

    def test_an_edited_policy_changes_new_tickets_only_until_it_is_reapplied(self):
        ticket = self._create_ticket()
        self.policy.target_ids.filtered(lambda one: one.metric == "resolution").minutes = 60
        self.assertEqual(self.clock(ticket).target_s, 8 * 3600)
        self.assertEqual(self.clock(self._create_ticket()).target_s, 3600)
        self.policy.action_reapply()
        self.assertEqual(self.clock(ticket).target_s, 3600)

    def test_a_policy_of_another_company_never_applies(self):
        self.policy.active = False
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["crm.service.sla.policy"].create(
            {
                "name": "Foreign",
                "company_id": elsewhere.id,
                "target_ids": [Command.create({"metric": "response", "minutes": 60})],
            }
        )
        self.assertFalse(self._create_ticket().sla_policy_id)

    def test_a_target_must_be_longer_than_zero_and_unique(self):
        empty, double = {"metric": "resolution", "minutes": 0}, {"metric": "response", "minutes": 9}
        for values in (empty, double):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.policy.target_ids = [Command.create(values)]
