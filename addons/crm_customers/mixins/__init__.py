"""Abstract models that models of any name extend, hence loaded before them."""

from . import crm_judged_mixin, crm_ledger_mixin
