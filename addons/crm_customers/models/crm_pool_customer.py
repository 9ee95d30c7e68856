from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Country codes of the international numbering plan (ITU-T E.164), none the start of another.
COUNTRY_CODE = (
    r"^\+(1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-689]|3[578]|42|5[09]|6[789]|8[035789]|9[679])[0-9])"
)


class CrmPoolCustomer(models.Model):
    """What members see of a customer in a pool: enough to choose, not enough to call.

    A view of its own, because the customer's record stays hidden until it is claimed: whatever is
    searched, grouped or exported here was masked in the database.
    """

    _name = "crm.pool.customer"
    _description = "Customer in the Pool"
    _auto = False
    _order = "entered desc, id desc"
    _depends = {
        "res.partner": [
            "name",
            "crm_code",
            "crm_pool_id",
            "crm_pooled",
            "crm_owner_since",
            "crm_owner_how",
            "crm_owner_reason",
            "crm_lifecycle",
            "crm_last_followup",
            "company_id",
            "city",
            "state_id",
            "industry_id",
            "grade_id",
            "phone",
            "email",
        ],
        "crm.pool": ["mask_phone"],
        "crm.owner.log": ["partner_id", "from_user_id", "date"],
    }

    name = fields.Char(readonly=True)
    crm_code = fields.Char(string="Customer Number", readonly=True)
    pool_id = fields.Many2one("crm.pool", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    entered = fields.Datetime(string="In the Pool since", readonly=True)
    how = fields.Selection(
        selection=lambda self: self.env["crm.owner.log"]._fields["how"].selection, readonly=True
    )
    reason = fields.Char(readonly=True)
    previous_owner_id = fields.Many2one("res.users", readonly=True)
    lifecycle = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["crm_lifecycle"].selection,
        string="Life Cycle",
        readonly=True,
    )
    last_followup = fields.Datetime(string="Last Follow-up", readonly=True)
    city = fields.Char(readonly=True)
    state_id = fields.Many2one("res.country.state", string="Region", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", readonly=True)
    grade_id = fields.Many2one("res.partner.grade", string="Customer Level", readonly=True)
    phone = fields.Char(readonly=True)
    email = fields.Char(readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT p.id, p.name, p.crm_code, p.crm_pool_id AS pool_id, pool.company_id,
                   p.crm_owner_since AS entered, p.crm_owner_how AS how,
                   p.crm_owner_reason AS reason, p.crm_lifecycle AS lifecycle,
                   p.crm_last_followup AS last_followup, p.city, p.state_id, p.industry_id,
                   p.grade_id, previous.from_user_id AS previous_owner_id,
                   CASE WHEN pool.mask_phone
                        THEN COALESCE('+' || dialled.code || ' ', '') ||
                             CASE WHEN length(own.digits) > 10
                                  THEN left(own.digits, 3) || '****' || right(own.digits, 4)
                                  WHEN length(own.digits) > 6
                                  THEN left(own.digits, 2) || '****' || right(own.digits, 2)
                                  WHEN length(own.digits) > 0 THEN '****' END
                        ELSE p.phone END AS phone,
                   CASE WHEN pool.mask_phone
                        THEN left(p.email, 1) || '***' || substring(p.email FROM '@.*$')
                        ELSE p.email END AS email
              FROM res_partner p
              JOIN crm_pool pool ON pool.id = p.crm_pool_id
              LEFT JOIN LATERAL (
                SELECT regexp_replace(regexp_replace(p.phone, '[^0-9+]', '', 'g'), '^00', '+')
                    AS number
              ) plain ON TRUE
              LEFT JOIN LATERAL (
                SELECT substring(plain.number FROM %(codes)s) AS code
              ) dialled ON TRUE
              LEFT JOIN LATERAL (
                SELECT regexp_replace(
                    substr(plain.number, 1 + COALESCE(1 + length(dialled.code), 0)), '[^0-9]', '',
                    'g') AS digits
              ) own ON TRUE
              LEFT JOIN LATERAL (
                SELECT from_user_id FROM crm_owner_log
                 WHERE partner_id = p.id ORDER BY date DESC, id DESC LIMIT 1
              ) previous ON TRUE
             WHERE p.crm_pooled AND p.active AND (p.is_company OR p.parent_id IS NULL)
            """,
            codes=COUNTRY_CODE,
        )

    def action_claim(self):
        """Claim these customers for the current user and open what was claimed.

        :raises UserError: a cap, the cooldown, or somebody was faster; nothing is claimed then
        """
        self._check_still_pooled()
        partners = self.env["res.partner"]
        for pool, rows in self.grouped("pool_id").items():
            partners |= pool._claim(rows._get_partners())
        # without the rights of the claim: from here on the owner's own
        return partners.sudo(False)._get_customers_action()

    def _check_still_pooled(self):
        """Say who took a customer that was still in the list a moment ago."""
        taken = self - self.search([("id", "in", self.ids)])
        # sudo: the owner of a customer is told, as in a search for duplicates
        for partner in taken._get_partners().sudo().filtered("user_id"):
            raise UserError(
                self.env._(
                    "%(customer)s belongs to %(owner)s already.",
                    customer=partner.name,
                    owner=partner.user_id.name,
                )
            )

    def action_assign(self):
        """Ask to whom an administrator assigns these customers."""
        return self._get_partners().action_assign_from_pool()

    def _get_partners(self):
        """Return the customers' records."""
        return self.env["res.partner"].browse(self.ids)
