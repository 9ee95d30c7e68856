from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.matching.evidence import SURE, judge_pairs

STATES = [("open", "To Decide"), ("different", "Not Duplicates")]
LEVELS = [("sure", "Sure"), ("possible", "Possible")]


class CrmDupPair(models.Model):
    """Two customers that may be one, with the evidence, and what somebody decided about them.

    The lower id stands first. Pairs are written by rules and scans alone; a pair that was called
    different stays so, however often it is found again.
    """

    _name = "crm.dup.pair"
    _description = "Possible Duplicates"
    _order = "state, score desc, id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    other_id = fields.Many2one(
        "res.partner",
        string="Same As",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="open", index=True)
    level = fields.Selection(LEVELS, required=True, readonly=True)
    score = fields.Float(
        string="Evidence",
        readonly=True,
        digits=(6, 1),
        help="In bits: each one makes it twice as likely that the two are one customer.",
    )
    reasons = fields.Json(readonly=True)
    reason_text = fields.Char(string="Because", compute="_compute_reason_text")
    rule_id = fields.Many2one("crm.dup.rule", readonly=True, ondelete="set null")
    found_date = fields.Datetime(string="Found on", readonly=True)
    decided_uid = fields.Many2one("res.users", string="Decided by", readonly=True)
    decided_date = fields.Datetime(string="Decided on", readonly=True)
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)

    @api.depends("partner_id", "other_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # sudo: who decides about pairs is told the names of both
        for pair in self.sudo():
            pair.display_name = f"{pair.partner_id.name} / {pair.other_id.name}"

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for pair in self:
            pair.reason_text = self._describe_reasons(pair.reasons or ())

    @api.depends("partner_id", "other_id", "reasons")
    @api.depends_context("lang")
    def _compute_comparison(self):
        grades = {"same": "table-success", "similar": "table-warning", "different": "table-danger"}
        for pair in self:
            how = {field: grade for field, grade, _bits in pair.reasons or ()}
            rows = [
                Markup("<tr class='%s'><th>%s</th><td>%s</td><td>%s</td></tr>")
                % (grades.get(how.get(field), ""), label, one or "", other or "")
                for field, label, one, other in pair._get_compared_values()
                if one or other
            ]
            pair.comparison = Markup("<table class='table table-sm'>%s</table>") % Markup("").join(
                rows
            )

    def action_merge(self):
        """Open the merge of the two customers."""
        self.ensure_one()
        return (self.partner_id | self.other_id).action_merge_customers()

    def action_mark_different(self):
        """Remember that these customers are not duplicates; rules and scans pass them over."""
        self._decide("different")

    def action_reopen(self):
        """Take back that these customers are not duplicates."""
        self._decide("open")

    def _decide(self, state):
        if not self.env.user.has_group("crm_customers.group_merge"):
            raise AccessError(
                self.env._(
                    "Only who may merge customers decides about duplicates. Ask one of them."
                )
            )
        self.check_access("read")
        # sudo: pairs are written through these decisions only
        self.sudo().write(
            {
                "state": state,
                "decided_uid": self.env.uid,
                "decided_date": fields.Datetime.now(),
            }
        )

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    @api.model
    def _get_field_names(self):
        """Return what each compared field is called in the user's language."""
        return {
            "name": self.env._("name"),
            "code": self.env._("credit code"),
            "vat": self.env._("tax number"),
            "identity": self.env._("identity number"),
            "birth": self.env._("date of birth"),
            "phone": self.env._("telephone number"),
            "email": self.env._("e-mail address"),
            "domain": self.env._("mail domain"),
            "street": self.env._("street"),
            "street2": self.env._("second line of the address"),
            "city": self.env._("city"),
            "zip": self.env._("postcode"),
            "state": self.env._("province"),
            "country": self.env._("country"),
            "region": self.env._("place in the name"),
            "forms": self.env._("legal form"),
            "house": self.env._("house number"),
            "numerals": self.env._("number in the name"),
        }

    @api.model
    def _name_fields(self, codes):
        """Return some compared fields as words: ``name and telephone number``."""
        names = self._get_field_names()
        return self.env._(" and ").join(names[code] for code in codes)

    @api.model
    def _describe_reasons(self, reasons):
        """Return ``[[field, how, bits], ...]`` as words: ``same name, similar street``."""
        texts = self._get_reason_texts()
        names = self._get_field_names()
        return self.env._(", ").join(
            texts[how] % {"field": names.get(field, field)} for field, how, _bits in reasons
        )

    @api.model
    def _get_reason_texts(self):
        return {
            "same": self.env._("same %(field)s"),
            "similar": self.env._("similar %(field)s"),
            "different": self.env._("different %(field)s"),
        }

    def _get_compared_values(self):
        """Return the lines of the comparison: field of the card, label, and both values."""
        self.ensure_one()
        partners = self.partner_id, self.other_id
        labels = partners[0].fields_get(COMPARED.values(), ["string"])
        columns = [self._get_shown_values(partner) for partner in partners]
        lines = [
            (code, labels[name]["string"], *(column.get(name) for column in columns))
            for code, name in COMPARED.items()
        ]
        owners = [column.get("owner") for column in columns]
        return [*lines, ("", self.env._("Owner"), *owners)] if any(owners) else lines

    def _get_shown_values(self, partner):
        """Return a customer's compared fields as texts; of a hidden one what may be revealed."""
        if not partner._filtered_access("read"):
            [known] = partner._reveal(partner.ids)
            return known
        return {
            name: partner._fields[name].convert_to_display_name(partner[name], partner)
            for name in COMPARED.values()
        }

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    @api.model
    def _get_decided(self, holders):
        """Return the pairs that were called different, as frozensets of two ids.

        :param dict holders: ``{partner_id or negative number: [partner_id, ...]}``
        """
        ids = {number for number in holders if number > 0}
        others = {other for found in holders.values() for other in found}
        if not ids or (not others - ids and len(ids) < 2):
            return set()
        self.flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id, other_id FROM crm_dup_pair WHERE state = 'different'"
                " AND partner_id = ANY(%(all)s) AND other_id = ANY(%(all)s)",
                all=list(ids | others),
            )
        )
        return {frozenset(row) for row in rows}

    @api.model
    def _list_hits(self, hits):
        """Put the pairs that rules found into the list.

        :param dict hits: ``{partner_id: [Hit, ...]}``
        """
        found = {
            (min(partner_id, hit.other_id), max(partner_id, hit.other_id)): hit
            for partner_id, partner_hits in hits.items()
            for hit in partner_hits
        }
        if not found:
            return
        judged = judge_pairs([(hit.card, hit.other) for hit in found.values()])
        self._upsert(
            [
                (*ids, bits, reasons, hit.rule.id)
                for (ids, hit), (bits, reasons) in zip(found.items(), judged, strict=True)
            ]
        )

    @api.model
    def _tell_apart(self, partner, other):
        """Remember that two records of one person are kept on purpose, so that nobody merges them.

        For what the product itself does; people decide with :meth:`action_mark_different`.
        """
        lower, higher = sorted((partner.id, other.id))
        self._upsert([(lower, higher, 0.0, "[]", None)])
        # sudo: pairs are written by the product alone
        pair = self.sudo().search([("partner_id", "=", lower), ("other_id", "=", higher)])
        pair.write(
            {
                "state": "different",
                "decided_uid": self.env.uid,
                "decided_date": fields.Datetime.now(),
            }
        )

    @api.model
    def _upsert(self, rows):
        """Insert pairs that are not listed and write the evidence of those that are open.

        :param rows: ``(lower id, higher id, bits, reasons, rule id or None)``
        :return: how many were new
        """
        if not rows:
            return 0
        self.flush_model()
        lower, higher, bits, reasons, rules = map(list, zip(*rows, strict=True))
        [[inserted]] = self.env.execute_query(
            SQL(
                """
                WITH found AS MATERIALIZED (
                    SELECT * FROM unnest(
                        %(lower)s::int[], %(higher)s::int[], %(bits)s::float8[],
                        %(reasons)s::jsonb[], %(rules)s::int[]
                    ) AS found(partner_id, other_id, score, reasons, rule_id)
                ), known AS (
                    UPDATE crm_dup_pair p
                       SET score = f.score, reasons = f.reasons,
                           level = CASE WHEN f.score >= %(sure)s THEN 'sure' ELSE 'possible' END,
                           rule_id = COALESCE(f.rule_id, p.rule_id)
                      FROM found f
                     WHERE p.partner_id = f.partner_id AND p.other_id = f.other_id
                       AND p.state = 'open'
                ), added AS (
                    INSERT INTO crm_dup_pair (
                        partner_id, other_id, score, reasons, rule_id, level, state, found_date
                    )
                    SELECT f.partner_id, f.other_id, f.score, f.reasons, f.rule_id,
                           CASE WHEN f.score >= %(sure)s THEN 'sure' ELSE 'possible' END,
                           'open', %(now)s
                      FROM found f
                     WHERE NOT EXISTS (
                        SELECT 1 FROM crm_dup_pair p
                         WHERE p.partner_id = f.partner_id AND p.other_id = f.other_id
                     )
                 RETURNING 1
                )
                SELECT count(*) FROM added
                """,
                lower=lower,
                higher=higher,
                bits=bits,
                reasons=reasons,
                rules=rules,
                sure=SURE,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()
        return inserted


COMPARED = {
    "name": "name",
    "vat": "vat",
    "identity": "crm_identity_number",
    "birth": "crm_birthdate",
    "phone": "phone",
    "email": "email",
    "domain": "website",
    "street": "street",
    "street2": "street2",
    "city": "city",
    "zip": "zip",
    "state": "state_id",
    "country": "country_id",
}
