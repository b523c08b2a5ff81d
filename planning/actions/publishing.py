"""Publishing: usual weeks become dated shifts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from agents.actions.locks import lock_agents
from agents.models import PatternDay, Shift, ShiftPattern
from agents.rules.rota import Pattern, PlannedShift, Published, PublishingPlan, expand, publishing_plan
from communes.actions import bump_sites
from communes.models import Commune
from core.edits import Edit, lock_row, merged, record_name, values_of
from planning.errors import PatternInvalid

HORIZON_WEEKS = 12
"""How many weeks ahead a usual week is published unless a manager chooses otherwise."""


@dataclass
class Publication:
    """What publishing did. `in_the_way`: shifts not made because the agent has another shift then."""

    added: list[PlannedShift] = field(default_factory=list)
    moved: list[tuple[PlannedShift, PlannedShift]] = field(default_factory=list)
    removed: list[PlannedShift] = field(default_factory=list)
    in_the_way: list[PlannedShift] = field(default_factory=list)
    touched: list[date] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.moved or self.removed)


def set_pattern(
    *, pattern: ShiftPattern, wanted: Mapping[str, Any] | None = None, edit: Edit | None = None
) -> ShiftPattern:
    """Save a new or changed usual week; publishing it changes its shifts. `wanted`: values to set, of an
    existing one only as far as nobody else has saved others meanwhile. Raises PatternInvalid, RecordGone,
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


@transaction.atomic
def publish_shifts(
    *, commune: Commune, until: date, now: datetime, patterns: Iterable[ShiftPattern] | None = None
) -> Publication:
    """Make, move and remove the coming shifts of usual weeks up to `until` included, in one transaction.

    Shifts that have begun or were changed by hand stay. Publishing again changes nothing more. A shift
    that would overlap another shift of its agent is left out and listed in `in_the_way`.
    """
    if patterns is None:
        patterns = ShiftPattern.objects.filter(site__commune=commune)
    chosen = {pattern.pk: pattern for pattern in patterns}
    bump_sites(commune.sites.values_list("pk", flat=True))
    first = commune.local(now).date()
    history = _history(chosen, first, until)
    lock_agents(
        {pattern.agent_id for pattern in chosen.values()}
        | {row.agent_id for rows in history.values() for row in rows}
    )
    plans = {
        pk: publishing_plan(
            [_published(row) for row in history[pk]],
            expand(as_rule(pattern), first, until + timedelta(days=1), commune.tz),
            now,
        )
        for pk, pattern in chosen.items()
    }
    return _carry_out(plans, history)


def as_rule(pattern: ShiftPattern) -> Pattern:
    return Pattern(
        id=pattern.pk,
        agent_id=pattern.agent_id,
        site_id=pattern.site_id,
        weekdays=frozenset(pattern.weekdays),
        starts=pattern.starts,
        ends=pattern.ends,
        every_weeks=pattern.every_weeks,
        anchor_on=pattern.anchor_on,
        from_on=pattern.from_on,
        until_on=pattern.until_on,
    )


def _history(pattern_ids: Iterable[int], first: date, until: date) -> dict[int, list[PatternDay]]:
    found: dict[int, list[PatternDay]] = defaultdict(list)
    rows = PatternDay.objects.filter(pattern__in=list(pattern_ids), on__gte=first, on__lte=until)
    for row in rows.select_related("shift"):
        found[row.pattern_id].append(row)
    return found


def _published(row: PatternDay) -> Published:
    made = PlannedShift(row.on, row.agent_id, row.site_id, row.starts_at, row.ends_at)
    if row.shift is None:
        return Published(made, None)
    stands = row.shift
    return Published(
        made, PlannedShift(row.on, stands.agent_id, stands.site_id, stands.starts_at, stands.ends_at)
    )


type ShiftMove = tuple[int, PlannedShift, PlannedShift]
"""Pattern id, old shift, new shift."""


def _carry_out(plans: dict[int, PublishingPlan], history: dict[int, list[PatternDay]]) -> Publication:
    """Apply the plans. Removed and moved shifts free their agents' time before new shifts are checked."""
    done = Publication(touched=sorted({on for plan in plans.values() for on in plan.touched}))
    rows = {(row.pattern_id, row.on): row for days in history.values() for row in days}
    moves = [(pk, old, new) for pk, plan in plans.items() for old, new in plan.move]
    removes = [(pk, old) for pk, plan in plans.items() for old in plan.remove]
    adds = [(pk, new) for pk, plan in plans.items() for new in plan.add]
    leaving = {rows[pk, old.on].shift_id for pk, old in [*removes, *((pk, old) for pk, old, _ in moves)]}
    others = _others([*(new for _, _, new in moves), *(new for _, new in adds)], but=leaving)
    possible, taken = _possible(moves, others)
    for pk, old, new in moves:
        if (pk, old, new) in possible:
            _move(rows[pk, old.on], new)
            done.moved.append((old, new))
        else:
            done.in_the_way.append(new)
    _remove([rows[pk, old.on] for pk, old in removes])
    done.removed = [old for _, old in removes]
    for pk, new in adds:
        if taken.take(new):
            _add(pk, new)
            done.added.append(new)
        else:
            done.in_the_way.append(new)
    return done


def _possible(moves: list[ShiftMove], others: list[PlannedShift]) -> tuple[set[ShiftMove], "_Taken"]:
    """The moves that can all be made together. A move that cannot be made leaves its shift where it is,
    which may block another move."""
    staying: list[ShiftMove] = []
    while True:
        taken = _Taken([*others, *(old for _, old, _ in staying)])
        stuck = next((move for move in moves if move not in staying and not taken.take(move[2])), None)
        if stuck is None:
            return set(moves) - set(staying), taken
        staying.append(stuck)


class _Taken:
    """The spans during which each agent is taken, in any commune."""

    def __init__(self, known: Iterable[PlannedShift]) -> None:
        self.spans: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for each in known:
            self.spans[each.agent_id].append((each.starts_at, each.ends_at))

    def take(self, wanted: PlannedShift) -> bool:
        """Reserve the agent's time; False if the agent has another shift then."""
        own = self.spans[wanted.agent_id]
        if any(start < wanted.ends_at and end > wanted.starts_at for start, end in own):
            return False
        own.append((wanted.starts_at, wanted.ends_at))
        return True


def _others(coming: list[PlannedShift], but: set[int | None]) -> list[PlannedShift]:
    """The shifts of these agents around the new ones, except those that are moved or removed."""
    if not coming:
        return []
    shifts = Shift.objects.filter(agent__in={new.agent_id for new in coming}).overlapping(
        min(new.starts_at for new in coming), max(new.ends_at for new in coming)
    )
    return [
        PlannedShift(shift.starts_at.date(), shift.agent_id, shift.site_id, shift.starts_at, shift.ends_at)
        for shift in shifts
        if shift.pk not in but
    ]


def _values(new: PlannedShift) -> dict[str, Any]:
    return {
        "agent_id": new.agent_id,
        "site_id": new.site_id,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
    }


def _move(row: PatternDay, new: PlannedShift) -> None:
    Shift.objects.filter(pattern_day=row).update(**_values(new))
    PatternDay.objects.filter(pk=row.pk).update(**_values(new))


def _remove(rows: list[PatternDay]) -> None:
    Shift.objects.filter(pk__in=[row.shift_id for row in rows]).delete()
    PatternDay.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _add(pattern_id: int, new: PlannedShift) -> None:
    shift = Shift.objects.create(**_values(new))
    PatternDay.objects.create(pattern_id=pattern_id, on=new.on, shift=shift, **_values(new))
