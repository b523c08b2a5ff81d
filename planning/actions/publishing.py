"""Publishing: usual weeks become dated shifts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Subquery

from agents.actions.locks import lock_agents
from agents.models import Agent, Membership, PatternDay, Shift, ShiftPattern, works_until
from agents.rules.rota import Pattern, PlannedShift, Published, PublishingPlan, expand, publishing_plan
from communes.actions import bump_sites
from communes.half_days import OpenHalfDays
from communes.models import Commune
from planning.actions.news import tell_of_publication
from planning.errors import RotaChanged
from planning.models import RotaPublication

HORIZON_WEEKS = 12
"""How far a first publishing goes unless a manager chooses otherwise."""
ENDS_SOON = timedelta(weeks=3)
"""How long before the published weeks end managers are warned."""


@dataclass
class Publication:
    """What publishing did. `in_the_way`: shifts not made because the agent has another shift then; `closed`:
    not made because the site is closed."""

    added: list[PlannedShift] = field(default_factory=list)
    moved: list[tuple[PlannedShift, PlannedShift]] = field(default_factory=list)
    removed: list[PlannedShift] = field(default_factory=list)
    in_the_way: list[PlannedShift] = field(default_factory=list)
    touched: list[date] = field(default_factory=list)
    closed: list[PlannedShift] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.moved or self.removed)

    @property
    def changes(self) -> list[tuple[PlannedShift | None, PlannedShift | None]]:
        """The shift before and after, of each that changes for its helper: one that a new usual week takes
        over from an old one does not."""
        kept = {_when(old) for old in self.removed} & {_when(new) for new in self.added}
        gone = [(old, None) for old in self.removed if _when(old) not in kept]
        come = [(None, new) for new in self.added if _when(new) not in kept]
        return sorted(
            [*gone, *self.moved, *come],
            key=lambda each: (each[0] or each[1] or _NEVER).starts_at,
        )

    @property
    def agent_ids(self) -> set[int]:
        """The helpers for whom something changes."""
        return {shift.agent_id for change in self.changes for shift in change if shift is not None}

    @property
    def digest(self) -> str:
        """Of what changes, to know whether it is still what was shown."""
        said = "\n".join(repr(change) for change in self.changes)
        return sha256(said.encode()).hexdigest()[:16]


_NEVER = PlannedShift(date.max, 0, 0, datetime.max.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def _when(shift: PlannedShift) -> tuple[int, int, datetime, datetime]:
    return shift.agent_id, shift.site_id, shift.starts_at, shift.ends_at


def published_until(commune: Commune) -> date | None:
    """The last day to which the rota was published; None if it never was."""
    latest = RotaPublication.objects.standing().filter(commune=commune).aggregate(until=Max("until"))["until"]
    if latest is None:  # published before publications were recorded
        rows = PatternDay.objects.filter(pattern__site__commune=commune)
        latest = rows.aggregate(until=Max("on"))["until"]
    found: date | None = latest
    return found


def rota_ends_soon(commune: Commune, now: datetime) -> date | None:
    """The last published day if it comes within three weeks although a usual week goes on after it."""
    until = published_until(commune)
    if until is None or until >= commune.local(now).date() + ENDS_SOON:
        return None
    usual = (
        ShiftPattern.objects.filter(site__commune=commune).exclude(until_on__lte=until).exclude(weekdays=[])
    )
    return until if usual.exists() else None


@dataclass
class Draft:
    """What the usual weeks want that is not published yet."""

    plans: dict[int, PublishingPlan]
    history: dict[int, list[PatternDay]]
    closed: list[PlannedShift]


def read_draft(
    commune: Commune,
    until: date,
    now: datetime,
    *,
    first: date | None = None,
    opening: OpenHalfDays | None = None,
) -> Draft:
    """From the day `first` (today) to `until` included. `opening`: when the sites are open then, if known.
    Two queries, and two more without `opening`. After the last day of a helper who leaves, nothing is wanted
    and nothing changes."""
    member = Membership.objects.filter(agent=OuterRef("agent"), commune=commune)
    rows = ShiftPattern.objects.filter(site__commune=commune)
    patterns = {each.pk: each for each in rows.annotate(leaves_on=Subquery(member.values("last_on")[:1]))}
    first, end = first or commune.local(now).date(), until + timedelta(days=1)
    history: dict[int, list[PatternDay]] = defaultdict(list)
    for pk, days in _history(patterns, first, until).items():
        history[pk] = [row for row in days if works_until(patterns[pk].leaves_on, row.on)]
    opening = opening or OpenHalfDays(commune.sites.all() if patterns else [], commune, first, end)
    plans: dict[int, PublishingPlan] = {}
    closed: list[PlannedShift] = []
    for pk, pattern in patterns.items():
        wanted: list[PlannedShift] = []
        for shift in expand(as_rule(pattern), first, end, commune.tz):
            if not works_until(pattern.leaves_on, shift.on):
                continue
            shut = opening.is_closed(shift.site_id, shift.starts_at, shift.ends_at)
            (closed if shut else wanted).append(shift)
        plans[pk] = publishing_plan([_published(row) for row in history[pk]], wanted, now)
    return Draft(plans, history, closed)


@transaction.atomic
def publish_shifts(
    *, commune: Commune, until: date, now: datetime, by: Agent | None = None, seen: str | None = None
) -> tuple[Publication, RotaPublication | None]:
    """Make, move and remove the coming shifts of usual weeks up to `until` included, in one transaction.

    Shifts that have begun or were changed by hand stay. Publishing again changes nothing more. A shift
    that would overlap another shift of its agent is left out and listed in `in_the_way`; one on a closed
    half-day, in `closed`. Helpers learn what changes for them. Where there is nothing to do, nothing is
    recorded: what was published before can still be undone.

    `seen`: the digest of what a manager was shown; raises RotaChanged if the changes are others by now.
    """
    bump_sites(commune.sites.values_list("pk", flat=True))
    patterns = ShiftPattern.objects.filter(site__commune=commune)
    days = PatternDay.objects.filter(pattern__site__commune=commune, on__gte=commune.local(now).date())
    lock_agents({*patterns.values_list("agent_id", flat=True), *days.values_list("agent_id", flat=True)})
    draft = read_draft(commune, until, now)
    done = _possible_changes(draft)
    if seen is not None and seen != done.digest:
        raise RotaChanged
    written = _carry_out(done, draft)
    if not written:
        return done, None
    record = RotaPublication.objects.create(commune=commune, until=until, at=now, by=by, changes=written)
    known_until: dict[int, date] = {}
    for row in (row for days in draft.history.values() for row in days):
        known_until[row.agent_id] = max(row.on, known_until.get(row.agent_id, row.on))
    tell_of_publication(record=record, changes=done.changes, known_until=known_until, now=now)
    return done, record


def unpublished(commune: Commune, days: list[date], now: datetime, opening: OpenHalfDays) -> Publication:
    """What publishing would change today on these days in order, without doing it. Three queries."""
    today = commune.local(now).date()
    if not days or days[-1] < today:
        return Publication()
    return _possible_changes(read_draft(commune, days[-1], now, first=max(today, days[0]), opening=opening))


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


@dataclass
class _Possible(Publication):
    """With the pattern of each."""

    moves: list[ShiftMove] = field(default_factory=list)
    removes: list[tuple[int, PlannedShift]] = field(default_factory=list)
    adds: list[tuple[int, PlannedShift]] = field(default_factory=list)
    adopted: list[tuple[int, PlannedShift, int]] = field(default_factory=list)
    """With the id of a shift made by hand that is just as the usual week wants it: it follows it from now."""


def _possible_changes(draft: Draft) -> _Possible:
    """The changes that can be made together. Removed and moved shifts free their agents' time first."""
    plans, rows = draft.plans, _rows(draft)
    done = _Possible(
        touched=sorted({on for plan in plans.values() for on in plan.touched}), closed=draft.closed
    )
    moves = [(pk, old, new) for pk, plan in plans.items() for old, new in plan.move]
    done.removes = [(pk, old) for pk, plan in plans.items() for old in plan.remove]
    adds = [(pk, new) for pk, plan in plans.items() for new in plan.add]
    leaving = {rows[pk, old.on].shift_id for pk, old in [*done.removes, *((pk, old) for pk, old, _ in moves)]}
    standing = _others([*(new for _, _, new in moves), *(new for _, new in adds)], but=leaving)
    possible, taken = _movable(moves, [_planned(shift) for shift in standing])
    by_hand = {_when(_planned(shift)): shift.pk for shift in standing if not shift.is_published}
    done.moves = [move for move in moves if move in possible]
    done.in_the_way = [move[2] for move in moves if move not in possible]
    for pk, new in adds:
        if (twin := by_hand.pop(_when(new), None)) is not None:
            done.adopted.append((pk, new, twin))
        elif taken.take(new):
            done.adds.append((pk, new))
        else:
            done.in_the_way.append(new)
    done.moved = [(old, new) for _, old, new in done.moves]
    done.removed = [old for _, old in done.removes]
    done.added = [new for _, new in done.adds]
    return done


