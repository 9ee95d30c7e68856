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


def release_customers(env):
    """Let customers go from the pools, and the reminders of their return with the addon's type."""
    env.flush_all()
    env.cr.execute(SQL("UPDATE res_partner SET crm_pool_id = NULL WHERE crm_pool_id IS NOT NULL"))
    env.invalidate_all()
    reminder = env.ref("crm_customers.mail_activity_type_pool_return", raise_if_not_found=False)
    if reminder:
        activities = env["mail.activity"].with_context(active_test=False)
        activities.search([("activity_type_id", "=", reminder.id)]).unlink()


def restore_host_merge(env):
    """Put the host's own merge back into the list's actions."""
    action = env.ref("base.action_partner_merge", raise_if_not_found=False)
    if action:
        action.binding_model_id = env.ref("base.model_res_partner")


def uninstall_hook(env):
    """Contracts do not hold back the shipped working calendar, nor customers their pool."""
    release_shipped_records(env, "crm_customers")
    release_customers(env)
    restore_host_merge(env)
