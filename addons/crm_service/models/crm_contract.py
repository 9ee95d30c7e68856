from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class CrmContract(models.Model):
    """What service hangs on a contract: tickets, acceptances, the service period, plans."""

    _inherit = "crm.contract"

    crm_service_start = fields.Date(
        string="Service From", readonly=True, copy=False, help="Set by the signed acceptance."
    )
    crm_service_end = fields.Date(string="Service Until", copy=False, tracking=True)
    crm_ticket_ids = fields.One2many("crm.service.ticket", "contract_id", string="Tickets")
    crm_acceptance_ids = fields.One2many(
        "crm.service.acceptance", "contract_id", string="Acceptances"
    )
    crm_plan_ids = fields.One2many("crm.service.plan", "contract_id", string="Inspection Plans")
    crm_ticket_count = fields.Integer(string="Ticket Count", compute="_compute_crm_service_counts")
    crm_acceptance_count = fields.Integer(
        string="Acceptance Count", compute="_compute_crm_service_counts"
    )
    crm_visit_count = fields.Integer(string="Visit Count", compute="_compute_crm_service_counts")

    @api.depends("crm_ticket_ids", "crm_acceptance_ids", "crm_plan_ids.visit_ids")
    def _compute_crm_service_counts(self):
        tickets = self._count_by_contract("crm.service.ticket")
        acceptances = self._count_by_contract("crm.service.acceptance")
        visits = self._count_by_contract("crm.service.visit")
        for contract in self:
            contract.crm_ticket_count = tickets.get(contract, 0)
            contract.crm_acceptance_count = acceptances.get(contract, 0)
            contract.crm_visit_count = visits.get(contract, 0)

    def _count_by_contract(self, model):
        if not self.env[model].has_access("read"):
            return {}
        domain = [("contract_id", "in", self.ids)]
        return dict(self.env[model]._read_group(domain, ["contract_id"], ["__count"]))

    # -- hooks of the contract ----------------------------------------------------------------

    def _on_contract_event(self, event, date):
        result = super()._on_contract_event(event, date)
        # sudo: what follows from a contract's event does not depend on who raised it
        contract = self.sudo()
        if event == "accepted":
            contract._start_service(date)
        elif event == "terminated":
            contract.crm_plan_ids._end(date)
        return result

    def _get_service_promise(self):
        """Return the hours and times of the policy that tickets of normal priority will get."""
        promise = super()._get_service_promise()
        policy = self.env["crm.service.sla.policy"]._find_for_contract(self)
        if not policy:
            return promise
        calendar = policy.calendar_id or promise.calendar
        return promise._replace(
            calendar=calendar.browse() if policy.around_the_clock else calendar,
            response=policy._get_target_seconds("1", "response") // 60,
            resolution=policy._get_target_seconds("1", "resolution") // 60,
        )

    def _start_service(self, date):
        """Start the service period: set its term and bring the inspection plans to life."""
        self.ensure_one()
        months = self.company_id.crm_service_period_months
        end = self.crm_service_end or self.date_end
        if not end or end <= date:
            end = date + relativedelta(months=months) if months else False
        self.write({"crm_service_start": date, "crm_service_end": end})
        plans = self.crm_plan_ids.filtered(lambda one: one.state == "draft")
        interval = self.company_id.crm_service_visit_months
        if not self.crm_plan_ids and interval:
            plans = self.env["crm.service.plan"].create(self._prepare_plan_values(interval))
        plans._activate(date, end)

    def _prepare_plan_values(self, months):
        """Hook: values of the plan that is made when the contract has none."""
        self.ensure_one()
        return {
            "name": self.env._("Regular inspection of %(subject)s", subject=self.subject),
            "contract_id": self.id,
            "interval": months,
            "interval_unit": "month",
        }

    def _on_contract_suspended(self):
        result = super()._on_contract_suspended()
        # sudo: the contract's clocks stand still, whoever suspended it
        tickets = self.sudo().crm_ticket_ids.filtered(lambda one: one.kind in ("open", "waiting"))
        tickets._sla_hold(fields.Datetime.now(), self.env._("The contract is suspended"))
        return result

    def _on_contract_resumed(self, days):
        result = super()._on_contract_resumed(days)
        # sudo: the contract's clocks run again, whoever resumed it
        contract = self.sudo()
        tickets = contract.crm_ticket_ids.filtered(lambda one: one.kind in ("open", "waiting"))
        tickets._sla_unhold(fields.Datetime.now(), self.env._("The contract runs again"))
        contract.crm_plan_ids._shift(days)
        contract.crm_acceptance_ids._shift_inspection(days)
        if contract.crm_service_end:
            contract.crm_service_end += relativedelta(days=days)
        return result

    # -- actions ------------------------------------------------------------------------------

    def action_view_crm_tickets(self):
        """Open the tickets of this contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_ticket_action"
        )
        return action | {
            "domain": [("contract_id", "=", self.id)],
            "context": {
                "default_contract_id": self.id,
                "default_partner_id": self.partner_id.id,
            },
        }

    def action_view_crm_acceptances(self):
        """Open the acceptances of this contract; an empty list offers a new one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_acceptance_action"
        )
        return action | {
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }

    def action_view_crm_visits(self):
        """Open the inspection visits of this contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_visit_action"
        )
        return action | {"domain": [("contract_id", "=", self.id)], "context": {}}
