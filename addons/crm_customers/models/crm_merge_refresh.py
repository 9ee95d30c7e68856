from odoo import api, models

from .kept_state import is_kept


class CrmMergeRefresh(models.AbstractModel):
    """Computes stored fields anew on documents whose customer was changed by SQL.

    Only what is purely computed: a field that people may edit keeps the value they gave it, as
    the host's own merge does.
    """

    _name = "crm.merge.refresh"
    _description = "Stored Figures after a Merge"

    @api.model
    def _refresh(self, moved):
        """Compute what depends on some changed links.

        :param dict moved: ``{(model, field): [id, ...]}``
        """
        self.env.invalidate_all(flush=False)
        known = {}
        for (model_name, field_name), ids in moved.items():
            field = self.env[model_name]._fields.get(field_name)
            if field is not None:
                self._follow(field, sorted(set(ids)), known, set())
        self.env.flush_all()

    @api.model
    def _refresh_partners(self, partners):
        """Compute the stored figures of partners; what is kept by methods stays."""
        depends = self.env.registry.field_depends
        for field in partners._fields.values():
            computed = field.store and field.compute and field.readonly and depends[field]
            if computed and not is_kept(field):
                self.env.add_to_compute(field, partners)
        self.env.flush_all()

    @api.model
    def _follow(self, field, ids, known, seen):
        """Mark the fields that depend on ``field`` of some records, and on those in turn."""
        for path, dependents in self.env.registry._field_triggers.get(field, {}).items():
            wanted = [one for one in dependents if self._matters(one, known, frozenset())]
            wanted = [one for one in wanted if (one, path) not in seen]
            if not wanted:
                continue
            records = self._find_dependents(wanted[0].model_name, path, ids)
            for one in wanted:
                seen.add((one, path))
                if one.store:
                    self.env.add_to_compute(one, records)
                self._follow(one, records._ids, known, seen)

    @api.model
    def _find_dependents(self, model_name, path, ids):
        """Return the records that lead to some others along a path of fields."""
        # sudo: figures are everybody's, whoever merges
        model = self.env[model_name].sudo().with_context(active_test=False)
        if not path:
            return model.browse(ids)
        return model.search([(".".join(step.name for step in reversed(path)), "in", ids)])

    @api.model
    def _matters(self, field, known, above):
        """Whether a field is stored and purely computed, or something such depends on it."""
        if field.store and (not field.compute or not field.readonly):
            return False
        if self.env[field.model_name]._transient:
            return False
        if field not in known:
            if field.store:
                known[field] = True
            elif field in above:
                return False
            else:
                triggers = self.env.registry._field_triggers.get(field, {})
                known[field] = any(
                    self._matters(one, known, above | {field})
                    for dependents in triggers.values()
                    for one in dependents
                )
        return known[field]
