from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain


class ResPartner(models.Model):
    """Merged customers: their old names, numbers and links lead to the survivor."""

    _inherit = "res.partner"

    crm_former_ids = fields.One2many(
        "crm.merge.former", "survivor_id", string="Merged Customers", groups="base.group_system"
    )
    crm_former_count = fields.Integer(
        string="Number of Merged Customers", compute="_compute_crm_former_count"
    )

    @api.depends("crm_facts")
    def _compute_crm_former_count(self):
        for partner in self:
            partner.crm_former_count = partner._get_fact("formers")

    def action_merge_customers(self):
        """Open the wizard that merges the customers; a single one with its open duplicates."""
        self.env["base.partner.merge.automatic.wizard"]._check_may_merge()
        partners = self or self.browse(self.env.context.get("active_ids"))
        if len(partners) == 1:
            pairs = self.env["crm.dup.pair"].search(
                [
                    ("state", "=", "open"),
                    "|",
                    ("partner_id", "=", partners.id),
                    ("other_id", "=", partners.id),
                ],
                limit=9,
            )
            partners |= (pairs.partner_id | pairs.other_id)._filtered_access("write")
        return self.env["crm.merge.wizard"]._start(partners)

    def action_view_former(self):
        """Open the merges in which this customer took others in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_customers.crm_merge_log_action")
        return action | {"domain": [("survivor_id", "=", self.id)], "context": {}}

    @api.model
    @api.readonly
    def get_survivors(self, old_ids):
        """Return who merged customers are today, for other systems that keep old numbers.

        :param old_ids: database numbers of customers
        :return: ``{old number: number of the survivor}`` of those that were merged and that the
            user may see; keys are texts, as remote calls want them
        """
        found = self.env["crm.merge.former"]._find_survivors(old_ids)
        visible = self.browse(set(found.values()))._filtered_access("read")
        return {str(old): number for old, number in found.items() if number in visible._ids}

    def web_read(self, specification):
        records = super().web_read(specification)
        if not records and len(self) == 1 and isinstance(self.id, int):
            self._redirect_to_survivor()
        return records

    def _redirect_to_survivor(self):
        """Say where a merged customer is now, with a button that opens it."""
        former = self.env["crm.merge.former"]
        survivor = self.browse(former._find_survivors(self.ids).get(self.id))
        if survivor and survivor._filtered_access("read"):
            raise RedirectWarning(
                self.env._("This customer was merged into “%(name)s”.", name=survivor.display_name),
                {
                    "type": "ir.actions.act_window",
                    "res_model": "res.partner",
                    "res_id": survivor.id,
                    "view_mode": "form",
                    "views": [(False, "form")],
                },
                self.env._("Open It"),
            )

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if domain is NotImplemented or operator not in ("ilike", "=", "in", "like", "=ilike"):
            return domain
        # sudo: the journal's own rows; what is found is subject to the partner's rules
        formers = self.env["crm.merge.former"].sudo()
        names = Domain("name", operator, value) | Domain("code", operator, value)
        if not value or not formers.search_count([], limit=1):
            return domain
        survivors = formers._search(names & Domain("survivor_id", "!=", False))
        return Domain(domain) | Domain("id", "in", survivors.subselect("survivor_id"))

    def _get_picture_mark(self):
        """Return a text that is equal for equal pictures."""
        self.ensure_one()
        # sudo: pictures are attachments that nobody reads by themselves
        picture = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "res.partner"),
                    ("res_id", "=", self.id),
                    ("res_field", "=", "image_1920"),
                ],
                limit=1,
            )
        )
        return picture.checksum or ""
