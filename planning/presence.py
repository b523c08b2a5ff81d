"""Where each helper of a commune is on some days: shifts and absences, by helper and day."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agents.enums import AbsenceKind
from agents.models import Absence, Membership, Shift
from agents.rules.rota import (
    AVERAGE_WEEKS,
    AwaySpan,
    Clash,
    PlannedShift,
    WorkedShift,
    conflicts,
    rest_warnings,
)
from agents.site_marks import Mark, marks_of
from communes.half_days import OpenHalfDays, half_days
from communes.models import Commune, Site
from core.days import Week, day_span
from core.french_order import in_french_order
from core.localtime import Span, cut, merged, overlapping
from planning.due_hours import minutes_off
from planning.helper_times import HelperTimes
from planning.rest_texts import warning_text
from planning.travel import travel_time

NOON = time(12), time(14)
ELSEWHERE = Mark(0, "")
MOST_FROM_ELSEWHERE = 8
"""Up to this many absences of one helper and day are listed one by one; an external calendar may hold many
more."""


def half_of(starts_at: datetime, ends_at: datetime) -> str:
    """« morning », « afternoon », or "" for what takes a part of both. Noon is between twelve and one."""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if end.date() == start.date() and end.time() <= time(13):
        return "morning"
    return "afternoon" if start.time() >= time(12) else ""


@dataclass(frozen=True)
class ShownShift:
    """A shift in a cell of the grid. Of another commune's shift, only the hours are shown."""

    shift: Shift
    mark: Mark
    is_ours: bool
    note: str | Promise = ""
    is_absent: bool = False
    is_closed: bool = False
    """The place is closed then: the shift counts no hours."""
    is_usual: bool = False
    """From opening to closing of the half-day, or of the day: the place says the hours."""

    @property
    def half(self) -> str:
        return half_of(self.shift.starts_at, self.shift.ends_at)

    @property
    def starts_at(self) -> datetime:
        return self.shift.starts_at


@dataclass(frozen=True)
class AbsenceInCell:
    """The part of an absence on one day. A start or end is None if the absence goes on beyond the day."""

    absence: Absence
    starts_at: datetime | None
    ends_at: datetime | None
    is_ours: bool
    times: int = 1
    """If greater than 1, this object stands for so many absences declared elsewhere, from the first start
    to the last end."""

    @property
    def half(self) -> str:
        """« morning » or « afternoon » if the helper is away for just that half-day: noon is between twelve
        and two."""
        start, end = (timezone.localtime(at).time() if at else None for at in (self.starts_at, self.ends_at))
        if start is None and end is not None and NOON[0] <= end <= NOON[1]:
            return "morning"
        if end is None and start is not None and NOON[0] <= start <= NOON[1]:
            return "afternoon"
        return ""

    @property
    def label(self) -> str | Promise:
        if self.times > 1:
            return ngettext("away %(n)d time", "away %(n)d times", self.times) % {"n": self.times}
        kind = AbsenceKind(self.absence.kind)
        return kind.label if self.is_ours and kind != AbsenceKind.OTHER else _("away")


@dataclass(frozen=True)
class DraftShift:
    """A shift that publishing the usual weeks would make."""

    site: Site
    mark: Mark
    starts_at: datetime
    ends_at: datetime
    is_usual: bool

    @property
    def half(self) -> str:
        return half_of(self.starts_at, self.ends_at)


@dataclass(frozen=True)
class OtherPlace:
    """Where a helper is, or is to be, while one place alone is shown and it is not that one."""

    half: str
    name: str | Promise


@dataclass
class DayCell:
    day: date
    stays: list[ShownShift] = field(default_factory=list)
    leaves: list[AbsenceInCell] = field(default_factory=list)
    drafts: list[DraftShift] = field(default_factory=list)
    others: list[OtherPlace] = field(default_factory=list)
    is_closed: bool = False
    """Every place is closed."""

    @property
    def shown_stays(self) -> list[ShownShift]:
        """Those that no leave of the day stands for."""
        hidden = {stay.shift.pk for _leave, under in self.shown_leaves for stay in under}
        return [stay for stay in self.stays if stay.shift.pk not in hidden]

    @property
    def shown_leaves(self) -> list[tuple[AbsenceInCell, list[ShownShift]]]:
        """Each leave, and the shifts to which nobody comes because of it."""
        missed = [stay for stay in self.stays if stay.is_absent and stay.is_ours and not stay.is_closed]
        return [
            (leave, [stay for stay in missed if leave.is_ours and leave.half in ("", stay.half)])
            for leave in self.leaves
        ]

    @property
    def free_halves(self) -> list[str]:
        """The half-days in which nothing is shown."""
        taken = {stay.half for stay in self.stays} | {leave.half for leave in self.leaves}
        taken |= {draft.half for draft in self.drafts} | {other.half for other in self.others}
        return (
            []
            if "" in taken or self.is_closed
            else [half for half in ("morning", "afternoon") if half not in taken]
        )

    @property
    def has_room_beside(self) -> bool:
        """Whether a shift takes a part of both half-days: a second one may stand before or after it."""
        if self.is_closed or any(leave.half == "" for leave in self.leaves):
            return False
        return "" in {stay.half for stay in self.stays} | {draft.half for draft in self.drafts}


