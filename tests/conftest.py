"""Fixtures of the cross-addon tests."""

import pytest


@pytest.fixture
def env():
    """The host's environment as superuser in a transaction that is rolled back."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    with Registry(get_db_name()).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
        cr.rollback()
