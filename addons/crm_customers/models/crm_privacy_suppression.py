import hashlib
import hmac
import secrets

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

SECRET = "crm_customers.privacy_secret"  # the name of a parameter, not a password


class CrmPrivacySuppression(models.Model):
    """Addresses of persons who were erased, as a keyed hash that tells nothing but equality.

    Owns: one row per address. Who: written by erasing, read by the gate; deleted by whoever lifts
    it. Twice at once: the hash is unique. A million rows: found by that index.
    """

    _name = "crm.privacy.suppression"
    _description = "Address of an Erased Person"
    _order = "date desc, id desc"
    _rec_name = "kind"
    _log_access = False

    kind = fields.Selection(
        [("email", "Email"), ("phone", "Telephone")], required=True, readonly=True
    )
    digest = fields.Char(required=True, readonly=True)
    date = fields.Datetime(
        string="Erased on", required=True, readonly=True, default=fields.Datetime.now
    )

    _digest_uniq = models.UniqueIndex("(digest)", "This address is suppressed already.")

    @api.model
    def _get_secret(self):
        # sudo: a key that nobody reads; made by the first erasure
        parameters = self.env["ir.config_parameter"].sudo()
        secret = parameters.get_param(SECRET)
        if not secret:
            secret = secrets.token_hex(32)
            parameters.set_param(SECRET, secret)
        return secret.encode()

    @api.model
    def _hash(self, kind, address):
        """Return the keyed hash of a normalised address."""
        text = f"{kind}:{address.strip().lower()}"
        return hmac.new(self._get_secret(), text.encode(), hashlib.sha256).hexdigest()

    @api.model
    @ormcache()
    def _has_any(self):
        """Whether anybody was erased yet, so that most databases are asked nothing more."""
        # sudo: as for the gate
        return bool(self.sudo().search_count([], limit=1))

    @api.model
    def _suppress(self, emails, phones):
        """Remember addresses, those that are known already once.

        :return: how many are new
        """
        digests = [("email", self._hash("email", text)) for text in emails]
        digests += [("phone", self._hash("phone", text)) for text in phones]
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO crm_privacy_suppression (kind, digest, date)"
                " SELECT kind, digest, now() AT TIME ZONE 'UTC'"
                "   FROM unnest(%s::text[], %s::text[]) AS new(kind, digest)"
                " ON CONFLICT DO NOTHING RETURNING id",
                [kind for kind, _digest in digests],
                [digest for _kind, digest in digests],
            )
        )
        self.env.registry.clear_cache()
        return len(rows)

    @api.model
    def _find_suppressed(self, partners):
        """Return ``{partner id: {kind: moment}}`` of those with the address of an erased person."""
        if not self._has_any():
            return {}
        wanted = {}
        for partner in partners.sudo():  # sudo: as above
            for kind, address in (
                ("email", partner.email_normalized),
                ("phone", partner.phone_sanitized),
            ):
                if address:
                    wanted.setdefault(self._hash(kind, address), []).append((partner.id, kind))
        found = {}
        # sudo: the gate gives the same answer to everybody
        for row in self.sudo().search([("digest", "in", list(wanted))]):
            for partner_id, kind in wanted[row.digest]:
                found.setdefault(partner_id, {})[kind] = row.date
        return found
