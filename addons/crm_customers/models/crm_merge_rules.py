from odoo import api, models
from odoo.tools import SQL

MOST_AT_ONCE = 10


class CrmMergeRules(models.AbstractModel):
    """Says which customers cannot become one, and what a user should know before."""

    _name = "crm.merge.rules"
    _description = "What a Merge Cannot Do"

    @api.model
    def _list_problems(self, survivor, sources):
        """Return sentences that say why some customers cannot be merged; none: they can.

        :param survivor: ``res.partner`` that is to stay
        :param sources: ``res.partner`` that are to be merged into it
        """
        # sudo: what stands in the way does so whether or not the user may see it
        survivor, sources = survivor.sudo(), sources.sudo()
        partners = survivor | sources
        problems = []
        if len(partners) > MOST_AT_ONCE:
            problems.append(
                self.env._(
                    "At most %(count)s customers are merged at once. Merge the others afterwards.",
                    count=MOST_AT_ONCE,
                )
            )
        problems += self._list_family_problems(partners)
        users = partners.with_context(active_test=False).user_ids
        if len(users) > 1:
            problems.append(
                self.env._(
                    "Several of them have a login of their own (%(logins)s), archived ones"
                    " included. One person has one login: delete the other users first.",
                    logins=", ".join(users.mapped("login")),
                )
            )
        companies = partners.company_id
        if len(companies) > 1:
            problems.append(
                self.env._(
                    "They belong to different companies (%(companies)s), and documents of one"
                    " company cannot belong to a customer of another.",
                    companies=", ".join(companies.mapped("name")),
                )
            )
        problems += self._list_source_problems(sources)
        return problems

    @api.model
    def _list_family_problems(self, partners):
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE above AS (
                    SELECT id AS below, parent_id AS id FROM res_partner WHERE id = ANY(%(ids)s)
                     UNION
                    SELECT above.below, p.parent_id
                      FROM above JOIN res_partner p ON p.id = above.id
                )
                SELECT below, id FROM above WHERE id = ANY(%(ids)s) ORDER BY 1, 2
                """,
                ids=partners.ids,
            )
        )
        names = {partner.id: partner.name for partner in partners}
        return [
            self.env._(
                "“%(below)s” belongs to “%(above)s”. A customer is not merged with its own contact"
                " or subsidiary: take one out of the other first.",
                below=names[below],
                above=names[above],
            )
            for below, above in rows
        ]

    @api.model
    def _list_source_problems(self, sources):
        problems = []
        # sudo: as above
        own = self.env["res.company"].sudo().search([("partner_id", "in", sources.ids)])
        if own:
            problems.append(
                self.env._(
                    "%(names)s is our own company. Let it be the one that stays.",
                    names=", ".join(own.mapped("name")),
                )
            )
        system = [
            self.env.ref(name, raise_if_not_found=False)
            for name in ("base.partner_root", "base.public_partner")
        ]
        problems += [
            self.env._(
                "“%(name)s” is needed by the system and cannot be merged away.", name=partner.name
            )
            for partner in system
            if partner and partner in sources
        ]
        hashed = self.env.execute_query(
            SQL(
                "SELECT DISTINCT l.partner_id FROM account_move_line l"
                " JOIN account_move m ON m.id = l.move_id"
                " WHERE l.partner_id = ANY(%s) AND m.inalterable_hash IS NOT NULL",
                sources.ids,
            )
        )
        if hashed:
            problems.append(
                self.env._(
                    "%(names)s has journal entries that are sealed by their hash, which covers the"
                    " customer. Let it be the one that stays.",
                    names=", ".join(sources.browse(row[0] for row in hashed).mapped("name")),
                )
            )
        return problems

    @api.model
    def _list_warnings(self, survivor, sources):
        """Return sentences about what is allowed, but should be looked at twice."""
        survivor, sources = survivor.sudo(), sources.sudo()  # sudo: as for the problems
        partners = survivor | sources
        warnings = []
        if len(set(partners.mapped("is_company"))) > 1:
            warnings.append(
                self.env._("Some of them are companies, others are persons. Are they really one?")
            )
        numbers = {partner.vat.strip().upper() for partner in partners if partner.vat}
        if len(numbers) > 1:
            warnings.append(
                self.env._(
                    "They have different tax numbers (%(numbers)s), so they are probably different"
                    " companies before the law.",
                    numbers=", ".join(sorted(numbers)),
                )
            )
        if sources.user_ids:
            warnings.append(
                self.env._(
                    "The login %(logins)s will belong to “%(survivor)s”, who then sees in the"
                    " portal what both could see.",
                    logins=", ".join(sources.user_ids.mapped("login")),
                    survivor=survivor.name,
                )
            )
        if survivor.company_id and not all(source.company_id for source in sources):
            warnings.append(
                self.env._(
                    "“%(survivor)s” will be shared by all companies, as one of the others is.",
                    survivor=survivor.name,
                )
            )
        posted = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM account_move"
                " WHERE commercial_partner_id = ANY(%s) AND state = 'posted'",
                sources.commercial_partner_id.ids,
            )
        )[0][0]
        if posted and any(source.commercial_partner_id == source for source in sources):
            warnings.append(
                self.env._(
                    "%(count)s posted journal entries change their customer. Amounts and numbers"
                    " stay; documents already sent or printed name the former customer.",
                    count=posted,
                )
            )
        return warnings
