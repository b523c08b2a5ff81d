"""What a text costs as SMS, and how to make it cost less.

In GSM 03.38 (3GPP TS 23.038) one message holds 160 characters, or 153 in each part of a longer text. A single
character outside this alphabet, such as ê or ’, makes the whole text UCS-2: 70, or 67 in each part.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
"""Characters of two septets, an escape and the character itself. Both must be in the same part."""

_SINGLE = {"GSM-7": 160, "UCS-2": 70}
_PART = {"GSM-7": 153, "UCS-2": 67}

# Characters that Unicode does not decompose, or not in the way wanted here.
_REPLACED = {
    **dict.fromkeys("’‘‚‛′`´ʼ", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•·∙", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f", ""),
    "‹": "'",
    "›": "'",
    "°": "",
    "º": "",
    "ª": "",
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
    "×": "x",
    "÷": "/",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
    "\t": " ",
    "\u2028": "\n",
    "\u2029": "\n",
}

_OPENING_QUOTE = re.compile(r"«\s*")
_CLOSING_QUOTE = re.compile(r"\s*»")
_NUMERO = re.compile(r"\b([nN])[°º](s?)")


@dataclass(frozen=True, slots=True)
class Segments:
    """The cost of a text. Units are septets in GSM-7, UTF-16 code units in UCS-2."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    count: int
    """How many messages the text needs; 0 for an empty text."""
    per_segment: int
    """How many units each message holds: fewer if the text needs several."""
    remaining: int
    """How many units are still free in the last message."""


def is_gsm7(text: str) -> bool:
    return all(char in BASIC or char in EXTENSION for char in text)


def measure(text: str) -> Segments:
    """The encoding that the text needs, and how many messages. No character is split between two messages."""
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if is_gsm7(text) else "UCS-2"
    if encoding == "GSM-7":
        sizes = [2 if char in EXTENSION else 1 for char in text]
    else:
        sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
    units = sum(sizes)
    if units <= _SINGLE[encoding]:
        room = _SINGLE[encoding]
        return Segments(encoding, units, 1 if units else 0, room, room - units)
    room = _PART[encoding]
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return Segments(encoding, units, count, room, room - used)


def costly(text: str) -> list[str]:
    """The characters, once each, that make a text need more messages: those outside of GSM 03.38, which make
    all of it UCS-2; if there are none, those that take two places."""
    foreign = [char for char in text if char not in BASIC and char not in EXTENSION]
    return list(dict.fromkeys(foreign or [char for char in text if char in EXTENSION]))


def fold(text: str) -> str:
    """The text in GSM 03.38, if that loses no meaning; otherwise (Arabic, emoji) unchanged.

    Accented letters of GSM 03.38 stay (é è à ù, É). Others lose their accent (ê, ç, À), ligatures are spelled
    out, typographic signs become plain ones, `n°` becomes `no` and any other degree sign is dropped.
    """
    text = unicodedata.normalize("NFC", text)
    folded = text.replace("\r\n", "\n")
    folded = _NUMERO.sub(r"\1o\2", folded)
    folded = _CLOSING_QUOTE.sub('"', _OPENING_QUOTE.sub('"', folded))
    folded = "".join(map(_fold_character, folded))
    return folded if is_gsm7(folded) else text


def _fold_character(char: str) -> str:
    if char in BASIC or char in EXTENSION:
        return char
    if char in _REPLACED:
        return _REPLACED[char]
    if char.isspace():
        return " "
    # NFKD separates letters from their accents, and spells out ligatures, superscripts, full-width forms.
    parts = [part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)]
    plain = "".join("/" if part == "⁄" else part for part in parts)
    return plain if plain and is_gsm7(plain) else char
