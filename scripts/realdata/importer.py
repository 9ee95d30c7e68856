"""Import a file as a person does in the web client's import screen."""

from pathlib import Path

# The options the import screen starts with.
SCREEN_OPTIONS = {
    "encoding": "",
    "separator": "",
    "quoting": '"',
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "advanced": True,
    "has_headers": True,
    "keep_matches": False,
    "limit": 2000,
    "sheets": [],
    "sheet": "",
    "skip": 0,
    "tracking_disable": True,
    "import_skip_records": [],
    "import_set_empty_fields": [],
    "fallback_values": {},
    "name_create_enabled_fields": {},
}
SUFFIX_TYPES = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ImportFailed(Exception):
    """The import screen shows an error instead of importing."""


def import_file(env, model, path, *, test=False, after_step=lambda: None, **chosen):
    """Load a file, take the mapping that is suggested and import step by step.

    :param env: environment of the user who imports
    :param test: press "Test" instead of "Import"
    :param chosen: further options of the import screen
    :param after_step: called after each step; the web client's requests commit there
    :return: the sums of what the steps answered, with ``log_id``
    :raise ImportFailed: with the messages of the import screen
    """
    path = Path(path)
    screen = env["base_import.import"].create(
        {
            "res_model": model,
            "file": path.read_bytes(),
            "file_name": path.name,
            "file_type": SUFFIX_TYPES.get(path.suffix, "text/csv"),
        }
    )
    preview = screen.parse_preview({**SCREEN_OPTIONS, **chosen})
    if preview.get("error"):
        raise ImportFailed(f"{path.name}: {preview['error']}")
    headings = preview["headers"]
    matches = {int(index): "/".join(names) for index, names in preview["matches"].items()}
    fields = [matches.get(index, False) for index in range(len(headings))]
    columns = [heading.strip().lower() for heading in headings]
    options = {**preview["options"], "skip": 0}
    totals = {}
    while True:
        answer = screen.with_context(tracking_disable=True).execute_import(
            fields, columns, {**SCREEN_OPTIONS, **chosen, **options}, dryrun=test
        )
        if answer.get("messages"):
            raise ImportFailed("\n".join(message["message"] for message in answer["messages"]))
        after_step()
        add_step(totals, answer["crm_import"])
        if not answer["nextrow"]:
            return totals
        options["skip"] = answer["nextrow"]


def add_step(totals, step):
    """Add what one step answered to the sums of the import."""
    for name, value in step.items():
        if name == "log_id":
            totals[name] = value
        elif name == "findings":
            totals.setdefault(name, []).extend(value)
        else:
            totals[name] = totals.get(name, 0) + value
