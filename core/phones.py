"""Telephone numbers as residents say them and the desk types them.

Within France ten digits are read in the region of the commune first, then as mainland numbers: `0692 12 34
56` is a mobile of Réunion. `0269 61 12 34` may be a number of Mayotte or (for the library) of the
mainland: then the agent must be asked. Numbers reserved for fiction (Arcep decision 2018-0881) are
accepted everywhere, so that demonstrations and tests never call anybody's phone.

Overseas mobiles are often written with the country code of the mainland (`+33 690 …`): their first three
digits name the territory. Beside the border, digits grouped as Belgians group them may be a Belgian number.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from core.insee import department, phone_region

# 06 39 98 is reserved for fiction too, but the library holds it for invalid.
FICTION = re.compile(r"\+33(?:19900|26191|35301|46571|53649|63998)\d{4}")
_FICTION_MOBILE = "+3363998"


class NumberKind(StrEnum):
    MOBILE = "mobile"
    LANDLINE = "landline"
    VOIP = "voip"
    OTHER = "other"


class Certainty(StrEnum):
    VALID = "valid"
    AMBIGUOUS = "ambiguous"
    """The digits may be two different numbers: `candidates` has both, and the agent must choose."""
    WARNING = "warning"
    """Of the right length, but in no range known to be in use: warn the agent, and accept it."""
    ERROR = "error"
    """Not a telephone number."""


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """How one typed number was understood."""

    typed: str
    certainty: Certainty
    e164: str = ""
    """Empty in an error; the likelier candidate while it is ambiguous."""
    national: str = ""
    kind: NumberKind = NumberKind.OTHER
    region: str = ""
    """As `phonenumbers` names it: FR, RE, …; empty when unknown."""
    remark: str = ""
    """What else was typed beside the number: « fils », « poste 12 »."""
    candidates: "tuple[PhoneReading, ...]" = ()

    @property
    def country(self) -> str | Promise:
        """The name of the country or territory, in the reader's language; "" when unknown."""
        return COUNTRIES.get(self.region, self.region)


# Types of the library that an SMS may be sent to.
_MOBILES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_KINDS = {
    **dict.fromkeys(_MOBILES, NumberKind.MOBILE),
    PhoneNumberType.FIXED_LINE: NumberKind.LANDLINE,
    PhoneNumberType.VOIP: NumberKind.VOIP,
}

# Regions whose numbers share the mainland's ten-digit plan: there they are dialled as they are written.
_SHARED_PLAN = ("RE", "GP", "MQ", "GF")
_SHARED_CODES = frozenset({33, 262, 590, 594, 596})

COUNTRIES = {
    "FR": _("mainland France"),
    "BE": _("Belgium"),
    "BL": _("Saint-Barthélemy"),
    "GF": _("French Guiana"),
    "GP": _("Guadeloupe"),
    "MF": _("Saint-Martin"),
    "MQ": _("Martinique"),
    "NC": _("New Caledonia"),
    "PF": _("French Polynesia"),
    "PM": _("Saint-Pierre-et-Miquelon"),
    "RE": _("Réunion"),
    "WF": _("Wallis and Futuna"),
    "YT": _("Mayotte"),
}
"""Where the numbers are from between which an agent may have to choose."""

_OVERSEAS_MOBILES = {
    "639": "262",
    "690": "590",
    "691": "590",
    "692": "262",
    "693": "262",
    "694": "594",
    "696": "596",
    "697": "596",
}
"""First digits of overseas mobiles → calling code of their territory."""
_FICTION_NATIONAL = "63998"

# Departments beside Belgium, and how numbers are grouped there: 0470 12 34 56, 0470/12.34.56, 0470 123 456,
# 069 12 34 56, 02 345 67 89, 069/123456. The French write pairs.
_BESIDE_BELGIUM = frozenset({"02", "08", "54", "55", "59"})
_BELGIAN_GROUPS = re.compile(
    r"04\d\d[ /.\-]+(?:\d\d[ .\-]\d\d[ .\-]\d\d|\d{3}[ .\-]\d{3})|04\d\d */ *\d{6}"
    r"|0\d\d[ /.\-]+\d\d[ .\-]\d\d[ .\-]\d\d|0\d\d */ *\d{6}"
    r"|0[2349][ /.\-]+\d{3}[ .\-]\d\d[ .\-]\d\d|0[2349] */ *\d{7}"
)

LONGEST = 200
"""Characters of a field that are read: a longer text is not a list of numbers."""

