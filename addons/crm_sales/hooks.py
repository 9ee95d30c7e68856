def post_init_hook(env):
    """Write the stage history of the opportunities that were there before this addon."""
    env["crm.lead.stage.log"]._backfill()
