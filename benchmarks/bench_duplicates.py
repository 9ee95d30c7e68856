"""Duplicates: 5,000 persons twice, against splink, or against splink's time where it is missing.

Two answers are compared by their quality, not for being equal: the records are made here, so it is
known which of them are one person. The scan of the product and the suggestions are timed as well.
"""

import random
import statistics
import time

from odoo.addons.crm_customers.tools.matching import regions
from odoo.addons.crm_customers.tools.matching.cards import make_card
from odoo.addons.crm_customers.tools.matching.evidence import find_pairs

PERSONS = 5000
# Splink's time for as many persons (Febrl 4), idle machine, where it is not installed.
SPLINK_SECONDS = 5.8
CUSTOMERS = 200_000
TYPED = 40
SEED = 20261122
ROUNDS = 5
GIVEN = "ada ben cleo dora emil fay gus hana ivo jana kurt lena max nora otto pia rosa sven tom una"
FAMILY = "adler berg clausen dahl ebner falk gross hansen iversen jensen keller lund moser nagel"
STREETS = "harbour mill station church market garden forest river castle school bridge meadow"
CHARACTERS = sorted(set("".join(regions.CITIES)))
TRADES = ("科技", "实业", "贸易", "机械", "电子", "能源", "医药", "建材")
CITIES = ("上海", "北京", "深圳", "广州", "杭州", "南京", "武汉", "成都")


def run(env, measure) -> None:
    """Print what linking, scanning and suggesting cost."""
    link_persons(measure)
    suggest(env, measure)


def make_person(generator) -> dict:
    """A person with everything a form may ask for."""
    return {
        "name": f"{generator.choice(GIVEN.split())} {generator.choice(FAMILY.split())}",
        "birth": f"{generator.randint(1930, 2005)}{generator.randint(1001, 1228)}",
        "identity": str(generator.randint(10**6, 10**7)),
        "street": f"{generator.randint(1, 200)} {generator.choice(STREETS.split())} street",
        "city": generator.choice(STREETS.split()) + "ton",
        "zip": str(generator.randint(1000, 9999)),
    }


def spoil(generator, person: dict) -> dict:
    """The same person, written down by somebody else: up to three fields with a slip or empty."""
    copy = dict(person)
    for field in generator.sample(sorted(copy), generator.randint(0, 3)):
        text = copy[field]
        place = generator.randrange(len(text))
        copy[field] = generator.choice(("", text[:place] + text[place + 1 :]))
    return copy


def link_persons(measure) -> None:
    """Time and quality of the evidence on two lists of the same persons."""
    generator = random.Random(SEED)
    persons = [make_person(generator) for _person in range(PERSONS)]
    records = persons + [spoil(generator, person) for person in persons]

    def ours():
        judged = find_pairs([make_card(record) for record in records])
        return set(zip(judged.first.tolist(), judged.second.tolist(), strict=True))

    truth = {(place, place + PERSONS) for place in range(PERSONS)}
    seconds = report(measure, "suite", ours, truth)
    peer = splink_peer(records)
    if peer:
        other = report(measure, "splink", peer, truth)
        measure.note("times as fast as splink", f"{other / seconds:.1f}", "20")
    else:
        cpu = median_seconds(ours, time.process_time)
        measure.note(
            "times as fast as splink",
            f"{SPLINK_SECONDS / cpu:.1f} (processor time)",
            "20",
            f"splink's {SPLINK_SECONDS} s for Febrl 4, which has as many persons",
        )
    tenth = [*persons[: PERSONS // 10], *records[PERSONS : PERSONS + PERSONS // 10]]
    small = median_seconds(lambda: find_pairs([make_card(row) for row in tenth]), time.process_time)
    large = median_seconds(ours, time.process_time)
    measure.growth("linking persons", small, large, 10, "1: by records, never their square")


def median_seconds(work, clock) -> float:
    """The median of some rounds, after one to warm up."""
    work()
    seconds = []
    for _round in range(ROUNDS):
        start = clock()
        work()
        seconds.append(clock() - start)
    return statistics.median(seconds)


def report(measure, name: str, find, truth: set) -> float:
    """Note the median time of a finder and its F1; return the seconds."""
    seconds = median_seconds(find, time.perf_counter)
    found = find()
    f1 = 2 * len(found & truth) / (len(found) + len(truth))
    measure.note(f"{2 * PERSONS} persons: {name}", f"{seconds:.2f} s, F1 {f1:.4f}")
    return seconds


def splink_peer(records):
    """Return a finder that trains splink on the records and predicts, None without splink."""
    try:
        import pandas as pd
        import splink.comparison_library as cl
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    except ImportError:
        return None
    table = pd.DataFrame(records).replace("", None)
    table["unique_id"] = range(len(table))
    fields = ("birth", "identity", "zip", "name")
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.9, 0.7]),
            cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("identity", [1, 2]),
            cl.JaroWinklerAtThresholds("street", [0.9, 0.7]),
            cl.ExactMatch("city"),
            cl.DamerauLevenshteinAtThresholds("zip", [1]),
        ],
        blocking_rules_to_generate_predictions=[block_on(field) for field in fields],
    )

    def find():
        linker = Linker(DuckDBAPI().register(table), settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
        for field in ("birth", "identity"):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(field))
        found = linker.inference.predict(threshold_match_probability=0.9).as_pandas_dataframe()
        pairs = zip(found.unique_id_l, found.unique_id_r, strict=True)
        return {(min(pair), max(pair)) for pair in pairs}

    return find


def suggest(env, measure) -> None:
    """Time of a suggestion among many customers, for names that are there."""
    generator = random.Random(SEED)
    names = [
        generator.choice(CITIES)
        + "".join(generator.choices(CHARACTERS, k=generator.randint(2, 4)))
        + generator.choice(TRADES)
        + "有限公司"
        for _customer in range(measure.size(CUSTOMERS))
    ]
    env.cr.execute(
        "INSERT INTO res_partner (name, crm_name_key, is_company, active, type, autopost_bills)"
        " SELECT name, replace(name, '有限公司', ''), TRUE, TRUE, 'contact', 'ask'"
        " FROM unnest(%s) AS name",
        [names],
    )
    env.cr.execute("ANALYZE res_partner")
    partners = env["res.partner"]
    typed = [name[2:6] for name in generator.sample(names, TYPED)]
    seconds = []
    for text in typed:
        start = time.perf_counter()
        partners.crm_suggest_names(text)
        seconds.append(time.perf_counter() - start)
    worst = sorted(seconds)[int(0.95 * TYPED)]
    measure.note(
        f"suggestions among {measure.size(CUSTOMERS)} customers",
        f"median {statistics.median(seconds) * 1e3:.1f} ms, 95 of 100 within {worst * 1e3:.1f} ms",
        "20 ms",
    )
