"""The steps a campaign member takes; he only ever moves on, never back."""

MEMBER_STATES = [
    ("planned", "Planned"),
    ("invited", "Invited"),
    ("responded", "Responded"),
    ("attended", "Attended"),
    ("converted", "Converted"),
    ("declined", "Declined"),
]
# How far a member has come. A refusal is only followed by a real answer.
RANKS = {
    "planned": 0,
    "invited": 1,
    "declined": 2,
    "responded": 3,
    "attended": 4,
    "converted": 5,
}


def states_before(state):
    """Return the states that an event leading to ``state`` moves a member on from."""
    return [name for name, rank in RANKS.items() if rank < RANKS[state]]
