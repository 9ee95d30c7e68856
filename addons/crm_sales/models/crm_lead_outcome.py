from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

OUTCOME_FIELDS = frozenset(
    {"active", "probability", "stage_id", "team_id", "lost_reason_id", "crm_won_reason_id"}
)


class CrmLead(models.Model):
    """Opportunities say why they were lost and why they were won."""

    _inherit = "crm.lead"

    crm_won_reason_id = fields.Many2one(
        "crm.won.reason",
        string="Won Reason",
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._check_outcome_reasons({})
        return leads

    def write(self, vals):
        if not OUTCOME_FIELDS & vals.keys():
            return super().write(vals)
        before = {lead.id: lead._get_outcome() for lead in self}
        result = super().write(vals)
        reopened = self.filtered(
            lambda lead: (
                lead.crm_won_reason_id and before[lead.id] == "won" and lead._get_outcome() != "won"
            )
        )
        if reopened:
            super(CrmLead, reopened).write({"crm_won_reason_id": False})
        self._check_outcome_reasons(before, chosen=vals.keys())
        return result

    def action_set_lost(self, **additional_values):
        """The reason is written first: archiving alone may already make the lead lost."""
        reason_id = additional_values.get("lost_reason_id")
        if reason_id:
            self.write({"lost_reason_id": reason_id})
        else:
            self._refuse_without_lost_reason(self)
        return super().action_set_lost(**additional_values)

    def action_set_won_rainbowman(self):
        """Ask for the reason first, where the team or the company wants it asked."""
        self.ensure_one()
        if (
            self._get_reason_rule("crm_won_reason_rule") in ("optional", "required")
            and not self.crm_won_reason_id
            and not self.env.context.get("crm_won_reason_asked")
        ):
            return self._get_won_action()
        return super().action_set_won_rainbowman()

    def _get_won_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sales.crm_lead_won_action")
        action["context"] = {"default_lead_ids": self.ids}
        return action

    def _get_reason_rule(self, name):
        """Return what the lead's team, or else its company, says about a kind of reason."""
        self.ensure_one()
        # sudo: settings of the company and of the lead's team, which the salesperson may not read
        lead = self.sudo()
        rule = lead.team_id[name] or "company"
        return rule if rule != "company" else (lead.company_id or self.env.company)[name]

    def _check_outcome_reasons(self, before, chosen=()):
        """Refuse leads that become lost or won without the reason their team has to give.

        :param dict before: ``{lead_id: outcome}`` of earlier; empty for leads just created
        :param chosen: names of the fields that were written; taking a reason away counts as well
        """
        lost = self.filtered(
            lambda lead: (
                not lead.active
                and (before.get(lead.id) != "lost" or "lost_reason_id" in chosen)
                and lead._get_outcome() == "lost"
            )
        )
        self._refuse_without_lost_reason(lost)
        won = self.filtered(
            lambda lead: (
                lead.stage_id.is_won
                and (before.get(lead.id) != "won" or "crm_won_reason_id" in chosen)
                and not lead.crm_won_reason_id
                and lead._get_outcome() == "won"
                and lead._get_reason_rule("crm_won_reason_rule") == "required"
            )
        )
        if not won:
            return
        message = self.env._(
            "Say why these opportunities were won:\n%(leads)s", leads=won._list_names()
        )
        if before and not self.env.context.get("import_file"):
            raise RedirectWarning(
                message,
                self.env.ref("crm_sales.crm_lead_won_action").id,
                self.env._("Give the Reason"),
                {"default_lead_ids": won.ids},
            )
        raise UserError(message)

    def _refuse_without_lost_reason(self, leads):
        silent = leads.filtered(
            lambda lead: (
                not lead.lost_reason_id
                and lead._get_reason_rule("crm_lost_reason_rule") == "required"
            )
        )
        if silent:
            raise UserError(
                self.env._(
                    "Choose the lost reason of these opportunities:\n%(leads)s",
                    leads=silent._list_names(),
                )
            )

    def _list_names(self):
        """Return the names of up to ten leads, one a line."""
        names = [f"- {lead.name}" for lead in self[:10]]
        return "\n".join([*names, "…"] if len(self) > 10 else names)
