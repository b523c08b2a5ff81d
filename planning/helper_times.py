"""Shifts and absences of some helpers over a stretch of time, in whatever commune."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from agents.models import Absence, Shift
from core.localtime import Span, merged, subtract


class HelperTimes:
    """Two queries, however many helpers."""

    def __init__(self, agent_ids: Collection[int], start: datetime, end: datetime) -> None:
        self.shifts: dict[int, list[Shift]] = defaultdict(list)
        """By helper, in order of time."""
        for shift in Shift.objects.filter(agent__in=agent_ids).overlapping(start, end).select_related("site"):
            self.shifts[shift.agent_id].append(shift)
        self.absences: dict[int, list[Absence]] = defaultdict(list)
        for absence in Absence.objects.filter(agent__in=agent_ids).overlapping(start, end):
            self.absences[absence.agent_id].append(absence)
        self._away = {
            agent_id: merged((absence.starts_at, absence.ends_at) for absence in absences)
            for agent_id, absences in self.absences.items()
        }
        self._on_shift: dict[tuple[int, int], list[Span]] = {}
        self._worked: dict[int, list[Span]] = {}

    def away(self, agent_id: int) -> list[Span]:
        """The helper's absences, those that touch made one."""
        return self._away.get(agent_id, [])

    def on_shift(self, agent_id: int, site_id: int) -> list[Span]:
        """The helper's shifts at a site, those that touch made one; absences are not taken out."""
        key = (agent_id, site_id)
        if key not in self._on_shift:
            there = [shift for shift in self.shifts.get(agent_id, []) if shift.site_id == site_id]
            self._on_shift[key] = merged((shift.starts_at, shift.ends_at) for shift in there)
        return self._on_shift[key]

    def worked(self, shift: Shift) -> list[Span]:
        """The shift without the helper's absences; worked out once, however often it is asked."""
        if shift.pk not in self._worked:
            span = (shift.starts_at, shift.ends_at)
            self._worked[shift.pk] = subtract(span, self.away(shift.agent_id))
        return self._worked[shift.pk]
