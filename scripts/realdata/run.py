"""Import the data sets of a folder and write the figures of the product's reports.

Run inside the host's environment (ODOO_RC set), on a database with the addons and no demo data.
Every data set is a module of this folder with a ``NAME``, the ``FILES`` it is recognised by,
``load(session, paths)``, which imports them through the product's own import paths, and
``figures(session, loaded)``, which reads what the product says of them; ``loaded`` is what ``load``
returned. Nothing that a report could say is computed here.
"""

import argparse
import contextlib
import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from realdata import (
    bounces,
    china_division,
    cn_listed,
    company_pairs,
    febrl1,
    febrl4,
    gleif,
    mail,
    maven,
    phones,
    receivables,
    restaurants,
    rmb,
    sla_vectors,
    uscc,
    workdays,
)
from realdata.session import Session

DATASETS = (
    maven,
    febrl1,
    febrl4,
    restaurants,
    company_pairs,
    cn_listed,
    gleif,
    uscc,
    phones,
    rmb,
    china_division,
    workdays,
    sla_vectors,
    mail,
    bounces,
    receivables,
)


def find_files(folder: Path, names: dict[str, str]) -> dict[str, Path]:
    """The files of a data set, wherever they are in the folder; empty when one is missing.

    :param names: by what the data set calls a file, a pattern for its name
    """
    found = {part: sorted(folder.rglob(pattern)) for part, pattern in names.items()}
    return {part: paths[0] for part, paths in found.items()} if all(found.values()) else {}


@contextlib.contextmanager
def open_session(database: str) -> Iterator[Session]:
    """A session that commits after each step, as the web client's requests do."""
    arguments = ["--database", database, "--log-level", "warn"]
    odoo.tools.config.parse_config(arguments, setup_logging=True)
    with Registry(database).cursor() as cursor:
        yield Session(api.Environment(cursor, SUPERUSER_ID, {}), after_step=cursor.commit)


def run(session: Session, folder: Path, write_row) -> int:
    """Import what the folder holds and write the rows; return how many data sets there were."""
    count = 0
    for dataset in DATASETS:
        paths = find_files(folder, dataset.FILES)
        if not paths:
            print(f"{dataset.NAME}: not in the folder, left out")
            continue
        count += 1
        start = time.monotonic()
        loaded = dataset.load(session, paths)
        print(f"{dataset.NAME}: imported in {time.monotonic() - start:.0f} s")
        for metric, piece, value in dataset.figures(session, loaded):
            write_row((dataset.NAME, metric, piece, value))
    return count


def main() -> int:
    """Read the arguments, run, and say in one line what went wrong if something did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with options.out.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("dataset", "metric", "slice", "value"))
        with open_session(options.database) as session:
            count = run(session, options.data, writer.writerow)
    if not count:
        print(f"No known data set in {options.data}: see the file names in the README.")
        return 1
    print(f"Figures written to {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
