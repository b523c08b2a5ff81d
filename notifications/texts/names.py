"""The names that agents write between braces, in the language of their pages. Pure.

Texts are stored with English names. Pages in French show French ones, and whatever an agent writes is
understood in either language, with or without accents and capitals.
"""

import re
import unicodedata

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

_FRENCH = {
    "mairie": "mairie",
    "day": "jour",
    "time": "heure",
    "place": "lieu",
    "number": "numéro",
    "phone": "téléphone",
    "reply": "réponse",
    "until": "fin",
    "who": "nom",
}


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_STORED = {_plain(shown): stored for stored, shown in _FRENCH.items()} | {name: name for name in _FRENCH}


def to_stored(template: str) -> str:
    """The template as it is kept; a name that is not known stays as it was written."""
    return PLACEHOLDER.sub(lambda found: f"{{{stored_name(found[1])}}}", template)


def stored_name(name: str) -> str:
    return _STORED.get(_plain(name), name)


def to_shown(template: str, language: str) -> str:
    """A kept template as agents read it whose pages are in `language`."""
    return PLACEHOLDER.sub(lambda found: f"{{{shown_name(found[1], language)}}}", template)


def shown_name(name: str, language: str) -> str:
    return _FRENCH.get(name, name) if language == "fr" else name
