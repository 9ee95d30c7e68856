from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from ..tools import commission


class CrmCommissionLine(models.Model):
    """Settling: what plans say about documents now, less what was settled for them before."""

    _inherit = "crm.commission.line"

    @api.model
    def _settle(self, keys):
        """Write the lines that make the commission of documents what the plans say.

        The number of queries depends neither on the documents nor on what was settled before.

        :param keys: document keys, see ``crm.sales.credit``; their credits are up to date
        :return: the new lines
        """
        plans = self.env["crm.commission.plan"].search([("state", "=", "running")])
        if not plans:
            return self.browse()
        expected = self._expect(keys, plans)
        deltas = self._compare(keys, expected)
        if not deltas:
            return self.browse()
        return self.create(self._prepare_lines(deltas))

    @api.model
    def _expect(self, keys, plans):
        """Return what should count: ``{(source, plan, seller, period): (base, snapshot)}``."""
        credits = self.env["crm.sales.credit"].search(
            [("doc_key", "in", keys), ("user_id", "!=", False)]
        )
        # What counts of a whole source, before it was shared out.
        wholes = defaultdict(float)
        for credit in credits:
            wholes[credit.source_key, credit.basis, False] += credit.amount
            wholes[credit.source_key, credit.basis, True] += credit.amount_taxed
        members = defaultdict(list)
        for member in plans.member_ids:
            plan = member.plan_id
            members[plan.company_id, plan.basis, member.user_id].append(member)
        expected = {}
        for credit in credits:
            for member in members[credit.company_id, credit.basis, credit.user_id]:
                plan = member.plan_id
                ended = plan.date_to and plan.date_to < credit.date
                if ended or credit.date < plan.date_from or not member._covers(credit.date):
                    continue
                base = credit.amount_taxed if plan.with_tax else credit.amount
                start = plan._get_period_start(credit.date)
                whole = wholes[credit.source_key, credit.basis, plan.with_tax]
                key = (credit.source_key, plan, credit.user_id, start)
                expected[key] = (base, self._prepare_snapshot(credit, whole))
        return expected

    @api.model
    def _prepare_snapshot(self, credit, whole):
        return {
            "doc_key": credit.doc_key,
            "date": credit.date,
            "document": credit.document,
            "payment_name": credit.payment_name,
            "percent": credit.percent,
            "document_amount": whole,
            "contract_id": credit.contract_id.id,
            "order_id": credit.order_id.id,
            "move_id": credit.move_id.id,
            "partial_id": credit.partial_id.id,
            "partner_id": credit.partner_id.id,
        }

    @api.model
    def _compare(self, keys, expected):
        """Return ``[(key, delta, snapshot, number)]`` in the order of the documents' days.

        What is not expected any more comes with the snapshot of its last line.
        """
        settled = self.search([("doc_key", "in", keys)], order="id")
        groups = settled.grouped(
            lambda line: (line.source_key, line.plan_id, line.user_id, line.period_start)
        )
        numbers = {
            key: max(lines.mapped("number"))
            for key, lines in settled.grouped(
                lambda line: (line.source_key, line.plan_id, line.user_id)
            ).items()
        }
        deltas, nothing = [], self.browse()
        for key in expected.keys() | groups.keys():
            lines = groups.get(key, nothing)
            base, snapshot = expected.get(key) or (0.0, lines[-1]._copy_snapshot())
            currency = key[1].currency_id
            delta = currency.round(base - sum(lines.mapped("base")))
            if not currency.is_zero(delta):
                deltas.append((key, delta, snapshot))
        deltas.sort(
            key=lambda row: (row[2]["date"], row[1] < 0, row[0][0], row[0][1].id, row[0][2].id)
        )
        numbered = []
        for key, delta, snapshot in deltas:
            numbers[key[:3]] = numbers.get(key[:3], 0) + 1
            numbered.append((key, delta, snapshot, numbers[key[:3]]))
        return numbered

    def _copy_snapshot(self):
        """Return what this line remembers of its document; the reconciliation may be gone."""
        self.ensure_one()
        return {
            "doc_key": self.doc_key,
            "date": self.date,
            "document": self.document,
            "payment_name": self.payment_name,
            "percent": self.percent,
            "document_amount": self.document_amount,
            "contract_id": self.contract_id.id,
            "order_id": self.order_id.id,
            "move_id": self.move_id.id,
            "partial_id": self.partial_id.id,
            "partner_id": self.partner_id.id,
        }

    @api.model
    def _prepare_lines(self, deltas):
        """Return the values of the lines, and carry the standings of their periods forward."""
        tallies = self._get_tallies({key[1:] for key, _d, _s, _n in deltas})
        statements = self.env["crm.commission.statement"]._get_open(
            {
                (plan.company_id, user, snapshot["date"])
                for (_source, plan, user, _start), _d, snapshot, _n in deltas
            }
        )
        rows, standing = [], {key: (row.base, row.amount) for key, row in tallies.items()}
        for key, delta, snapshot, number in deltas:
            source_key, plan, user, start = key
            before, earned = standing[key[1:]]
            digits = plan.currency_id.decimal_places
            amount = float(
                commission.step(before, delta, plan._get_tiers(), plan.mode, digits, plan.cap)
            )
            after = plan.currency_id.round(before + delta)
            standing[key[1:]] = (after, plan.currency_id.round(earned + amount))
            rows.append(
                {
                    **snapshot,
                    "statement_id": statements[plan.company_id, user, snapshot["date"]].id,
                    "company_id": plan.company_id.id,
                    "plan_id": plan.id,
                    "user_id": user.id,
                    "source_key": source_key,
                    "number": number,
                    "kind": self._get_kind(delta, number),
                    "base": delta,
                    "base_before": before,
                    "period_start": start,
                    "tiers": [[tier.threshold, tier.rate] for tier in plan.tier_ids],
                    "cap": plan.cap,
                    "mode": plan.mode,
                    "amount": amount,
                }
            )
        for key, (base, amount) in standing.items():
            tallies[key].base, tallies[key].amount = base, amount
        return rows

    @api.model
    def _get_kind(self, delta, number):
        if delta < 0:
            return "clawback"
        return "earned" if number == 1 else "adjusted"

    @api.model
    def _get_tallies(self, keys):
        """Return ``{(plan, seller, period): standing}``, making those that are missing."""
        tallies = self.env["crm.commission.tally"]
        wanted = Domain.OR(
            Domain("plan_id", "=", plan.id)
            & Domain("user_id", "=", user.id)
            & Domain("period_start", "=", start)
            for plan, user, start in keys
        )
        found = {
            (row.plan_id, row.user_id, row.period_start): row for row in tallies.search(wanted)
        }
        missing = sorted(keys - found.keys(), key=lambda key: (key[0].id, key[1].id, key[2]))
        fresh = tallies.create(
            [
                {"plan_id": plan.id, "user_id": user.id, "period_start": start}
                for plan, user, start in missing
            ]
        )
        return found | dict(zip(missing, fresh, strict=True))
