from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from .crm_lead import HISTORY_FIELDS

OVERRIDE_GROUP = "sales_team.group_sale_manager"


class CrmLead(models.Model):
    """Opportunities move forward when what their stages ask for stands."""

    _inherit = "crm.lead"

    crm_gate_reason = fields.Char(
        string="Reason of the Override",
        store=False,
        copy=False,
        help="A sales manager who writes it together with the stage moves the opportunity although"
        " something is missing; it is kept.",
    )
    crm_document_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Documents",
        domain=[("res_model", "=", "crm.lead"), ("res_field", "=", False)],
        context={"default_res_model": "crm.lead"},
        bypass_search_access=True,
    )
    crm_gate_pass_ids = fields.One2many(
        "crm.stage.gate.pass", "lead_id", string="Conditions Overridden"
    )

    @api.model_create_multi
    def create(self, vals_list):
        reasons = [vals.get("crm_gate_reason") or False for vals in vals_list]
        leads = super().create(
            [{name: vals[name] for name in vals if name != "crm_gate_reason"} for vals in vals_list]
        )
        by_lead = dict(zip(leads, reasons, strict=True))
        nothing = self.env["crm.stage"]
        for reason in set(reasons):
            group = leads.filtered(lambda lead, reason=reason: by_lead[lead] == reason)
            group._check_gates(dict.fromkeys(group.ids, nothing), reason)
        return leads

    def write(self, vals):
        vals = dict(vals)
        reason = vals.pop("crm_gate_reason", False)
        if not HISTORY_FIELDS & vals.keys() or not self.env["crm.stage.gate"]._get_gate_ids():
            return super().write(vals)
        nothing = self.env["crm.stage"]
        before = {
            lead.id: lead.stage_id if lead.type == "opportunity" else nothing for lead in self
        }
        result = super().write(vals)
        self._check_gates(before, reason)
        return result

    def action_crm_move(self):
        """Ask for the reason to move this opportunity although something is missing."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sales.crm_lead_move_action")
        action["context"] = {"default_lead_ids": self.ids}
        return action

    def _check_gates(self, before, reason=False):
        """Refuse moves that pass a condition which is not met.

        Everything missing is listed at once, lead by lead. The cost is a fixed number of queries.

        :param dict before: ``{lead_id: stage}`` of earlier; an empty stage: it was no opportunity
        :param str reason: why a manager lets them through; it goes into the ledger of overrides
        :raises UserError: something is missing
        :raises RedirectWarning: something is missing, and the user may override it with a reason
        """
        gates = self.env["crm.stage.gate"]._get_gates()
        if not gates:
            return
        passed = {}
        for lead in self:
            if lead.type == "opportunity" and lead.stage_id != before[lead.id]:
                met = gates._filter_passed(lead, before[lead.id])
                if met:
                    passed[lead] = met
        missing = self._list_missing(passed)
        if not missing:
            return
        if reason and reason.strip() and self._may_override_gates():
            self._log_gate_passes(missing, before, reason.strip())
            return
        message = "\n\n".join(
            self.env._(
                "“%(lead)s” cannot enter the stage “%(stage)s” yet. Still missing:\n%(missing)s",
                lead=lead.name,
                stage=lead.stage_id.name,
                missing="\n".join(f"- {line}" for line in lines),
            )
            for lead, lines in missing.items()
        )
        existing = [lead.id for lead in missing if before[lead.id]]
        if existing and self._may_override_gates() and not self.env.context.get("import_file"):
            stages = {lead.stage_id.id for lead in missing}
            raise RedirectWarning(
                message,
                self.env.ref("crm_sales.crm_lead_move_action").id,
                self.env._("Override with a Reason"),
                {
                    "default_lead_ids": existing,
                    "default_stage_id": next(iter(stages)) if len(stages) == 1 else False,
                },
            )
        raise UserError(message)

    @api.model
    def _may_override_gates(self):
        return self.env.su or self.env.user.has_group(OVERRIDE_GROUP)

    def _list_missing(self, passed):
        """Return ``{lead: [what is missing, in words]}`` for leads that miss something.

        :param dict passed: ``{lead: conditions on its way}``
        """
        leads = self.browse().union(*passed)
        asked = self.env["crm.stage.gate"].union(*passed.values())
        documents = leads._read_document_types() if asked._asks_documents() else {}
        done = leads._read_activities_done(asked.activity_type_ids)
        result = {}
        for lead, gates in passed.items():
            own = documents.get(lead.id, set())
            lines = [
                *(
                    self.env._("Field: %(field)s", field=label)
                    for label in gates.field_ids._list_empty(lead)
                ),
                *(
                    self.env._("Document: %(kind)s", kind=kind.name)
                    for kind in gates.document_type_ids
                    if kind.id not in own
                ),
                *(
                    self.env._("Activity done: %(activity)s", activity=activity.name)
                    for activity in gates.activity_type_ids
                    if activity.id not in done.get(lead.id, ())
                ),
            ]
            if any(gate.document for gate in gates) and not own:
                lines.append(self.env._("A document attached"))
            if lines:
                advice = [gate.note for gate in gates if gate.note]
                result[lead] = [*lines, *dict.fromkeys(advice)]
        return result

    def _read_document_types(self):
        """Return ``{lead_id: {document type ids}}`` of attached documents; 0: no type given."""
        # sudo: a condition asks whether a document is there, whoever may open it
        rows = (
            self.env["ir.attachment"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", "crm.lead"),
                    ("res_id", "in", self.ids),
                    ("res_field", "=", False),
                ],
                ["res_id", "crm_document_type_id"],
            )
        )
        result = {}
        for lead_id, kind in rows:
            result.setdefault(lead_id, set()).add(kind.id or 0)
        return result

    def _read_activities_done(self, kinds):
        """Return ``{lead_id: {activity type ids}}`` of what was done; the host archives those."""
        if not kinds:
            return {}
        # sudo: an activity counts whoever did it
        rows = (
            self.env["mail.activity"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [
                    ("res_model", "=", "crm.lead"),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "in", kinds.ids),
                    ("active", "=", False),
                ],
                ["res_id", "activity_type_id"],
            )
        )
        result = {}
        for lead_id, kind in rows:
            result.setdefault(lead_id, set()).add(kind.id)
        return result

    def _log_gate_passes(self, missing, before, reason):
        # sudo: the ledger is written by the program alone
        self.env["crm.stage.gate.pass"].sudo().create(
            [
                {
                    "lead_id": lead.id,
                    "company_id": lead.company_id.id,
                    "date": fields.Datetime.now(),
                    "user_id": self.env.uid,
                    "from_stage_id": before[lead.id].id,
                    "to_stage_id": lead.stage_id.id,
                    "reason": reason,
                    "missing": "\n".join(lines),
                }
                for lead, lines in missing.items()
            ]
        )
