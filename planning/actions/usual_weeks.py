"""Usual weeks: saved by form, or taken from the shifts of a week. Publishing makes shifts of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from agents.actions.locks import lock_agents
from agents.models import Shift, ShiftPattern
from communes.half_days import OpenHalfDays
from communes.models import Commune
from core.days import Week
from core.edits import Edit, lock_row, merged, record_name, values_of
from planning.errors import NothingToUndo, PatternInvalid


@transaction.atomic
def set_pattern(
    *, pattern: ShiftPattern, wanted: Mapping[str, Any] | None = None, edit: Edit | None = None
) -> ShiftPattern:
    """Save a new or changed usual week; its shifts change when it is published. `wanted`: values to set, of
    an existing one only as far as nobody else has saved others meanwhile. Raises PatternInvalid, RecordGone,
    EditConflict."""
    changes = dict(wanted or {})
    if pattern.pk and wanted is not None:
        pattern = lock_row(ShiftPattern.objects.all(), pattern.pk)
        changes = merged(edit, record_name(pattern), values_of(pattern, wanted), wanted)
    for name, value in changes.items():
        setattr(pattern, name, value)
    days = pattern.weekdays
    if not days or not all(isinstance(day, int) and 0 <= day <= 6 for day in days):
        raise PatternInvalid
    if pattern.ends <= pattern.starts or not 1 <= pattern.every_weeks <= 8:
        raise PatternInvalid
    if pattern.until_on is not None and pattern.until_on < pattern.from_on:
        raise PatternInvalid
    pattern.weekdays = sorted(set(days))
    pattern.save()
    return pattern


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same hours at the same site on several weekdays."""

    site_id: int
    starts: time
    ends: time
    weekdays: tuple[int, ...]


@dataclass
class TakenWeek:
    """What taking a week as the usual one did, for its undo: ids of new usual weeks, and of each changed one
    the values before."""

    helpers: int = 0
    made: list[int] = field(default_factory=list)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)


_TAKEN = ("site_id", "weekdays", "starts", "ends", "every_weeks", "anchor_on", "from_on", "until_on")


@transaction.atomic
def take_as_usual_week(*, commune: Commune, week: Week, now: datetime) -> TakenWeek:
    """Make the shifts of this week the usual week of their helpers, from the week after it and after the
    present one. Helpers without a shift in it keep theirs; shifts on closed half-days are left out."""
    found = _stretches(commune, week)
    lock_agents(found)
    first = max(week.after, Week.of(commune.local(now).date()).after)
    done = TakenWeek(helpers=len(found))
    usual = ShiftPattern.objects.filter(agent__in=found, site__commune=commune)
    for pattern in usual.select_for_update().order_by("pk"):
        if pattern.until_on is not None and pattern.until_on < first:
            continue
        wanted = found[pattern.agent_id]
        same = _as_it_is(pattern)
        if same in wanted:
            wanted.remove(same)
            continue
        done.changed[pattern.pk] = {name: getattr(pattern, name) for name in _TAKEN}
        _end(pattern, first)
        pattern.save()
    rows = [
        ShiftPattern(
            agent_id=agent_id,
            site_id=each.site_id,
            weekdays=list(each.weekdays),
            starts=each.starts,
            ends=each.ends,
            anchor_on=first,
            from_on=first,
        )
        for agent_id, stretches in found.items()
        for each in stretches
    ]
    done.made = [row.pk for row in ShiftPattern.objects.bulk_create(rows)]
    return done


def _stretches(commune: Commune, week: Week) -> dict[int, list[Stretch]]:
    """By helper. A shift over midnight belongs to no usual week."""
    start, end = week.span(commune.tz)
    sites = list(commune.sites.all())
    opening = OpenHalfDays(sites, commune, week.monday, week.after)
    days: dict[tuple[int, int, time, time], list[int]] = defaultdict(list)
    shifts = Shift.objects.filter(
        site__in=sites, starts_at__gte=start, starts_at__lt=end, agent__memberships__commune=commune
    ).filter(agent__memberships__is_helper=True, agent__is_active=True)
    for shift in shifts.distinct().order_by("agent_id", "starts_at"):
        starts, ends = commune.local(shift.starts_at), commune.local(shift.ends_at)
        if starts.date() != ends.date() or opening.is_closed(shift.site_id, shift.starts_at, shift.ends_at):
            continue
        days[shift.agent_id, shift.site_id, starts.time(), ends.time()].append(starts.weekday())
    found: dict[int, list[Stretch]] = defaultdict(list)
    for (agent_id, site_id, starts_, ends_), weekdays in days.items():
        found[agent_id].append(Stretch(site_id, starts_, ends_, tuple(sorted(set(weekdays)))))
    return dict(found)


def _as_it_is(pattern: ShiftPattern) -> Stretch | None:
    """None if it does not hold every week without end."""
    if pattern.every_weeks != 1 or pattern.until_on is not None:
        return None
    return Stretch(pattern.site_id, pattern.starts, pattern.ends, tuple(pattern.weekdays))


def _end(pattern: ShiftPattern, first: date) -> None:
    """End it before `first`. One that would begin later is left with no day at all: its published shifts are
    then taken back by publishing."""
    if pattern.from_on < first:
        pattern.until_on = first - timedelta(days=1)
    else:
        pattern.weekdays, pattern.until_on = [], pattern.from_on


@transaction.atomic
def untake_usual_week(*, commune: Commune, done: TakenWeek) -> None:
    """Undo `take_as_usual_week`, as long as nothing of it has been published or changed; raises
    NothingToUndo."""
    usual = ShiftPattern.objects.select_for_update(of=("self",)).filter(site__commune=commune)
    made = usual.filter(pk__in=done.made)
    if made.count() != len(done.made) or made.filter(days__isnull=False).exists():
        raise NothingToUndo
    made.delete()
    for pattern in usual.filter(pk__in=done.changed):
        for name, value in done.changed[pattern.pk].items():
            setattr(pattern, name, value)
        pattern.save()
