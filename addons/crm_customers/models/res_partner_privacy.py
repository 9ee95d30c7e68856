from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.privacy import KeptRows, PersonalDataSource


class ResPartner(models.Model):
    """What is known of a person, from all addons: for his export and for his erasure."""

    _inherit = "res.partner"

    crm_erased_date = fields.Datetime(string="Personal Data Erased on", readonly=True, copy=False)
    crm_suppressed_message = fields.Char(
        string="Blocked Address", compute="_compute_crm_suppressed_message"
    )

    @api.depends("email_normalized", "phone_sanitized")
    @api.depends_context("lang")
    def _compute_crm_suppressed_message(self):
        found = self.env["crm.privacy.suppression"]._find_suppressed(self._origin)
        for partner in self:
            moments = found.get(partner._origin.id, {}).values()
            partner.crm_suppressed_message = bool(moments) and self.env._(
                "The data of a person with this address was erased on %(date)s at that person's"
                " request. Nothing is sent to it; ask the privacy officer before you keep it.",
                date=fields.Datetime.context_timestamp(self, max(moments)).strftime("%Y-%m-%d"),
            )

    def _crm_personal_data_sources(self):
        """Hook: where personal data of these persons is. Extend with ``super()``.

        :return: list of :class:`~..tools.privacy.PersonalDataSource`
        """
        here = [("res_model", "=", "res.partner"), ("res_id", "in", self.ids)]
        mine = [("partner_id", "in", self.ids)]
        return [
            PersonalDataSource(
                "person",
                self.env._("Person"),
                "res.partner",
                [("id", "in", self.ids)],
                tuple(self._list_personal_fields()),
            ),
            PersonalDataSource(
                "consents",
                self.env._("Consents"),
                "crm.consent",
                mine,
                ("channel", "purpose", "state", "date", "evidence", "user_id"),
                "delete",
            ),
            PersonalDataSource(
                "activities",
                self.env._("Follow-ups and Activities"),
                "mail.activity",
                here,
                ("activity_type_id", "summary", "note", "feedback", "date_deadline", "date_done"),
                "delete",
            ),
            PersonalDataSource(
                "meetings",
                self.env._("Meetings"),
                "calendar.attendee",
                mine,
                ("event_id", "common_name", "state"),
                "delete",
            ),
            PersonalDataSource(
                "leads",
                self.env._("Leads and Opportunities"),
                "crm.lead",
                mine,
                ("name", "contact_name", "email_from", "phone", "create_date", "stage_id"),
            ),
            PersonalDataSource(
                "contracts",
                self.env._("Contracts"),
                "crm.contract",
                ["|", *mine, ("partner_signatory_id", "in", self.ids)],
                ("name", "subject", "date_signed", "state"),
            ),
            PersonalDataSource(
                "invoices",
                self.env._("Invoices"),
                "account.move",
                mine,
                ("name", "invoice_date", "amount_total", "currency_id", "state"),
            ),
            PersonalDataSource(
                "accounts",
                self.env._("Bank Accounts"),
                "res.partner.bank",
                mine,
                ("acc_number", "acc_holder_name", "bank_id"),
            ),
            PersonalDataSource(
                "titles",
                self.env._("Invoice Titles"),
                "crm.invoice.title",
                ["|", *mine, ("entity_id", "in", self.ids)],
                ("address", "phone", "email", "mobile", "invoice_kind"),
                "clear",
                ("address", "phone", "email", "mobile"),
            ),
            PersonalDataSource(
                "relations",
                self.env._("Relations"),
                "crm.relation",
                ["|", *mine, ("other_id", "in", self.ids)],
                ("partner_id", "type_id", "other_id", "date_from", "date_to", "note"),
                "delete",
            ),
            PersonalDataSource(
                "segments",
                self.env._("Segments"),
                "crm.segment.member",
                mine,
                ("segment_id",),
                "delete",
            ),
            PersonalDataSource(
                "owners",
                self.env._("Changes of Owner"),
                "crm.owner.log",
                mine,
                ("date", "from_user_id", "to_user_id", "how", "reason"),
                "clear",
                ("reason",),
            ),
            PersonalDataSource(
                "changes",
                self.env._("Changes Asked for"),
                "crm.change.request",
                mine,
                ("date", "field", "old_text", "new_text", "reason", "state"),
                "delete",
            ),
            PersonalDataSource(
                "merges",
                self.env._("Merged Records"),
                "crm.merge.former",
                [("survivor_id", "in", self.ids)],
                ("old_id", "name", "snapshot"),
            ),
        ]

    def _crm_kept_rows(self):
        """Hook: rows that accounting or contract law wants as they are. Extend with ``super()``.

        :return: list of :class:`~..tools.privacy.KeptRows`
        """
        invoices = self.env._("Posted journal entries: kept as accounting law demands")
        contracts = self.env._("Contracts in force or ended: kept as proof of what was agreed")
        return [
            KeptRows("account_move", "state <> 'draft'", invoices),
            KeptRows("account_move_line", "parent_state <> 'draft'", invoices),
            KeptRows("account_payment", "state NOT IN ('draft', 'canceled')", invoices),
            KeptRows("account_bank_statement_line", "TRUE", invoices),
            KeptRows(
                "ir_attachment",
                "res_model = 'account.move' AND res_id IN"
                " (SELECT id FROM account_move WHERE state <> 'draft')",
                invoices,
            ),
            KeptRows("crm_contract", "state <> 'draft'", contracts),
        ]

    @api.model
    def _list_personal_fields(self):
        """Return the fields of a contact that people fill with texts and days about a person."""
        own = {"lang", "tz", "name", "complete_name", "crm_code"}
        names = sorted(
            field.name
            for field in self._fields.values()
            if field.store
            and field.column_type
            and field.name not in own
            and not field.company_dependent
            and (
                (field.type in ("char", "text", "html") and not field.readonly)
                or field.name == "crm_birthdate"
            )
        )
        return ["name", *names]

    @api.model
    def _list_personal_columns(self):
        """Return the columns that an erasure empties, besides the name."""
        names = [name for name in self._list_personal_fields() if name != "name"]
        names += [
            field.name
            for field in self._fields.values()
            if field.store
            and field.column_type
            and (field.type == "properties" or (field.company_dependent and field.type == "char"))
        ]
        return names

    def _find_same_addresses(self):
        """Return other contacts with the email address or telephone number of these."""
        people = self._origin
        emails = [text for text in people.mapped("email_normalized") if text]
        phones = [text for text in people.mapped("phone_sanitized") if text]
        same = Domain("email_normalized", "in", emails) | Domain("phone_sanitized", "in", phones)
        everybody = self.with_context(active_test=False)
        return everybody.search(same & Domain("id", "not in", people.ids))

    def _check_erasable(self):
        """Refuse records that are no outside persons.

        :raises UserError: companies, colleagues, or none at all
        """
        if not self:
            raise UserError(self.env._("These records do not exist any more. Search again."))
        companies = self.filtered("is_company")
        if companies:
            raise UserError(
                self.env._(
                    "%(names)s: a company is no person. Erase its contacts one by one.",
                    names=", ".join(companies.mapped("name")),
                )
            )
        colleagues = self.filtered(lambda partner: any(not user.share for user in partner.user_ids))
        if colleagues:
            raise UserError(
                self.env._(
                    "%(names)s can log in as a colleague. Close the login first, and see to"
                    " personnel files elsewhere.",
                    names=", ".join(colleagues.mapped("name")),
                )
            )

    def _filter_named_on_papers(self):
        """Return the persons whose name posted invoices or contracts in force carry."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT own.id FROM unnest(%s::int[]) AS own(id)
                 WHERE EXISTS (SELECT 1 FROM account_move m
                                WHERE m.state = 'posted' AND m.move_type <> 'entry'
                                  AND own.id IN (m.partner_id, m.commercial_partner_id))
                    OR EXISTS (SELECT 1 FROM crm_contract c
                                WHERE c.state <> 'draft'
                                  AND own.id IN (c.partner_id, c.partner_signatory_id))
                """,
                self.ids,
            )
        )
        return self.browse([partner_id for (partner_id,) in rows])
