from odoo import api, models, tools


class ResPartner(models.Model):
    """New customers read the language of their country, as long as nobody says otherwise.

    The host gives every new contact the language that was installed first. A language that is
    given, a default of the user or the company, and the language of a parent come before.
    """

    _inherit = "res.partner"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if "lang" in fields and values.get("is_company"):
            lang = self._get_country_lang(values.get("country_id"))
            if lang:
                values["lang"] = lang
        return values

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._add_country_lang(vals) for vals in vals_list])

    @api.onchange("country_id")
    def _onchange_country_id(self):
        result = super()._onchange_country_id()
        if not self._origin and not self.parent_id and self.country_id:
            lang = self._get_country_lang(self.country_id.id)
            first = self.with_context(default_country_id=False).default_get(["is_company", "lang"])
            if lang and self.lang in (False, first.get("lang")):
                self.lang = lang
        return result

    @api.model
    def _add_country_lang(self, vals):
        """Return the values of a new contact with the language of its country, if none is given."""
        if "lang" in vals or vals.get("parent_id"):
            return vals
        if not vals.get("country_id") and not vals.get("is_company"):
            return vals
        lang = self._get_country_lang(vals.get("country_id"))
        return {**vals, "lang": lang} if lang else vals

    @api.model
    def _get_country_lang(self, country_id):
        """Return the only installed language of a country, or False.

        :param country_id: id; empty: the country of the current company
        """
        context = self.env.context
        if context.get("default_lang") or context.get("crm_keep_lang"):
            return False
        if self._has_own_lang_default():
            return False
        countries = self.env["res.country"]
        country = countries.browse(country_id) if country_id else self.env.company.country_id
        found = [
            code
            for code, _name in self.env["res.lang"].get_installed()
            if country.code and code.split("@")[0].endswith(f"_{country.code}")
        ]
        return found[0] if len(found) == 1 else False

    @api.model
    @tools.ormcache("self.env.uid", "self.env.company.id")
    def _has_own_lang_default(self):
        """Whether the user or the company has a default language for new contacts."""
        # sudo: a default binds its user, who need not be able to list defaults
        defaults = (
            self.env["ir.default"]
            .sudo()
            .search_count(
                [
                    ("field_id.model", "=", "res.partner"),
                    ("field_id.name", "=", "lang"),
                    ("user_id", "in", (False, self.env.uid)),
                    ("company_id", "in", (False, self.env.company.id)),
                    "|",
                    ("user_id", "!=", False),
                    ("company_id", "!=", False),
                ],
                limit=1,
            )
        )
        return bool(defaults)
