"""The day and the hour that an answer names: « oui pour mardi », « je confirme le 24 à 10h30 ». Pure.

An answer that names another day or hour than the appointment's is about something else, or its author is
mistaken. Texts here are as `reader.fold` returns them; days and hours are those of the commune's own clock.
"""

import re
from dataclasses import dataclass
from datetime import datetime

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("janvier janv", "fevrier fevr fev", "mars", "avril avr", "mai", "juin", "juillet juil", "aout",
         "septembre sept", "octobre oct", "novembre nov", "decembre dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_LATER = {"aujourd hui": 0, "ce matin": 0, "cet apres midi": 0, "ce soir": 0, "demain": 1, "apres demain": 2}
_PARTS = {"matin": (0, 13), "apres midi": (12, 24), "aprem": (12, 24), "soir": (16, 24)}
"""The hours in which each part of a day lies: from the first, before the second."""

_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})s?\b")
_DATE = re.compile(rf"\b(?:le|du|au|ce|{'|'.join(_WEEKDAYS)}) (\d{{1,2}})(?:er)?\b(?! ?h\b| ?heure)")
_DAY_AND_MONTH = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(_MONTHS)})\b")
_CLOCK = re.compile(r"\b(\d{1,2}) ?(?:h|heures?)(?: ?(\d{2}))?\b")
_RELATIVE = re.compile(rf"\b({'|'.join(sorted(_LATER, key=len, reverse=True))})\b")
_PART = re.compile(rf"\b({'|'.join(_PARTS)})\b")
_MIDDAY = re.compile(r"\b(?:bonne?s?|fin d) apres midi\b|\bbon(?:ne)? (?:matin|soir)\w*\b")
_COLON = re.compile(r"(?<!\d)(\d{1,2}) ?: ?(\d{2})(?!\d)")
_SLASH = re.compile(r"(?<![\d/])(\d{1,2})/(0?[1-9]|1[0-2])(?:/\d{2,4})?(?![\d/])")
_NAME_OF = {number: name for name, number in reversed(_MONTHS.items())}
"""The whole name of each month."""


def spell_out(text: str) -> str:
    """« 10:30 » as « 10h30 » and « 24/11 » as « 24 novembre », before the text is folded."""
    text = _COLON.sub(r"\1h\2", text)
    return _SLASH.sub(lambda found: f"{found.group(1)} {_NAME_OF[int(found.group(2))]}", text)


@dataclass(frozen=True, slots=True)
class NamedTime:
    """What an answer says of a day or an hour; None where it says nothing."""

    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    days_later: int | None = None
    """Counted from the day on which it was written."""
    clock: tuple[int, int] | None = None
    part: str | None = None

    def fits(self, start: datetime, written: datetime) -> bool:
        """Whether an appointment at `start` may be meant in an answer of the instant `written`."""
        first, end = _PARTS[self.part] if self.part else (0, 24)
        return (
            self.weekday in (None, start.weekday())
            and self.day in (None, start.day)
            and self.month in (None, start.month)
            and self.days_later in (None, (start.date() - written.date()).days)
            and self.clock in (None, (start.hour, start.minute))
            and first <= start.hour < end
        )


def named_time(folded: str) -> NamedTime | None:
    """None if the text names no day and no hour."""
    text = _MIDDAY.sub(" ", folded)
    weekday, relative, part = _WEEKDAY.search(text), _RELATIVE.search(text), _PART.search(text)
    both, date, clock = _DAY_AND_MONTH.search(text), _DATE.search(text), _CLOCK.search(text)
    day = both or date
    found = NamedTime(
        weekday=_WEEKDAYS.index(weekday.group(1)) if weekday else None,
        day=int(day.group(1)) if day else None,
        month=_MONTHS[both.group(2)] if both else None,
        days_later=_LATER[relative.group(1)] if relative else None,
        clock=(int(clock.group(1)), int(clock.group(2) or 0)) if clock else None,
        part=part.group(1) if part else None,
    )
    return None if found == NamedTime() else found
