from stdnum.cn import uscc

from odoo import api, models


class ResPartner(models.Model):
    """Province and city of a Chinese company, from the registration authority in its credit code.

    Digits 3 to 8 of the code name the place of registration. Only empty fields are filled.
    """

    _inherit = "res.partner"

    @api.onchange("vat")
    def _onchange_vat_region(self):
        for partner, values in self._get_regions().items():
            partner.update(values)

    def action_fill_region(self):
        """Fill in the province and city of customers that have a credit code and no province."""
        found = self._get_regions()
        for partner, values in found.items():
            partner.update(values)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if found else "warning",
                "message": self.env._(
                    "Region filled in for %(count)s customers.", count=len(found)
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _get_regions(self):
        """Return ``{partner: values}`` of those whose empty region the credit code tells."""
        china, unknown = self.env.ref("base.cn"), self.env["res.country"]
        codes = {
            partner: partner.vat.strip()[2:8]
            for partner in self
            if partner.vat
            and not partner.state_id
            and partner.country_id in (china, unknown)
            and uscc.is_valid(partner.vat)
        }
        if not codes:
            return {}
        places = self.env["crm.division"]._find_by_codes(set(codes.values()))
        states = {state.name: state for state in china.state_ids}
        # a province is found by its name in any language of the database: Chinese in the host's
        regions = {}
        for partner, code in codes.items():
            province, city = places[code]
            state = states.get(province.name)
            if state:
                values = {"country_id": china.id, "state_id": state.id}
                if not partner.city:
                    # the cities of municipalities have no name of their own
                    own = city and city.name not in ("市辖区", "县")
                    values["city"] = city.name if own else province.name
                regions[partner] = values
        return regions
