from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class HandoverSource(NamedTuple):
    """A kind of document that has an owner and may pass on with its customer.

    :param model: name of the model
    :param label: translated name of the kind, as users call it
    :param owner: field with the owner
    :param partner: field with the customer or a contact of it; None: hangs on no customer
    :param domain: what is still open; the rest keeps its owner as history
    :param follows: whether it follows the customer when that is claimed, assigned or released
    :param released: values on release to the pool, besides the empty owner; None: keeps its owner
    :param pooled: domain of those released, which a new owner receives
    """

    model: str
    label: str
    owner: str = "user_id"
    partner: str | None = "partner_id"
    domain: tuple = ()
    follows: bool = False
    released: dict | None = None
    pooled: tuple | None = None


class ResPartner(models.Model):
    """What goes along when a customer gets another owner."""

    _inherit = "res.partner"

    @api.model
    def _crm_handover_sources(self):
        """Hook: the kinds of documents that a handover moves; extend with ``super()``.

        :rtype: list of ``HandoverSource``
        """
        return [
            HandoverSource(
                "crm.lead",
                self.env._("Leads and opportunities"),
                domain=(("won_status", "=", "pending"),),
                follows=True,
                released={"crm_pooled": True},
                pooled=(("crm_pooled", "=", True),),
            ),
            HandoverSource(
                "mail.activity",
                self.env._("Open activities"),
                partner="crm_customer_id",
                follows=True,
                released={},
                pooled=(),
            ),
            HandoverSource(
                "crm.contract",
                self.env._("Contracts"),
                domain=(("state", "in", ("draft", "signed", "suspended")),),
            ),
        ]

    def _hand_over_followers(self, old_owners, documents):
        """Move contacts, and documents where asked, from the old owners to the customers' owner.

        :param dict old_owners: owner before, by customer id
        :param documents: whether leads, activities and what addons add follow as well
        """
        for owner, customers in self.grouped("user_id").items():
            customers._hand_over_contacts(old_owners, owner)
            if documents:
                previous = customers._get_last_owners(old_owners)
                for source in self._crm_handover_sources():
                    if source.follows:
                        customers._hand_over_documents(source, previous, owner)

    def _hand_over_contacts(self, old_owners, owner):
        """Give contacts that had the customer's old owner, or none, the new one."""
        contacts = self.env["res.partner"].search(
            [("commercial_partner_id", "in", self.ids), ("id", "not in", self.ids)]
        )
        followed = contacts.filtered(
            lambda contact: (
                not contact.user_id
                or contact.user_id == old_owners.get(contact.commercial_partner_id.id)
            )
        )
        if followed:
            followed.write({"user_id": owner.id})

    def _get_last_owners(self, old_owners):
        """Return who owned each customer last, also before it lay in the pool, by customer id."""
        known = {cid: old_owners[cid] for cid in self.ids if old_owners.get(cid)}
        missing = [cid for cid in self.ids if cid not in known]
        if not missing:
            return known
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT ON (partner_id) partner_id, from_user_id FROM crm_owner_log"
                " WHERE partner_id = ANY(%s) AND from_user_id IS NOT NULL"
                " ORDER BY partner_id, date DESC, id DESC",
                missing,
            )
        )
        users = self.env["res.users"].browse(user_id for _cid, user_id in rows)
        return known | {row[0]: user for row, user in zip(rows, users, strict=True)}

    def _hand_over_documents(self, source, previous, owner):
        """Move one kind of document of these customers; released ones go to a new owner."""
        if not owner and source.released is None:
            return
        documents = self.env[source.model].search(
            Domain(f"{source.partner}.commercial_partner_id", "in", self.ids)
            & Domain(source.domain)
            & (
                Domain(source.owner, "in", [user.id for user in previous.values()])
                | (
                    Domain(source.owner, "=", False) & Domain(source.pooled)
                    if owner and source.pooled is not None
                    else Domain.FALSE
                )
            )
        )
        moved = documents.filtered(
            lambda row: (
                not row[source.owner]
                or row[source.owner] == previous.get(row[source.partner].commercial_partner_id.id)
            )
        )
        if moved:
            values = {source.owner: owner.id} | ({} if owner else source.released)
            # mail_activity_quick_update: the host's way to move many without a mail for each
            moved.with_context(mail_activity_quick_update=True).write(values)
