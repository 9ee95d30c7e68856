from collections import Counter

from odoo import api, models
from odoo.tools import SQL, email_normalize_all

from ..tools.privacy import address_patterns


class CrmPrivacyRun(models.AbstractModel):
    """The steps of an erasure, in sets; each notes how many rows it touched."""

    _name = "crm.privacy.run"
    _description = "Erasing Personal Data"

    @api.model
    def _run(self, persons, erasure, messages, attachments, names):
        """Erase, and return ``{(how, what): rows}``."""
        counts = Counter()
        addresses = self._collect(persons)
        self._drop_shared(persons, addresses, counts)
        settled = persons._filter_named_on_papers()
        sources = persons._crm_personal_data_sources()
        suppressed = self.env["crm.privacy.suppression"]._suppress(
            addresses["emails"], addresses["sanitized"]
        )
        counts["block", self.env._("Addresses that nothing is sent to")] += suppressed
        every = address_patterns(addresses["emails"], addresses["phones"], addresses["names"])
        self._erase_sources(sources, counts)
        self._erase_files(persons, every, counts)
        if messages:
            self._erase_messages(persons, erasure, attachments, counts)
        if attachments:
            mine = [("res_model", "=", "res.partner"), ("res_id", "in", persons.ids)]
            self._unlink_files(mine, counts)
        self._close_logins(persons, erasure, counts)
        self._empty_records(persons, settled, erasure, counts)
        # what is computed from the records is clean before texts are looked through
        self.env["crm.merge.refresh"]._refresh_partners(persons)
        self._sweep(persons, settled, erasure, addresses, names, counts)
        self.env["crm.dup.key"]._refresh(persons)
        self._delete("crm_dup_queue", SQL("partner_id = ANY(%s)", persons.ids))
        return counts

    # ------------------------------------------------------------
    # Addresses
    # ------------------------------------------------------------

    @api.model
    def _collect(self, persons):
        """Return all addresses and names that the persons have, or had.

        :return: dict of sets: ``emails``, ``phones`` (as written and in E.164), ``sanitized``
            (E.164), ``names``
        """
        found = {"email": set(), "phone": set(), "name": set()}
        for person in persons:
            found["email"].add(person.email)
            found["phone"].update((person.phone, person.phone_sanitized))
            found["name"].add(person.name)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT f.name, value
                  FROM mail_tracking_value v
                  JOIN mail_message m ON m.id = v.mail_message_id
                  JOIN ir_model_fields f ON f.id = v.field_id,
                       unnest(ARRAY[v.old_value_char, v.new_value_char]) value
                 WHERE m.model = 'res.partner' AND m.res_id = ANY(%(ids)s)
                   AND f.name IN ('email', 'phone', 'name')
                 UNION
                SELECT kind, r.snapshot->>kind
                  FROM crm_merge_former r, unnest(ARRAY['email', 'phone', 'name']) kind
                 WHERE r.survivor_id = ANY(%(ids)s)
                 UNION
                SELECT 'name', r.name FROM crm_merge_former r WHERE r.survivor_id = ANY(%(ids)s)
                """,
                ids=persons.ids,
            )
        )
        for name, value in rows:
            found[name].add(value)
        person = persons[:1]
        phones = {text for text in found["phone"] if text}
        sanitized = {person._phone_format(number=text, force_format="E164") for text in phones}
        sanitized.discard(False)
        sanitized.discard(None)
        return {
            "emails": {one for text in found["email"] if text for one in email_normalize_all(text)},
            "phones": phones | sanitized,
            "sanitized": sanitized,
            "names": {text for text in found["name"] if text and not text.startswith("[")},
        }

    @api.model
    def _drop_shared(self, persons, addresses, counts):
        """Leave out what other contacts have as well: it is not this person's alone."""
        wanted = (
            ("emails", "email_normalized", self.env._("Email address of other contacts as well")),
            ("sanitized", "phone_sanitized", self.env._("Telephone of other contacts as well")),
            ("names", "name", self.env._("Name of other contacts as well")),
        )
        shared = set()
        for kind, column, label in wanted:
            found = self._find_shared(persons, column, addresses[kind])
            counts["stay", label] += len(found)
            addresses[kind] -= found
            shared |= found
        person = persons[:1]
        addresses["phones"] = {
            text
            for text in addresses["phones"]
            if (person._phone_format(number=text, force_format="E164") or text) not in shared
        }

    @api.model
    def _find_shared(self, persons, column, texts):
        """Return which values of a column other contacts have."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT %(column)s FROM res_partner"
                " WHERE %(column)s = ANY(%(texts)s) AND id <> ALL(%(ids)s)",
                column=SQL.identifier(column),
                texts=list(texts),
                ids=persons.ids,
            )
        )
        return {text for (text,) in rows}

    # ------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------

    @api.model
    def _delete(self, table, condition):
        self.env.cr.execute(SQL("DELETE FROM %s WHERE %s", SQL.identifier(table), condition))
        return self.env.cr.rowcount

    @api.model
    def _erase_sources(self, sources, counts):
        """Delete or empty the rows that addons handed in; all are found before any goes."""
        found = [(source, self._find_rows(source)) for source in sources]
        self.env.flush_all()
        for source, records in found:
            if source.erase == "delete" and records:
                counts["delete", source.label] += self._delete_rows(records, counts)
            elif source.erase == "clear" and records:
                counts["clear", source.label] += self._clear_rows(records, source.clears)
        self.env.invalidate_all(flush=False)

    @api.model
    def _find_rows(self, source):
        return self.env[source.model].with_context(active_test=False).search(source.domain)

    @api.model
    def _delete_rows(self, records, counts):
        """Delete rows, their files and what was written on them; ledgers let nobody else do it."""
        name, ids = records._name, records.ids
        self._unlink_files([("res_model", "=", name), ("res_id", "in", ids)], counts)
        self._delete("mail_message", SQL("model = %s AND res_id = ANY(%s)", name, ids))
        return self._delete(records._table, SQL("id = ANY(%s)", ids))

    @api.model
    def _clear_rows(self, records, names):
        """Empty some columns of rows; return how many rows had anything in them."""
        columns = [SQL.identifier(name) for name in names]
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s) AND (%s)",
                SQL.identifier(records._table),
                SQL(", ").join(SQL("%s = NULL", column) for column in columns),
                records.ids,
                SQL(" OR ").join(SQL("%s IS NOT NULL", column) for column in columns),
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _erase_files(self, persons, patterns, counts):
        """Delete journals of merges and imports, keys of duplicates, followers and accounts."""
        ids = persons.ids
        journals = self.env._("Journals of merges")
        imports = self.env._("Rows of imported files")
        counts["delete", journals] += self._delete(
            "crm_merge_log",
            SQL(
                "survivor_id = ANY(%(ids)s) OR id IN (SELECT log_id FROM crm_merge_former"
                " WHERE survivor_id = ANY(%(ids)s) OR old_id = ANY(%(ids)s))",
                ids=ids,
            ),
        )
        keys = self._delete("crm_dup_key", SQL("partner_id = ANY(%s)", ids))
        keys += self._delete(
            "crm_dup_pair", SQL("partner_id = ANY(%s) OR other_id = ANY(%s)", ids, ids)
        )
        counts["delete", self.env._("Keys and pairs of duplicates")] += keys
        counts["delete", self.env._("Followers")] += self._delete(
            "mail_followers", SQL("partner_id = ANY(%s)", ids)
        )
        counts["delete", self.env._("Bank Accounts")] += self._delete(
            "res_partner_bank",
            SQL(
                "partner_id = ANY(%s)"
                " AND id NOT IN (SELECT partner_bank_id FROM account_move"
                "                 WHERE partner_bank_id IS NOT NULL)"
                " AND id NOT IN (SELECT partner_bank_id FROM account_payment"
                "                 WHERE partner_bank_id IS NOT NULL)"
                " AND id NOT IN (SELECT bank_account_id FROM account_journal"
                "                 WHERE bank_account_id IS NOT NULL)",
                ids,
            ),
        )
        stay = self.env["res.partner.bank"].search_count([("partner_id", "in", ids)])
        counts["stay", self.env._("Bank accounts that payments or invoices name")] += stay
        rows = SQL(
            "log_id IN (SELECT id FROM crm_import_log WHERE res_model = 'res.partner')"
            " AND record_id = ANY(%s)",
            ids,
        )
        counts["delete", imports] += self._delete("crm_import_row", rows)
        if patterns:
            pattern = "|".join(f"(?:{one})" for one in patterns)
            texts = "concat_ws(' ', key, label, finding_text, duplicate_text, cells, keys, card)"
            counts["delete", imports] += self._delete(
                "crm_import_row", SQL("%s ~* %s", SQL(texts), pattern)
            )
            texts = "concat_ws(' ', key, value, used_value, reason, cells)"
            counts["delete", imports] += self._delete(
                "crm_import_issue", SQL("%s ~* %s", SQL(texts), pattern)
            )

    @api.model
    def _erase_messages(self, persons, erasure, attachments, counts):
        """Delete what was written on the persons' records, empty what they wrote elsewhere."""
        ids = persons.ids
        here = SQL("model = 'res.partner' AND res_id = ANY(%s)", ids)
        theirs = SQL(
            "author_id = ANY(%s) AND NOT (model IS NOT DISTINCT FROM 'res.partner'"
            " AND res_id = ANY(%s))",
            ids,
            ids,
        )
        if attachments:
            rows = self.env.execute_query(
                SQL(
                    "SELECT r.attachment_id FROM message_attachment_rel r"
                    " JOIN mail_message m ON m.id = r.message_id WHERE (%s) OR (%s)",
                    here,
                    theirs,
                )
            )
            self._unlink_files([("id", "in", [row[0] for row in rows])], counts)
        counts["delete", self.env._("Mails and notes on the record")] += self._delete(
            "mail_message", here
        )
        body = f"<p>[{erasure.id}]</p>"
        self.env.cr.execute(
            SQL(
                "UPDATE mail_message SET body = %s, subject = NULL WHERE %s"
                " AND (body IS DISTINCT FROM %s OR subject IS NOT NULL)"
                " AND body !~ '^<p>\\[\\d+\\]</p>$'",
                body,
                theirs,
                body,
            )
        )
        counts["clear", self.env._("Messages the person wrote elsewhere")] += self.env.cr.rowcount

    @api.model
    def _unlink_files(self, domain, counts):
        """Delete attachments; their files go when nothing else uses them."""
        files = self.env["ir.attachment"].search([*domain, ("id", "!=", False)])
        kept = self.env["ir.attachment"]
        if files:
            kept = files.filtered(lambda one: one.res_model == "account.move")
        counts["delete", self.env._("Attachments")] += len(files - kept)
        (files - kept).unlink()

    @api.model
    def _close_logins(self, persons, erasure, counts):
        """Close portal logins; their name is a random one afterwards."""
        self.env.cr.execute(
            SQL(
                "UPDATE res_users SET active = FALSE, password = NULL, signature = NULL,"
                " login = 'erased-' || %s || '-' || id"
                " WHERE partner_id = ANY(%s) AND login NOT LIKE 'erased-%%'",
                erasure.id,
                persons.ids,
            )
        )
        counts["clear", self.env._("Portal logins")] += self.env.cr.rowcount

    @api.model
    def _empty_records(self, persons, settled, erasure, counts):
        """Empty the records themselves; what the company says of all its contacts stays there."""
        columns = self.env["res.partner"]._list_personal_columns()
        rest = SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in columns)
        filled = SQL(" OR ").join(SQL("%s IS NOT NULL", SQL.identifier(name)) for name in columns)
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET active = FALSE, crm_erased_date = now() AT TIME ZONE 'UTC',"
                " name = CASE WHEN id = ANY(%s) THEN name ELSE '[' || %s::text || ']' END, %s"
                " WHERE id = ANY(%s) AND (active OR %s)",
                settled.ids,
                erasure.id,
                rest,
                persons.ids,
                filled,
            )
        )
        counts["clear", self.env._("Records of the person")] += self.env.cr.rowcount
        counts["stay", self.env._("Name on posted invoices and contracts")] += len(settled)
        self._delete(
            "res_partner_res_partner_category_rel", SQL("partner_id = ANY(%s)", persons.ids)
        )
        pictures = [
            ("res_model", "=", "res.partner"),
            ("res_id", "in", persons.ids),
            ("res_field", "!=", False),
        ]
        self.env.invalidate_all(flush=False)
        self._unlink_files(pictures, counts)

    # ------------------------------------------------------------
    # Texts
    # ------------------------------------------------------------

    @api.model
    def _sweep(self, persons, settled, erasure, addresses, names, counts):
        """Replace addresses and names in all texts, but where the law wants them as they are."""
        kept, labels = {}, {}
        for rows in persons._crm_kept_rows():
            kept.setdefault(rows.table, []).append(rows.condition)
            labels[rows.table] = rows.label
        token = f"[{erasure.id}]"
        sweep = self.env["crm.privacy.sweep"]
        results = [
            sweep._replace(
                address_patterns(addresses["emails"], addresses["phones"], ()), token, kept
            )
        ]
        if names:
            if settled:
                numbers = ", ".join(map(str, settled.ids))
                kept = {**kept, "res_partner": [f"id IN ({numbers})"]}
            results.append(
                sweep._replace(
                    address_patterns((), (), addresses["names"]), token, kept, names=True
                )
            )
        tables = {model._table: model for model in self.env.values() if not model._abstract}
        for changed, stay in results:
            for table, count in changed.items():
                model = tables.get(table)
                label = self.env["ir.model"]._get(model._name).name if model is not None else table
                counts["replace", label] += count
            for table, count in stay.items():
                if table != "res_partner":
                    counts["stay", labels[table]] += count
