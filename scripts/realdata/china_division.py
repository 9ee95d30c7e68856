"""China's provinces, cities and districts, and how they belong together."""

from collections.abc import Iterator

from .formats import number

NAME = "china_division"
FILES = {
    "provinces": "china_division_provinces.csv",
    "cities": "china_division_cities.csv",
    "areas": "china_division_areas.csv",
}
LEVELS = ("province", "city", "area")


def load(session, paths) -> None:
    """Import the three files in the order in which divisions belong together."""
    for part in FILES:
        session.import_file(session.administrator, "crm.division", paths[part])


def figures(session, _loaded=None) -> Iterator[tuple[str, str, str]]:
    """Count the divisions by level, and those that belong to none."""
    divisions = session.manager["crm.division"]
    counts = dict(divisions._read_group([], ["level"], ["__count"]))
    orphans = dict(divisions._read_group([("parent_id", "=", False)], ["level"], ["__count"]))
    for level in LEVELS:
        yield "records", f"level={level}", number(counts.get(level, 0))
    for level in LEVELS[1:]:
        yield "records_without_parent", f"level={level}", number(orphans.get(level, 0))