def _rows(draft: Draft) -> dict[tuple[int, date], PatternDay]:
    return {(row.pattern_id, row.on): row for days in draft.history.values() for row in days}


def _carry_out(done: _Possible, draft: Draft) -> list[dict[str, Any]]:
    """Write the changes, and return them for the undo."""
    rows = _rows(draft)
    for pk, old, new in done.moves:
        _move(rows[pk, old.on], new)
    _remove([rows[pk, old.on] for pk, old in done.removes])
    shifts = Shift.objects.bulk_create([Shift(**values(new)) for _, new in done.adds])
    PatternDay.objects.bulk_create(
        PatternDay(pattern_id=pk, on=new.on, shift=shift, **values(new))
        for (pk, new), shift in zip(done.adds, shifts, strict=True)
    )
    PatternDay.objects.bulk_create(
        PatternDay(pattern_id=pk, on=new.on, shift_id=twin, **values(new)) for pk, new, twin in done.adopted
    )
    written: list[tuple[int, PlannedShift | None, PlannedShift | None]] = [
        *done.moves,
        *((pk, old, None) for pk, old in done.removes),
        *((pk, None, new) for pk, new in done.adds),
        *((pk, new, new) for pk, new, _ in done.adopted),
    ]
    return [
        {
            "pattern": pk,
            "on": (old or new or _NEVER).on.isoformat(),
            "before": plain(old),
            "after": plain(new),
        }
        for pk, old, new in written
    ]


