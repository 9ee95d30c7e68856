from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# The host merges at most three at once, the survivor among them.
SOURCES_AT_ONCE = 2


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merges customers without loss, and journals it, whoever starts the merge.

    The host's steps stay, and so does what other addons do in them; how rows are moved is ours.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def _check_may_merge(self):
        if not self._may_merge():
            raise AccessError(
                self.env._("You may not merge customers. Ask somebody who has the right to do it.")
            )

    def _may_merge(self):
        return self.env.su or self.env.user.has_group("crm_customers.group_merge")

    def action_merge(self):
        self._check_may_merge()
        return super().action_merge()

    def action_start_automatic_process(self):
        self._check_may_merge()
        return super().action_start_automatic_process()

    def action_update_all_process(self):
        self._check_may_merge()
        return super().action_update_all_process()

    def parent_migration_process_cb(self):
        self._check_may_merge()
        return super().parent_migration_process_cb()

    # ------------------------------------------------------------
    # The merge
    # ------------------------------------------------------------

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        too_many = len(partners) > SOURCES_AT_ONCE + 1 and not self._may_merge()
        if self._merge_log or len(partners) < 2 or too_many:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        survivor = dst_partner
        if not survivor or survivor not in partners:
            survivor = self._get_ordered_partner(partners.ids)[-1]
        self._lock_partners(partners)
        choices = self.env["crm.merge.choice"]._get_defaults(survivor, partners - survivor)
        self._merge_journalled(partners, survivor, choices, extra_checks and not self._may_merge())
        return None

    def _merge_customers(self, partners, survivor, choices):
        """Merge customers as somebody chose to, and return the journal.

        :param partners: ``res.partner``, the survivor among them
        :param dict choices: ``{field: id of the partner whose value stays, or "all"}``
        :return: ``crm.merge.log``
        """
        self._check_may_merge()
        self._lock_partners(partners)
        if partners.exists() != partners or len(partners) < 2 or survivor not in partners:
            raise UserError(
                self.env._(
                    "Somebody else merged or deleted some of these customers a moment ago. Search"
                    " for them again."
                )
            )
        partners.check_access("read")
        partners.check_access("write")
        defaults = self.env["crm.merge.choice"]._get_defaults(survivor, partners - survivor)
        return self._merge_journalled(partners, survivor, {**defaults, **choices}, False)

    def _merge_journalled(self, partners, survivor, choices, extra_checks):
        """Merge locked customers in the host's steps, with a journal around them."""
        sources = partners - survivor
        problems = self.env["crm.merge.rules"]._list_problems(survivor, sources)
        if problems:
            raise UserError("\n".join(problems))
        chosen = self.env["crm.merge.choice"]
        values, lists = chosen._read_values(survivor, partners, choices)
        # sudo: the journal is written by merging and undoing alone
        log = self.env["crm.merge.log"].sudo()._open(survivor, sources)
        self._forget_duplicate_keys(sources)
        # sudo: one of them may belong to a company of others
        if survivor.company_id and not all(source.company_id for source in sources.sudo()):
            survivor.sudo().company_id = False  # sudo: as above
        chosen._prepare(log, survivor, sources, lists)
        merge = self.with_context(crm_merge_log=log.id)
        for start in range(0, len(sources), SOURCES_AT_ONCE):
            some = sources[start : start + SOURCES_AT_ONCE]
            merge._merge((survivor | some).ids, survivor, extra_checks)
        chosen._apply(log, survivor, values, lists)
        self._sync_contacts(survivor)
        # sudo: figures and keys are the product's own
        refresh = self.env["crm.merge.refresh"].sudo()
        refresh._refresh_partners(survivor)
        # sudo: as above
        self.env["crm.dup.key"].sudo()._refresh(survivor)
        log._finish(sources)
        return log.sudo(False)

    def _sync_contacts(self, survivor):
        """Give contacts that moved what all contacts of a customer share with it."""
        # sudo: contacts move whoever may see them
        survivor = survivor.sudo().with_context(active_test=False)
        contacts = survivor.child_ids.filtered(lambda child: not child.is_company)
        if contacts:
            survivor._commercial_sync_to_descendants()
            contacts._company_dependent_commercial_sync()

    def _lock_partners(self, partners):
        """Let one session at a time merge a customer, in the order of ids."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
                partners.ids,
            )
        )
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # The host's steps
    # ------------------------------------------------------------

    @property
    def _merge_log(self):
        # sudo: as above
        return self.env["crm.merge.log"].sudo().browse(self.env.context.get("crm_merge_log"))

    def _merge_bank_accounts(self, src_partners, dst_partner):
        # accounts are rows like others: the same number twice is a clash, and journalled
        if self._merge_log:
            src_partners = src_partners.browse()
        return super()._merge_bank_accounts(src_partners, dst_partner)

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        if self._merge_log:
            self._fold_duplicate_pairs(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _update_foreign_keys_generic(self, model, src_records, dst_record):
        log = self._merge_log
        if model != "res.partner" or not log:
            return super()._update_foreign_keys_generic(model, src_records, dst_record)
        self.env.flush_all()
        # sudo: every row moves, whoever may see it
        moved = (
            self.env["crm.merge.mover"]
            .sudo()
            ._repoint(log, model, dict.fromkeys(src_records.ids, dst_record.id))
        )
        # sudo: as above
        self.env["crm.merge.refresh"].sudo()._refresh(moved)
        self.env.registry.clear_cache()
        return None

    @api.model
    def _update_reference_fields_generic(
        self, referenced_model, src_records, dst_record, additional_update_records=None
    ):
        if referenced_model == "res.partner" and self._merge_log:
            # all references were moved together; the values per company are left
            self._complete_values_per_company(src_records, dst_record)
            return None
        return super()._update_reference_fields_generic(
            referenced_model, src_records, dst_record, additional_update_records
        )

    @api.model
    def _update_values(self, src_partners, dst_partner):
        if not self._merge_log:
            return super()._update_values(src_partners, dst_partner)
        # sudo: what the user may not see is not lost because of that; writing was checked
        wizard, sources, survivor = self.sudo(), src_partners.sudo(), dst_partner.sudo()
        result = super(BasePartnerMergeAutomaticWizard, wizard)._update_values(sources, survivor)
        self._complete_computed_values(sources, survivor)
        return result

    # ------------------------------------------------------------
    # Values the host leaves behind
    # ------------------------------------------------------------

    def _complete_values_per_company(self, sources, survivor):
        """Fill what the survivor has no value for, company by company and property by property."""
        self.env.flush_all()
        names = [
            field.name
            for field in survivor._fields.values()
            if field.store and (field.company_dependent or field.type == "properties")
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner p SET %s FROM (SELECT %s FROM res_partner WHERE id = ANY(%s)) s"
                " WHERE p.id = %s",
                SQL(", ").join(
                    SQL(
                        "%(column)s = COALESCE(s.%(column)s || jsonb_strip_nulls(p.%(column)s),"
                        " p.%(column)s, s.%(column)s)",
                        column=SQL.identifier(name),
                    )
                    for name in names
                ),
                SQL(", ").join(
                    SQL(
                        "(SELECT jsonb_object_agg(one.key, one.value ORDER BY o.id DESC)"
                        "   FROM res_partner o, jsonb_each(o.%(column)s) one"
                        "  WHERE o.id = ANY(%(ids)s) AND one.value <> 'null') AS %(column)s",
                        column=SQL.identifier(name),
                        ids=sources.ids,
                    )
                    for name in names
                ),
                sources.ids[:1],
                survivor.id,
            )
        )
        self.env.invalidate_all()

    def _complete_computed_values(self, sources, survivor):
        """Fill editable computed fields that the survivor has no value for; the host skips them."""
        values = {}
        for name in self.env["crm.merge.choice"]._get_computed_names():
            if not survivor[name]:
                value = next((one[name] for one in sources if one[name]), None)
                if value:
                    field = survivor._fields[name]
                    values[name] = field.convert_to_write(value, survivor)
        if "user_id" in values:
            values["crm_owner_how"] = "edit"
        if values:
            survivor.write(values)
        last = max(filter(None, (survivor | sources).mapped("crm_last_followup")), default=False)
        if last and last != survivor.crm_last_followup:
            survivor.crm_last_followup = last

    # ------------------------------------------------------------
    # Duplicates
    # ------------------------------------------------------------

    def _forget_duplicate_keys(self, partners):
        """Free the keys of those who go, so that they refuse nothing the survivor takes over."""
        ids = partners.ids
        self.env.cr.execute(SQL("DELETE FROM crm_dup_key WHERE partner_id = ANY(%s)", ids))
        self.env.cr.execute(SQL("DELETE FROM crm_dup_queue WHERE partner_id = ANY(%s)", ids))

    def _fold_duplicate_pairs(self, sources, survivor):
        """Let the survivor take over the pairs of those who go, each other customer once.

        A pair that somebody decided about stays before one that is open.
        """
        log = self._merge_log
        # sudo: pairs are the product's own
        mover = self.env["crm.merge.mover"].sudo()
        self.env["crm.dup.pair"].flush_model()
        ids = sources.ids
        both = [*ids, survivor.id]
        mover._delete_where(
            log,
            "crm_dup_pair",
            SQL(
                """
                id IN (
                    SELECT id FROM (
                        SELECT id, itself, touched, row_number() OVER (
                            PARTITION BY other ORDER BY (state = 'open'), touched, id
                        ) AS place FROM (
                            SELECT id, state,
                                   partner_id = ANY(%(both)s) AND other_id = ANY(%(both)s)
                                       AS itself,
                                   partner_id = ANY(%(ids)s) OR other_id = ANY(%(ids)s) AS touched,
                                   CASE WHEN partner_id = ANY(%(both)s) THEN other_id
                                        ELSE partner_id END AS other
                              FROM crm_dup_pair
                             WHERE partner_id = ANY(%(both)s) OR other_id = ANY(%(both)s)
                        ) pairs
                    ) ranked WHERE itself OR touched OR place > 1
                )
                """,
                both=both,
                ids=ids,
            ),
            "crm.dup.pair",
        )
        self.env.cr.execute(
            SQL(
                """
                WITH added AS (
                    INSERT INTO crm_dup_pair (
                        partner_id, other_id, state, level, score, reasons, rule_id, found_date,
                        decided_uid, decided_date
                    )
                    SELECT DISTINCT ON (other)
                           LEAST(%(survivor)s, other), GREATEST(%(survivor)s, other),
                           r.state, r.level, r.score, r.reasons, r.rule_id, r.found_date,
                           r.decided_uid, r.decided_date
                      FROM crm_merge_log_line l,
                           jsonb_populate_recordset(NULL::crm_dup_pair, l.rows) r,
                           LATERAL (SELECT CASE WHEN r.partner_id = ANY(%(both)s) THEN r.other_id
                                                ELSE r.partner_id END AS other) o
                     WHERE l.id = (
                               SELECT max(id) FROM crm_merge_log_line
                                WHERE log_id = %(log)s AND table_name = 'crm_dup_pair'
                                  AND kind = 'delete')
                       AND NOT (other = ANY(%(both)s))
                       AND NOT EXISTS (
                            SELECT 1 FROM crm_dup_pair p
                             WHERE p.partner_id = LEAST(%(survivor)s, other)
                               AND p.other_id = GREATEST(%(survivor)s, other))
                     ORDER BY other, (r.state = 'open'), r.id
                 RETURNING id
                )
                INSERT INTO crm_merge_log_line (
                    log_id, kind, model, table_name, key_name, count, moves
                )
                SELECT %(log)s, 'insert', 'crm.dup.pair', 'crm_dup_pair', 'id', count(*),
                       jsonb_build_array(jsonb_build_array(NULL, NULL, jsonb_agg(id)))
                  FROM added HAVING count(*) > 0
                """,
                survivor=survivor.id,
                both=both,
                log=log.id,
            )
        )
        self.env["crm.dup.pair"].invalidate_model()
