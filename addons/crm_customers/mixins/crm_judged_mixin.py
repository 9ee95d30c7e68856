from odoo import api, models


class CrmJudgedMixin(models.AbstractModel):
    """Documents that the return rules of pools look at: their changes call for a judgement."""

    _name = "crm.judged.mixin"
    _description = "Document that Return Rules Read"

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._note_to_judge()
        return documents

    def write(self, vals):
        if vals.keys().isdisjoint(self._crm_judged_fields()):
            return super().write(vals)
        self._note_to_judge()
        result = super().write(vals)
        self._note_to_judge()
        return result

    def unlink(self):
        self._note_to_judge()
        return super().unlink()

    @api.model
    def _crm_judged_fields(self):
        """Return the names of the fields that a return rule may depend on."""
        return {"partner_id", "active", "state"}

    def _note_to_judge(self):
        """Have the customers of these documents judged anew."""
        # sudo: also who may not see the customer changes facts about it
        self.env["crm.pool.queue"]._note(self.sudo().partner_id.ids)
