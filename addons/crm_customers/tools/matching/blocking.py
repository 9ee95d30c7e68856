"""Pairs worth comparing: records that share a key which not too many others have."""

from collections.abc import Sequence
from itertools import chain, count

import numpy as np

# A key that more records share than this tells nothing; its cost would grow with their square.
BLOCK_CAP = 60


def candidate_pairs(keys: Sequence[Sequence[tuple]], cap: int = BLOCK_CAP):
    """Positions of the records that share a key, each pair once.

    :param keys: the keys of each record
    :param cap: a key that more records have tells nothing and is left out
    :return: two arrays, the smaller position first
    """
    flat = list(chain.from_iterable(keys))
    numbers = dict(zip(dict.fromkeys(flat), count(), strict=False))
    codes = np.fromiter(map(numbers.__getitem__, flat), np.int64, len(flat))
    if not len(codes):
        return codes, codes
    places = np.repeat(np.arange(len(keys)), np.fromiter(map(len, keys), np.int64, len(keys)))
    sizes = np.bincount(codes)[codes]
    shared = (sizes > 1) & (sizes <= cap)
    codes, places = codes[shared], places[shared]
    order = np.argsort(codes, kind="stable")
    return _within(codes[order], places[order], len(keys), cap)


def _within(codes, places, size: int, cap: int):
    """Pair the places of each code, which stand together."""
    found = []
    for step in range(1, min(cap, len(codes))):
        same = codes[:-step] == codes[step:]
        if not same.any():
            break
        first, second = places[:-step][same], places[step:][same]
        found.append(np.minimum(first, second) * size + np.maximum(first, second))
    pairs = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return pairs // size, pairs % size
