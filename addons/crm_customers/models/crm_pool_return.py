from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.pool_rules import CustomerFacts, is_due, judge, rules_for_level
from .res_partner_judgement import ground_of

BATCH = 100
FULL_EVERY = 7  # days


class CrmPool(models.Model):
    """The return rules at work: who goes back, when and why, and taking them back."""

    _inherit = "crm.pool"

    def _evaluate(self, customer_ids=None, rules=None):
        """Judge the owned customers of this pool by its rules, or by others on trial.

        One query for the facts, one grid for the working days, the rest is arithmetic.

        :param customer_ids: only these; None: all
        :param rules: plain rules of ``tools/pool_rules.py``; None: the pool's own
        :return: ``{partner_id: Verdict}``
        """
        self.ensure_one()
        if rules is None:
            rules = self.sudo().rule_ids._to_plain()  # sudo: the rules bind whoever asks
        known = self._get_facts(customer_ids)
        if not known:
            return {}
        first = min(max(facts.owned_since, facts.watched_since) for facts in known)
        # sudo: the deadline is the same for everybody
        grid = self.sudo().calendar_id._get_day_grid(first, self.company_id)
        planned = {}

        def nth_working_day(day, count):
            key = (day, count)
            if key not in planned:
                planned[key] = grid.nth_working_day(day, count)
            return planned[key]

        by_level = {
            level: rules_for_level(rules, level) for level in {facts.level for facts in known}
        }
        return {facts.id: judge(facts, by_level[facts.level], nth_working_day) for facts in known}

    def _get_facts(self, customer_ids=None):
        """Return what the rules need to know of owned customers, in one query."""
        partners = self.env["res.partner"].sudo()  # sudo: rules judge all customers of the pool
        self.env.flush_all()
        wanted = SQL("TRUE") if customer_ids is None else SQL("p.id = ANY(%s)", list(customer_ids))
        zone = self.sudo().calendar_id.tz or "UTC"  # sudo: as above
        local = SQL("AT TIME ZONE 'UTC' AT TIME ZONE %s", zone)
        rows = self.env.execute_query(
            SQL(
                """
                WITH customer AS MATERIALIZED (
                    SELECT p.id, p.crm_owner_since, p.crm_pool_since, p.create_date, p.grade_id,
                           p.crm_last_followup, p.crm_locked_until
                      FROM res_partner p
                     WHERE p.crm_pool_id = %(pool)s AND p.user_id IS NOT NULL AND p.active
                       AND %(wanted)s
                ), opportunity AS (
                    SELECT o.commercial_partner_id AS partner_id,
                           MAX(l.create_date) AS newest,
                           bool_or(l.won_status = 'pending' AND l.active) AS open
                      FROM crm_lead l
                      JOIN res_partner o ON o.id = l.partner_id
                     WHERE l.type = 'opportunity' AND o.commercial_partner_id IN
                           (SELECT id FROM customer)
                     GROUP BY 1
                ), deal AS (
                    SELECT d.partner_id, MAX(d.date) AS newest FROM (%(deals)s) d
                     WHERE d.partner_id IN (SELECT id FROM customer) GROUP BY 1
                )
                SELECT c.id,
                       (COALESCE(c.crm_owner_since, c.create_date) %(local)s)::date,
                       (COALESCE(c.crm_pool_since, c.create_date) %(local)s)::date,
                       c.grade_id, c.crm_locked_until,
                       (c.crm_last_followup %(local)s)::date,
                       (opportunity.newest %(local)s)::date, deal.newest,
                       COALESCE(opportunity.open, FALSE),
                       EXISTS (SELECT FROM crm_contract k WHERE k.partner_id = c.id
                                  AND k.state IN ('signed', 'suspended')),
                       ARRAY(SELECT category_id FROM res_partner_res_partner_category_rel
                              WHERE partner_id = c.id)
                  FROM customer c
                  LEFT JOIN opportunity ON opportunity.partner_id = c.id
                  LEFT JOIN deal ON deal.partner_id = c.id
                """,
                pool=self.id,
                wanted=wanted,
                deals=partners._crm_deals_sql(),
                local=local,
            )
        )
        return [
            CustomerFacts(
                id=row[0],
                owned_since=row[1],
                watched_since=row[2],
                level=row[3],
                locked_until=row[4],
                last={"followup": row[5], "opportunity": row[6], "deal": row[7]},
                open_opportunity=row[8],
                contract_in_force=row[9],
                tags=frozenset(row[10]),
            )
            for row in rows
        ]

    def _get_verdicts(self, customers):
        """Return the verdicts on owned customers of this pool, as if judged at this moment.

        Those stored are taken where nothing changed since, which costs no judgement.

        :return: ``{partner_id: Verdict}``
        """
        self.ensure_one()
        owned = customers.filtered("user_id")
        if not owned:
            return {}
        known = owned.filtered(
            lambda row: (
                (facts := row._get_fact("pool"))
                and row.crm_return_ground
                and not facts["all"]
                and not facts["waiting"]
            )
        )
        rest = owned - known
        stored = {row.id: row._get_verdict() for row in known}
        return stored | (self._evaluate(rest.ids) if rest else {})

    def _refresh_return_dates(self, customer_ids=None):
        """Store the verdicts on the pools' customers; writes the difference only.

        :param customer_ids: only these; None: all that the pools watch
        :return: ``{partner_id: Verdict}``
        """
        verdicts = {}
        # sudo: the queue and the state of a pool belong to the program
        queue = self.env["crm.pool.queue"].sudo()
        queue._write_pending()
        for pool in self:
            verdicts |= pool._evaluate(customer_ids)
        if customer_ids is None:
            self._note_all_judged()
        if verdicts:
            self._store_verdicts(verdicts)
            queue._drop(verdicts)
        return verdicts

    def _note_all_judged(self):
        # sudo: state of the program
        for pool in self.sudo():
            pool.judge_all = False
            pool.date_judged = pool._today()

    def _store_verdicts(self, verdicts):
        ids, dates, rules, since, grounds = zip(
            *(
                (
                    partner_id,
                    verdict.deadline,
                    verdict.deadline and verdict.rule.id,
                    verdict.since,
                    ground_of(verdict),
                )
                for partner_id, verdict in verdicts.items()
            ),
            strict=True,
        )
        names = ["crm_return_date", "crm_return_rule_id", "crm_return_since", "crm_return_ground"]
        partners = self.env["res.partner"]
        partners.flush_model(names)
        self.env.execute_query(
            SQL(
                """
                UPDATE res_partner p
                   SET crm_return_date = new.date, crm_return_rule_id = new.rule,
                       crm_return_since = new.since, crm_return_ground = new.ground
                  FROM unnest(%s::int[], %s::date[], %s::int[], %s::date[], %s::varchar[])
                       AS new(id, date, rule, since, ground)
                 WHERE p.id = new.id
                   AND (p.crm_return_date, p.crm_return_rule_id, p.crm_return_since,
                        p.crm_return_ground)
                       IS DISTINCT FROM (new.date, new.rule, new.since, new.ground)
             RETURNING p.id
                """,
                list(ids),
                list(dates),
                list(rules),
                list(since),
                list(grounds),
            )
        )
        partners.browse(ids).invalidate_recordset(names)

    def _judge_all(self):
        """Have every customer of these pools judged next time: the rules or days changed."""
        stale = self.filtered(lambda pool: not pool.judge_all)
        stale.sudo().judge_all = True  # sudo: state of the program

    # The nightly job

    def _judge_changed(self):
        """Judge who changed since the last judgement, all of them when the rules did.

        Every customer is judged once a week as well, should a fact have changed past the suite.
        """
        self.ensure_one()
        today = self._today()
        newest = self.date_judged
        if self.judge_all or not newest or today - newest >= timedelta(days=FULL_EVERY):
            self._refresh_return_dates()
            return
        self.env["crm.pool.queue"]._write_pending()
        self.env["res.partner"].flush_model(["crm_return_ground", "crm_pool_id", "user_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_partner
                 WHERE crm_pool_id = %(pool)s AND crm_return_ground IS NULL
                   AND user_id IS NOT NULL AND active
                 UNION
                SELECT q.partner_id FROM crm_pool_queue q JOIN res_partner p ON p.id = q.partner_id
                 WHERE p.crm_pool_id = %(pool)s
                """,
                pool=self.id,
            )
        )
        ids = [row[0] for row in rows]
        if ids:
            self._refresh_return_dates(ids)
            # those that no rule judges any more: archived, or without owner
            self.env["crm.pool.queue"]._drop(ids)

    def _return_due_customers(self):
        """Judge what changed, remind owners, then take back in batches who is due."""
        self.ensure_one()
        self._judge_changed()
        today = self._today()
        self._remind_owners(today)
        due = self._find_returning(Domain("crm_return_date", "<", today)).ids
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            self._return_batch(batch, today)
            if not cron._commit_progress(len(batch)):
                break

    def _find_returning(self, domain):
        """Return the owned customers of this pool whose return date fits a domain."""
        return self.env["res.partner"].search(
            domain & Domain("crm_pool_id", "=", self.id) & Domain("user_id", "!=", False),
            order="id",
        )

    def _return_batch(self, customer_ids, today):
        """Take back those of a batch that nobody holds locked and that are still due."""
        partners = self.env["res.partner"].sudo()  # sudo: the job acts for the pool
        free = partners.browse(customer_ids).try_lock_for_update(allow_referencing=True)
        free.invalidate_recordset()
        verdicts = self._evaluate(free.ids)
        due = free.filtered(lambda row: row.id in verdicts and is_due(verdicts[row.id], today))
        rules = {rule.id: rule._get_sentence() for rule in self.rule_ids}
        nobody = self.env["res.users"]
        for rule_id, customers in due.grouped(lambda row: verdicts[row.id].rule.id).items():
            customers._change_owner(nobody, "rule", rules.get(rule_id))
        return due

    def _remind_owners(self, today):
        """Leave the owner one activity per deadline, ``remind_days`` working days ahead."""
        if not self.remind_days:
            return
        grid = self.calendar_id._get_day_grid(today, self.company_id)
        horizon = grid.nth_working_day(today, self.remind_days)
        near = self._find_returning(
            Domain("crm_return_date", ">=", today) & Domain("crm_return_date", "<=", horizon)
        )
        customers = near.filtered(lambda row: row.crm_reminded_for != row.crm_return_date)
        customers._drop_return_reminders()
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                customer._prepare_reminder(self, customer._get_verdict(), today)
                for customer in customers
            ]
        )
        for deadline, rows in customers.grouped("crm_return_date").items():
            rows._mark_reminded(deadline)

    def _days_left(self, deadline, today):
        """Whole days until a deadline is over, the last day included."""
        return (deadline - today + timedelta(days=1)).days
