import logging

from psycopg2 import InterfaceError, OperationalError

from odoo import api, fields, models

from odoo.addons.crm_customers.tools.delivery import delivery_failures

from ..tools import mail_kind, mail_repair
from .crm_service_mail_log import TICKET

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    """The mail gateway, as service needs it: machines open nothing, and nothing gets lost.

    Every extension acts only on mail for tickets; other mail takes the host's way unchanged,
    except that a body in an unknown character set is mended instead of refused.
    """

    _inherit = "mail.thread"

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        """Process a mail as the host does; one for service that cannot be read is kept whole."""
        raw = getattr(message, "data", message)
        raw = raw.encode() if isinstance(raw, str) else bytes(raw)
        try:
            return super().message_process(
                model,
                mail_repair.without_nul(raw),
                custom_values=custom_values,
                save_original=save_original,
                strip_attachments=strip_attachments,
                thread_id=thread_id,
            )
        except mail_repair.UnreadableMailError as error:
            log = self.env["crm.service.mail.log"]
            parts = mail_kind.rough_headers(raw)
            if not log._is_for_service(parts, model):
                raise
            log._keep(raw, parts, "unreadable", str(error))
            return False

    @api.model
    def message_parse(self, message, save_original=False):
        """Parse as the host does, after mending what it and the standard library refuse.

        :raises UnreadableMailError: the message cannot be parsed even so
        """
        try:
            mail_kind.judge(message, delivery_failures(message))
            mail_repair.mend_charsets(message)
            values = super().message_parse(message, save_original=save_original)
            if not mail_repair.is_readable_date(values.get("date")):
                values["date"] = fields.Datetime.to_string(fields.Datetime.now())
            return values
        except (InterfaceError, OperationalError):
            raise
        except Exception as error:
            raise mail_repair.UnreadableMailError(str(error)) from error

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Route as the host does, then take automatic mail out of the ways to tickets."""
        routes = super().message_route(
            message, message_dict, model=model, thread_id=thread_id, custom_values=custom_values
        )
        return self.env["crm.service.mail.log"]._sort_routes(message, message_dict, routes, model)

    @api.model
    def _detect_loop_headers(self, msg_dict):
        """Keep what answers our own warning to a flooding sender, which the host drops."""
        ignored = super()._detect_loop_headers(msg_dict)
        log = self.env["crm.service.mail.log"]
        if ignored and log._is_for_service(msg_dict, None):
            log._keep(None, msg_dict, "automatic", "loop")
        return ignored

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Keep the mail of a flooding sender, which the host drops."""
        flooding = super()._detect_loop_sender(message, message_dict, routes)
        ours = [route for route in routes or () if route[0] == TICKET]
        if flooding and ours:
            self.env["crm.service.mail.log"]._keep(message, message_dict, "flood", False, ours)
        return flooding

    @api.model
    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        """Warn a flooding sender once, not for every mail: machines answer warnings."""
        if self.env["crm.service.mail.log"]._has_flooded(email_from):
            return None
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Deliver as the host does, note what became of it, and keep what failed.

        The host drops a mail fetched by IMAP whose delivery raises; here it is kept.
        """
        ours = [route for route in routes or () if route[0] == TICKET]
        if not ours:
            return super()._message_route_process(message, message_dict, routes)
        log = self.env["crm.service.mail.log"]
        seen = dict(message_dict)
        try:
            with self.env.cr.savepoint():
                thread_id = super()._message_route_process(message, message_dict, routes)
                log._note_delivery(message, seen, ours)
                return thread_id
        except (InterfaceError, OperationalError):
            # A collision is retried by the host; a broken connection is no fault of the mail.
            raise
        except Exception as error:  # whatever a mail breaks, it must not be lost
            _logger.info("Mail %s could not be delivered", seen.get("message_id"), exc_info=True)
            log._keep(message, seen, "failed", str(error), ours)
            return False
