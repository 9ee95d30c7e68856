from odoo import api, models
from odoo.tools import format_date

SOFTWARE_TYPES = ("development", "implementation", "license")


class ReportCrmContract(models.AbstractModel):
    """Sentences of the printed contract, with the contract's own numbers filled in.

    They are written here and not in the template, so that translators see whole sentences.
    """

    _name = "report.crm_sales.report_crm_contract"
    _description = "Printed Contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the contracts and, per contract, its clauses in the customer's language."""
        contracts = self.env["crm.contract"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": "crm.contract",
            "docs": contracts,
            "clauses": {
                contract.id: self._get_clauses(
                    contract.with_context(lang=contract.partner_id.lang or self.env.lang)
                )
                for contract in contracts
            },
        }

    def _get_clauses(self, contract):
        """Return ``{section: sentence}`` of a contract; an empty section is not printed."""
        return {
            "subject": self._get_subject_clause(contract),
            "term": self._get_term_clause(contract),
            "price": self._get_price_clause(contract),
            "acceptance": self._get_acceptance_clause(contract),
            "service": self._get_service_clause(contract),
            "rights": self._get_rights_clause(contract),
            "confidentiality": self._get_confidentiality_clause(contract),
        }

    def _get_subject_clause(self, contract):
        types = dict(contract._fields["contract_type"]._description_selection(contract.env))
        text = contract.env._(
            "Party A entrusts Party B with “%(subject)s” (%(type)s), and Party B accepts.",
            subject=contract.subject,
            type=types[contract.contract_type],
        )
        if contract.contract_type not in SOFTWARE_TYPES:
            return text
        return f"{text} " + contract.env._(
            "The work comprises development, delivery, installation, configuration, training and"
            " the service agreed below."
        )

    def _get_term_clause(self, contract):
        start, end = (
            date and format_date(contract.env, date)
            for date in (contract.date_start, contract.date_end)
        )
        if start and end:
            return contract.env._(
                "The contract runs from %(start)s to %(end)s.", start=start, end=end
            )
        if start:
            return contract.env._("The contract runs from %(start)s.", start=start)
        return ""

    def _get_price_clause(self, contract):
        text = contract.env._(
            "The price is %(amount)s (in words: %(capitals)s), taxes included, payable in"
            " %(currency)s.",
            amount=contract.currency_id.format(contract.amount_total),
            capitals=contract.amount_capitals,
            currency=contract.currency_id.name,
        )
        if not contract.payment_terms_note:
            return text
        return f"{text} " + contract.env._(
            "Payment method: %(method)s.", method=contract.payment_terms_note
        )

    def _get_acceptance_clause(self, contract):
        return contract.env._(
            "Party A inspects within %(inspection)s working days after delivery and hands in its"
            " comments in writing. Party B rectifies each defect within %(rectification)s working"
            " days. The acceptance report is signed within %(acceptance)s working days after all"
            " defects are rectified.",
            inspection=contract.inspection_days,
            rectification=contract.rectify_days,
            acceptance=contract.acceptance_days,
        )

    def _get_service_clause(self, contract):
        if contract.contract_type not in (*SOFTWARE_TYPES, "maintenance"):
            return ""
        promise = contract._get_service_promise()
        hours = self._get_hours_sentence(contract, promise)
        times = self._get_times_sentence(contract, promise)
        return f"{hours} {times}".strip()

    def _get_hours_sentence(self, contract, promise):
        if not promise.calendar:
            return contract.env._(
                "Support is given by telephone, e-mail or online around the clock, every day."
            )
        hours = promise.calendar.with_env(contract.env)._get_hours_text()
        if not hours:
            return contract.env._(
                "Support is given by telephone, e-mail or online on working days."
            )
        return contract.env._(
            "Support is given by telephone, e-mail or online on working days, %(hours)s (time zone"
            " %(tz)s).",
            hours=hours,
            tz=promise.calendar.tz,
        )

    def _get_times_sentence(self, contract, promise):
        if not promise.response and not promise.resolution:
            return ""
        times = {"response": promise.response / 60, "resolution": promise.resolution / 60}
        words = {name: f"{hours:.2f}".rstrip("0").rstrip(".") for name, hours in times.items()}
        if not promise.resolution:
            return contract.env._(
                "Party B responds within %(response)s service hours after a fault is reported.",
                response=words["response"],
            )
        if not promise.response:
            return contract.env._(
                "Party B solves ordinary problems within %(resolution)s service hours.",
                resolution=words["resolution"],
            )
        return contract.env._(
            "Party B responds within %(response)s service hours after a fault is reported and"
            " solves ordinary problems within %(resolution)s service hours.",
            **words,
        )

    def _get_rights_clause(self, contract):
        if contract.contract_type not in SOFTWARE_TYPES:
            return ""
        sentences = [
            contract.env._(
                "The rights in the software belong to Party B. Party A may use it within the"
                " agreed scope and term."
            )
        ]
        if contract.licence_scope:
            sentences.append(contract.env._("Scope: %(scope)s.", scope=contract.licence_scope))
        if contract.licence_users:
            sentences.append(
                contract.env._("Number of users: %(users)s.", users=contract.licence_users)
            )
        if contract.licence_end:
            end = format_date(contract.env, contract.licence_end)
            sentences.append(contract.env._("Term of use: until %(date)s.", date=end))
        return " ".join(sentences)

    def _get_confidentiality_clause(self, contract):
        if contract.confidentiality_years:
            return contract.env._(
                "Each party keeps the other's business and technical information secret, during"
                " the contract and for %(years)s years after its end.",
                years=contract.confidentiality_years,
            )
        return contract.env._(
            "Each party keeps the other's business and technical information secret during the"
            " contract."
        )
