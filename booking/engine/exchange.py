"""Making room: other appointments get another helper or cabin at the same time.

A time can be impossible only because of how others were allocated: the one helper with a rare
skill has a common appointment that any colleague could take. Finding who must move where
is interval scheduling with eligibility, hard in general and small here: it is solved for one
site and one day at a time, helpers and cabins apart (at a given time and site they do not
depend on each other).

What never moves: an appointment that starts within two hours, is arrived or in session
(`Pin.ALL`), the helper chosen by name (`Pin.HELPER`), and anything that is not wholly inside the
day. An appointment moves only to a helper with the skill, on shift at the site and not absent
until the end of its service, or to a cabin in order with its equipment; it may always stay.

Method: the new appointment takes a place, those it pushes out look for another, and so on, each
moved at most once, fewest moves first. A chain can reach every arrangement, so the first one found has
the fewest moves. After `BOUND` positions the search stops: the answer is then "not found", which does
not mean "impossible", and is counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from booking.engine.snapshot import Booked, OpenDay, Pin, SiteWorld, SlotRequest, Snapshot
from booking.engine.timeline import Mask, Window, bits

BOUND = 500
"""Positions examined for one start, for helpers and for cabins each."""

SEARCH_BOUND = 20_000
"""Positions examined for one search over many days, beyond which its other starts are not tried."""

# The chains tried first are short: moving one or two people is a smaller promise broken than ten.
_MOVES = (1, 2, 4, 1000)


@dataclass(slots=True)
class Effort:
    """How many positions may still be examined, and how often a bound ended a search."""

    left: int = SEARCH_BOUND
    bound_hits: int = 0


class Room(NamedTuple):
    """The id of the cabin or helper that the new appointment gets, and the others' changes: appointment id →
    new id."""

    id: int | None
    moves: Mapping[int, int] = MappingProxyType({})


class Item(NamedTuple):
    """An appointment in a table, from `start` until `blocked` (epoch ticks): `span` is what it keeps
    busy, `cover` its service, as masks of the day."""

    start: int
    blocked: int
    span: Mask
    cover: Mask


class Placement(NamedTuple):
    """A resource that an item could have, and the set of items that would have to leave it."""

    resource: int
    pushed: int


class ExchangeTable:
    """Which appointment has which helper, or which cabin, at one site on one day.

    Resources (helpers, or cabins) and the appointments that can move are numbered from 0; a set of
    appointments is an integer with their bits. `busy[r]`: ticks taken by whatever it be;
    `present[r]`: ticks at which the resource may serve here; `homes[i]`: where an appointment is
    now; `able(row)`: the resources that can do an appointment at all.
    """

    def __init__(
        self,
        *,
        ids: Sequence[int],
        busy: Sequence[Mask],
        present: Sequence[Mask],
        rows: Sequence[Booked],
        homes: Sequence[int],
        able: Callable[[Booked], Sequence[int]],
        origin: int,
    ) -> None:
        self.ids, self.busy, self.present = ids, busy, present
        self.rows, self.homes, self.able = rows, homes, able
        self.origin = origin
        # By resource: who is there, from when until when.
        self.at: list[list[tuple[int, int, int]]] = [[] for _ in ids]
        for number, (row, home) in enumerate(zip(rows, homes, strict=True)):
            self.at[home].append((number, row.start, row.blocked))
        self._items: dict[int, Item] = {}
        self._places: dict[int, list[Placement]] = {}

    def item_of(self, start: int, stop: int, blocked: int) -> Item:
        """From epoch ticks to masks of the day."""
        first = start - self.origin
        span, cover = ((1 << (blocked - start)) - 1) << first, ((1 << (stop - start)) - 1) << first
        return Item(start, blocked, span, cover)

    def item(self, number: int) -> Item:
        if number not in self._items:
            row = self.rows[number]
            self._items[number] = self.item_of(row.start, row.stop, row.blocked)
        return self._items[number]

    def places(self, number: int) -> list[Placement]:
        """Where an appointment could go instead."""
        if number not in self._places:
            others = [r for r in self.able(self.rows[number]) if r != self.homes[number]]
            self._places[number] = self.places_of(self.item(number), others)
        return self._places[number]

    def places_of(self, item: Item, among: Sequence[int]) -> list[Placement]:
        """The resources of `among` that the item could have once every appointment that can move has left."""
        found = []
        for r in among:
            if item.cover & ~self.present[r]:
                continue
            taken, pushed = self.busy[r] & item.span, 0
            if taken:
                for number, start, blocked in self.at[r]:
                    if start < item.blocked and item.start < blocked:
                        pushed |= 1 << number
                        taken &= ~self.item(number).span
            if not taken:
                found.append(Placement(r, pushed))
        return found


class _OutOfBound(Exception):
    pass


_NEWCOMER = -1


class _Chain:
    """One search: which resource the new appointment gets, and which the moved ones get."""

    def __init__(self, table: ExchangeTable, newcomer: Item, among: Sequence[int], bound: int) -> None:
        self.table = table
        self.spans = {_NEWCOMER: newcomer.span}
        self.places = {_NEWCOMER: table.places_of(newcomer, among)}
        self.left = bound
        self.locked = [0] * len(table.ids)
        self.moves = 0
        self.cut = False

    def find(self) -> dict[int, int] | None:
        """Appointment → resource (both by number), the newcomer included; raises _OutOfBound."""
        for moves in _MOVES:
            self.moves, self.cut = moves, False
            found = self._place([_NEWCOMER], 0)
            if found is not None or not self.cut:
                return found
        return None

    def _place(self, pending: list[int], out: int) -> dict[int, int] | None:
        """Allocate the pending appointments. `out` is the set of all that have left their resource."""
        if not pending:
            return {}
        if self.left <= 0:
            raise _OutOfBound
        self.left -= 1
        number, choices = self._tightest(pending, out)
        if not choices:
            return None
        others = [each for each in pending if each != number]
        span = self.spans[number]
        for count, r, pushed in sorted(choices):
            if out.bit_count() + count > self.moves:
                self.cut = True
                break
            self.locked[r] |= span
            found = self._place(others + list(bits(pushed)) if pushed else others, out | pushed)
            self.locked[r] &= ~span
            if found is not None:
                found[number] = r
                return found
        return None

    def _tightest(self, pending: list[int], out: int) -> tuple[int, list[tuple[int, int, int]]]:
        """Of those pending, the one with the fewest choices left: how many it pushes out, where, whom."""
        best: tuple[int, list[tuple[int, int, int]]] | None = None
        for number in pending:
            if number not in self.spans:
                self.spans[number] = self.table.item(number).span
                self.places[number] = self.table.places(number)
            span = self.spans[number]
            choices = []
            for r, pushed in self.places[number]:
                if not self.locked[r] & span:
                    pushed &= ~out
                    choices.append((pushed.bit_count(), r, pushed))
            if best is None or len(choices) < len(best[1]):
                best = number, choices
                if not choices:
                    break
        assert best is not None
        return best


def make_room(
    table: ExchangeTable, newcomer: Item, among: Sequence[int], effort: Effort, bound: int = BOUND
) -> Room | None:
    """Find a place for a newcomer `among` some of the resources.

    None when there is none, or when a bound was hit: `effort` tells.
    """
    allowed = min(bound, effort.left)
    chain = _Chain(table, newcomer, among, allowed)
    try:
        found = chain.find()
    except _OutOfBound:
        found = None
        effort.bound_hits += 1
    effort.left -= allowed - chain.left
    if found is None:
        return None
    place = found.pop(_NEWCOMER)
    return Room(table.ids[place], {table.rows[number].id: table.ids[r] for number, r in found.items()})


@dataclass
class Exchanger:
    """The tables of one snapshot for one need, made when first asked for.

    `cabin_taken`, `cabin_out` and `helper_busy` are masks over `window`, `on_site` the masks of helpers
    present (on shift and not absent) by site; the caller has them already.
    """

    snapshot: Snapshot
    need: SlotRequest
    window: Window
    cabin_taken: Mapping[int, Mask]
    cabin_out: Mapping[int, Mask]
    helper_busy: Mapping[int, Mask]
    on_site: Mapping[int, Mapping[int, Mask]]
    effort: Effort = field(default_factory=Effort)
    _helper_tables: dict[tuple[int, int], ExchangeTable] = field(default_factory=dict)
    _cabin_tables: dict[tuple[int, int], ExchangeTable] = field(default_factory=dict)

    def room_with_helper(self, site: SiteWorld, day: OpenDay, tick: int, bound: int = BOUND) -> Room | None:
        """A helper for a start at the site, others being exchanged if need be."""
        key = (site.id, day.start)
        if key not in self._helper_tables:
            self._helper_tables[key] = self._helper_table(site, day)
        table = self._helper_tables[key]
        among = [r for r, helper_id in enumerate(table.ids) if helper_id in self._skilled]
        return make_room(table, self._newcomer(table, tick), among, self.effort, bound)

    def room_in_cabin(self, site: SiteWorld, day: OpenDay, tick: int, bound: int = BOUND) -> Room | None:
        """A cabin for a start at the site, others being exchanged if need be."""
        key = (site.id, day.start)
        if key not in self._cabin_tables:
            self._cabin_tables[key] = self._cabin_table(site, day)
        table = self._cabin_tables[key]
        among = [
            r
            for r, cabin in enumerate(site.cabins)
            if self.need.suits(cabin) and cabin.withdrawn_until(self.need.equipment) <= tick
        ]
        return make_room(table, self._newcomer(table, tick), among, self.effort, bound)

    def _newcomer(self, table: ExchangeTable, tick: int) -> Item:
        return table.item_of(tick, tick + self.need.service_ticks, tick + self.need.blocked_ticks)

    @cached_property
    def _skilled(self) -> frozenset[int]:
        return frozenset(helper.id for helper in self.snapshot.helpers if self.need.accepts(helper))

    @cached_property
    def _skills(self) -> dict[int, frozenset[int]]:
        return {helper.id: helper.skills for helper in self.snapshot.helpers}

    def _helper_table(self, site: SiteWorld, day: OpenDay) -> ExchangeTable:
        present = self.on_site.get(site.id, {})
        ids = tuple(present)
        numbers = {helper_id: r for r, helper_id in enumerate(ids)}
        rows = [row for row in self._movable(site, day) if row.pin == Pin.NONE and row.helper_id in numbers]

        @cache
        def skilled(service_id: int) -> list[int]:
            return [r for r, helper_id in enumerate(ids) if service_id in self._skills[helper_id]]

        def able(row: Booked) -> list[int]:
            return skilled(row.service_id)

        return ExchangeTable(
            ids=ids,
            busy=self._cut([self.helper_busy[helper_id] for helper_id in ids], day),
            present=self._cut(present.values(), day),
            rows=rows,
            homes=[numbers[row.helper_id] for row in rows if row.helper_id is not None],
            able=able,
            origin=day.start,
        )

    def _cabin_table(self, site: SiteWorld, day: OpenDay) -> ExchangeTable:
        rows = self._movable(site, day)
        numbers = {cabin.id: r for r, cabin in enumerate(site.cabins)}
        equipment, everything = self.snapshot.equipment_by_service, self.window.everything

        @cache
        def equipped(service_id: int) -> list[tuple[int, int]]:
            needed = equipment.get(service_id)
            if needed is None:
                return []
            return [
                (r, cabin.withdrawn_until(needed))
                for r, cabin in enumerate(site.cabins)
                if needed <= cabin.equipment
            ]

        def able(row: Booked) -> list[int]:
            return [r for r, until in equipped(row.service_id) if until <= row.start]

        return ExchangeTable(
            ids=tuple(numbers),
            busy=self._cut([self.cabin_taken[cabin_id] for cabin_id in numbers], day),
            present=self._cut(
                [
                    everything & ~self.cabin_out.get(cabin.id, 0) if cabin.in_order else 0
                    for cabin in site.cabins
                ],
                day,
            ),
            rows=rows,
            homes=[numbers[row.cabin_id] for row in rows],
            able=able,
            origin=day.start,
        )

    def _cut(self, masks: Iterable[Mask], day: OpenDay) -> list[Mask]:
        """The masks cut down to the day, and as far beyond as the newcomer may last."""
        everything = (1 << (day.stop - day.start + self.need.blocked_ticks)) - 1
        return [mask >> (day.start - self.window.start) & everything for mask in masks]

    def _movable(self, site: SiteWorld, day: OpenDay) -> list[Booked]:
        """Appointments at the site that lie within the day and may be exchanged. Those that end
        after their cabin is retired are left to an agent."""
        rows, starts = self._sorted
        first = bisect_left(starts, max(day.start, self.snapshot.settled_before))
        cabins = {cabin.id: cabin for cabin in site.cabins}
        return [
            row
            for row in rows[first : bisect_left(starts, day.stop)]
            if row.pin != Pin.ALL
            and row.blocked <= day.stop
            and (cabin := cabins.get(row.cabin_id)) is not None
            and cabin.outlives(row.blocked)
        ]

    @cached_property
    def _sorted(self) -> tuple[list[Booked], list[int]]:
        rows = sorted(self.snapshot.booked, key=attrgetter("start"))
        return rows, [row.start for row in rows]
