from odoo import api, fields, models
from odoo.tools import SQL, email_normalize


class CrmBouncedAddress(models.Model):
    """An e-mail address that mail of ours came back from for good.

    The consent gate leaves it out of marketing and surveys. It is forgotten when mail arrives from
    it, or when a marketing manager deletes it; a corrected address is another one.
    """

    _name = "crm.bounced.address"
    _description = "Undeliverable Address"
    _order = "date desc, id desc"
    _rec_name = "email"

    email = fields.Char(string="Address", required=True, readonly=True)
    date = fields.Datetime(string="Last Failure", required=True, readonly=True)
    bounce_count = fields.Integer(string="Failures", required=True, readonly=True, default=1)

    _email_unique = models.Constraint("UNIQUE (email)", "This address is listed already.")

    @api.model
    def _note(self, addresses):
        """Note that mail to these addresses failed for good; whoever we never wrote to is left out.

        Anybody can send us a delivery report, so it counts only for addresses of our mailings. Two
        reports at the same moment leave one row.

        :param addresses: as the delivery report names them
        """
        emails = sorted({email_normalize(address) for address in addresses} - {False, ""})
        if not emails:
            return
        # sudo: the gateway looks at every mailing and writes the list, nobody does by hand
        traces = self.env["mailing.trace"].sudo()
        written = {email for (email,) in traces._read_group([("email", "in", emails)], ["email"])}
        if not written:
            return
        now = fields.Datetime.now()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_bounced_address
                       (email, date, bounce_count, create_uid, create_date, write_uid, write_date)
                SELECT email, %(now)s, 1, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(emails)s) AS email
                    ON CONFLICT (email) DO UPDATE
                   SET date = EXCLUDED.date,
                       bounce_count = crm_bounced_address.bounce_count + 1,
                       write_date = EXCLUDED.write_date
             RETURNING id
                """,
                now=now,
                uid=self.env.uid,
                emails=sorted(written),
            )
        )
        self.invalidate_model()

    @api.model
    def _forget(self, address):
        """Mail came from an address, so that it works again."""
        email = email_normalize(address, strict=False)
        if email:
            # sudo: the gateway keeps the list
            self.sudo().search([("email", "=", email)]).unlink()
