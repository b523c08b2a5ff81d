"""What several pages about the team share."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import count
from typing import NamedTuple

from django.db.models import Min

from agents.models import Absence, Agent, Shift
from communes.models import Commune
from core.days import day_span


class Mark(NamedTuple):
    """A short sign for a site where there is little room: « HV » in a colour, for Hôtel de ville."""

    colour: int
    letters: str


def site_marks(commune: Commune) -> dict[int, Mark]:
    """The mark of each site (by id), the same on every page. There are only six colours: the name or its
    letters always stand beside them."""
    found: dict[int, Mark] = {}
    taken: set[str] = set()
    for index, (pk, name) in enumerate(commune.sites.order_by("pk").values_list("pk", "short_name")):
        letters = next(each for each in _short_for(name) if each not in taken)
        taken.add(letters)
        found[pk] = Mark(index % 6 + 1, letters)
    return found


def _short_for(name: str) -> Iterator[str]:
    """Letters for a name: the first letters of its words, then more of the first word, then numbers."""
    words = [word for word in re.findall(r"\w+", name) if len(word) > 2] or [name.strip() or "?"]
    initials = "".join(word[0] for word in words[:3]).upper()
    yield initials
    yield from (words[0][:length].capitalize() for length in (2, 3))
    yield from (f"{initials[0]}{number}" for number in count(2))


def on_duty(commune: Commune, day: date) -> list[Agent]:
    """The helpers with a shift on that local day, once each."""
    start, end = day_span(day, commune.tz)
    ids = Shift.objects.filter(site__commune=commune).overlapping(start, end).values("agent")
    return list(Agent.objects.filter(pk__in=ids).order_by("first_name", "last_name", "id"))


def present_until(site_id: int, at: datetime) -> dict[int, datetime]:
    """For each helper with a running shift at the site, by id: until when they are there. That is the end
    of the shift or the start of an absence; for a helper who is absent now, it is in the past. Two
    queries."""
    shifts = Shift.objects.filter(site=site_id, starts_at__lte=at, ends_at__gt=at).order_by("ends_at")
    until = dict(shifts.values_list("agent_id", "ends_at"))
    absences = Absence.objects.filter(agent__in=until, ends_at__gt=at).order_by()
    first = absences.values("agent_id").annotate(first=Min("starts_at"))
    for agent_id, starts_at in first.values_list("agent_id", "first"):
        until[agent_id] = min(until[agent_id], starts_at)
    return until
