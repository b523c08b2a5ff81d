"""What an agent types into the search field, told apart: a name, numbers, and words about whose they are."""

import re
from dataclasses import dataclass

from booking.owners import is_remark

_NUMBER_ONLY = re.compile(r"\+?[\d\s./()_-]+")
_NUMBER = re.compile(r"(?<!\w)(?:\+|\(\+)?\d[\d\s./()_+-]{2,}\d(?![^\W_])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_AROUND = " ,:;/()-–—_"


@dataclass(frozen=True)
class TypedText:
    """`number` as it was typed, several parted by « / »; `remark`: « sa fille »."""

    name: str = ""
    number: str = ""
    remark: str = ""


def read_typed(text: str) -> TypedText:
    """`text` has single spaces."""
    if _NUMBER_ONLY.fullmatch(text):
        return TypedText(number=text.strip(_AROUND))
    numbers = [match[0] for match in _NUMBER.finditer(text)]
    if not numbers:
        return TypedText(name=text)
    rest = _NUMBER.sub(" ; ", text)
    bracketed = [words.strip(_AROUND) for words in _BRACKETS.findall(rest)]
    parts = [part.strip(_AROUND) for part in _BRACKETS.sub(" ; ", rest).split(";")]
    names = [part for part in parts if part and not is_remark(part)]
    remarks = [part for part in parts if part and is_remark(part)]
    for words in filter(None, bracketed):
        (remarks if names or is_remark(words) else names).append(words)
    return TypedText(" ".join(names), " / ".join(numbers), " ".join(remarks))
