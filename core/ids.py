"""Reading the id of a row from a form or a URL."""

_MOST_DIGITS = 18  # a big integer of the database holds this many digits


def read_id(text: object) -> int:
    """The id, or 0 (which no row has) for other text: « ² » is a digit to Python, but `int` refuses it."""
    written = str(text)
    return int(written) if written.isdecimal() and len(written) <= _MOST_DIGITS else 0
