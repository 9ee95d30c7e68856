"""Which forecast category an open deal belongs to when nobody says otherwise."""

COMMIT, BEST, PIPELINE, OMITTED = "commit", "best", "pipeline", "omitted"
ORDER = (OMITTED, PIPELINE, BEST, COMMIT)

COMMIT_FROM, BEST_FROM = 80.0, 50.0


def default_category(probability: float) -> str:
    """Return the category of an open deal by its probability in per cent."""
    if probability >= COMMIT_FROM:
        return COMMIT
    return BEST if probability >= BEST_FROM else PIPELINE


def choose(default: str, seller: str | None, manager: str | None) -> str:
    """Return the category that counts: the manager's, else the seller's own, else the default."""
    return manager or seller or default


def moved(before: str, now: str) -> int:
    """Return 1 when a deal moved towards commitment, -1 when away from it, 0 when it stayed."""
    one, other = ORDER.index(before), ORDER.index(now)
    return (other > one) - (other < one)
