"""Run the benchmarks: each measures the suite and its peer in turns, in the same process.

``run.py --database DB [--only NAME]`` inside the host's environment, as ``make bench`` does it.
Prints the medians and their ratio; a difference in the answers is an error, not a footnote.
"""

import argparse
import importlib
import statistics
import sys
import time
from pathlib import Path

ROUNDS = 5


def measure(label: str, ours, peer, peer_name: str) -> None:
    """Time two functions alternately and print medians and ratio.

    :param ours: callable of the suite, returns its answers
    :param peer: callable to compare with, returns the same answers
    """
    if ours() != peer():
        sys.exit(f"{label}: the suite and {peer_name} give different answers")
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    for _round in range(ROUNDS):
        for name, function in (("ours", ours), ("peer", peer)):
            start = time.perf_counter()
            function()
            seconds[name].append(time.perf_counter() - start)
    own, other = (statistics.median(seconds[name]) for name in ("ours", "peer"))
    print(
        f"{label}: suite {own * 1e3:.2f} ms, {peer_name} {other * 1e3:.2f} ms, "
        f"ratio {other / own:.1f} (medians of {ROUNDS})",
        flush=True,
    )


def main() -> None:
    folder = Path(__file__).resolve().parent
    found = sorted(path.stem for path in folder.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--only", choices=found, help="one benchmark instead of all")
    options = parser.parse_args()

    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    arguments = ["-d", options.database, "--no-http", "--log-level=warn"]
    config.parse_config(arguments, setup_logging=True)
    for name in [options.only] if options.only else found:
        with Registry(options.database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            importlib.import_module(name).run(env, measure)
            cr.rollback()


if __name__ == "__main__":
    main()
