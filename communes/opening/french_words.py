"""What hours written in French (`Lu-Ve 9h-12h`) are in the OpenStreetMap syntax: a hint, never more."""

import re

_DAYS = {"lu": "Mo", "ma": "Tu", "me": "We", "je": "Th", "ve": "Fr", "sa": "Sa", "di": "Su"}
_DAY = re.compile(
    r"\b(?:(lu)(?:n|ndi)?|(ma)(?:r|rdi)?|(me)(?:r|rcredi)?|(je)(?:u|udi)?|(ve)(?:n|ndredi)?|(sa)(?:m|medi)?"
    r"|(di)(?:m|manche)?)s?\b\.?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(\d{1,2}) ?[hH](?:eures?\b)?(?: ?(\d\d)(?![\dhH]))?")
_RANGE = re.compile(r"(?<=[a-z\d]) ?(?:-|–|—|à|a|au|jusqu'à) ?(?=[A-Z\d])")
_LIST = re.compile(r" ?(?:,|/|&|\bet\b) ?(?:de )?(?=[A-Z\d])")


def in_osm_syntax(text: str) -> str:
    """The text with its French days and hours rewritten. Nothing says that it can be read now."""
    text = _DAY.sub(lambda day: _DAYS[next(filter(None, day.groups())).lower()], text)
    text = _HOUR.sub(lambda hour: f"{int(hour[1]):02}:{hour[2] or '00'}", text)
    text = _RANGE.sub("-", _LIST.sub(",", text))
    text = re.sub(r"\b(?:du|le|les|de) (?=[A-Z\d])", "", text)
    text = re.sub(r"(?<=[a-z]) ?: ?(?=\d)", " ", text)
    text = re.sub(r"\bfermée?s?\b", "off", text, flags=re.IGNORECASE)
    return " ".join(re.sub(r" ?; ?", "; ", text).split())
