from odoo import fields, models
from odoo.tools import SQL


class CrmDupLock(models.Model):
    """One row for each key that a rule refuses twice, so that two sessions meet at it.

    A transaction does not see what another one committed after it began, so looking for the key
    does not suffice. Both update the key's row: the later one cannot be serialised, the host runs
    its request again, and then it finds the customer of the other.
    """

    _name = "crm.dup.lock"
    _description = "Duplicate Key in Use"
    _log_access = False

    key = fields.Char(required=True, readonly=True)

    _key_uniq = models.UniqueIndex("(key)", "Another session saves the same customer just now.")

    def _take(self, keys):
        """Meet other sessions at these keys, in one order, so that none waits for another.

        :param keys: iterable of texts
        """
        keys = sorted(set(keys))
        if keys:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO crm_dup_lock (key) SELECT unnest(%s)"
                    " ON CONFLICT (key) DO UPDATE SET key = excluded.key",
                    keys,
                )
            )