def plain(shift: PlannedShift | None) -> list[Any] | None:
    """Agent, site, from and until as JSON has them."""
    if shift is None:
        return None
    return [shift.agent_id, shift.site_id, shift.starts_at.isoformat(), shift.ends_at.isoformat()]


def _movable(moves: list[ShiftMove], others: list[PlannedShift]) -> tuple[set[ShiftMove], "_Taken"]:
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


def _others(coming: list[PlannedShift], but: set[int | None]) -> list[Any]:
    """The shifts of these agents around the new ones, except those that are moved or removed."""
    if not coming:
        return []
    shifts = Shift.objects.filter(agent__in={new.agent_id for new in coming}).overlapping(
        min(new.starts_at for new in coming), max(new.ends_at for new in coming)
    )
    published = Exists(PatternDay.objects.filter(shift=OuterRef("pk")))
    return [shift for shift in shifts.annotate(is_published=published) if shift.pk not in but]


def _planned(shift: Shift) -> PlannedShift:
    return PlannedShift(shift.starts_at.date(), shift.agent_id, shift.site_id, shift.starts_at, shift.ends_at)


def values(new: PlannedShift) -> dict[str, Any]:
    return {
        "agent_id": new.agent_id,
        "site_id": new.site_id,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
    }


def _move(row: PatternDay, new: PlannedShift) -> None:
    Shift.objects.filter(pattern_day=row).update(**values(new))
    PatternDay.objects.filter(pk=row.pk).update(**values(new))


def _remove(rows: list[PatternDay]) -> None:
    Shift.objects.filter(pk__in=[row.shift_id for row in rows]).delete()
    PatternDay.objects.filter(pk__in=[row.pk for row in rows]).delete()
