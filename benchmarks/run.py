"""Run the benchmarks: each measures the suite and its peers in turns, in one process.

``run.py --database DB [--only NAME] [--scale 0.1]`` inside the host's environment, as ``make`` does
it. Prints medians and ratios, and writes the table to ``results.md`` when all have run; a
difference in the answers is an error, not a footnote. Each benchmark has a process of its own, so
that its peak memory is its own.
"""

import argparse
import importlib
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.md"
ROUNDS = 5


class Measure:
    """Times functions in turns and keeps the rows of the table.

    :ivar scale: factor on the sizes of a benchmark
    """

    def __init__(self, cr, scale: float):
        self.cr = cr
        self.scale = scale
        self.rows: list[dict] = []

    def size(self, number: int) -> int:
        """Return a size at the scale asked for."""
        return max(1, int(number * self.scale))

    def __call__(self, label, ours, peer, peer_name, wanted="", peer_in=nullcontext, same=True):
        """Time two functions alternately; keep and print medians, ratio and queries.

        :param ours: callable of the suite, returns its answers
        :param peer: callable to compare with, returns the same answers
        :param wanted: what was promised, in words
        :param peer_in: context the peer runs in, not timed
        :param same: whether the answers are compared
        :return: the ratio, how many times the peer's time is the suite's
        """
        seconds: dict[str, list[float]] = {"ours": [], "peer": []}
        queries: dict[str, int] = {}
        answers = {}
        for number in range(ROUNDS + 1):  # the first round warms up and compares
            for name, function, context in (("ours", ours, nullcontext), ("peer", peer, peer_in)):
                with context():
                    before = self.cr.sql_log_count
                    start = time.perf_counter()
                    answer = function()
                    passed = time.perf_counter() - start
                queries[name] = self.cr.sql_log_count - before
                if number:
                    seconds[name].append(passed)
                else:
                    answers[name] = answer
            if same and answers["ours"] != answers["peer"]:
                sys.exit(
                    f"{label}: the suite says {answers['ours']}, {peer_name} {answers['peer']}"
                )
        own, other = (statistics.median(seconds[name]) for name in ("ours", "peer"))
        self.rows.append(
            {
                "label": label,
                "ours": f"{own * 1e3:.2f} ms",
                "peer": f"{peer_name}: {other * 1e3:.2f} ms",
                "ratio": f"{other / own:.2f}",
                "queries": f"{queries['ours']} / {queries['peer']}",
                "wanted": wanted,
            }
        )
        print(
            f"{label}: suite {own * 1e3:.2f} ms, {peer_name} {other * 1e3:.2f} ms, ratio"
            f" {other / own:.2f} (medians of {ROUNDS}, {queries['ours']} / {queries['peer']}"
            " queries)",
            flush=True,
        )
        return other / own

    def count(self, work) -> int:
        """Return how many queries something costs, the second time."""
        work()
        before = self.cr.sql_log_count
        work()
        return self.cr.sql_log_count - before

    def note(self, label: str, figure: str, wanted: str = "", peer: str = "") -> None:
        """Keep and print a figure that is no pair of times."""
        row = {"label": label, "ours": figure, "peer": peer, "wanted": wanted}
        self.rows.append({"ratio": "", "queries": "", **row})
        print(f"{label}: {figure} {peer} {wanted and f'(promised: {wanted})'}", flush=True)

    def growth(self, label: str, small: float, large: float, factor: float, wanted: str) -> None:
        """Note the exponent by which a cost grew when the size grew by a factor."""
        self.note(f"{label}: growth", f"size^{math.log(large / small, factor):.2f}", wanted)


def main() -> None:
    found = sorted(path.stem for path in FOLDER.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--only", choices=found, help="one benchmark instead of all")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on all sizes")
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        run_one(options)
    else:
        run_all(options, found)


def run_one(options) -> None:
    """Run one benchmark in a transaction that is rolled back."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    arguments = ["-d", options.database, "--no-http", "--log-level=warn"]
    config.parse_config(arguments, setup_logging=True)
    with Registry(options.database).cursor() as cr:
        measure = Measure(cr, options.scale)
        env = api.Environment(cr, SUPERUSER_ID, {})
        importlib.import_module(options.only).run(env, measure)
        cr.rollback()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    measure.note("peak memory of the process", f"{peak} MB")
    if options.rows:
        options.rows.write_text(json.dumps(measure.rows))


def run_all(options, names: list[str]) -> None:
    """Run each benchmark in a process of its own, then write the table."""
    tables, failed = {}, []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            rows = Path(folder) / name
            print(f"\n{name}", flush=True)
            arguments = ["--database", options.database, "--only", name, "--rows", rows]
            arguments += ["--scale", str(options.scale)]
            command = [sys.executable, __file__, *map(str, arguments)]
            if subprocess.run(command, check=False).returncode:
                failed.append(name)
            else:
                tables[name] = json.loads(rows.read_text())
    if failed:
        sys.exit(f"\nThese benchmarks failed: {', '.join(failed)}.")
    RESULTS.write_text(make_page(options, tables, load))
    print(f"\nThe table is in {RESULTS.relative_to(FOLDER.parent)}.")


def make_page(options, tables: dict[str, list[dict]], load: float) -> str:
    """Return the results as a page of Markdown."""
    lines = [
        "# Results of `make bench`",
        "",
        describe(options.database, load),
        "",
        *(
            [f"**Sizes are {options.scale:g} of the whole ones.**", ""]
            if options.scale != 1
            else []
        ),
        "The ratio is the peer's time over the suite's: above 1 the suite is faster. Milliseconds"
        " depend on the machine and on who else uses it; ratios come from one run, in turns.",
    ]
    for name, rows in tables.items():
        lines += ["", f"## {name.removeprefix('bench_').replace('_', ' ').capitalize()}", ""]
        lines.append("| what | suite | compared with | ratio | queries | promised |")
        lines.append("|---|---|---|---|---|---|")
        columns = ("label", "ours", "peer", "ratio", "queries", "wanted")
        lines += [f"| {' | '.join(row[column] for column in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def describe(database: str, load: float) -> str:
    """Return the sentence on machine, versions and date."""
    import psycopg2

    from odoo import release

    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [server] = cursor.fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, {memory} GB,"
        f" {platform.system()} {platform.machine()}, load {load:.1f} at the start (above 0: the"
        f" machine was shared); Python {platform.python_version()}, PostgreSQL {server},"
        f" Odoo {release.version}. Medians of {ROUNDS} after one round to warm up."
    )


if __name__ == "__main__":
    main()
