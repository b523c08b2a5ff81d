"""Names as they are looked for: without accents, capitals, hyphens, apostrophes or doubled spaces."""

import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "ı": "i"})


def folded(text: str) -> str:
    """« Jean-François D’Arcy » → « jean francois d arcy »."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    kept = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )
    return " ".join(kept.split())


def search_name(first_name: str, last_name: str) -> str:
    """What is stored beside a resident's name for the search."""
    return folded(f"{first_name} {last_name}")[:130]
