"""Arithmetic of the approval matrix: which grounds are reached, what was judged. No database."""

import hashlib
import json

# Grounds that are reached from below: the less, the worse.
FALLING = frozenset({"margin"})
# Differences smaller than this are noise of floats; amounts have at most six decimals.
_NOISE = 1e-6


def is_reached(ground: str, value, threshold: float) -> bool:
    """Whether a fact calls for approval.

    ``always`` needs no fact. A margin calls when it is below the threshold, an amount from the
    threshold on, everything else above it. A fact that is not known (None) calls for nothing.
    """
    if ground == "always":
        return True
    if value is None:
        return False
    if ground in FALLING:
        return value < threshold - _NOISE
    if ground == "amount":
        return value >= threshold - _NOISE
    return value > threshold + _NOISE


def fingerprint(content) -> str:
    """Return a digest of what was judged; equal content has an equal digest.

    :param content: anything JSON can say; numbers are compared to six decimals
    """
    text = json.dumps(_normalise(content), sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _normalise(value):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return f"{value + 0.0:.6f}"
    if isinstance(value, dict):
        return {str(key): _normalise(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_normalise(part) for part in value]
    return value
