from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.matching.blocking import BLOCK_CAP
from ..tools.matching.evidence import POSSIBLE, as_columns, explain, judge
from .res_partner_duplicate import may_meet

# So many customers are scanned in one transaction.
STEP = 2000


class CrmDupScan(models.Model):
    """A scan of all customers for duplicates: how far it is and what it found.

    New and changed customers stand in a queue, so that a scan costs what changed. A step takes
    some of them, compares each with those who share a key, writes the pairs and commits; killed
    at any moment, the next run goes on with the rest of the queue.
    """

    _name = "crm.dup.scan"
    _description = "Duplicate Scan"
    _order = "id desc"

    state = fields.Selection(
        [("running", "Running"), ("done", "Done")], required=True, readonly=True, default="running"
    )
    user_id = fields.Many2one(
        "res.users", string="Started by", readonly=True, default=lambda self: self.env.uid
    )
    total = fields.Integer(string="Customers", readonly=True)
    done = fields.Integer(string="Scanned", readonly=True)
    pair_count = fields.Integer(string="New Pairs", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    finished = fields.Datetime(string="Finished on", readonly=True)

    @api.depends("done", "total", "state")
    def _compute_progress(self):
        for scan in self:
            scan.progress = 100.0 * scan.done / scan.total if scan.total else 100.0
            if scan.state == "done":
                scan.progress = 100.0

    @api.depends("create_date")
    def _compute_display_name(self):
        for scan in self:
            moment = scan.create_date and fields.Datetime.context_timestamp(scan, scan.create_date)
            scan.display_name = f"{moment:%Y-%m-%d %H:%M}" if moment else ""

    def action_start(self):
        """Scan all customers anew, in the background; return the window that shows the progress.

        A button above the list calls it, whatever rows are chosen there.
        """
        self.browse().check_access("create")
        # sudo: queue and scans are the product's own; who may start one was checked above
        scans = self.sudo()
        queue = scans.env["crm.dup.queue"]
        scan = scans.search([("state", "=", "running")], limit=1)
        added = queue._enqueue(everybody=True)
        if scan:
            scan.total += added
        else:
            scan = scans.create({"total": queue._count(), "user_id": self.env.uid})
        scans.env.ref("crm_customers.crm_dup_cron_scan")._trigger()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": scan.id,
            "views": [[False, "form"]],
        }

    def action_open_pairs(self):
        """Open the list of pairs to decide about."""
        return self.env["ir.actions.act_window"]._for_xml_id("crm_customers.crm_dup_pair_action")

    @api.model
    def _cron_scan(self):
        """Work off the queue, step by step, each committed by itself."""
        cron = self.env["ir.cron"]
        queue = self.env["crm.dup.queue"]
        left = float("inf")
        while left > 0:
            count = self._scan_step()
            if not count:
                break
            left = cron._commit_progress(count, remaining=queue._count())
        self._finish()

    @api.model
    def _finish(self):
        """Close the running scan when the queue is empty, and tell who started it."""
        scan = self.search([("state", "=", "running")], limit=1)
        if not scan or self.env["crm.dup.queue"]._count():
            return
        scan.write({"state": "done", "finished": fields.Datetime.now(), "total": scan.done})
        env = self.with_context(lang=scan.user_id.lang).env
        scan.user_id._bus_send(
            "simple_notification",
            {
                "type": "success",
                "message": env._(
                    "Scan for duplicates finished: %(count)s new pairs.", count=scan.pair_count
                ),
            },
        )

    @api.model
    def _scan_step(self, limit=STEP):
        """Scan the next customers of the queue.

        :return: how many it took; 0 when the queue is empty
        """
        # sudo: scans see all customers; who reads the pairs is a matter of their own rules
        system = self.sudo()
        partners = system.env["crm.dup.queue"]._take(limit)
        if not partners:
            return 0
        keys = system.env["crm.dup.key"]
        keys._refresh(partners - keys._get_known(partners), queue=False)
        cards = keys._read_cards(partners.ids)
        rows = system._find_pairs(partners, cards)
        system._drop_stale_pairs(partners, rows)
        found = system.env["crm.dup.pair"]._upsert(rows)
        scan = system.search([("state", "=", "running")], limit=1)
        if scan:
            scan.write({"done": scan.done + len(partners), "pair_count": scan.pair_count + found})
        return len(partners)

    @api.model
    def _find_pairs(self, partners, cards):
        """Return the rows of pairs of some customers with all others.

        :param dict cards: the cards of the customers
        :return: rows for `crm.dup.pair._upsert`
        """
        candidates = self._find_candidates(partners)
        strangers = {other for pair in candidates for other in pair} - cards.keys()
        cards = cards | self.env["crm.dup.key"]._read_cards(strangers)
        ids = list(cards)
        places = {partner_id: place for place, partner_id in enumerate(ids)}
        met = [
            (places[one], places[other])
            for one, other in candidates
            if one in cards and other in cards and may_meet(one, cards[one], other, cards[other])
        ]
        listed = list(cards.values())
        judgement = judge(listed, *as_columns(met), least=POSSIBLE)
        return [
            (
                ids[one],
                ids[other],
                float(judgement.bits[place]),
                explain(listed, judgement, place),
                None,
            )
            for place, (one, other) in enumerate(
                zip(judgement.first.tolist(), judgement.second.tolist(), strict=True)
            )
        ]

    @api.model
    def _find_candidates(self, partners):
        """Return pairs of ids, the lower first, that share a key which not too many have.

        Two who share a key with one of these customers, but are none of them, met before.
        """
        ids = partners.ids
        chosen = SQL("(a.id IN (SELECT unnest(%s)) OR b.id IN (SELECT unnest(%s)))", ids, ids)
        return self.env.execute_query(
            SQL(
                """
                WITH mine AS MATERIALIZED (
                    SELECT kind, key FROM crm_dup_key WHERE partner_id = ANY(%(partners)s)
                     GROUP BY kind, key
                ), holders AS MATERIALIZED (
                    SELECT k.kind, k.key, array_agg(k.partner_id) AS ids
                      FROM mine JOIN crm_dup_key k ON k.key = mine.key AND k.kind = mine.kind
                     GROUP BY k.kind, k.key
                    HAVING count(*) BETWEEN 2 AND %(cap)s
                )
                SELECT DISTINCT a.id, b.id
                  FROM holders, unnest(holders.ids) AS a(id), unnest(holders.ids) AS b(id)
                 WHERE a.id < b.id AND %(chosen)s
                """,
                partners=ids,
                cap=BLOCK_CAP,
                chosen=chosen,
            )
        )

    @api.model
    def _drop_stale_pairs(self, partners, rows):
        """Delete open pairs of these customers for which no evidence is left."""
        found = [(row[0], row[1]) for row in rows]
        lower, higher = map(list, zip(*found, strict=True)) if found else ([], [])
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_dup_pair p
                 WHERE p.state = 'open' AND p.rule_id IS NULL
                   AND (p.partner_id = ANY(%(partners)s) OR p.other_id = ANY(%(partners)s))
                   AND NOT EXISTS (
                    SELECT 1 FROM unnest(%(lower)s::int[], %(higher)s::int[]) AS f(one, other)
                     WHERE f.one = p.partner_id AND f.other = p.other_id
                 )
                """,
                partners=partners.ids,
                lower=lower,
                higher=higher,
            )
        )
        self.env["crm.dup.pair"].invalidate_model()
