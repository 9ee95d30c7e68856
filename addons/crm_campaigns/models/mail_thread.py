from odoo import api, models

from odoo.addons.crm_customers.tools.delivery import delivery_failures


class MailThread(models.AbstractModel):
    """Mail that comes back for good stops further mailings to the address at once.

    The host waits for five failures in thirteen weeks, until when the sender's own address gets a
    bad name.
    """

    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        """Read delivery failures before the host parses the message, which changes parts of it."""
        delivery_failures(message)
        return super().message_parse(message, save_original=save_original)

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        if email_message:
            permanent = delivery_failures(email_message).permanent
            self.env["crm.bounced.address"]._note(permanent)
        return result

    @api.model
    def _routing_reset_bounce(self, email_message, message_dict):
        result = super()._routing_reset_bounce(email_message, message_dict)
        self.env["crm.bounced.address"]._forget(message_dict.get("email_from"))
        return result
