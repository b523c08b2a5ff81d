"""Who of a commune is where over some days: shifts and absences, by helper and day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.enums import AbsenceKind
from agents.models import Absence, Membership, Shift
from agents.rota import AVERAGE_WEEKS, Away, Clash, Rule, Warn, Work, conflicts, rest_warnings
from agents.team import Mark, site_marks
from communes.days import day_span
from communes.localtime import Span, merged
from communes.models import Commune
from planning.travel import travel_time

RULES: dict[Rule, str | Promise] = {
    Rule.WEEK_48_H: _("more than 48 h this week"),
    Rule.AVERAGE_44_H: _("more than 44 h a week over 12 weeks"),
    Rule.DAY_10_H: _("more than 10 h in a day"),
    Rule.SPREAD_12_H: _("a day spread over more than 12 h"),
    Rule.DAILY_REST_11_H: _("less than 11 h of rest before a day"),
    Rule.WEEKLY_REST_35_H: _("less than 35 h of weekly rest"),
    Rule.BREAK_AFTER_6_H: _("6 h of work without a break of 20 min"),
}


ELSEWHERE = Mark(0, "")


@dataclass(frozen=True)
class Stay:
    """A shift in a cell. In another commune, only its hours are known."""

    shift: Shift
    mark: Mark
    is_ours: bool
    note: str | Promise = ""
    is_absent: bool = False

    @property
    def starts_at(self) -> datetime:
        return self.shift.starts_at


@dataclass(frozen=True)
class Leave:
    """An absence on one day, cut to it; None where it reaches over the edge."""

    absence: Absence
    starts_at: datetime | None
    ends_at: datetime | None
    is_ours: bool

    @property
    def label(self) -> str | Promise:
        kind = AbsenceKind(self.absence.kind)
        return kind.label if self.is_ours and kind != AbsenceKind.OTHER else _("away")


@dataclass
class Cell:
    day: date
    stays: list[Stay] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)


class Presence:
    """All that is known of a commune's helpers on the local days `[first, end)`, and around these what the
    rules of rest look at."""

    def __init__(self, commune: Commune, first: date, end: date) -> None:
        self.commune = commune
        self.marks = site_marks(commune)
        self.members = list(
            Membership.objects.filter(commune=commune, is_helper=True, agent__is_active=True)
            .select_related("agent")
            .order_by("agent__first_name", "agent__last_name", "agent_id")
        )
        agent_ids = [member.agent_id for member in self.members]
        since, until = day_span(first, commune.tz, days=(end - first).days)
        around = (since - timedelta(weeks=AVERAGE_WEEKS), until + timedelta(weeks=1))
        self.shifts: dict[int, list[Shift]] = defaultdict(list)
        self._begun: dict[tuple[int, date], list[Shift]] = defaultdict(list)
        for shift in Shift.objects.filter(agent__in=agent_ids).overlapping(*around).select_related("site"):
            self.shifts[shift.agent_id].append(shift)
            self._begun[shift.agent_id, commune.local(shift.starts_at).date()].append(shift)
        self.absences: dict[int, list[Absence]] = defaultdict(list)
        for absence in Absence.objects.filter(agent__in=agent_ids).overlapping(*around):
            self.absences[absence.agent_id].append(absence)

    def worked(self, shift: Shift) -> list[Span]:
        """The shift without the absences in it."""
        spans = [(shift.starts_at, shift.ends_at)]
        for absence in self.absences[shift.agent_id]:
            spans = [
                piece
                for start, end in spans
                for piece in ((start, min(end, absence.starts_at)), (max(start, absence.ends_at), end))
                if piece[0] < piece[1]
            ]
        return merged(spans)

    def worked_by(self, agent_id: int) -> list[Span]:
        """Wherever it is."""
        return [span for shift in self.shifts[agent_id] for span in self.worked(shift)]

    def worked_here(self, agent_id: int) -> list[Span]:
        """In this commune: what counts against its contract."""
        ours = (shift for shift in self.shifts[agent_id] if shift.site_id in self.marks)
        return [span for shift in ours for span in self.worked(shift)]

    def at_sites(self) -> dict[int, list[tuple[int, Span]]]:
        """Site → who is there when."""
        found: dict[int, list[tuple[int, Span]]] = defaultdict(list)
        for shifts in self.shifts.values():
            for shift in shifts:
                found[shift.site_id] += [(shift.agent_id, span) for span in self.worked(shift)]
        return found

    def warnings(self, agent_id: int, first: date, end: date) -> list[str | Promise]:
        """What the law says of the days between two Mondays, each thing once."""
        warned = rest_warnings(self.worked_by(agent_id), first, end, self.commune.tz)
        return _said(warned)

    def cells(self, agent_id: int, days: Iterable[date], site_id: int | None = None) -> list[Cell]:
        """`site_id`: only the shifts at this place."""
        notes = self._notes(agent_id)
        return [self._cell(agent_id, day, site_id, notes) for day in days]

    def _notes(self, agent_id: int) -> dict[int, str | Promise]:
        """What stands against a shift: an absence, too short a way."""
        sites = {shift.site_id: shift.site for shift in self.shifts[agent_id]}
        works = {
            Work(agent_id, shift.site_id, shift.starts_at, shift.ends_at): shift.pk
            for shift in self.shifts[agent_id]
        }
        found = conflicts(
            works,
            [Away(agent_id, each.starts_at, each.ends_at) for each in self.absences[agent_id]],
            lambda here, there: travel_time(sites[here], sites[there]),
        )
        notes: dict[int, str | Promise] = {}
        for conflict in found:
            if conflict.kind == Clash.AWAY:
                notes[works[conflict.work]] = _("absent")
            elif isinstance(conflict.other, Work):
                notes.setdefault(works[conflict.other], _("little time to get there"))
        return notes

    def _cell(self, agent_id: int, day: date, site_id: int | None, notes: dict[int, str | Promise]) -> Cell:
        start, end = day_span(day, self.commune.tz)
        stays = [
            Stay(
                shift,
                self.marks.get(shift.site_id, ELSEWHERE),
                is_ours=shift.site_id in self.marks,
                note=notes.get(shift.pk, ""),
                is_absent=not self.worked(shift),
            )
            for shift in self._begun[agent_id, day]
            if site_id in (None, shift.site_id)
        ]
        leaves = [
            Leave(
                absence,
                absence.starts_at if absence.starts_at > start else None,
                absence.ends_at if absence.ends_at < end else None,
                is_ours=absence.commune_id == self.commune.pk,
            )
            for absence in self.absences[agent_id]
            if absence.starts_at < end and absence.ends_at > start
        ]
        return Cell(day, stays, leaves)


def _said(warnings: Iterable[Warn]) -> list[str | Promise]:
    return [RULES[rule] for rule in dict.fromkeys(warn.rule for warn in warnings)]
