"""Background work that is killed in the middle of a step goes on: nothing is lost or done twice."""

import os
import signal
import subprocess
import sys
import uuid

import psycopg2
import pytest
from kit import host_cli

ROWS = 60
TWINS = 30
STEP = 10

PREPARE = f"""
from odoo.addons.crm_customers.models import crm_import_log_queue
crm_import_log_queue.SMALL = 0
lines = ["reference,company_name,city"]
lines += [f"K-{{n}},Kilnworth {{n}} Ltd,Leeds" for n in range({ROWS})]
admin = env(user=env.ref("base.user_admin").id)
screen = admin["base_import.import"].create(
    {{"res_model": "res.partner", "file": "\\n".join(lines).encode(), "file_name": "killed.csv"}}
)
options = {{"encoding": "utf-8", "separator": ",", "quoting": '"', "has_headers": True}}
paths, names = ["ref", "name", "city"], ["reference", "company_name", "city"]
assert screen.crm_enqueue(paths, names, options)
while env["crm.dup.scan"]._scan_step():
    pass
people = [
    {{"name": f"Twin Nr{{n:04d}}x Person", "email": f"twin{{n}}@twins.example"}}
    for n in range({TWINS})
    for _copy in range(2)
]
env["res.partner"].create(people)
env.cr.commit()
"""
IMPORT = f"""
from odoo.addons.crm_customers.models import crm_import_log_run
crm_import_log_run.STEP = {STEP}
{{patch}}
env["crm.import.log"]._cron_import()
print("FINISHED", flush=True)
"""
SCAN = f"""
{{patch}}
while env["crm.dup.scan"]._scan_step({STEP}):
    env.cr.commit()
print("FINISHED", flush=True)
"""
# The third step does all its work, and hangs before it is committed.
HANG = """
import time
model = type(env["{model}"])
original, calls = model.{method}, []
def hang(self, *args, **kwargs):
    result = original(self, *args, **kwargs)
    calls.append(1)
    if len(calls) == 3:
        print("MIDDLE", flush=True)
        time.sleep(600)
    return result
model.{method} = hang
"""


@pytest.fixture(scope="module")
def database():
    """A copy of the run's template with a file in the queue and persons to compare."""
    name = f"killed_{uuid.uuid4().hex[:12]}"
    subprocess.run(["createdb", "-T", os.environ["CRM_SUITE_TEMPLATE"], name], check=True)
    try:
        run(name, PREPARE)
        yield name
    finally:
        subprocess.run(["dropdb", "--force", name], check=True)


def start(database, program):
    """Start a program in a server process of its own."""
    command = [sys.executable, str(host_cli.LAUNCHER), "shell", "-d", database, "--no-http"]
    process = subprocess.Popen(
        [*command, "--log-level", "error"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.stdin.write(program)
    process.stdin.close()
    return process


def run(database, program):
    """Run a program to its end; return what it printed."""
    process = start(database, program)
    printed = process.stdout.read()
    assert process.wait() == 0, printed
    return printed


def kill_in_the_middle(database, program):
    """Run a program until it says that it is in the middle of a step, and kill it."""
    process = start(database, program)
    for line in process.stdout:
        if "MIDDLE" in line:
            break
    else:
        pytest.fail("the program never came to its third step")
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def read(database, query):
    """Rows of a query on what was committed."""
    connection = psycopg2.connect(dbname=database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def test_a_killed_import_goes_on_and_brings_each_row_in_once(database):
    hang = HANG.format(model="crm.import.row", method="_settle")
    kill_in_the_middle(database, IMPORT.format(patch=hang))
    count = "SELECT count(*) FROM res_partner WHERE name LIKE 'Kilnworth %'"
    assert read(database, count) == [(2 * STEP,)]
    state = "SELECT state, row_read, created_count FROM crm_import_log WHERE name = 'killed.csv'"
    assert read(database, state) == [("running", 2 * STEP, 2 * STEP)]
    assert "FINISHED" in run(database, IMPORT.format(patch=""))
    assert read(database, count) == [(ROWS,)]
    assert read(database, state) == [("done", ROWS, ROWS)]
    rows = (
        "SELECT count(*), count(DISTINCT record_id), count(DISTINCT p.ref) FROM crm_import_row r"
        " JOIN crm_import_log l ON l.id = r.log_id AND l.name = 'killed.csv'"
        " JOIN res_partner p ON p.id = r.record_id WHERE outcome = 'created'"
    )
    assert read(database, rows) == [(ROWS, ROWS, ROWS)]


def test_a_killed_scan_goes_on_and_lists_each_pair_once(database):
    hang = HANG.format(model="crm.dup.pair", method="_upsert")
    kill_in_the_middle(database, SCAN.format(patch=hang))
    assert read(database, "SELECT count(*) > 0 FROM crm_dup_queue") == [(True,)]
    assert "FINISHED" in run(database, SCAN.format(patch=""))
    assert read(database, "SELECT count(*) FROM crm_dup_queue") == [(0,)]
    pairs = (
        "SELECT one.name, count(*) FROM crm_dup_pair p"
        " JOIN res_partner one ON one.id = p.partner_id"
        " JOIN res_partner other ON other.id = p.other_id WHERE one.name LIKE 'Twin Nr%'"
        " AND other.name = one.name GROUP BY one.name"
    )
    found = dict(read(database, pairs))
    assert len(found) == TWINS
    assert set(found.values()) == {1}
