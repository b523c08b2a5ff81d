"""The same change of a shift, week after week, as one: « mardi, 12 fois, du 24 novembre au 9 février »."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from agents.rules.rota import PlannedShift

type Change = tuple[PlannedShift | None, PlannedShift | None]
"""The shift before and after; None where there is none."""


@dataclass(frozen=True)
class Stretch:
    """A change with the same weekday, hours (local) and site on several days, in order. `before` and `after`
    are those of the first day."""

    before: PlannedShift | None
    after: PlannedShift | None
    days: list[date]


def stretches(changes: Iterable[Change], tz: ZoneInfo) -> list[Stretch]:
    """In the order of their first days."""

    def key(shift: PlannedShift | None) -> tuple[object, ...]:
        if shift is None:
            return ()
        start, end = shift.starts_at.astimezone(tz), shift.ends_at.astimezone(tz)
        return shift.agent_id, shift.site_id, start.weekday(), start.time(), end.time()

    found: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for before, after in changes:
        found[key(before), key(after)].append((before, after))
    return [
        Stretch(*same[0], days=[shift.on for old, new in same if (shift := old or new) is not None])
        for same in found.values()
    ]
