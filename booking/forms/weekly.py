"""What an agent chooses for the dates of weekly appointments that are not possible as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.forms import ValidationError

from booking.actions.series import MOST, weekly
from booking.forms.desk import IdsField, SlotField
from booking.models import Appointment
from communes.models import Commune

SKIP, ADD_WEEK, KEEP = "skip", "end", "keep:"
"""Skip the date; skip it and add a week at the end; book it beside the other visits with these ids."""


class Choice(NamedTuple):
    value: str
    slot: tuple[int, datetime] | None = None
    beside: frozenset[int] = frozenset()

    @property
    def is_skipped(self) -> bool:
        return self.value in (SKIP, ADD_WEEK)


@dataclass(frozen=True)
class WeeklyChoices:
    """The dates of a series in the commune's time, the kept one first, and what was chosen for some of them.
    `unread`: where something was chosen that cannot be read; `spare`: the weeks by which it may be longer."""

    dates: list[datetime]
    chosen: Mapping[date, Choice]
    unread: frozenset[date]
    spare: list[datetime]

    @property
    def following(self) -> list[tuple[int | None, datetime]]:
        """Where (None: where the first is) and when the others are to be booked, in order."""
        found: list[tuple[int | None, datetime]] = []
        for start in self.dates[1:]:
            choice = self.chosen.get(start.date())
            if choice is None or choice.beside:
                found.append((None, start))
            elif choice.slot is not None:
                found.append(choice.slot)
        return found

    @property
    def beside(self) -> set[int]:
        return {pk for choice in self.chosen.values() for pk in choice.beside}


def field_name(on: date) -> str:
    """The name of the choice for the date that is usually on this day."""
    return f"week-{on:%Y-%m-%d}"


def read_choices(
    sent: Mapping[str, str], *, first: Appointment, times: int, commune: Commune
) -> WeeklyChoices:
    """Each choice to skip a date and add a week makes the series one week longer, up to `MOST` weeks."""
    every = weekly(first.starts_at, MOST, commune)
    texts = {start.date(): sent.get(field_name(start.date()), "") for start in every[1:]}
    length = times
    while length < (longer := min(times + _added(texts, every[1:length]), MOST)):
        length = longer
    dates = every[:length]
    texts = {start.date(): texts[start.date()] for start in dates[1:]}
    read = {on: _read(text, on, commune) for on, text in texts.items() if text}
    chosen = {on: choice for on, choice in read.items() if choice is not None}
    return WeeklyChoices(dates, chosen, frozenset(read.keys() - chosen.keys()), every[length:])


def _added(texts: Mapping[date, str], dates: Sequence[datetime]) -> int:
    return sum(texts[start.date()] == ADD_WEEK for start in dates)


def _read(text: str, on: date, commune: Commune) -> Choice | None:
    if text in (SKIP, ADD_WEEK):
        return Choice(text)
    if text.startswith(KEEP):
        beside = IdsField(required=False).clean(text.removeprefix(KEEP))
        return Choice(text, beside=frozenset(beside)) if beside else None
    try:
        slot = SlotField(required=False).clean(text)
        local = commune.local(slot[1]).date() if slot else None
    except (ValidationError, OverflowError):
        return None
    if slot is None or local is None or local.isocalendar()[:2] != on.isocalendar()[:2]:
        return None
    return Choice(text, slot=slot)