_LETTERS = re.compile(r"[^\W\d_]+")
# Words after which a few digits are an extension, not the beginning of a number (« bureau 02 35 … »).
_EXTENSION = re.compile(
    r"(?:\b(?:poste|ext|extension|int|interne|p|x)\b\.?|#)[ :.]*[1-9]\d{0,4}(?!\d)(?![ .\-/]*[1-9])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<!\d)\d{1,2}(?:er|re|e|[eè]me|nde?)\b", re.IGNORECASE)
_CHUNK = re.compile(r"[+\d][\d .\-/]*")
_DIGITS = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
_NATIONAL = re.compile(r"0?([1-9]\d{8})")
# With the country code of the mainland: +33 (0)6 …, 0033 6 …, 33 6 …
_MAINLAND = re.compile(r"(?:\+|00)?330?([1-9]\d{8})")


# ---- what a number is --------------------------------------------------------------------------


def is_fiction(e164: str) -> bool:
    """Whether the number is reserved for fiction: no provider may be asked to reach it."""
    return FICTION.fullmatch(e164) is not None


def kind_of(e164: str) -> NumberKind:
    if e164.startswith(_FICTION_MOBILE) and is_fiction(e164):
        return NumberKind.MOBILE
    number = _parsed(e164)
    return _KINDS.get(phonenumbers.number_type(number), NumberKind.OTHER) if number else NumberKind.OTHER


def can_receive_sms(e164: str) -> bool:
    return kind_of(e164) is NumberKind.MOBILE


def format_national(e164: str, region: str = "FR") -> str:
    """As people of the region dial it: « 06 39 98 12 34 »; for other regions, with the country code."""
    number = _parsed(e164)
    if number is None:
        return e164
    here = phonenumbers.country_code_for_region(region)
    is_national = number.country_code == here or {number.country_code, here} <= _SHARED_CODES
    style = PhoneNumberFormat.NATIONAL if is_national else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def region_of(e164: str) -> str:
    number = _parsed(e164)
    return (phonenumbers.region_code_for_number(number) or "") if number else ""


def calling_code_of(national: str) -> str:
    """The calling code of the territory to which a mobile belongs, by its first digits without the 0 (three
    are enough), or "" for any other number."""
    if national.startswith(_FICTION_NATIONAL) or _FICTION_NATIONAL.startswith(national):
        return ""
    return _OVERSEAS_MOBILES.get(national[:3], "")


def is_beside_belgium(insee_code: str) -> bool:
    """Whether Belgian numbers are common in the commune."""
    return department(insee_code) in _BESIDE_BELGIUM