class Presence(HelperTimes):
    """The shifts and absences of a commune's helpers on the local days `[first, end)`, and in the weeks
    around that the rules on rest need."""

    def __init__(self, commune: Commune, first: date, end: date, sites: Iterable[Site] | None = None) -> None:
        self.commune = commune
        sites = list(commune.sites.all()) if sites is None else list(sites)
        self.marks = marks_of(sites)
        members = (
            Membership.objects.filter(commune=commune, is_helper=True, agent__is_active=True)
            .select_related("agent")
            .order_by(*in_french_order("agent__first_name", "agent__last_name"), "agent_id")
        )
        self.members = [member for member in members if member.works_on(first)]
        """The helpers who have not left before these days."""
        agent_ids = [member.agent_id for member in self.members]
        since, until = day_span(first, commune.tz, days=(end - first).days)
        around = (since - timedelta(weeks=AVERAGE_WEEKS), until + timedelta(weeks=1))
        super().__init__(agent_ids, *around)
        self.opening = OpenHalfDays(
            sites,
            commune,
            commune.local(around[0]).date(),
            commune.local(around[1]).date(),
        )
        self._begun: dict[tuple[int, date], list[Shift]] = defaultdict(list)
        for shift in chain.from_iterable(self.shifts.values()):
            self._begun[shift.agent_id, commune.local(shift.starts_at).date()].append(shift)

    def is_closed(self, shift: Shift) -> bool:
        """Whether the site is closed then. Of a site of another commune nothing is known."""
        return self.opening.is_closed(shift.site_id, shift.starts_at, shift.ends_at)

    def remark(self, shift: Shift) -> str | Promise:
        """What is odd about the hours of a shift that stands all the same."""
        is_outside = self.opening.is_outside(shift.site_id, shift.starts_at, shift.ends_at)
        return _("outside opening hours") if is_outside else ""

    def is_usual(self, shift: Shift | PlannedShift) -> bool:
        """Whether it goes from opening to closing of its half-day, or of the day."""
        start, end = shift.starts_at, shift.ends_at
        part: Span = day_span(self.commune.local(start).date(), self.commune.tz)
        if half := half_of(start, end):
            part = half_days(self.commune.local(start).date(), self.commune)[half == "afternoon"]
        hours = cut(overlapping(self.opening.spans.get(shift.site_id, []), part), part)
        return bool(hours) and (start, end) == (hours[0][0], hours[-1][1])

    def worked(self, shift: Shift) -> list[Span]:
        """The shift without the helper's absences; nothing of it counts where the place is closed."""
        if shift.pk not in self._worked and self.is_closed(shift):
            self._worked[shift.pk] = []
        return super().worked(shift)

    def due_minutes(self, member: Membership, days: list[date], contract: Decimal) -> int:
        """The minutes of the contract over these days, less public holidays, leave, and the days after the
        last one here. Absences read from other calendars leave what is due as it is."""
        agent_id = member.agent_id
        leave = merged(
            (absence.starts_at, absence.ends_at)
            for absence in self.absences[agent_id]
            if absence.commune_id is not None
        )
        if member.last_on is not None:
            gone = day_span(member.last_on, self.commune.tz)[1], day_span(days[-1], self.commune.tz)[1]
            leave = merged([*leave, gone]) if gone[0] < gone[1] else leave
        planned = merged(
            (shift.starts_at, shift.ends_at)
            for shift in self.shifts[agent_id]
            if shift.site_id in self.marks and not self.is_closed(shift)
        )
        weekly = member.weekly_hours or Decimal()
        return max(0, round(contract - minutes_off(weekly, days, leave, planned, self.commune)))

    def worked_by(self, agent_id: int) -> list[Span]:
        """The agent's worked spans in all communes."""
        return [span for shift in self.shifts[agent_id] for span in self.worked(shift)]

    def worked_here(self, agent_id: int) -> list[Span]:
        """The agent's worked spans in this commune, which count against the contract hours with it."""
        ours = (shift for shift in self.shifts[agent_id] if shift.site_id in self.marks)
        return [span for shift in ours for span in self.worked(shift)]

    def at_sites(self) -> dict[int, dict[int, list[Span]]]:
        """By site id, then agent id: the spans when the helper is present, in order."""
        found: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
        for shifts in self.shifts.values():
            for shift in shifts:
                found[shift.site_id][shift.agent_id] += self.worked(shift)
        return {
            site_id: {agent_id: merged(spans) for agent_id, spans in there.items()}
            for site_id, there in found.items()
        }

    def warnings(self, agent_id: int, mondays: list[date]) -> dict[date, list[str]]:
        """The warnings about rest and working time in each of these consecutive weeks."""
        said: dict[date, list[str]] = {monday: [] for monday in mondays}
        end = Week(mondays[-1]).after
        for warn in rest_warnings(self.worked_by(agent_id), mondays[0], end, self.commune.tz):
            said[Week.of(warn.on).monday].append(warning_text(warn))
        return said

    def cells(self, agent_id: int, days: Iterable[date], site_id: int | None = None) -> list[DayCell]:
        """The agent's cells for these days; with `site_id`, only the shifts at this site."""
        notes, days = self._notes(agent_id), list(days)
        leaves = self._leaves(agent_id, days)
        return [
            DayCell(
                day,
                self._stays(agent_id, day, site_id, notes),
                leaves[day],
                others=self._others(agent_id, day, site_id),
            )
            for day in days
        ]

    def _notes(self, agent_id: int) -> dict[int, str | Promise]:
        """By shift id, the problem to show with it: an absence, or too little time to travel."""
        sites = {shift.site_id: shift.site for shift in self.shifts[agent_id]}
        works = {
            WorkedShift(agent_id, shift.site_id, shift.starts_at, shift.ends_at): shift.pk
            for shift in self.shifts[agent_id]
        }
        found = conflicts(
            works,
            [AwaySpan(agent_id, *span) for span in self.away(agent_id)],
            lambda here, there: travel_time(sites[here], sites[there]),
        )
        notes: dict[int, str | Promise] = {}
        for conflict in found:
            if conflict.kind == Clash.AWAY:
                notes[works[conflict.work]] = _("absent")
            elif isinstance(conflict.other, WorkedShift):
                if conflict.other.site_id in self.marks:
                    notes.setdefault(works[conflict.other], _("little time to get there"))
                else:  # elsewhere, where another manager plans: this one is warned at the shift before
                    notes.setdefault(works[conflict.work], _("little time to get elsewhere"))
        return notes

    def _stays(
        self, agent_id: int, day: date, site_id: int | None, notes: dict[int, str | Promise]
    ) -> list[ShownShift]:
        return [
            ShownShift(
                shift,
                self.marks.get(shift.site_id, ELSEWHERE),
                is_ours=shift.site_id in self.marks,
                note=_("closed") if self.is_closed(shift) else notes.get(shift.pk) or self.remark(shift),
                is_absent=not self.worked(shift),
                is_closed=self.is_closed(shift),
                is_usual=self.is_usual(shift),
            )
            for shift in self._begun[agent_id, day]
            if site_id in (None, shift.site_id)
        ]

    def _others(self, agent_id: int, day: date, site_id: int | None) -> list[OtherPlace]:
        return [
            OtherPlace(
                half_of(shift.starts_at, shift.ends_at),
                shift.site.short_name if shift.site_id in self.marks else _("elsewhere"),
            )
            for shift in self._begun[agent_id, day]
            if site_id not in (None, shift.site_id)
        ]

    def _leaves(self, agent_id: int, days: list[date]) -> dict[date, list[AbsenceInCell]]:
        """The absences of each day (`days` are sorted). Each absence is put on every day that it touches."""
        spans = [day_span(day, self.commune.tz) for day in days]
        found: dict[date, list[AbsenceInCell]] = {day: [] for day in days}
        for absence in self.absences[agent_id]:
            first = bisect_right(spans, absence.starts_at, key=lambda span: span[1])
            stop = bisect_left(spans, absence.ends_at, lo=first, key=lambda span: span[0])
            for day, (start, end) in zip(days[first:stop], spans[first:stop], strict=True):
                leave = AbsenceInCell(
                    absence,
                    absence.starts_at if absence.starts_at > start else None,
                    absence.ends_at if absence.ends_at < end else None,
                    is_ours=absence.commune_id == self.commune.pk,
                )
                found[day].append(leave)
        return {day: _few(leaves) for day, leaves in found.items()}


def _few(leaves: list[AbsenceInCell]) -> list[AbsenceInCell]:
    """At most `MOST_FROM_ELSEWHERE` absences from elsewhere; more are shown as one, with their number."""
    others = [leave for leave in leaves if not leave.is_ours]
    if len(others) <= MOST_FROM_ELSEWHERE:
        return leaves
    starts, ends = [leave.starts_at for leave in others], [leave.ends_at for leave in others]
    all_of_them = AbsenceInCell(
        others[0].absence,
        None if None in starts else min(filter(None, starts)),
        None if None in ends else max(filter(None, ends)),
        is_ours=False,
        times=len(others),
    )
    return [*(leave for leave in leaves if leave.is_ours), all_of_them]
