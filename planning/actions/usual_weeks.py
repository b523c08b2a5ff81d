"""Usual weeks: saved by form, or taken from the shifts of a week. Publishing makes shifts of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from agents.actions.locks import lock_agents
from agents.models import Agent, PatternDay, Shift, ShiftPattern
from agents.rules.rota import Pattern
from agents.rules.usual_week import first_overlap
from communes.half_days import OpenHalfDays
from communes.models import Commune
from core.days import Week
from core.edits import Edit, merged
from planning.errors import NothingToUndo, PatternInvalid, UsualWeekChanged, UsualWeekOverlaps


class UsualRow(NamedTuple):
    """The values of one row of a usual week, which is a `ShiftPattern`."""

    agent_id: int
    site_id: int
    weekdays: tuple[int, ...]
    starts: time
    ends: time
    every_weeks: int
    anchor_on: date
    from_on: date
    until_on: date | None

    def has_ended(self, today: date) -> bool:
        return self.until_on is not None and self.until_on < today

    def as_rule(self, pk: int = 0) -> Pattern:
        return Pattern(id=pk, **{**self._asdict(), "weekdays": frozenset(self.weekdays)})


ROW = "row-"
"""How the name of a stored row begins in an edit; its id follows."""


def rows_of(commune: Commune, agent: Agent) -> QuerySet[ShiftPattern]:
    """The rows of a helper's usual week. One that was removed after it was published is left without days."""
    return ShiftPattern.objects.filter(agent=agent, site__commune=commune).exclude(weekdays=[])


def row_name(pattern: ShiftPattern) -> str:
    return f"{ROW}{pattern.pk}"


def row_values(pattern: ShiftPattern) -> UsualRow:
    values = {name: getattr(pattern, name) for name in UsualRow._fields}
    return UsualRow(**{**values, "weekdays": tuple(pattern.weekdays)})


@transaction.atomic
def set_usual_week(
    *,
    commune: Commune,
    agent: Agent,
    wanted: Mapping[str, UsualRow | None],
    new: Sequence[UsualRow] = (),
    today: date,
    edit: Edit | None = None,
) -> None:
    """Save all rows of a helper's usual week, or none; shifts change when it is published.

    `wanted`: by name, the stored rows as they are to be, None for one to remove; each is one value of the
    edit. `new`: rows to add. A row whose helper is another is handed over. Raises PatternInvalid,
    UsualWeekOverlaps, EditConflict.
    """
    named = [row.agent_id for row in (*wanted.values(), *new) if row is not None]
    lock_agents([agent.pk, *named])
    known = {row_name(row): row for row in rows_of(commune, agent).select_for_update(of=("self",))}
    values = {name: row_values(row) for name, row in known.items()}
    stored = {name: row for name, row in values.items() if name in wanted or not row.has_ended(today)}
    changes = merged(edit, _record(commune, agent), {**dict.fromkeys(wanted), **stored}, wanted)
    for name, row in changes.items():
        if row is not None:
            set_pattern(pattern=known.get(name, ShiftPattern()), wanted=row._asdict())
        elif name in known:
            _remove(known[name])
    for row in new:
        # Sent twice, or added just so by somebody else, it is there once.
        if row not in values.values():
            set_pattern(pattern=ShiftPattern(), wanted=row._asdict())
    for pk in {agent.pk, *named}:
        _refuse_overlaps(commune, pk, today)


def _record(commune: Commune, agent: Agent) -> str:
    return f"usual_week:{commune.pk}:{agent.pk}"


def _remove(pattern: ShiftPattern) -> None:
    """Without days, its published shifts are taken back by the next publishing; deleted, they would stay."""
    if not pattern.days.exists():
        pattern.delete()
        return
    pattern.weekdays = []
    pattern.save(update_fields=["weekdays"])


def _refuse_overlaps(commune: Commune, agent_id: int, today: date) -> None:
    rows = ShiftPattern.objects.filter(agent=agent_id, site__commune=commune).exclude(weekdays=[])
    for one, other in combinations(rows.select_related("agent"), 2):
        on = first_overlap(row_values(one).as_rule(), row_values(other).as_rule(), today)
        if on is not None:
            raise UsualWeekOverlaps(str(one.agent), on)


def set_pattern(*, pattern: ShiftPattern, wanted: Mapping[str, Any] | None = None) -> ShiftPattern:
    """Save one new or changed row of a usual week, `wanted` being values to set. Raises PatternInvalid."""
    changes = dict(wanted or {})
    was = pattern.agent_id if pattern.pk else None
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
    with transaction.atomic():
        pattern.save()
        if was is not None and pattern.agent_id != was:
            # What was set aside for a helper who leaves must not keep these days from the one who follows.
            PatternDay.objects.filter(pattern=pattern, shift=None, set_aside__isnull=False).delete()
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
    """What taking a week as the usual one did, for its undo: ids of new usual weeks, of each changed one
    the values before, and of all of them those that it left."""

    helpers: int = 0
    made: list[int] = field(default_factory=list)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)
    left: dict[int, dict[str, Any]] = field(default_factory=dict)


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
        done.changed[pattern.pk] = _taken(pattern)
        _end(pattern, first)
        pattern.save()
        done.left[pattern.pk] = _taken(pattern)
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
    made = ShiftPattern.objects.bulk_create(rows)
    done.made = [row.pk for row in made]
    done.left |= {row.pk: _taken(row) for row in made}
    return done


def _taken(pattern: ShiftPattern) -> dict[str, Any]:
    return {"agent_id": pattern.agent_id, **{name: getattr(pattern, name) for name in _TAKEN}}


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
    NothingToUndo, and UsualWeekChanged where somebody has changed one of these usual weeks since."""
    usual = ShiftPattern.objects.select_for_update(of=("self",)).filter(site__commune=commune)
    made = usual.filter(pk__in=done.made)
    if made.count() != len(done.made) or made.filter(days__isnull=False).exists():
        raise NothingToUndo
    present = {row.pk: _taken(row) for row in usual.filter(pk__in=done.left)}
    if present != done.left:
        raise UsualWeekChanged
    made.delete()
    for pattern in usual.filter(pk__in=done.changed):
        for name, value in done.changed[pattern.pk].items():
            setattr(pattern, name, value)
        pattern.save()
