from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What a signature seals. Everything else (chatter, followers, activities) may go on.
SEALED_STATES = ("accepted",)

KIND_EVENTS = {"delivery": ("delivered", "accepted"), "training": (None, "trained")}


class CrmServiceAcceptance(models.Model):
    """The customer inspects what was delivered, hands in defects and signs: 验收.

    One record is one round. A rejected round is followed by the next one.

    Owns: the round, its items, its signature and the sealed content of what was signed.
    Who: agents prepare and submit; the customer reads it in the portal and signs by POST.
    Twice at once: signing locks the row; the second signer is told that it is signed.
    Half of it: signature, seal, state and the contract's event stand in one transaction.
    A million rows: found by contract, customer and state, all indexed.
    """

    _name = "crm.service.acceptance"
    _description = "Acceptance"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "contract_id"]
    _mail_post_access = "read"

    name = fields.Char(string="Number", readonly=True, copy=False, default="/", index="trigram")
    contract_id = fields.Many2one(
        "crm.contract",
        required=True,
        index=True,
        check_company=True,
        domain="[('state', '=', 'signed')]",
        tracking=True,
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        related="contract_id.partner_id", string="Customer", store=True, index=True
    )
    kind = fields.Selection(
        [("delivery", "Delivery"), ("training", "Implementation and Training")],
        required=True,
        default="delivery",
        tracking=True,
    )
    round_number = fields.Integer(
        string="Round", compute="_compute_round_number", store=True, precompute=True
    )
    previous_id = fields.Many2one(
        "crm.service.acceptance", string="Round Before", readonly=True, copy=False
    )
    date_delivered = fields.Date(
        string="Delivered On", default=fields.Date.context_today, tracking=True
    )
    inspection_until = fields.Date(
        readonly=True,
        copy=False,
        help="Last working day of the customer's inspection.",
    )
    inspection_deadline = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    item_ids = fields.One2many(
        "crm.service.acceptance.item", "acceptance_id", string="Items", copy=True
    )
    defect_ids = fields.One2many("crm.service.ticket", "acceptance_id", string="Defects")
    defect_count = fields.Integer(compute="_compute_defect_counts")
    open_defect_count = fields.Integer(string="Open Defects", compute="_compute_defect_counts")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("defects", "Under Rectification"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    note = fields.Html(string="Scope")
    reject_reason = fields.Text(readonly=True, copy=False)
    signature = fields.Image(
        readonly=True, copy=False, attachment=True, max_width=1024, max_height=1024
    )
    signed_by = fields.Char(readonly=True, copy=False)
    signed_user_id = fields.Many2one("res.users", readonly=True, copy=False)
    signed_on = fields.Datetime(readonly=True, copy=False)
    signed_ip = fields.Char(string="Signed from IP Address", readonly=True, copy=False)
    sealed_content = fields.Json(readonly=True, copy=False)
    report_id = fields.Many2one("ir.attachment", string="Signed Report", readonly=True, copy=False)
    content_hash = fields.Char(string="Fingerprint", readonly=True, copy=False)

    _name_company_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name <> '/'", "This acceptance number exists already."
    )
    _round_open_uniq = models.UniqueIndex(
        "(contract_id, kind) WHERE state IN ('draft', 'submitted', 'defects')",
        "This contract already has an acceptance of this kind that is not finished.",
    )
    _sealed_complete = models.Constraint(
        "CHECK (state <> 'accepted' OR (signed_by IS NOT NULL AND signed_on IS NOT NULL"
        " AND content_hash IS NOT NULL))",
        "An acceptance is accepted by signing it.",
    )

    # -- compute ----------------------------------------------------------------------------

    @api.depends("contract_id", "kind")
    def _compute_round_number(self):
        counts = {
            (contract.id, kind): count
            for contract, kind, count in self._read_group(
                [("contract_id", "in", self.contract_id.ids), ("id", "not in", self._origin.ids)],
                ["contract_id", "kind"],
                ["__count"],
            )
        }
        for acceptance in self:
            earlier = counts.get((acceptance.contract_id.id, acceptance.kind), 0)
            acceptance.round_number = earlier + 1

    @api.depends("defect_ids.verified_at", "defect_ids.kind")
    def _compute_defect_counts(self):
        for acceptance in self:
            valid = acceptance.defect_ids.filtered(lambda one: one.kind != "cancelled")
            acceptance.defect_count = len(valid)
            acceptance.open_defect_count = len(valid.filtered(lambda one: not one.verified_at))

    def _compute_access_url(self):
        super()._compute_access_url()
        for acceptance in self:
            acceptance.access_url = f"/my/acceptances/{acceptance.id}"

    @api.depends("name", "contract_id", "round_number")
    def _compute_display_name(self):
        for acceptance in self:
            number = acceptance.name if acceptance.name != "/" else ""
            parts = [number, acceptance.contract_id.subject]
            acceptance.display_name = " ".join(filter(None, parts))

    # -- constraints -------------------------------------------------------------------------

    @api.constrains("date_delivered", "state")
    def _check_delivered_before_submission(self):
        for acceptance in self:
            if acceptance.state != "draft" and not acceptance.date_delivered:
                raise ValidationError(
                    self.env._("Enter the day of delivery before submitting the acceptance.")
                )

    # -- CRUD --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        acceptances = super().create(vals_list)
        self.env["res.company"]._assign_crm_numbers(acceptances, "YS%(range_year)s")
        return acceptances

    def write(self, vals):
        self._check_not_sealed(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(acceptance.state != "draft" for acceptance in self):
            raise UserError(
                self.env._("An acceptance that the customer has seen cannot be deleted.")
            )

    def _check_not_sealed(self, vals):
        """Refuse to change what was signed; the conversation about it may go on."""
        free = {"message_main_attachment_id", "access_token", "user_id", "report_id"}
        touched = [name for name in vals if name in self._fields and name not in free]
        content = [name for name in touched if not name.startswith(("message_", "activity_"))]
        if content and any(acceptance.state in SEALED_STATES for acceptance in self):
            raise UserError(
                self.env._("This acceptance is signed and sealed; it cannot be changed any more.")
            )

    # -- actions -----------------------------------------------------------------------------

    def action_submit(self):
        """Hand the delivery over to the customer's inspection; its period starts."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("This acceptance was submitted before."))
        if not self.item_ids:
            raise UserError(self.env._("List what is to be accepted before submitting it."))
        if not self.date_delivered:
            raise UserError(self.env._("Enter the day of delivery first."))
        contract = self.contract_id
        calendar = contract.calendar_id
        until = calendar._plan_working_days(
            self.date_delivered, contract.inspection_days, company=self.company_id
        )
        deadline = calendar._end_of_working_day(until, company=self.company_id)
        self.write(
            {
                "state": "submitted",
                "inspection_until": until,
                "inspection_deadline": deadline.replace(tzinfo=None),
            }
        )
        delivered, _accepted = KIND_EVENTS[self.kind]
        if delivered:
            # sudo: the delivery is the contract's event; agents do not own contracts
            contract.sudo()._raise_event(delivered, self.date_delivered)
        self._invite_customer()
        return True

    def action_reopen_draft(self):
        """Take a submitted acceptance back, as long as the customer handed in nothing."""
        self.ensure_one()
        if self.state != "submitted" or self.defect_ids:
            raise UserError(self.env._("Only a submitted acceptance without defects can go back."))
        self.write({"state": "draft", "inspection_until": False, "inspection_deadline": False})
        return True

    def action_new_round(self):
        """Open the next round after a rejection, with the same items to inspect."""
        self.ensure_one()
        if self.state != "rejected":
            raise UserError(self.env._("Only a rejected acceptance is followed by another round."))
        # One acceptance of a kind may be open; the rejection must stand before the next begins.
        self.flush_recordset(["state"])
        following = self.copy({"previous_id": self.id, "date_delivered": False})
        return following._get_form_action()

    def action_view_defects(self):
        """Open the defects found in this acceptance."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service.crm_service_ticket_action"
        )
        return action | {
            "domain": [("acceptance_id", "=", self.id)],
            "context": self._get_defect_context(),
        }

    def action_add_defect(self):
        """Enter a defect that the customer reported some other way."""
        self.ensure_one()
        self._check_under_inspection()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.service.ticket",
            "view_mode": "form",
            "views": [(self.env.ref("crm_service.crm_service_ticket_view_form_defect").id, "form")],
            "target": "new",
            "name": self.env._("Report a Defect"),
            "context": self._get_defect_context(),
        }

    def action_print_report(self):
        """Print the acceptance report."""
        self.ensure_one()
        return self.env.ref("crm_service.crm_service_acceptance_action_report").report_action(self)

    def _get_defect_context(self):
        return {
            "default_acceptance_id": self.id,
            "default_partner_id": self.partner_id.id,
            "default_contract_id": self.contract_id.id,
            "default_channel": "internal",
        }

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.name
