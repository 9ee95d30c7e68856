import json
from dataclasses import asdict

from odoo import models

from ..tools.matching.cards import RULE_KINDS, Card
from ..tools.matching.evidence import POSSIBLE, SURE, judge_pairs
from .res_partner_duplicate import strictest

# So many customers that a row resembles are named.
NAMED = 3


class CrmImportLog(models.Model):
    """Looks through rows as if they came in: the host's checks, our rules, duplicates.

    The rows are really imported and that is undone, so that nothing but what there is to say
    stays. Rows of earlier steps are not there any more: they are compared as cards.
    """

    _inherit = "crm.import.log"

    def _try_sheet(self, profile, sheet):
        """Import rows, look for duplicates of the new ones, and undo all of it.

        :return: ``{row number: what crm.import.row is told of the row's duplicates}``
        """
        savepoint = self.env.cr.savepoint()
        try:
            profile.with_context(crm_import_trial=True)._import_sheet(sheet)
            return self._find_duplicates(profile, sheet)
        finally:
            savepoint.close(rollback=True)
            # Caches may hold ids of records that are no more; other processes need not know.
            self.pool.clear_all_caches()
            self.pool.reset_changes()

    def _find_duplicates(self, profile, sheet):
        """Return what the new rows resemble, among the customers and in the file."""
        by_id = {row.record_id: row for row in sheet.good if row.outcome == "created"}
        if not by_id or self.res_model != "res.partner":
            return {}
        cards = self.env["crm.dup.key"]._read_cards(by_id)
        keys = {
            partner_id: [f"{kind}:{key}" for kind, key in card.list_keys() if kind in RULE_KINDS]
            for partner_id, card in cards.items()
        }
        told = {row.number: [] for row in by_id.values()}
        self._compare_with_customers(profile, by_id, cards, told)
        self._compare_with_file(profile, by_id, cards, keys, told)
        found = {}
        for partner_id, row in by_id.items():
            worst = sorted(told[row.number], reverse=True)[:NAMED]
            found[row.number] = {
                "duplicate_level": ("sure" if worst[0][0] >= SURE else "possible")
                if worst
                else None,
                "duplicate_text": " ".join(text for _bits, text in worst) or None,
            }
            if partner_id in cards and not row.refused:
                found[row.number] |= {"keys": keys[partner_id], "card": asdict(cards[partner_id])}
        return found

    def _compare_with_customers(self, profile, by_id, cards, told):
        """Judge the rows by the evidence that a scan would weigh; who else it is is revealed."""
        scan = self.env["crm.dup.scan"]
        pairs = [
            # Of two new ones the later is the doubtful one.
            (one, other, bits, reasons) if one in by_id and other not in by_id
            else (other, one, bits, reasons)
            for one, other, bits, reasons, _rule in scan._find_pairs(
                self.env["res.partner"].browse(by_id), cards
            )
        ]  # fmt: skip
        revealed = profile.env["res.partner"]._reveal([pair[1] for pair in pairs])
        words = profile.env["crm.dup.pair"]._describe_reasons
        for (mine, other, bits, reasons), known in zip(pairs, revealed, strict=True):
            text = profile.env._(
                "“%(name)s” (owner: %(owner)s): %(reasons)s.",
                name=known["name"],
                owner=known["owner"],
                reasons=words(json.loads(reasons)),
            )
            if other in by_id:
                text = self._name_row(profile, by_id[other].number, known["name"], reasons)
            told[by_id[mine].number].append((bits, text))

    def _compare_with_file(self, profile, by_id, cards, keys, told):
        """Judge the rows against earlier ones of the file, and apply the rules between them."""
        wanted = {key for partner_id in cards for key in keys[partner_id]}
        earlier = self.env["crm.import.row"]._find_same(self, wanted)
        holders = {}
        for number, _label, _card, held in earlier:
            for key in held:
                holders.setdefault(key, []).append(number)
        known = {number: (label, Card(**card)) for number, label, card, _held in earlier}
        met = [
            (partner_id, number)
            for partner_id in cards
            for number in sorted({n for key in keys[partner_id] for n in holders.get(key, ())})
            if cards[partner_id].company == known[number][1].company
        ]
        judged = judge_pairs([(known[number][1], cards[mine]) for mine, number in met])
        rules = profile.env["crm.dup.rule"]._get_rules()
        for (mine, number), (bits, reasons) in zip(met, judged, strict=True):
            label, other = known[number]
            text = self._name_row(profile, number, label, reasons)
            rule = strictest(rules, cards[mine], other, set(RULE_KINDS))
            if rule and rule.action == "block":
                by_id[mine].refuse("duplicate", profile._import_key, used=text)
            if rule or bits >= POSSIBLE:
                told[by_id[mine].number].append((bits, text))

    def _name_row(self, profile, number, label, reasons):
        """Return the sentence about an earlier row of the file."""
        return profile.env._(
            "Row %(row)s of the file, “%(name)s”: %(reasons)s.",
            row=number,
            name=label,
            reasons=profile.env["crm.dup.pair"]._describe_reasons(json.loads(reasons)),
        )
