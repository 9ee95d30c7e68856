from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL, html2plaintext, is_html_empty

from .kept_state import is_kept, kept_names

# Said elsewhere: by rules of the merge, by the host's steps, or no value that people give.
NO_CHOICE = {
    "active",
    "calendar_last_notif_ack",
    "commercial_partner_id",
    "company_id",
    "contact_address_complete",
    "crm_parent_id",
    "parent_id",
    "partner_share",
}
PICTURE = "image_1920"
PICTURES = ("image_1920", "image_1024", "image_512", "image_256", "image_128")


class CrmMergeChoice(models.AbstractModel):
    """The fields in which customers differ, and whose value stays.

    By default the survivor's value stays, or the first other one where it has none; notes, tags
    and properties are united.
    """

    _name = "crm.merge.choice"
    _description = "Values that Stay in a Merge"

    @api.model
    def _get_computed_names(self):
        """Return the editable computed fields of a customer, which the host's merge forgets."""
        return [
            field.name
            for field in self.env["res.partner"]._fields.values()
            if field.store
            and field.column_type
            and field.compute
            and not field.related
            and not field.readonly
            and not field.company_dependent
            and field.type != "properties"
            and not is_kept(field)
            and field.name not in NO_CHOICE
        ]

    @api.model
    def _get_names(self):
        """Return the fields that can be chosen, of those the user may see."""
        partners = self.env["res.partner"]
        visible = partners.fields_get(attributes=["type"])
        summed = set(self.env["base.partner.merge.automatic.wizard"]._get_summable_fields())
        skipped = NO_CHOICE | summed | {"id", "create_uid", "create_date", *kept_names(partners)}
        names = []
        for name in visible:
            field = partners._fields[name]
            if name in skipped or name in ("write_uid", "write_date") or not field.store:
                continue
            if field.type in ("one2many", "json", "many2one_reference"):
                continue
            if field.readonly and name != "crm_code":
                continue
            if field.type in ("binary", "image") and name != PICTURE:
                continue
            if field.type == "many2many" and not field.relation:
                continue
            names.append(name)
        return names

    @api.model
    def _get_defaults(self, survivor, sources):
        """Return whose value stays when nobody chooses: ``{field: partner id or "all"}``."""
        return {
            row["name"]: row["default"]
            for row in self._compare(survivor, survivor | sources)
            if row["conflict"] or row["default"] == "all"
        }

    @api.model
    def _compare(self, survivor, partners):
        """Return the fields in which customers differ, real conflicts first.

        :return: dicts with ``name``, ``label``, ``conflict``, ``default``, ``joint`` (may be
            united) and ``options`` (``id``, ``text``, ``picture``)
        """
        ordered = survivor | partners
        labels = self.env["res.partner"].fields_get(self._get_names(), ["string"])
        rows = []
        for name in self._get_names():
            field = self.env["res.partner"]._fields[name]
            texts = {partner.id: self._describe(field, partner) for partner in ordered}
            filled = [number for number, text in texts.items() if text]
            if len(set(texts.values())) < 2 or not filled:
                continue
            if field.type == "boolean":
                filled = [partner.id for partner in ordered if partner[name]]
            joint = field.type in ("html", "text", "many2many", "properties")
            conflict = len({texts[number] for number in filled}) > 1
            default = survivor.id if survivor.id in filled else filled[0]
            if joint and (conflict or field.type in ("many2many", "properties")):
                default = "all"
            rows.append(
                {
                    "name": name,
                    "label": labels[name]["string"],
                    "conflict": conflict,
                    "default": default,
                    "joint": joint,
                    "options": [
                        {
                            "id": number,
                            "text": text,
                            "picture": field.type in ("binary", "image") and bool(text),
                            "may": bool(text) or name != "user_id",
                        }
                        for number, text in texts.items()
                    ],
                }
            )
        return sorted(rows, key=lambda row: not row["conflict"])

    @api.model
    def _describe(self, field, partner):
        """Return a value as people read it; two equal values read alike."""
        value = partner[field.name]
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type in ("binary", "image"):
            return partner._get_picture_mark() if value else ""
        if field.type == "html":
            return "" if is_html_empty(value) else html2plaintext(value).strip()
        if field.type == "many2many":
            return ", ".join(value.sudo().mapped("display_name"))  # sudo: names beside each other
        if field.type == "properties":
            return self._describe_properties(partner)
        if field.type in ("integer", "float", "monetary") and not value:
            return ""
        if not value:
            return ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "many2one":
            return value.sudo().display_name  # sudo: as above
        return str(field.convert_to_display_name(value, partner))

    @api.model
    def _describe_properties(self, partner):
        definitions = partner.read(["properties"])[0]["properties"] or []
        parts = []
        for one in definitions:
            value = one.get("value")
            if value in (None, False, "", []) or one.get("type") == "separator":
                continue
            if one["type"] == "many2one":
                value = value[1]
            elif one["type"] == "many2many":
                value = ", ".join(str(pair[1]) for pair in value)
            elif one["type"] == "selection":
                value = dict(one.get("selection") or []).get(value, value)
            parts.append(f"{one.get('string') or one['name']}: {value}")
        return "; ".join(parts)

    # ------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------

    @api.model
    def _read_values(self, survivor, partners, choices):
        """Read what was chosen, before anything moves.

        :return: ``({field: value to write}, {field: choice})``; the second are lists, properties
            and the picture, whose rows move and are not written
        """
        allowed = set(self._get_names())
        values, moved = {}, {}
        ordered = survivor | partners
        by_id = {partner.id: partner for partner in partners}
        for name, choice in choices.items():
            if name not in allowed:
                continue
            field = survivor._fields[name]
            if field.type in ("many2many", "properties") or name == PICTURE:
                moved[name] = choice
            elif choice == "all":
                values[name] = self._unite(field, ordered)
            elif choice in by_id:
                values[name] = field.convert_to_write(by_id[choice][name], by_id[choice])
        lists = {
            name: by_id[choice][name].ids
            for name, choice in moved.items()
            if choice in by_id and survivor._fields[name].type == "many2many"
        }
        lists.update({name: choice for name, choice in moved.items() if name not in lists})
        return values, lists

    @api.model
    def _unite(self, field, partners):
        """Return the texts of all customers below one another, each once."""
        texts = list(
            dict.fromkeys(
                partner[field.name]
                for partner in partners
                if partner[field.name]
                and not (field.type == "html" and is_html_empty(partner[field.name]))
            )
        )
        if field.type == "html":
            return Markup("<hr/>").join(texts)
        return "\n\n".join(texts)

    @api.model
    def _prepare(self, log, survivor, sources, lists):
        """Let the chosen picture move: those of the others go into the journal."""
        choice = lists.get(PICTURE)
        if choice not in sources._ids:
            return
        # sudo: rows move whoever may see them
        self.env["crm.merge.mover"].sudo()._delete_where(
            log,
            "ir_attachment",
            SQL(
                "res_model = 'res.partner' AND res_id = ANY(%s) AND res_field = ANY(%s)",
                [number for number in (survivor | sources).ids if number != choice],
                list(PICTURES),
            ),
            "ir.attachment",
        )

    @api.model
    def _apply(self, log, survivor, values, lists):
        """Give the survivor what was chosen."""
        # sudo: whoever may merge chose among values he sees; the rest was checked
        survivor = survivor.sudo()
        changed = {
            name: value
            for name, value in values.items()
            if survivor._fields[name].convert_to_write(survivor[name], survivor) != value
        }
        if "user_id" in changed:
            if changed["user_id"]:
                changed["crm_owner_how"] = "edit"
            else:
                del changed["user_id"]
        if changed:
            survivor.write(changed)
        self.env.flush_all()
        # sudo: rows move whoever may see them
        mover = self.env["crm.merge.mover"].sudo()
        for name, kept in lists.items():
            field = survivor._fields[name]
            if field.type != "many2many" or kept == "all":
                continue
            mover._delete_where(
                log,
                field.relation,
                SQL(
                    "%s = %s AND NOT (%s = ANY(%s))",
                    SQL.identifier(field.column1),
                    survivor.id,
                    SQL.identifier(field.column2),
                    kept,
                ),
            )
        self.env.invalidate_all()
