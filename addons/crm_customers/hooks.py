from odoo.tools import SQL


def release_shipped_records(env, addon):
    """Let the records that an addon ships go before the tables that refer to them.

    The host uninstalls an addon's records first and its tables afterwards. A stage that a ticket
    is in would be refused, logged as an error and left over, although the ticket goes as well.

    :param str addon: the addon that is being uninstalled; only its own tables are touched
    """
    tables = [
        model._table
        for model in env.values()
        if model._original_module == addon and model._auto and not model._abstract
    ]
    env.flush_all()
    restricting = env.execute_query(
        SQL(
            """
            SELECT relation.relname, link.conname
              FROM pg_constraint link
              JOIN pg_class relation ON relation.oid = link.conrelid
             WHERE link.contype = 'f' AND link.confdeltype = 'r' AND relation.relname IN %s
            """,
            tuple(tables),
        )
    )
    for table, name in restricting:
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(name),
            )
        )


def uninstall_hook(env):
    """Contracts do not hold back the working calendar that this addon ships."""
    release_shipped_records(env, "crm_customers")
