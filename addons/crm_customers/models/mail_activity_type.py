from odoo import fields, models
from odoo.tools import SQL

# The host's types that are contacts with a customer.
CONTACT_TYPES = (
    "mail_activity_data_call",
    "mail_activity_data_email",
    "mail_activity_data_meeting",
)


class MailActivityType(models.Model):
    """Kinds of activities that are contacts with the customer."""

    _inherit = "mail.activity.type"

    crm_followup = fields.Boolean(
        string="Follow-up of a Customer",
        help="Done with an outcome in words, an activity of this type counts as a follow-up and"
        " sets the clock of the public pool back.",
    )

    def _init_column(self, column_name):
        # When the column is new: calls, mails and meetings are contacts, also in a database that
        # is updated; what an administrator changes later stays.
        result = super()._init_column(column_name)
        if column_name == "crm_followup":
            self.env.cr.execute(
                SQL(
                    "UPDATE mail_activity_type SET crm_followup = TRUE WHERE id IN (SELECT res_id"
                    " FROM ir_model_data WHERE module = 'mail' AND name IN %s)",
                    CONTACT_TYPES,
                )
            )
        return result
