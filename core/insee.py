"""What the INSEE code of a commune implies: its territory, clock, telephone numbers, public holidays."""

import re
from dataclasses import dataclass

CODE = re.compile(r"(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}|97[1-8][0-9]{2}|98[46789][0-9]{2}")
"""Five characters. Corsican codes begin with 2A or 2B; 20 begins only Corsican postal codes."""

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]")
_FOUR_DIGITS = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Territory:
    """Where clocks, telephone numbers or holidays differ from those of mainland France."""

    time_zone: str = "Europe/Paris"
    phone_region: str = "FR"
    holiday_subdivision: str | None = None
    """As the `holidays` package names it; None if none applies."""


MAINLAND = Territory()

# Keyed by the beginning of the code: two characters for a mainland department, three overseas.
TERRITORIES = {
    "57": Territory(holiday_subdivision="57"),
    "67": Territory(holiday_subdivision="6AE"),
    "68": Territory(holiday_subdivision="6AE"),
    "971": Territory("America/Guadeloupe", "GP", "971"),
    "972": Territory("America/Martinique", "MQ", "972"),
    "973": Territory("America/Cayenne", "GF", "973"),
    "974": Territory("Indian/Reunion", "RE", "974"),
    "975": Territory("America/Miquelon", "PM", "PM"),
    "976": Territory("Indian/Mayotte", "YT", "976"),
    "977": Territory("America/St_Barthelemy", "BL", "BL"),
    "978": Territory("America/Marigot", "MF", "MF"),
    # The southern lands share the time zone of Kerguelen and the telephone numbers of Réunion.
    "984": Territory("Indian/Kerguelen", "RE", "TF"),
    "986": Territory("Pacific/Wallis", "WF", "WF"),
    "987": Territory("Pacific/Tahiti", "PF", "PF"),
    "988": Territory("Pacific/Noumea", "NC", "NC"),
}

# French Polynesia has three time zones: the Marquesas (six communes) and the Gambier islands have their own.
_OTHER_CLOCKS = {
    "98718": "Pacific/Marquesas",
    "98719": "Pacific/Gambier",
    "98723": "Pacific/Marquesas",
    "98731": "Pacific/Marquesas",
    "98746": "Pacific/Marquesas",
    "98756": "Pacific/Marquesas",
    "98757": "Pacific/Marquesas",
}


def is_insee_code(text: str) -> bool:
    """Whether the text has the form of a commune's code (nothing says that the commune exists)."""
    return CODE.fullmatch(text) is not None


def bare_code(written: str) -> str:
    """A code without what people and spreadsheets add: spaces, small letters, the marks of `'76498`,
    `="76498"` and `76498.0`."""
    text = _INVISIBLE.sub("", written).upper()
    return text.removeprefix("=").strip("'\"’").removesuffix(".0").removesuffix(",0")


def tidy_code(written: str) -> str:
    """A code of five characters as the standard writes it: bare, and with its leading zero where a
    spreadsheet has removed it (1004 becomes 01004). The result may still be no valid code: the caller
    checks it."""
    bare = bare_code(written)
    return f"0{bare}" if _FOUR_DIGITS.fullmatch(bare) else bare


def department(insee_code: str) -> str:
    """`76` for 76498, `2A` for 2A004, `974` for 97411."""
    return insee_code[:3] if insee_code.startswith(("97", "98")) else insee_code[:2]


def territory(insee_code: str) -> Territory:
    return TERRITORIES.get(department(insee_code), MAINLAND)


def default_timezone(insee_code: str) -> str:
    """The IANA name of the commune's time zone."""
    return _OTHER_CLOCKS.get(insee_code) or territory(insee_code).time_zone


def phone_region(insee_code: str) -> str:
    """The region in which numbers typed in the commune are read first, as `phonenumbers` names it."""
    return territory(insee_code).phone_region
