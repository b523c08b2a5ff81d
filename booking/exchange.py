"""Making room by exchanging helpers or cabins among appointments that do not mind.

A time can be impossible only because others were placed unluckily: the one helper with a rare
skill sits in a common appointment that any colleague could take. Finding who must move where
is interval scheduling with eligibility, hard in general and small here: it is solved for one
site and one day at a time, helpers and cabins apart (at a given time and site they do not
depend on each other).

What never moves: an appointment that starts within two hours, is arrived or in session
(`Pin.ALL`), the helper chosen by name (`Pin.HELPER`), and anything that is not wholly inside the
day. An appointment moves only to a helper with the skill, on shift at the site and not absent
until the end of its service, or to a cabin in order with its equipment; it may always stay.

Method: the new appointment takes a place, those it pushes out look for another, and so on, each
moved at most once, fewest moves first. Every final arrangement can be reached by such a chain,
so the search is exact, until it has looked at `BOUND` positions: then the answer is "not found",
which is not "impossible", and is counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from booking.timeline import Mask, Window
from booking.world import Booked, Day, Need, Pin, SiteWorld, World

BOUND = 500
"""Positions examined for one start, for helpers and for cabins each."""

SEARCH_BOUND = 20_000
"""Positions examined for one search over many days, beyond which its other starts are not tried."""

# The chains tried first are short: moving one or two people is a smaller promise broken than ten.
_MOVES = (1, 2, 4, 1000)


class Item(NamedTuple):
    """An appointment as the search sees it: `span` is what it keeps busy, `cover` its service, both
    as masks of the day; `first` and `last` bound the span in epoch ticks."""

    id: int
    service_id: int
    first: int
    last: int
    span: Mask
    cover: Mask


_NEWCOMER = -1


@dataclass(slots=True)
class Effort:
    """How many positions may still be looked at, and how often a bound ended a search."""

    left: int = SEARCH_BOUND
    bound_hits: int = 0


class Room(NamedTuple):
    """The cabin or helper (id) that a newcomer gets, and who moves for it: appointment → new id."""

    id: int | None
    moves: Mapping[int, int] = MappingProxyType({})


@dataclass(slots=True)
class Table:
    """Who sits where on one site and day. Resources (helpers, or cabins) are numbered from 0.

    `busy[r]`: ticks taken by whatever it be; `present[r]`: ticks at which the resource may serve here;
    `movable[r]`: what is there now and may be exchanged; `able(service)`: who can do it at all.
    """

    day: Window
    ids: tuple[int, ...]
    busy: Sequence[Mask]
    present: Sequence[Mask]
    movable: Sequence[Sequence[Booked]]
    able: Callable[[int], Sequence[int]]

    def item(self, row: Booked) -> Item:
        first = row.start - self.day.start
        return Item(
            row.id,
            row.service_id,
            row.start,
            row.blocked,
            ((1 << (row.blocked - row.start)) - 1) << first,
            ((1 << (row.stop - row.start)) - 1) << first,
        )

    def choice(self, item: Item, r: int, out: frozenset[int]) -> list[Item] | None:
        """Whom the item would push out at `r`, those in `out` having left; None if it cannot be there."""
        if item.cover & ~self.present[r]:
            return None
        taken = self.busy[r] & item.span
        pushed = []
        if taken:
            for row in self.movable[r]:
                if row.start < item.last and item.first < row.blocked:
                    other = self.item(row)
                    taken &= ~other.span
                    if other.id not in out:
                        pushed.append(other)
        return None if taken else pushed


class _OutOfBound(Exception):
    pass


class _Chain:
    """One search: where does the newcomer go, and who moves where?"""

    def __init__(self, table: Table, among: Sequence[int], bound: int) -> None:
        self.table = table
        self.among = among
        self.left = bound
        self.locked = [0] * len(table.ids)
        self.moves = 0
        self.cut = False

    def find(self, newcomer: Item) -> dict[int, int] | None:
        """Item id → resource number, the newcomer included; raises _OutOfBound."""
        for moves in _MOVES:
            self.moves, self.cut = moves, False
            found = self._place([newcomer], frozenset())
            if found is not None or not self.cut:
                return found
        return None

    def _place(self, pending: list[Item], out: frozenset[int]) -> dict[int, int] | None:
        """Places for those pending, `out` being all who have left theirs."""
        if not pending:
            return {}
        if self.left <= 0:
            raise _OutOfBound
        self.left -= 1
        choices = [self._choices(item, out) for item in pending]
        tightest = min(range(len(pending)), key=lambda n: len(choices[n]))
        item = pending[tightest]
        others = pending[:tightest] + pending[tightest + 1 :]
        for _, r, pushed in sorted(choices[tightest], key=_fewest):
            if len(out) + len(pushed) > self.moves:
                self.cut = True
                break
            self.locked[r] |= item.span
            found = self._place(others + pushed, out.union([each.id for each in pushed]))
            self.locked[r] &= ~item.span
            if found is not None:
                found[item.id] = r
                return found
        return None

    def _choices(self, item: Item, out: frozenset[int]) -> list[tuple[int, int, list[Item]]]:
        """Where the item can go in this position, with those it would push out and their number."""
        among = self.among if item.id == _NEWCOMER else self.table.able(item.service_id)
        choices = []
        for r in among:
            if not self.locked[r] & item.span:
                pushed = self.table.choice(item, r, out)
                if pushed is not None:
                    choices.append((len(pushed), r, pushed))
        return choices


def _fewest(choice: tuple[int, int, list[Item]]) -> tuple[int, int]:
    return choice[:2]


def make_room(
    table: Table, newcomer: Item, among: Sequence[int], effort: Effort, bound: int = BOUND
) -> Room | None:
    """Find a place for a newcomer `among` some of the resources.

    None when there is none, or when a bound was hit: `effort` tells.
    """
    allowed = min(bound, effort.left)
    chain = _Chain(table, among, allowed)
    try:
        found = chain.find(newcomer)
    except _OutOfBound:
        found = None
        effort.bound_hits += 1
    effort.left -= allowed - chain.left
    if found is None:
        return None
    place = found.pop(_NEWCOMER)
    return Room(table.ids[place], {item: table.ids[r] for item, r in found.items()})


@dataclass
class Exchanger:
    """The tables of one world for one need, made when first asked for.

    `cabin_busy` and `helper_busy` are masks over `window`, `on_site` the masks of helpers present
    (on shift and not absent) by site; the caller has them already.
    """

    world: World
    need: Need
    window: Window
    cabin_busy: Mapping[int, Mask]
    helper_busy: Mapping[int, Mask]
    on_site: Mapping[int, Mapping[int, Mask]]
    effort: Effort = field(default_factory=Effort)
    _helper_tables: dict[tuple[int, int], Table] = field(default_factory=dict)
    _cabin_tables: dict[tuple[int, int], Table] = field(default_factory=dict)

    def room_with_helper(self, site: SiteWorld, day: Day, tick: int, bound: int = BOUND) -> Room | None:
        """A helper for a start at the site, others being exchanged if need be."""
        key = (site.id, day.start)
        if key not in self._helper_tables:
            self._helper_tables[key] = self._helper_table(site, day)
        table = self._helper_tables[key]
        among = [r for r, helper_id in enumerate(table.ids) if helper_id in self._skilled]
        return make_room(table, self._newcomer(tick, day), among, self.effort, bound)

    def room_in_cabin(self, site: SiteWorld, day: Day, tick: int, bound: int = BOUND) -> Room | None:
        """A cabin for a start at the site, others being exchanged if need be."""
        key = (site.id, day.start)
        if key not in self._cabin_tables:
            self._cabin_tables[key] = self._cabin_table(site, day)
        among = [r for r, cabin in enumerate(site.cabins) if self.need.suits(cabin)]
        return make_room(self._cabin_tables[key], self._newcomer(tick, day), among, self.effort, bound)

    def _newcomer(self, tick: int, day: Day) -> Item:
        service, blocked = self.need.service_ticks, self.need.blocked_ticks
        span, cover = ((1 << length) - 1 << tick - day.start for length in (blocked, service))
        return Item(_NEWCOMER, self.need.service_id, tick, tick + blocked, span, cover)

    @cached_property
    def _skilled(self) -> frozenset[int]:
        return frozenset(helper.id for helper in self.world.helpers if self.need.accepts(helper))

    @cached_property
    def _skills(self) -> dict[int, frozenset[int]]:
        return {helper.id: helper.skills for helper in self.world.helpers}

    def _helper_table(self, site: SiteWorld, day: Day) -> Table:
        present = self.on_site.get(site.id, {})
        here: dict[int, list[Booked]] = {helper_id: [] for helper_id in present}
        for row in self._movable(site, day):
            if row.pin == Pin.NONE and row.helper_id in here:
                here[row.helper_id].append(row)
        ids = tuple(here)

        @cache
        def able(service_id: int) -> list[int]:
            return [r for r, helper_id in enumerate(ids) if service_id in self._skills[helper_id]]

        masks = [self.helper_busy[helper_id] for helper_id in ids]
        return self._table(day, ids, masks, list(present.values()), list(here.values()), able)

    def _cabin_table(self, site: SiteWorld, day: Day) -> Table:
        here: dict[int, list[Booked]] = {cabin.id: [] for cabin in site.cabins}
        for row in self._movable(site, day):
            here[row.cabin_id].append(row)
        equipment, everything = self.world.equipment_by_service, self.window.everything

        @cache
        def able(service_id: int) -> list[int]:
            needed = equipment.get(service_id)
            if needed is None:
                return []
            return [r for r, cabin in enumerate(site.cabins) if cabin.in_order and needed <= cabin.equipment]

        masks = [self.cabin_busy[cabin_id] for cabin_id in here]
        present = [everything if cabin.in_order else 0 for cabin in site.cabins]
        return self._table(day, tuple(here), masks, present, list(here.values()), able)

    def _table(
        self,
        day: Day,
        ids: tuple[int, ...],
        busy: Sequence[Mask],
        present: Sequence[Mask],
        movable: Sequence[Sequence[Booked]],
        able: Callable[[int], Sequence[int]],
    ) -> Table:
        """The masks cut down to the day, and as far beyond as the newcomer may last."""
        chunk = Window(day.start, day.stop - day.start + self.need.blocked_ticks)
        offset, cut = chunk.start - self.window.start, chunk.everything
        return Table(
            chunk,
            ids,
            [mask >> offset & cut for mask in busy],
            [mask >> offset & cut for mask in present],
            movable,
            able,
        )

    def _movable(self, site: SiteWorld, day: Day) -> list[Booked]:
        """Appointments at the site that lie within the day and may be exchanged."""
        rows, starts = self._sorted
        first = bisect_left(starts, max(day.start, self.world.settled_before))
        cabins = {cabin.id for cabin in site.cabins}
        return [
            row
            for row in rows[first : bisect_left(starts, day.stop)]
            if row.cabin_id in cabins and row.pin != Pin.ALL and row.blocked <= day.stop
        ]

    @cached_property
    def _sorted(self) -> tuple[list[Booked], list[int]]:
        rows = sorted(self.world.booked, key=attrgetter("start"))
        return rows, [row.start for row in rows]
