"""Fixtures of the service tests. No test lives here.

    agent           member of the team                 crm_service.group_service_agent
    other_agent     member of no team                  crm_service.group_service_agent
    leader          leads the team                     crm_service.group_service_leader
    manager         sees every team                    crm_service.group_service_manager
    salesperson     owner of the customer              sales_team.group_sale_salesman
    portal_user     contact of the customer            base.group_portal
    stranger        contact of another customer        base.group_portal

The team works Monday to Friday 9-12 and 13-18 in Shanghai, with the National Day of 2026 and its
make-up days; that is the calendar "K" of the examples.
"""

from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

import pytz
from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.crm_customers.tests.common import CrmCommon

SHANGHAI = pytz.timezone("Asia/Shanghai")


def utc(text, tz=SHANGHAI):
    """Naive UTC datetime of a local time ``MM-DD HH:MM`` in 2026."""
    local = tz.localize(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M"))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


class ServiceCommon(CrmCommon):
    """A team, a policy of 4 h response and 8 h resolution, a contract, and everybody's roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar()
        cls.company.write({"crm_contract_calendar_id": cls.calendar.id})
        domain = cls.env["mail.alias.domain"].create(
            {"name": "service.example.com", "company_ids": [Command.link(cls.company.id)]}
        )
        cls.company.alias_domain_id = domain
        cls.agent = cls._create_user("svc_agent", "crm_service.group_service_agent")
        cls.other_agent = cls._create_user("svc_other_agent", "crm_service.group_service_agent")
        cls.leader = cls._create_user("svc_leader", "crm_service.group_service_leader")
        cls.manager = cls._create_user("svc_manager", "crm_service.group_service_manager")
        cls.team = cls.env["crm.service.team"].create(
            {
                "name": "Support",
                "alias_name": "help",
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "leader_id": cls.leader.id,
                "member_ids": [Command.set(cls.agent.ids)],
            }
        )
        cls.policy = cls._create_policy("Standard", {"response": 4, "resolution": 8})
        cls.contact = cls.signatory
        cls.portal_user = cls._create_portal_user("svc_customer", cls.contact)
        cls.rival = cls.env["res.partner"].create(
            {"name": "北京对手科技有限公司", "is_company": True, "email": "info@rival.example.com"}
        )
        cls.rival_contact = cls.env["res.partner"].create(
            {"name": "王敌", "parent_id": cls.rival.id, "email": "wang@rival.example.com"}
        )
        cls.stranger = cls._create_portal_user("svc_stranger", cls.rival_contact)

    @classmethod
    def _create_company(cls):
        """Return a company without accounts: service needs none."""
        company = cls.env["res.company"].create(
            {"name": "Suite Service Company", "country_id": cls.env.ref("base.cn").id}
        )
        company.resource_calendar_id.tz = "Asia/Shanghai"
        return company

    @classmethod
    def _create_portal_user(cls, login, partner):
        return new_test_user(
            cls.env,
            login=login,
            groups="base.group_portal",
            partner_id=partner.id,
            email=partner.email,
            name=partner.name,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="Asia/Shanghai",
            lang="en_US",
        )

    @classmethod
    def _create_calendar(cls):
        calendar = cls.env["resource.calendar"].create(
            {
                "name": "K",
                "tz": "Asia/Shanghai",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {start}",
                                "dayofweek": str(day),
                                "hour_from": start,
                                "hour_to": end,
                                "day_period": "morning" if start == 9 else "afternoon",
                            }
                        )
                        for day in range(5)
                        for start, end in ((9, 12), (13, 18))
                    ),
                ],
            }
        )
        cls._create_leave("10-01 00:00", "10-08 00:00", calendar)
        cls.env["resource.calendar.makeup"].create(
            [
                {"calendar_id": calendar.id, "date": day, "dayofweek": "0"}
                for day in ("2026-09-20", "2026-10-10")
            ]
        )
        return calendar

    @classmethod
    def _create_leave(cls, start, end, calendar=None):
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": (calendar or cls.calendar).id,
                "company_id": cls.company.id,
                "date_from": utc(start),
                "date_to": utc(end),
                "time_type": "leave",
            }
        )

    @classmethod
    def _create_policy(cls, name, hours, **values):
        """Return a policy; ``hours`` maps a metric, or (metric, priority), to hours."""
        return cls.env["crm.service.sla.policy"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "target_ids": [
                    Command.create(
                        {
                            "metric": key if isinstance(key, str) else key[0],
                            "priority": False if isinstance(key, str) else key[1],
                            "minutes": round(value * 60),
                        }
                    )
                    for key, value in hours.items()
                ],
                **values,
            }
        )

    @classmethod
    def _create_ticket(cls, user=None, **values):
        """Return a ticket of the customer's contact in the team, entered by ``user``."""
        tickets = cls.env["crm.service.ticket"]
        return tickets.with_user(user or cls.env.user).create(
            {
                "subject": "The import stops",
                "partner_id": cls.contact.id,
                "team_id": cls.team.id,
                **values,
            }
        )

    @classmethod
    def _sign_contract(cls, **values):
        """Return a contract in force with the customer, counted in calendar K."""
        values = {
            "calendar_id": cls.calendar.id,
            "partner_signatory_id": cls.contact.id,
            "date_signed": "2026-09-01",
            **values,
        }
        contract = cls._create_contract(**values)
        contract.action_sign()
        return contract.with_env(cls.env)

    @contextmanager
    def at(self, text):
        """Freeze time at a local time of 2026, the database's clock of this session included."""
        moment = utc(text)
        with (
            freeze_time(moment),
            patch.object(type(self.env.cr), "now", lambda _cr: moment),
        ):
            yield moment

    def clock(self, ticket, metric="resolution"):
        """Return the newest clock of a metric."""
        return ticket.sudo().clock_ids.filtered(lambda one: one.metric == metric).sorted("id")[-1:]

    def assert_ledgers_prove_clocks(self, tickets):
        """Replaying every ledger gives exactly what the clock stores."""
        for clock in tickets.sudo().clock_ids:
            self.assertEqual(clock._replayed(), clock._as_state())

    def reply(self, ticket, user, body="We are on it"):
        """Post a public answer of ``user`` on the ticket."""
        return ticket.with_user(user).message_post(
            body=body, message_type="comment", subtype_xmlid="mail.mt_comment"
        )
