import base64
import binascii
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_datetime, html2plaintext

from ..tools import seal
from .crm_service_acceptance import KIND_EVENTS


class CrmServiceAcceptance(models.Model):
    """Defects, signature and rejection: what the customer does with an acceptance."""

    _inherit = "crm.service.acceptance"

    def _check_under_inspection(self):
        self.ensure_one()
        if self.state not in ("submitted", "defects"):
            raise UserError(self.env._("This acceptance is not under inspection."))

    def _add_defect(self, values):
        """Record a defect as a ticket with its own deadline; the acceptance waits for it.

        :param dict values: subject, description, item and who found it
        :return: the ticket
        """
        self.ensure_one()
        self._check_under_inspection()
        # sudo: customers hand in defects without rights on tickets; the caller checked ownership
        return (
            self.env["crm.service.ticket"]
            .sudo()
            .create(
                {
                    "acceptance_id": self.id,
                    "contract_id": self.contract_id.id,
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "user_id": self.user_id.id,
                    **values,
                }
            )
        )

    def _follow_defects(self):
        """Bring the state in line with the defects: open ones must be verified before signing."""
        under = self.filtered(lambda one: one.state in ("submitted", "defects"))
        under.invalidate_recordset(["open_defect_count", "defect_count"])
        blocked = under.filtered("open_defect_count")
        blocked.filtered(lambda one: one.state == "submitted").state = "defects"
        (under - blocked).filtered(lambda one: one.state == "defects").state = "submitted"

    def _get_sign_obstacle(self):
        """Return why the acceptance cannot be signed now, or an empty string."""
        self.ensure_one()
        if self.state == "accepted":
            return self.env._("This acceptance is signed already.")
        if self.state == "defects":
            return self.env._("Defects are still open. Each must be verified before signing.")
        if self.state != "submitted":
            return self.env._("This acceptance is not under inspection.")
        if self.contract_id.state != "signed":
            return self.env._("The contract is not in force.")
        return ""

    def _sign(self, name, signature, ip_address):
        """Sign and seal the acceptance, and raise the contract's event, once.

        Of two sessions one wins the row; the other is told that it is being signed, or is retried
        by the host and finds it signed.

        :param str name: who signs, as he writes himself
        :param str signature: PNG or JPEG image in base64
        :param str ip_address: where the request came from
        :raises UserError: it cannot be signed (again), or name or signature is missing
        """
        self._lock()
        if obstacle := self._get_sign_obstacle():
            raise UserError(obstacle)
        name = (name or "").strip()
        if not name:
            raise UserError(self.env._("Enter your name before signing."))
        self.item_ids.filtered(lambda one: one.result == "pending").result = "passed"
        now = fields.Datetime.now()
        content = self._get_live_content() | {
            "signed_by": name,
            "signed_on": fields.Datetime.to_string(now),
            "signed_ip": ip_address or "",
            "signature_sha256": seal.bytes_fingerprint(self._decode_signature(signature)),
        }
        self.write(
            {
                "signature": signature,
                "signed_by": name,
                "signed_on": now,
                "signed_ip": ip_address,
                "signed_user_id": self.env.uid,
                "sealed_content": content,
                "content_hash": seal.fingerprint(content),
                "state": "accepted",
            }
        )
        _delivered, accepted = KIND_EVENTS[self.kind]
        today = fields.Date.context_today(self.with_context(tz=self._get_timezone_name()))
        # sudo: the customer's signature is the contract's event; he has no rights on it
        self.contract_id.sudo()._raise_event(accepted, today)
        self.message_post(
            body=self.env._(
                "Signed by %(name)s. Fingerprint: %(hash)s", name=name, hash=self.content_hash
            ),
            author_id=self.env.user.partner_id.id,
        )
        # sudo: the scheduler belongs to the system
        self.env.ref("crm_service.ir_cron_file_reports").sudo()._trigger()

    def _shift_inspection(self, days):
        """Move the inspection period by the days the contract stood still."""
        for acceptance in self.filtered(lambda one: one.state in ("submitted", "defects")):
            calendar = acceptance.contract_id.calendar_id
            until = calendar._plan_working_days(
                acceptance.inspection_until + timedelta(days=days),
                0,
                company=acceptance.company_id,
            )
            deadline = calendar._end_of_working_day(until, company=acceptance.company_id)
            acceptance.inspection_until = until
            acceptance.inspection_deadline = deadline.replace(tzinfo=None)

    def _lock(self):
        """Take the row, so that of two decisions about one acceptance only the first counts."""
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(self.env._("This acceptance is being signed right now.")) from error
        self.invalidate_recordset()

    def _decode_signature(self, signature):
        """Return the image's bytes, checked to be an image."""
        try:
            data = base64.b64decode(signature or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise UserError(self.env._("The signature could not be read. Sign again.")) from error
        if not data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
            raise UserError(self.env._("The signature is missing. Draw or type it, then send."))
        return data

    def _reject(self, reason):
        """Refuse the delivery as a whole; the next round inspects it again.

        :raises UserError: not under inspection, or no reason given
        """
        self._lock()
        self._check_under_inspection()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why you reject the delivery."))
        self.write({"state": "rejected", "reject_reason": reason})
        self.message_post(
            body=self.env._("Rejected: %(reason)s", reason=reason),
            subtype_xmlid="mail.mt_comment",
        )

    # -- what is sealed ---------------------------------------------------------------------

    def _get_content(self):
        """Return the content of the report: what was sealed, or what stands now."""
        self.ensure_one()
        return self.sealed_content or self._get_live_content()

    def _get_live_content(self):
        """Return everything a signature covers, as plain values."""
        self.ensure_one()
        contract = self.contract_id
        return {
            "number": self.name,
            "round": self.round_number,
            "kind": self.kind,
            "contract": contract.name,
            "subject": contract.subject,
            "customer": self.partner_id.name,
            "supplier": self.company_id.name,
            "delivered": fields.Date.to_string(self.date_delivered) or "",
            "inspection_until": fields.Date.to_string(self.inspection_until) or "",
            "scope": html2plaintext(self.note or ""),
            "items": [
                {
                    "name": item.name,
                    "criterion": item.criterion or "",
                    "result": item.result,
                    "remark": item.remark or "",
                }
                for item in self.item_ids
            ],
            "defects": [
                defect._get_defect_content()
                for defect in self.defect_ids.sorted("id")
                if defect.kind != "cancelled"
            ],
        }

    def _is_seal_intact(self):
        """Whether the sealed content, the fingerprint and the signature still fit together."""
        self.ensure_one()
        content = self.sealed_content
        if not content:
            return False
        image = base64.b64decode(self.signature or b"")
        return (
            seal.fingerprint(content) == self.content_hash
            and content["signature_sha256"] == seal.bytes_fingerprint(image)
            and content["signed_by"] == self.signed_by
        )

    # -- words for the report and the portal ---------------------------------------------------

    def _get_label(self, name, value):
        """Return the word for a plain value of the content, in the reader's language."""
        field = (
            self.env["crm.service.acceptance.item"]._fields["result"]
            if name == "result"
            else self._fields[name]
        )
        return dict(field._description_selection(self.env)).get(value, value)

    def _get_timezone_name(self):
        self.ensure_one()
        # sudo: a calendar's time zone is the same for everybody
        return self.sudo().contract_id.calendar_id.tz or "UTC"

    def _get_local_text(self, text):
        """Return a UTC time of the content in the zone of the contract's calendar."""
        if not text:
            return ""
        moment = fields.Datetime.to_datetime(text)
        return format_datetime(
            self.env, moment, tz=self._get_timezone_name(), dt_format="yyyy-MM-dd HH:mm"
        )

    # -- documents ----------------------------------------------------------------------------

    @api.model
    def _cron_file_reports(self):
        """File the printed report of signed acceptances and mail it to those who follow them.

        The signature itself never waits for the printing tool. One acceptance a transaction, so a
        run that is killed goes on with the next.
        """
        signed = self.search([("state", "=", "accepted"), ("report_id", "=", False)])
        for acceptance in signed:
            if acceptance.try_lock_for_update() and not acceptance.report_id:
                acceptance._file_report()
            self.env["ir.cron"]._commit_progress(1)

    def _file_report(self):
        """Print the report from the sealed content and post it."""
        self.ensure_one()
        pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "crm_service.crm_service_acceptance_action_report", self.ids
        )
        message = self.message_post(
            body=self.env._("The signed acceptance report."),
            attachments=[(f"{self.name}.pdf", pdf)],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.company_id.partner_id.id,
        )
        self.report_id = message.attachment_ids[:1]

    def _invite_customer(self):
        """Tell the customer's signatory that the delivery can be inspected, in the portal."""
        self.ensure_one()
        signatory = self.contract_id.partner_signatory_id or self.partner_id
        if not signatory._filter_contactable("email", "service"):
            return
        self.message_subscribe(partner_ids=signatory.ids)
        self.message_post_with_source(
            self.env.ref("crm_service.mail_template_acceptance_submitted"),
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
        )
