"""State of a customer that only methods of the suite write."""

COMPUTE = "_compute_crm_kept"


def kept(field_class, string, **options):
    """Declare a stored field of ``res.partner`` that is computed from nothing.

    A plain field would be carried to another record by the host's merge and by a copy; a computed
    one is left alone. It is not readonly, or the host would drop the values with which superuser
    code creates a customer; ``write`` refuses everybody else.

    :param field_class: class of ``odoo.fields``
    """
    return field_class(
        string=string, compute=COMPUTE, store=True, precompute=True, readonly=False, **options
    )


def is_kept(field):
    """Whether a field of ``res.partner`` was declared by ``kept``."""
    return field.compute == COMPUTE


def kept_names(model):
    """The names of the fields of ``res.partner`` that were declared by ``kept``."""
    return [name for name, field in model._fields.items() if is_kept(field)]
