from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# What may still be written to a revision that was replaced: the talk about it, and its link.
UNFROZEN = frozenset({"access_token", "rating_ids", "website_message_ids"})
UNFROZEN_PREFIXES = ("message_", "activity_")


class SaleOrder(models.Model):
    """Quotations are revised under a number, and earlier revisions stay as they were.

    Twice at the same moment: the counter stands on the first revision and is written, so the second
    session fails to serialise, is retried by the host and finds its quotation replaced.
    """

    _inherit = "sale.order"

    crm_revision = fields.Integer(string="Revision", readonly=True, copy=False)
    crm_last_revision = fields.Integer(string="Last Revision", readonly=True, copy=False)
    crm_first_revision_id = fields.Many2one(
        "sale.order",
        string="First Revision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    crm_replaced_by_id = fields.Many2one(
        "sale.order",
        string="Replaced By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    crm_revision_count = fields.Integer(
        string="Revisions", compute="_compute_crm_revision_count", compute_sudo=True
    )

    _crm_revision_uniq = models.UniqueIndex(
        "(crm_first_revision_id, crm_revision) WHERE crm_first_revision_id IS NOT NULL",
        "Somebody made this revision at the same moment. Reload the page.",
    )

    @api.depends("crm_first_revision_id", "crm_replaced_by_id")
    def _compute_crm_revision_count(self):
        firsts = self._get_first_revisions()
        counts = dict(
            self._read_group(
                [("crm_first_revision_id", "in", firsts.ids)],
                ["crm_first_revision_id"],
                ["__count"],
            )
        )
        for order in self:
            first = order._get_first_revisions()
            order.crm_revision_count = counts[first] + 1 if first in counts else 0

    # -- CRUD ------------------------------------------------------------------------------------

    def write(self, vals):
        if any(not _is_unfrozen(name) for name in vals):
            self._check_not_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_revised(self):
        if any(order.crm_first_revision_id or order.crm_last_revision for order in self):
            raise UserError(
                self.env._("Revisions of a quotation are kept. Cancel the latest one instead.")
            )

    def _check_not_frozen(self):
        """Refuse changes of revisions that were replaced.

        :raises UserError: with the revision that counts now
        """
        frozen = self.filtered("crm_replaced_by_id")[:1]
        if frozen:
            raise UserError(
                self.env._(
                    "%(name)s was replaced by %(latest)s and stays as it was.",
                    name=frozen.name,
                    # sudo: the later revision may be another salesperson's
                    latest=frozen.sudo()._get_latest_revision().name,
                )
            )

    # -- actions ---------------------------------------------------------------------------------

    def action_crm_revise(self):
        """Make the next revision of this quotation and open it; this one is frozen.

        :raises UserError: it is confirmed or cancelled, or was replaced already
        """
        self.ensure_one()
        revision = self._revise()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Quotation"),
            "res_model": "sale.order",
            "views": [(False, "form")],
            "res_id": revision.id,
        }

    def action_crm_view_revisions(self):
        """Open all revisions of this quotation, the latest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_sales.sale_order_action_revision"
        )
        action["domain"] = self._get_revision_domain()
        return action

    def action_crm_compare(self):
        """Compare two revisions: the two selected, or this one with the one before."""
        pair = self if len(self) != 1 else self._get_previous_revision() | self
        if len(pair) != 2 or len(pair._get_first_revisions()) != 1:
            raise UserError(self.env._("Choose two revisions of the same quotation."))
        before, after = pair.sorted("crm_revision")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Revisions"),
            "res_model": "crm.quotation.compare",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_before_id": before.id,
                "default_after_id": after.id,
                "dialog_size": "extra-large",
            },
        }

    # -- business --------------------------------------------------------------------------------

    def _revise(self):
        """Return the next revision of this quotation, a draft with the same content."""
        self.ensure_one()
        self.check_access("write")
        self.flush_recordset()
        first = self._get_first_revisions()
        [(number,)] = self.env.execute_query(
            SQL(
                "UPDATE sale_order SET crm_last_revision = COALESCE(crm_last_revision, 0) + 1"
                " WHERE id = %s RETURNING crm_last_revision",
                first.id,
            )
        )
        self.invalidate_recordset()
        # sudo: the first revision may be of another salesperson
        first.sudo().invalidate_recordset(["crm_last_revision"])
        self._check_not_frozen()
        if self.state not in ("draft", "sent"):
            raise UserError(
                self.env._(
                    "Only a quotation that is neither confirmed nor cancelled can be revised:"
                    " %(name)s.",
                    name=self.name,
                )
            )
        revision = self.copy(self._prepare_revision_values(first, number))
        # the host reads costs anew in a copy; a revision is the same quotation
        for old, new in zip(self._get_copiable_order_lines(), revision.order_line, strict=True):
            new.purchase_price = old.purchase_price
        self.write({"crm_replaced_by_id": revision.id, "state": "cancel"})
        self.message_post(body=self.env._("Replaced by %(name)s.", name=revision.name))
        return revision

    def _prepare_revision_values(self, first, number):
        self.ensure_one()
        # sudo: the first revision may be of another salesperson
        name = first.sudo().name
        return {
            "name": f"{name}-R{number}",
            "crm_revision": number,
            "crm_first_revision_id": first.id,
            "client_order_ref": self.client_order_ref,
            "commitment_date": self.commitment_date,
        }

    def _get_first_revisions(self):
        """Return the first revision of each; a quotation without revisions is its own first."""
        return self.browse(
            dict.fromkeys((order.crm_first_revision_id or order)._origin.id for order in self)
        )

    def _get_revision_domain(self):
        first = self._get_first_revisions()
        return ["|", ("id", "in", first.ids), ("crm_first_revision_id", "in", first.ids)]

    def _get_latest_revision(self):
        """Return the revision that counts."""
        self.ensure_one()
        order = self
        while order.crm_replaced_by_id:
            order = order.crm_replaced_by_id
        return order

    def _get_previous_revision(self):
        self.ensure_one()
        return self.search(
            Domain(self._get_revision_domain()) & Domain("crm_revision", "<", self.crm_revision),
            order="crm_revision DESC",
            limit=1,
        )


def _is_unfrozen(name):
    return name in UNFROZEN or name.startswith(UNFROZEN_PREFIXES)
