"""Whether a note on a follow-up says something."""

MIN_DIFFERENT = 4


def substance(text: str | None) -> int:
    """Count the letters, digits and characters of a note; blanks and punctuation say nothing."""
    return sum(char.isalnum() for char in text or "")


def says_something(text: str | None, minimum: int) -> bool:
    """Whether a note is evidence: long enough, and not one character typed again and again.

    :param minimum: letters and characters it has to have; 0 takes any note, even an empty one
    """
    if not minimum:
        return True
    different = {char.lower() for char in text or "" if char.isalnum()}
    return substance(text) >= minimum and len(different) >= min(MIN_DIFFERENT, minimum)
