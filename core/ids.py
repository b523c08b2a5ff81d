"""The id of a row, as a form or an address brings it."""

_MOST_DIGITS = 18  # what a big integer of the database surely holds


def read_id(text: object) -> int:
    """0, which no row has, for whatever is no id: « ² » is a digit to Python and no number to `int`."""
    written = str(text)
    return int(written) if written.isdecimal() and len(written) <= _MOST_DIGITS else 0
