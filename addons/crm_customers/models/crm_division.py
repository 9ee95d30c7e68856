from odoo import api, fields, models

LEVELS = {2: "province", 4: "city", 6: "area"}


class CrmDivision(models.Model):
    """A province, city or district of China, by its official code.

    Owns: code, name and what it belongs to. Who: everybody reads, administrators import the
    yearly list. Twice at once: the code is unique. A million rows: there are 3,400; one index.
    """

    _name = "crm.division"
    _description = "Administrative Division"
    _order = "code"

    display_name = fields.Char(recursive=True)
    code = fields.Char(required=True, help="2 digits: province, 4: city, 6: district or county.")
    name = fields.Char(required=True)
    level = fields.Selection(
        [("province", "Province"), ("city", "City"), ("area", "District or County")],
        compute="_compute_level",
        store=True,
        index=True,
    )
    parent_id = fields.Many2one(
        "crm.division", string="Belongs to", index="btree_not_null", ondelete="restrict"
    )

    _code_uniq = models.UniqueIndex("(code)", "A division with this code exists already.")

    @api.depends("code")
    def _compute_level(self):
        for division in self:
            division.level = LEVELS.get(len(division.code or ""), False)

    @api.depends("name", "parent_id.display_name")
    def _compute_display_name(self):
        for division in self:
            above = division.parent_id.display_name
            division.display_name = f"{above} / {division.name}" if above else division.name

    @api.model
    def _find_by_codes(self, codes):
        """Return ``{code: (province, city)}`` of six-digit codes, as far as they are known.

        A code of an abolished district still tells its city and province.
        """
        wanted = {code[:length] for code in codes for length in (2, 4)}
        known = {one.code: one for one in self.search([("code", "in", list(wanted))])}
        none = self.browse()
        return {code: (known.get(code[:2], none), known.get(code[:4], none)) for code in codes}