@lru_cache(maxsize=4096)
def _parsed(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(e164)
    except NumberParseException:
        return None


# ---- what was typed ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """How numbers are dialled in the commune: its telephone region, and whether Belgium is next door."""

    region: str
    is_beside_belgium: bool

    @classmethod
    def of(cls, insee_code: str) -> "_Plan":
        if insee_code.isalpha():
            return cls(insee_code, is_beside_belgium=False)
        return cls(phone_region(insee_code), is_beside_belgium(insee_code))


def read_numbers(text: str, *, insee_code: str) -> list[PhoneReading]:
    """Every number typed into one field: `A / B` gives two, an empty field none.

    `insee_code` is that of the commune, or a telephone region (`FR`, `RE`).
    """
    plan = _Plan.of(insee_code)
    if len(text) > LONGEST:
        return [PhoneReading(typed=text[:LONGEST], certainty=Certainty.ERROR)]
    text = _plain(text)
    readings: dict[str, PhoneReading] = {}
    for part in re.split(r"[;\n]", text):
        numbers, remark = _numbers_in(part)
        for reading in (reading for chunk in numbers for reading in _split_until_valid(chunk, plan)):
            readings.setdefault(reading.e164 or reading.typed, replace(reading, remark=remark))
    if not readings and text.strip():
        return [PhoneReading(typed=text.strip(), certainty=Certainty.ERROR)]
    return list(readings.values())


def _plain(text: str) -> str:
    """Replace compatibility characters (full-width digits, thin spaces) by plain ones, and make commas and
    dashes separators."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[^\S\n]|[,_*|·•\u200e\u200f\u202a-\u202e\u2066-\u2069]", " ", text)
    text = re.sub(r"\((\+?\d{1,4})\)", r"\1 ", text)  # +33 (0)6, (+33) 6
    return re.sub(r"[‐‑‒–—―−]", "-", text)


def _numbers_in(part: str) -> tuple[list[str], str]:
    """The parts of the text that may be numbers, and the remaining words."""
    bare = _LETTERS.sub(_blank, _ORDINAL.sub(_blank, _EXTENSION.sub(_blank, part)))
    chunks = [match for match in _CHUNK.finditer(bare) if _DIGITS.search(match[0])]
    # A single short figure beside a number belongs to the remark: « 2e fille ».
    whole = [match for match in chunks if len(_DIGITS.findall(match[0])) > 3] or chunks
    rest, end = "", 0
    for match in whole:
        rest, end = f"{rest}{part[end : match.start()]} ", match.end()
    return [match[0].strip(" ./-") for match in whole], " ".join(_WORD.findall(rest + part[end:]))


def _blank(match: re.Match[str]) -> str:
    return "|" * len(match[0])


def _split_until_valid(chunk: str, plan: _Plan) -> list[PhoneReading]:
    """One number if all the digits can be one; else the first way to cut them into valid numbers."""
    whole = _read_one(chunk, plan)
    if whole.certainty is not Certainty.ERROR:
        return [whole]
    for cut in sorted(re.finditer(r"[ /.\-]+", chunk), key=lambda match: "/" not in match[0]):
        left = _read_one(chunk[: cut.start()], plan)
        if left.certainty in (Certainty.VALID, Certainty.AMBIGUOUS):
            right = _split_until_valid(chunk[cut.end() :], plan)
            if all(reading.certainty is not Certainty.ERROR for reading in right):
                return [left, *right]
    return [whole]


def _read_one(typed: str, plan: _Plan) -> PhoneReading:
    typed = typed.strip(" ./-")
    digits = ("+" if typed.startswith("+") else "") + "".join(_DIGITS.findall(typed))
    possible = list(dict.fromkeys(_candidates(digits, plan.region)))
    if plan.is_beside_belgium and _BELGIAN_GROUPS.fullmatch(typed):
        belgian = _possible(digits, "BE")
        if _is_valid(belgian) and not any(map(is_fiction, possible)):
            possible = [belgian, *possible]
    valid = [e164 for e164 in possible if _is_valid(e164)]
    if len(valid) > 1:
        candidates = tuple(_reading(typed, Certainty.VALID, e164, plan.region) for e164 in valid)
        return replace(candidates[0], certainty=Certainty.AMBIGUOUS, candidates=candidates)
    if valid:
        return _reading(typed, Certainty.VALID, valid[0], plan.region)
    if possible:
        return _reading(typed, Certainty.WARNING, possible[0], plan.region)
    return PhoneReading(typed=typed, certainty=Certainty.ERROR)


def _reading(typed: str, certainty: Certainty, e164: str, region: str) -> PhoneReading:
    return PhoneReading(
        typed=typed,
        certainty=certainty,
        e164=e164,
        national=format_national(e164, region),
        kind=kind_of(e164),
        region=region_of(e164),
    )


def _candidates(digits: str, region: str) -> Iterator[str]:
    """Every number that the digits may mean, the likeliest first."""
    mainland = _MAINLAND.fullmatch(digits)
    typed = mainland or _NATIONAL.fullmatch(digits)
    national = typed[1] if typed else ""
    if code := calling_code_of(national):
        yield f"+{code}{national}"
        return
    regions = ("FR",) if mainland else dict.fromkeys((region, "FR"))
    own = [e164 for name in regions if (e164 := _possible(digits, name))]
    yield from own
    # Mainland landlines and unknown numbers may be overseas numbers of the same plan.
    if not national or national[0] in "89":
        return
    if any(_is_valid(e164) and kind_of(e164) is not NumberKind.LANDLINE for e164 in own):
        return
    others = [_possible(f"0{national}", name) for name in _SHARED_PLAN]
    if national.startswith("508"):  # Saint-Pierre-et-Miquelon: six digits, elsewhere dialled after 0508
        others.append(_possible(national[3:], "PM"))
    yield from (e164 for e164 in others if e164 and _is_valid(e164))


def _possible(digits: str, region: str) -> str:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # « +32 00 38 … » has a 0 too many: what is left of it would be read as yet another number.
    again = _parsed(e164)
    return e164 if again and phonenumbers.format_number(again, PhoneNumberFormat.E164) == e164 else ""


def _is_valid(e164: str) -> bool:
    number = _parsed(e164)
    return is_fiction(e164) or (number is not None and phonenumbers.is_valid_number(number))
