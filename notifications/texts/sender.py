"""What a commune's sender may do: who may send from it, and whether an answer can arrive. Pure.

Since 2023 automated systems may not call or text from ordinary French numbers (Arcep decision
2022-1583, upheld by the Conseil d'État in June 2024). Allowed are the verified polyvalent numbers,
short codes, the platform numbers 0937 to 0939 for exchanges with mobiles, and names.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

POLYVALENT = re.compile(r"\+33(?:162|163|270|271|377|378|424|425|568|569|948|949)\d{6}")
POLYVALENT_OVERSEAS = re.compile(r"\+(?:33|262|590|594|596)9475\d{5}|\+(?:33|262|590|594|596)947[6-9]\d{5}")
PLATFORM = re.compile(r"\+3393[789]\d{6}")
FICTION = re.compile(r"\+33(?:19900|26191|35301|46571|53649|63998)\d{4}")
FRENCH = re.compile(r"\+(?:33|262|590|594|596)[1-9]\d{8}")
SHORT_CODE = re.compile(r"[3-8]\d{4}")
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ._&+-]{1,11}")


class SenderKind(StrEnum):
    NONE = "none"
    NAME = "name"
    SHORT_CODE = "short_code"
    POLYVALENT = "polyvalent"
    PLATFORM = "platform"
    FICTION = "fiction"
    FORBIDDEN = "forbidden"
    FOREIGN = "foreign"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Sender:
    text: str
    kind: SenderKind

    @property
    def two_way(self) -> bool:
        """Whether a reply can arrive. A sender that is a name cannot be answered."""
        return self.kind not in (SenderKind.NONE, SenderKind.NAME, SenderKind.INVALID)

    @property
    def can_call(self) -> bool:
        """Whether automatic calls may come from it: platform numbers and short codes are for texts only."""
        return self.kind in (
            SenderKind.POLYVALENT,
            SenderKind.FICTION,
            SenderKind.FORBIDDEN,
            SenderKind.FOREIGN,
        )

    @property
    def is_usable(self) -> bool:
        return self.kind not in (SenderKind.NONE, SenderKind.INVALID)


def read_sender(text: str) -> Sender:
    """The kind of sender that this text is. Numbers may be typed in French national form."""
    text = text.strip()
    number = _e164(text)
    for pattern, kind in (
        (FICTION, SenderKind.FICTION),
        (POLYVALENT, SenderKind.POLYVALENT),
        (POLYVALENT_OVERSEAS, SenderKind.POLYVALENT),
        (PLATFORM, SenderKind.PLATFORM),
        (FRENCH, SenderKind.FORBIDDEN),
    ):
        if pattern.fullmatch(number):
            return Sender(number, kind)
    if re.fullmatch(r"\+[1-9]\d{7,14}", number):
        return Sender(number, SenderKind.FOREIGN)
    if SHORT_CODE.fullmatch(text):
        return Sender(text, SenderKind.SHORT_CODE)
    if not text:
        return Sender("", SenderKind.NONE)
    return Sender(text, SenderKind.NAME if NAME.fullmatch(text) else SenderKind.INVALID)


def _e164(text: str) -> str:
    digits = re.sub(r"[ .\-/\u00a0\u202f]", "", text)
    if re.fullmatch(r"0[1-9]\d{8}", digits):
        return f"+33{digits[1:]}"
    if re.fullmatch(r"00[1-9]\d{7,14}", digits):
        return f"+{digits[2:]}"
    return digits
