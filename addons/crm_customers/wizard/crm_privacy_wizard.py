import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmPrivacyWizard(models.TransientModel):
    """Exports or erases what is known of a person; shows before what erasing would do."""

    _name = "crm.privacy.wizard"
    _description = "Personal Data of a Person"

    partner_ids = fields.Many2many(
        "res.partner",
        string="Records of the Person",
        context={"active_test": False},
        default=lambda self: self.env.context.get("active_ids"),
    )
    other_ids = fields.Many2many(
        "res.partner",
        string="Others with the Same Address",
        compute="_compute_other_ids",
        compute_sudo=True,
    )
    reason = fields.Char(
        string="Demanded by",
        help="How the demand reached you, without a name: letter of 12 October, filed as ...",
    )
    delete_messages = fields.Boolean(string="Delete Mails and Notes", default=True)
    delete_attachments = fields.Boolean(default=True)
    replace_names = fields.Boolean(
        string="Replace the Name in All Texts",
        default=True,
        help="A name that is a common word is replaced where it means something else, too: look at"
        " the preview.",
    )
    line_ids = fields.One2many("crm.privacy.wizard.line", "wizard_id", string="Preview")
    content = fields.Binary(compute="_compute_content")

    @api.depends("partner_ids")
    def _compute_other_ids(self):
        for wizard in self:
            wizard.other_ids = wizard.partner_ids._find_same_addresses()

    @api.depends("partner_ids")
    def _compute_content(self):
        for wizard in self:
            wizard.content = base64.b64encode(wizard.partner_ids._export_personal_data())

    def action_add_others(self):
        """Take the other records with the same address for this person's as well."""
        self.ensure_one()
        self.partner_ids |= self.other_ids.filtered(lambda partner: not partner.is_company)
        return self._reopen()

    def action_export(self):
        """Hand over the file with everything about the person."""
        self.ensure_one()
        self.env["crm.privacy.erasure"]._check_may_erase()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content?download=true"
            "&filename=personal_data.zip",
            "target": "self",
        }

    def action_preview(self):
        """Show what would be deleted, emptied and replaced, and what stays."""
        self.ensure_one()
        lines = self.env["crm.privacy.erasure"]._preview(
            self.partner_ids, self.reason, **self._get_choices()
        )
        self.line_ids.unlink()
        self.line_ids.create(
            [
                {"wizard_id": self.id, "how": how, "what": what, "count": count}
                for how, what, count in lines
            ]
        )
        return self._reopen()

    def action_erase(self):
        """Erase the person's data and open the journal."""
        self.ensure_one()
        if not self.reason:
            raise UserError(self.env._("Enter how the demand reached you; the journal keeps it."))
        erasure = self.env["crm.privacy.erasure"]._erase(
            self.partner_ids, self.reason, **self._get_choices()
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": erasure._name,
            "res_id": erasure.id,
            "views": [[False, "form"]],
        }

    def _get_choices(self):
        return {
            "messages": self.delete_messages,
            "attachments": self.delete_attachments,
            "names": self.replace_names,
        }

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Personal Data"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
            "target": "new",
        }
