"""Pairs worth comparing: records that share a key which not too many others have."""

from collections.abc import Sequence

import numpy as np

# A key that more records share than this tells nothing; its cost would grow with their square.
BLOCK_CAP = 60


def candidate_pairs(keys: Sequence[Sequence[tuple]], cap: int = BLOCK_CAP):
    """Positions of the records that share a key, each pair once.

    :param keys: the keys of each record
    :param cap: a key that more records have tells nothing and is left out
    :return: two arrays, the smaller position first
    """
    numbers: dict[tuple, int] = {}
    flat = [
        (numbers.setdefault(key, len(numbers)), place)
        for place, found in enumerate(keys)
        for key in found
    ]
    if not flat:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    table = np.array(flat, np.int64)
    table = table[np.argsort(table[:, 0], kind="stable")]
    sizes = np.bincount(table[:, 0])
    table = table[sizes[table[:, 0]] <= cap]
    return _within(table[:, 0], table[:, 1], len(keys), cap)


def _within(codes, places, count: int, cap: int):
    """Pair the places of each code, which stand together."""
    found = []
    for step in range(1, min(cap, len(codes))):
        same = codes[:-step] == codes[step:]
        if not same.any():
            break
        first, second = places[:-step][same], places[step:][same]
        found.append(np.minimum(first, second) * count + np.maximum(first, second))
    pairs = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return pairs // count, pairs % count
