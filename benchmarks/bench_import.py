"""Importing a file of 20,000 customers in the background: speed, queries, and memory.

Memory is measured as the process's highest so far, first with a tenth of the rows: what the file's
length adds is what grows. The host's own import of the same file runs in one go.
"""

import random
import resource
import time

from odoo import Command

ROWS = 20_000
SEED = 20261122
CHARACTERS = "华东南北中精工科技实业贸易机械电子能源医药建材海天龙凤金银星辰宇宙光明远大鸿运昌盛"
HEADINGS = "reference,company_name,street,city,zip,country,phone,email,website"
OPTIONS = {
    "encoding": "utf-8",
    "separator": ",",
    "quoting": '"',
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "advanced": True,
    "has_headers": True,
    "keep_matches": False,
    "skip": 0,
    "limit": 2000,
}


def run(env, measure) -> None:
    """Import a tenth of the rows, then all of them, each in a transaction that is undone."""
    user = env.ref("base.user_admin")
    user.group_ids = [Command.link(env.ref("sales_team.group_sale_manager").id)]
    env = env(user=user.id, context={"lang": "en_US", "allowed_company_ids": user.company_ids.ids})
    peaks, speeds = [], []
    for count in (measure.size(ROWS // 10), measure.size(ROWS)):
        with env.cr.savepoint() as savepoint:
            seconds, queries = _import(env, count)
            savepoint.rollback()
        env.invalidate_all()
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        speeds.append(seconds / count)
        measure.note(
            f"{count} rows in the background",
            f"{count / seconds:.0f} rows/s, {queries / count:.2f} queries a row,"
            f" {peaks[-1]:.0f} MB at most",
        )
    measure.note("memory with ten times the rows", f"{peaks[1] / peaks[0]:.2f} x", "at most 1.15")
    measure.growth("seconds of an import", speeds[0], speeds[1] * 10, 10, "1: by rows")
    few = measure.size(500)
    measure(
        f"{few} rows",
        lambda: _undone(env, lambda: _import(env, few) and None),
        lambda: _undone(env, lambda: _import_by_host(env, few)),
        "the host's import, which looks for no duplicates",
    )


def _make_file(count):
    """Return a file of different companies, made line by line."""
    generator = random.Random(SEED)
    lines = [HEADINGS]
    for number in range(count):
        name = "".join(generator.choices(CHARACTERS, k=5))
        digits = generator.randrange(10**7, 10**8)
        lines.append(
            f"B{number},{name}{number}有限公司,工业路{generator.randrange(9999)}号,苏州,"
            f"{generator.randrange(10**5, 10**6)},CN,0512-{digits},u{number}@c{number}.example,"
            f"https://c{number}.example"
        )
    return "\n".join(lines).encode()


def _make_screen(env, data):
    return env["base_import.import"].create(
        {
            "res_model": "res.partner",
            "file": data,
            "file_name": "benchmark.csv",
            "file_type": "text/csv",
        }
    )


def _import(env, count):
    """Import a file as the job does; return seconds and queries."""
    screen = _make_screen(env, _make_file(count))
    columns = HEADINGS.split(",")
    _profile, found = env["crm.import.profile"]._find_profile("res.partner", columns)
    paths = [found[index].path for index in range(len(columns))]
    env.flush_all()
    start, before = time.perf_counter(), env.cr.sql_log_count
    log = env["crm.import.log"].browse(screen.crm_enqueue(paths, columns, OPTIONS, False))
    while log.sudo().state == "running":
        env["crm.import.log"].sudo()._work()
        env.invalidate_all()
    if log.created_count != count:
        raise SystemExit(f"{log.created_count} of {count} rows came in: {log.error}")
    return time.perf_counter() - start, env.cr.sql_log_count - before


def _import_by_host(env, count):
    """Import the same values by the host's own way."""
    screen = _make_screen(env, _make_file(count))
    fields = ["ref", "name", "street", "city", "zip", "country_id", "phone", "email", "website"]
    # with other headings than a profile's the file takes the host's way
    columns = [f"Column {index}" for index in range(len(fields))]
    result = screen.execute_import(fields, columns, OPTIONS | {"limit": count})
    env.flush_all()
    if not result["ids"]:
        raise SystemExit(f"the host's import refused the file: {result['messages'][:1]}")


def _undone(env, work):
    """Run work and roll it back."""
    with env.cr.savepoint() as savepoint:
        result = work()
        savepoint.rollback()
    env.invalidate_all()
    return result
