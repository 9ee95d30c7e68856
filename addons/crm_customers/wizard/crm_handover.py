from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmHandover(models.TransientModel):
    """Hands everything a leaver owns over to others, all of it or nothing.

    Owns nothing lasting. Who: pool administrators and sales managers. Two at once: the customers'
    rows are locked, a second handover of the same ones is refused. Half of it: one transaction.
    A million rows: one search and one write a kind of document.
    """

    _name = "crm.handover"
    _description = "Hand Over"

    from_user_id = fields.Many2one(
        "res.users",
        string="Leaver",
        required=True,
        domain="[('share', '=', False)]",
        context={"active_test": False},
        help="Who leaves or changes to another job. May be archived already.",
    )
    target = fields.Selection(
        [
            ("user", "One colleague"),
            ("split", "Several colleagues"),
            ("pool", "The public pool"),
        ],
        string="Customers Go to",
        required=True,
        default="user",
    )
    to_user_id = fields.Many2one(
        "res.users",
        string="To",
        domain="[('share', '=', False), ('id', '!=', from_user_id)]",
        help="With the pool as target: who gets the documents that do not go with a customer.",
    )
    pool_id = fields.Many2one("crm.pool")
    partner_ids = fields.Many2many(
        "res.partner", string="Only These Customers", help="Empty: all customers of the person."
    )
    reason = fields.Char()
    line_ids = fields.One2many(
        "crm.handover.line",
        "handover_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    customer_count = fields.Integer(string="Customers", compute="_compute_customer_count")

    @api.depends("from_user_id", "partner_ids")
    def _compute_customer_count(self):
        for handover in self:
            handover.customer_count = len(handover._get_customers())

    @api.depends("from_user_id", "partner_ids")
    def _compute_line_ids(self):
        sources = self.env["res.partner"]._crm_handover_sources()
        for handover in self:
            counts = handover._count_documents(sources) if handover.from_user_id else {}
            handover.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "source": index,
                            "name": source.label,
                            "count": counts[index],
                            "follows": source.follows,
                        }
                    )
                    for index, source in enumerate(sources)
                    if counts.get(index)
                ),
            ]

    def action_confirm(self):
        """Hand over, then tell what went."""
        self.ensure_one()
        self._check_ready()
        customers = self._get_customers()
        documents = self._take_documents()
        pooled = self.target == "pool"
        heirs = {}
        if customers:
            customers = self.env["crm.pool"]._lock_customers(customers)
            if pooled:
                customers._watch(self.pool_id)
            heirs = self._get_heirs(customers)
            reason = self.reason or self.env._("%(user)s handed over", user=self.from_user_id.name)
            for user, share in customers.grouped(lambda row: heirs[row.id]).items():
                share._change_owner(user, "leave", reason)
        for source, records in documents:
            self._move(source, records, heirs)
        if pooled:
            return {"type": "ir.actions.act_window_close"}
        return customers.sudo(False)._get_customers_action()

    def _check_ready(self):
        if self.target == "user" and not self.to_user_id:
            raise UserError(self.env._("Choose who takes over."))
        if self.target == "user" and not self.to_user_id.active:
            raise UserError(self.env._("Choose a colleague who can still log in."))
        if self.target == "pool" and not self.pool_id:
            raise UserError(self.env._("Choose the pool that takes the customers."))
        if self.target == "pool":
            self.pool_id._check_admin()
        if self.to_user_id and self.to_user_id == self.from_user_id:
            raise UserError(self.env._("Choose two different people."))

    def _get_customers(self):
        """Return the customers that go, as the person owns them now."""
        if not self.from_user_id:
            return self.env["res.partner"]
        domain = (
            Domain("user_id", "=", self.from_user_id.id)
            & Domain("crm_is_customer", "=", True)
            & Domain("partner_share", "=", True)  # colleagues are nobody's customers
        )
        if self.partner_ids:
            domain &= Domain("id", "in", self.partner_ids.ids)
        # sudo: a handover leaves nothing behind, whatever its author may see
        return self.env["res.partner"].sudo().with_context(active_test=False).search(domain)

    def _get_heirs(self, customers):
        """Return who gets each of the customers: ``{partner_id: user}``, no user for the pool."""
        user = self.env["res.users"] if self.target == "pool" else self.to_user_id
        return dict.fromkeys(customers.ids, user)

    def _get_document_domain(self, source):
        """Return the domain of a kind of document that the person owns and that is open."""
        domain = Domain(source.owner, "=", self.from_user_id.id) & Domain(source.domain)
        if self.partner_ids:
            domain &= (
                Domain(f"{source.partner}.commercial_partner_id", "in", self.partner_ids.ids)
                if source.partner
                else Domain.FALSE
            )
        return domain

    def _count_documents(self, sources):
        return {index: self._count_source(source) for index, source in enumerate(sources)}

    def _count_source(self, source):
        # sudo: counts only, of what the handover will move
        documents = self.sudo().env[source.model]
        return documents.search_count(self._get_document_domain(source))

    def _take_documents(self):
        """Return the included documents, found before the customers change owner."""
        sources = self.env["res.partner"]._crm_handover_sources()
        included = [sources[line.source] for line in self.line_ids if line.included]
        return [(source, self._find_source(source)) for source in included]

    def _find_source(self, source):
        # sudo: a handover leaves nothing behind, whatever its author may see
        documents = self.sudo().env[source.model]
        return documents.search(self._get_document_domain(source))

    def _move(self, source, records, heirs):
        """Give what did not go with its customer to who got the customer, else to the colleague."""
        left = records.exists().filtered(lambda row: row[source.owner] == self.from_user_id)

        def heir(row):
            customer = row[source.partner].commercial_partner_id if source.partner else None
            return (customer and heirs.get(customer.id)) or self.to_user_id

        for user, rows in left.grouped(heir).items():
            if user:
                self._give(rows, source.owner, user)

    def _give(self, documents, field, user):
        # mail_activity_quick_update: the host's way to move many without a mail for each
        documents.with_context(mail_activity_quick_update=True).write({field: user.id})
