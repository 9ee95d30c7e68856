from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class ResPartner(models.Model):
    """A customer under the rules of a pool: when it goes back, and the sentence that says why."""

    _inherit = "res.partner"

    crm_pool_explanation = fields.Char(string="Ownership", compute="_compute_crm_pool_explanation")
    crm_may_return = fields.Boolean(compute="_compute_crm_may_return")
    crm_may_assign = fields.Boolean(compute="_compute_crm_may_return")

    @api.depends(
        "crm_facts",
        "crm_pool_id",
        "user_id",
        "crm_locked_until",
        "crm_last_followup",
        "crm_return_date",
        "crm_return_rule_id",
        "crm_return_since",
        "crm_return_ground",
        "crm_owner_since",
        "crm_owner_reason",
        "grade_id",
    )
    @api.depends_context("uid", "lang")
    def _compute_crm_pool_explanation(self):
        self.crm_pool_explanation = False
        for pool, customers in self.grouped("crm_pool_id").items():
            if not pool:
                continue
            # sudo: the name of a customer's pool stands on the customer, its rules explain it
            pool = pool.sudo()
            verdicts = pool._get_verdicts(customers)
            for customer in customers:
                today = customer._get_pool_today()
                customer.crm_pool_explanation = (
                    customer._explain_verdict(pool, verdicts[customer.id], today)
                    if customer.id in verdicts
                    else customer._explain_pooled(pool)
                )

    @api.depends("crm_pool_id", "user_id")
    @api.depends_context("uid")
    def _compute_crm_may_return(self):
        admin_of = {pool: pool._is_admin() for pool in self.crm_pool_id}
        for partner in self:
            admin = admin_of.get(partner.crm_pool_id, False)
            partner.crm_may_assign = admin
            partner.crm_may_return = bool(
                partner.crm_pool_id
                and partner.user_id
                and (admin or partner.user_id == self.env.user)
            )

    # Actions

    def action_return_to_pool(self):
        """Ask for the reason, then put the customers back into their pool."""
        return self._open_pool_wizard("return", self.env._("Return to Pool"))

    def action_assign_from_pool(self):
        """Ask for the new owner, then assign the customers within their pool."""
        return self._open_pool_wizard("assign", self.env._("Assign"))

    def action_lock_customer(self):
        """Ask until when, then keep the rules from taking the customers."""
        return self._open_pool_wizard("lock", self.env._("Lock"))

    def action_unlock_customer(self):
        """Let the rules apply again."""
        for pool, customers in self.grouped("crm_pool_id").items():
            pool._lock_until(customers, False)
        return True

    def action_view_owner_log(self):
        """Open who owned this customer, from when and why."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_customers.crm_owner_log_action")
        return action | {"domain": [("partner_id", "=", self.commercial_partner_id.id)]}

    def _get_customers_action(self):
        """Return the action that opens these customers: the form of one, the list of several."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_customers.res_partner_action")
        if len(self) == 1:
            return action | {
                "views": [(False, "form")],
                "res_id": self.id,
                "context": {},
            }
        return action | {"domain": [("id", "in", self.ids)], "context": {}}

    def _open_pool_wizard(self, kind, title):
        pools = self.commercial_partner_id.crm_pool_id
        if len(pools) != 1:
            raise UserError(self.env._("Choose customers of one public pool."))
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.pool.move",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_pool_id": pools.id,
                "default_partner_ids": self.commercial_partner_id.ids,
            },
        }

    # Explanation

    def _pool_facts_sql(self):
        """What the sentence needs of the pool's calendar, the rule, and whether facts changed."""
        # sudo: the queue belongs to the program; a rule explains itself to who sees the customer
        self.env["crm.pool.queue"].sudo()._write_pending()
        self.env["crm.pool"].flush_model(["calendar_id", "judge_all"])
        self.env["crm.pool.rule"].flush_model(["trigger", "days", "date_start"])
        self.env["resource.calendar"].flush_model(["tz"])
        return SQL(
            """
            (SELECT jsonb_build_object(
                        'zone', calendar.tz, 'all', pool.judge_all,
                        'rule', (SELECT jsonb_build_array(id, trigger, days, date_start)
                                   FROM crm_pool_rule WHERE id = own.crm_return_rule_id),
                        'waiting', EXISTS (SELECT FROM crm_pool_queue queued
                                            WHERE queued.partner_id = own.id))
               FROM crm_pool pool JOIN resource_calendar calendar ON calendar.id = pool.calendar_id
              WHERE pool.id = own.crm_pool_id)
            """
        )

    def _get_pool_today(self):
        """Return the current day where the customer's pool works."""
        zone = self._get_fact("pool", {}).get("zone") or "UTC"
        return fields.Date.context_today(self.with_context(tz=zone))

    def _explain_verdict(self, pool, verdict, today):
        """Return why an owned customer goes back, or does not, in the user's language."""
        self.ensure_one()
        if verdict.deadline is None:
            return self._explain_spared(pool, verdict.spared)
        values = {
            "pool": pool.name,
            "days": pool._days_left(verdict.deadline, today),
            "date": format_date(self.env, verdict.deadline),
        }
        if verdict.locked:
            return self.env._("Locked: stays with its owner until %(date)s.", **values)
        values["reason"] = self._explain_rule(verdict)
        if values["days"] < 1:
            return self.env._("Goes back to %(pool)s tonight because %(reason)s.", **values)
        if values["days"] == 1:
            return self.env._(
                "Goes back to %(pool)s tonight unless you act today, because %(reason)s.", **values
            )
        return self.env._(
            "Goes back to %(pool)s in %(days)s days, after %(date)s, because %(reason)s.", **values
        )

    def _explain_rule(self, verdict):
        values = {"since": format_date(self.env, verdict.since), "days": verdict.rule.days}
        sentences = {
            ("followup", True): self.env._(
                "the last follow-up was on %(since)s and %(days)s working days are allowed",
                **values,
            ),
            ("followup", False): self.env._(
                "nothing was followed up since %(since)s and %(days)s working days are allowed",
                **values,
            ),
            ("opportunity", True): self.env._(
                "the last opportunity is of %(since)s and %(days)s working days are allowed",
                **values,
            ),
            ("opportunity", False): self.env._(
                "there is no opportunity since %(since)s and %(days)s working days are allowed",
                **values,
            ),
            ("deal", True): self.env._(
                "the last deal was on %(since)s and %(days)s working days are allowed", **values
            ),
            ("deal", False): self.env._(
                "nothing was sold since %(since)s and %(days)s working days are allowed", **values
            ),
        }
        return sentences[verdict.rule.trigger, verdict.happened]

    def _explain_spared(self, pool, spared):
        if spared == "contract":
            return self.env._("Stays with its owner: a contract is in force.")
        if spared == "opportunity":
            return self.env._("Stays with its owner: an opportunity is open.")
        if spared == "deal":
            return self.env._("Stays with its owner: it has bought.")
        if spared == "tag":
            return self.env._("Stays with its owner: one of its tags is exempt.")
        return self.env._("Stays with its owner: no rule of %(pool)s applies.", pool=pool.name)

    def _explain_pooled(self, pool):
        self.ensure_one()
        if self.user_id:
            return False
        since = self.crm_owner_since or self.create_date
        values = {
            "pool": pool.name,
            "since": format_date(self.env, since),
            "reason": self.crm_owner_reason or "",
        }
        if values["reason"]:
            return self.env._("In %(pool)s since %(since)s: %(reason)s", **values)
        return self.env._("In %(pool)s since %(since)s.", **values)

    # Business

    @api.model
    def _crm_deals_sql(self):
        """Hook: what counts as a deal, one row each with ``partner_id`` (customer) and ``date``.

        Extend with ``SQL("%s UNION ALL ...", super()._crm_deals_sql())``. Flush before reading.
        """
        return SQL(
            """
            SELECT partner_id, date_signed AS date FROM crm_contract
             WHERE date_signed IS NOT NULL AND state <> 'draft'
             UNION ALL
            SELECT commercial_partner_id, invoice_date FROM account_move
             WHERE move_type = 'out_invoice' AND state = 'posted'
               AND commercial_partner_id IS NOT NULL
             UNION ALL
            SELECT contact.commercial_partner_id, lead.date_closed::date
              FROM crm_lead lead JOIN res_partner contact ON contact.id = lead.partner_id
             WHERE lead.won_status = 'won' AND lead.date_closed IS NOT NULL
            """
        )

    def _prepare_reminder(self, pool, verdict, today):
        """Return the values of the activity that warns the owner, in the owner's language."""
        self.ensure_one()
        customer = self.with_context(lang=self.user_id.lang)
        pool = pool.with_context(lang=self.user_id.lang)
        reminder = self.env.ref("crm_customers.mail_activity_type_pool_return")
        return {
            "activity_type_id": reminder.id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": self.user_id.id,
            "date_deadline": verdict.deadline,
            "summary": customer.env._("Goes back to %(pool)s", pool=pool.name),
            "note": customer._explain_verdict(pool, verdict, today),
            "automated": True,
        }

    def _mark_reminded(self, deadline):
        """Remember for which deadline the owners were reminded."""
        self.sudo().crm_reminded_for = deadline  # sudo: guarded state of the pool

    def _drop_return_reminders(self):
        """Delete reminders of a return that no longer threatens."""
        if not self:
            return
        reminder = self.env.ref("crm_customers.mail_activity_type_pool_return")
        # sudo: reminders belong to the owner, who may be another one by now
        self.env["mail.activity"].sudo().search(
            [
                ("activity_type_id", "=", reminder.id),
                ("res_model", "=", "res.partner"),
                ("res_id", "in", self.ids),
            ]
        ).unlink()
