from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..tools.followup import says_something

OUTCOMES = [
    ("interested", "Interested"),
    ("agreed", "Next Step Agreed"),
    ("informed", "Informed"),
    ("postponed", "Postponed"),
    ("refused", "Not Interested"),
    ("unreached", "Not Reached"),
]
NEXT_FIELDS = {"date_deadline", "active", "res_id", "res_model", "activity_type_id"}


class MailActivity(models.Model):
    """Activities as follow-ups of customers: with whom, with what outcome, and when next.

    An activity is evidence of a follow-up when its type is one of contact, somebody was reached,
    and its outcome stands there in words. Only evidence sets the clock of the pool back.
    """

    _inherit = "mail.activity"

    crm_customer_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_crm_customer_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        help="The customer of the document this activity belongs to.",
    )
    crm_contact_id = fields.Many2one(
        "res.partner",
        string="Spoken with",
        domain="[('commercial_partner_id', '=', crm_customer_id)]",
    )
    crm_outcome = fields.Selection(OUTCOMES, string="Outcome")
    crm_followup_date = fields.Date(
        string="Took Place on", help="Empty: on the day it is marked done."
    )
    crm_next_date = fields.Date(
        string="Next Follow-up on", help="When done, an activity is planned for this day."
    )
    crm_evidence = fields.Boolean(string="Counts as Follow-up", readonly=True, copy=False)

    _crm_evidence_idx = models.Index("(crm_customer_id, date_done) WHERE crm_evidence")

    # Compute

    @api.depends("res_model", "res_id")
    def _compute_crm_customer_id(self):
        self.crm_customer_id = False
        for model, activities in self.grouped("res_model").items():
            customers = self._get_customers_of(model, activities.mapped("res_id"))
            for activity in activities:
                activity.crm_customer_id = customers.get(activity.res_id, False)

    @api.model
    def _get_customers_of(self, model, ids):
        """Return the customers of documents: ``{id: partner}``."""
        path = self._get_customer_path(model)
        if path is None:
            return {}
        documents = self.env[model].browse(ids).exists()
        return {row.id: row[path].commercial_partner_id for row in documents}

    @api.model
    def _get_customer_path(self, model):
        """Return the field of a model that leads to its customer, or None."""
        if not model or model not in self.env:
            return None
        if model == "res.partner":
            return "commercial_partner_id"
        field = self.env[model]._fields.get("partner_id")
        known = field is not None and field.comodel_name == "res.partner"
        return "partner_id" if known else None

    # Constraints

    @api.constrains("crm_followup_date")
    def _check_followup_date(self):
        today = fields.Date.context_today(self)
        if any(row.crm_followup_date and row.crm_followup_date > today for row in self):
            raise ValidationError(
                self.env._("A follow-up that has not happened yet cannot be recorded as done.")
            )

    # CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name != "crm_evidence"}
                for vals in vals_list
            ]
        activities = super().create(vals_list)
        activities.crm_customer_id._refresh_next_followup()
        return activities

    def write(self, vals):
        if "crm_evidence" in vals and not self.env.su:
            raise AccessError(
                self.env._("Whether an activity counts follows from marking it done.")
            )
        before = self.crm_customer_id if NEXT_FIELDS & vals.keys() else None
        result = super().write(vals)
        if before is not None:
            (before | self.crm_customer_id)._refresh_next_followup()
        return result

    def unlink(self):
        customers = self.crm_customer_id
        result = super().unlink()
        customers._refresh_next_followup()
        return result

    # Done

    def action_open_planned(self):
        """Open what marks this planned activity done: with its outcome where it is a contact.

        :return: the dialogue of follow-ups, or the host's own form of activities
        """
        self.ensure_one()
        if not (self.crm_customer_id and self.activity_type_id.crm_followup):
            return {
                "type": "ir.actions.act_window",
                "name": self.display_name,
                "res_model": self._name,
                "res_id": self.id,
                "views": [(self.env.ref("mail.mail_activity_view_form_popup").id, "form")],
                "target": "new",
            }
        return self.env["crm.followup.record"]._open(
            {
                "default_partner_id": self.crm_customer_id.id,
                "default_contact_id": self.crm_contact_id.id,
                "default_lead_id": self.res_id if self.res_model == "crm.lead" else False,
                "default_activity_id": self.id,
                "default_activity_type_id": self.activity_type_id.id,
            }
        )

    def _action_done(self, feedback=False, attachment_ids=None):
        evidence = self.filtered(lambda activity: activity._is_evidence(feedback))
        values_list = self._prepare_next_followups()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        evidence = evidence.exists()
        if evidence:
            # sudo: the mark is not for people to set
            evidence.sudo().crm_evidence = True
            for moment, rows in evidence.grouped(lambda row: row._get_followup_moment()).items():
                rows.crm_customer_id._stamp_followup(moment)
        if values_list:
            self.env["mail.activity"].create(values_list)
        return result

    def _is_evidence(self, feedback):
        """Whether the activity, done with this feedback, proves contact with a customer."""
        self.ensure_one()
        if not self.crm_customer_id or not self.activity_type_id.crm_followup:
            return False
        minimum = self.env.company.crm_followup_min_chars
        return self.crm_outcome != "unreached" and says_something(
            feedback or self.feedback, minimum
        )

    def _get_followup_moment(self):
        """Return when the follow-up took place: now, or noon of the earlier day named."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if not self.crm_followup_date or self.crm_followup_date >= today:
            return fields.Datetime.now()
        zone = pytz.timezone(self.env.user.tz or "UTC")
        noon = zone.localize(datetime.combine(self.crm_followup_date, time(12)))
        return noon.astimezone(pytz.utc).replace(tzinfo=None)

    def _prepare_next_followups(self):
        """Return the values of the activities planned as next follow-ups."""
        return [
            {
                "activity_type_id": activity.activity_type_id.id,
                "res_model_id": activity.res_model_id.id,
                "res_id": activity.res_id,
                "user_id": activity.user_id.id or self.env.uid,
                "date_deadline": activity.crm_next_date,
                "summary": activity.summary,
                "crm_contact_id": activity.crm_contact_id.id,
            }
            for activity in self
            if activity.crm_next_date and activity.res_model_id
        ]
