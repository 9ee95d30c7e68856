"""Who may do what: roles x operations on every model of service."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import ServiceCommon

OPERATIONS = ("read", "write", "create", "unlink")

# Per model and role the operations that the access lines allow; "rwcu" is all of them.
MATRIX = {
    "crm.service.ticket": {"agent": "rwc", "manager": "rwcu", "seller": "r", "portal": "r"},
    "crm.service.stage": {"agent": "r", "manager": "rwcu", "seller": "r", "portal": ""},
    "crm.service.category": {"agent": "r", "manager": "rwcu", "seller": "r", "portal": ""},
    "crm.service.team": {
        "agent": "r",
        "leader": "rw",
        "manager": "rwcu",
        "seller": "r",
        "portal": "",
    },
    "crm.service.sla.policy": {"agent": "r", "manager": "rwcu", "seller": "r", "portal": ""},
    "crm.service.sla.target": {"agent": "r", "manager": "rwcu", "seller": "r", "portal": ""},
    "crm.service.sla.clock": {"agent": "r", "manager": "r", "seller": "r", "portal": ""},
    "crm.service.sla.event": {"agent": "r", "manager": "r", "seller": "r", "portal": ""},
    "crm.service.mail.log": {"agent": "rw", "manager": "rwu", "seller": "", "portal": ""},
    "crm.service.acceptance": {"agent": "rwc", "manager": "rwcu", "seller": "r", "portal": "r"},
    "crm.service.acceptance.item": {"agent": "rwcu", "seller": "r", "portal": "r"},
    "crm.service.plan": {
        "agent": "r",
        "leader": "rwc",
        "manager": "rwcu",
        "seller": "r",
        "portal": "",
    },
    "crm.service.plan.line": {"agent": "r", "leader": "rwcu", "seller": "r", "portal": ""},
    "crm.service.visit": {"agent": "rwc", "manager": "rwcu", "seller": "r", "portal": "r"},
    "crm.service.visit.line": {"agent": "rwcu", "seller": "r", "portal": "r"},
    "crm.service.advice": {"agent": "rwc", "manager": "rwcu", "seller": "r", "portal": ""},
    "crm.service.notice": {
        "agent": "r",
        "leader": "rwc",
        "manager": "rwcu",
        "seller": "r",
        "portal": "",
    },
    "crm.service.notice.recipient": {
        "agent": "r",
        "leader": "rwc",
        "manager": "rwcu",
        "seller": "r",
        "portal": "r",
    },
}


@tagged("post_install", "-at_install")
class TestServiceRights(ServiceCommon):
    """Rights by role, by team, by customer and by company."""

    def test_every_role_may_do_exactly_what_the_matrix_says(self):
        users = {
            "agent": self.agent,
            "leader": self.leader,
            "manager": self.manager,
            "seller": self.salesperson,
            "portal": self.portal_user,
        }
        for model, roles in MATRIX.items():
            for role, allowed in roles.items():
                for operation in OPERATIONS:
                    self.assertEqual(
                        self.env[model].with_user(users[role]).has_access(operation),
                        operation[0] in allowed,
                        (model, role, operation),
                    )

    def test_a_plain_employee_reaches_nothing_of_service(self):
        employee = self._create_user("svc_employee", "base.group_user")
        for model in MATRIX:
            self.assertFalse(self.env[model].with_user(employee).has_access("read"), model)

    def visible(self, user, tickets):
        found = self.env["crm.service.ticket"].with_user(user).search([("id", "in", tickets.ids)])
        return set(found.mapped("subject"))

    def test_agents_see_their_teams_and_what_has_no_team(self):
        other = self.env["crm.service.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        tickets = (
            self._create_ticket(subject="mine")
            | self._create_ticket(subject="none", team_id=False)
            | self._create_ticket(subject="other", team_id=other.id)
        )
        self.assertEqual(self.visible(self.agent, tickets), {"mine", "none"})
        self.assertEqual(self.visible(self.leader, tickets), {"mine", "none"})
        self.assertEqual(self.visible(self.other_agent, tickets), {"none"})
        self.assertEqual(self.visible(self.manager, tickets), {"mine", "none", "other"})
        tickets[2].user_id = self.agent
        self.assertIn("other", self.visible(self.agent, tickets))

    def test_an_agent_enters_a_request_for_another_team_and_still_sees_it(self):
        other = self.env["crm.service.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        category = self.env["crm.service.category"].create(
            {"name": "发票", "team_id": other.id, "company_id": self.company.id}
        )
        form = Form(self.env["crm.service.ticket"].with_user(self.agent))
        form.subject = "Called, but it is about an invoice"
        form.partner_id = self.contact
        form.category_id = category
        ticket = form.save()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((ticket.team_id, ticket.user_id), (other, self.env["res.users"]))
        self.assertTrue(ticket.with_user(self.agent).web_read({"subject": {}, "clock_ids": {}}))
        self.assertFalse(self.visible(self.other_agent, ticket), "a colleague did not enter it")

    def test_who_leaves_a_team_loses_its_tickets_at_once(self):
        ticket = self._create_ticket(subject="mine")
        self.assertEqual(self.visible(self.agent, ticket), {"mine"})
        self.team.member_ids = [Command.unlink(self.agent.id)]
        self.assertFalse(self.visible(self.agent, ticket))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            ticket.with_user(self.agent).subject = "changed"

    def test_salespeople_read_the_tickets_of_their_customers_only(self):
        own = self._create_ticket(subject="own")
        foreign = self._create_ticket(subject="foreign", partner_id=self.rival_contact.id)
        tickets = own | foreign
        self.assertEqual(self.visible(self.salesperson, tickets), {"own"})
        self.assertFalse(self.visible(self.colleague, tickets))
        self.assertEqual(self.visible(self.sales_manager, tickets), {"own", "foreign"})
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            own.with_user(self.salesperson).subject = "changed"
        self.assertEqual(len(own.with_user(self.salesperson).clock_ids), 2)

    def test_an_agent_who_also_sells_keeps_both_views(self):
        self.agent.group_ids = [Command.link(self.env.ref("sales_team.group_sale_salesman").id)]
        contract = self._sign_contract()
        tickets = self._create_ticket(subject="team", partner_id=self.rival_contact.id)
        self.assertEqual(self.visible(self.agent, tickets), {"team"})
        self.assertTrue(contract.with_user(self.agent).name)

    def test_customers_see_their_own_companys_tickets(self):
        tickets = self._create_ticket(subject="own") | self._create_ticket(
            subject="foreign", partner_id=self.rival_contact.id
        )
        self.assertEqual(self.visible(self.portal_user, tickets), {"own"})
        self.assertEqual(self.visible(self.stranger, tickets), {"foreign"})

    def test_customers_read_no_internal_field(self):
        ticket = self._create_ticket().with_user(self.portal_user)
        self.assertTrue(ticket.subject)
        for name in ("clock_ids", "sla_event_ids", "contract_id", "mail_log_ids"):
            with self.assertRaises(AccessError):
                ticket.read([name])

    def test_customers_cannot_export_another_customers_data(self):
        ticket = self._create_ticket(partner_id=self.rival_contact.id)
        self.portal_user.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            ticket.with_user(self.portal_user).export_data(["subject"])

    def test_another_companys_records_stay_out_of_sight(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.user.company_ids = [Command.link(elsewhere.id)]
        theirs = self.env["crm.service.ticket"].create(
            {"subject": "theirs", "company_id": elsewhere.id}
        )
        log = self.env["crm.service.mail.log"].create(
            {"company_id": elsewhere.id, "outcome": "ignored"}
        )
        self.assertFalse(self.visible(self.manager, theirs))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            log.with_user(self.manager).check_access("read")

    def test_salespeople_read_acceptances_plans_and_notices_of_their_customers(self):
        contract = self._sign_contract()
        foreign = self._sign_contract(partner_id=self.rival.id, partner_signatory_id=False)
        for model in ("crm.service.acceptance", "crm.service.plan"):
            values = {"name": "x"} if model == "crm.service.plan" else {}
            records = self.env[model].create(
                [{"contract_id": contract.id, **values}, {"contract_id": foreign.id, **values}]
            )
            found = self.env[model].with_user(self.salesperson).search([("id", "in", records.ids)])
            self.assertEqual(found, records[0])

    def test_a_leader_edits_his_own_team_only(self):
        other = self.env["crm.service.team"].create(
            {"name": "Other", "company_id": self.company.id}
        )
        self.team.with_user(self.leader).description = "We help"
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            other.with_user(self.leader).description = "We help"

    def test_actions_check_rights_again(self):
        ticket = self._create_ticket()
        contract = self._sign_contract()
        acceptance = self.env["crm.service.acceptance"].create({"contract_id": contract.id})
        with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
            for record, method, user in (
                (ticket, "action_resolve", self.salesperson),
                (ticket, "action_cancel", self.portal_user),
                (ticket, "action_no_answer_needed", self.salesperson),
                (acceptance, "action_submit", self.salesperson),
                (self.policy, "action_reapply", self.agent),
            ):
                with self.assertRaises(AccessError):
                    getattr(record.with_user(user), method)()
