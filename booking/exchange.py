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

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from booking.timeline import Mask, Window, mask_of
from booking.world import Booked, Day, Need, Pin, SiteWorld, World

BOUND = 500
"""Positions examined for one start, for helpers and for cabins each."""

SEARCH_BOUND = 20_000
"""Positions examined for one search over many days, beyond which its other starts are not tried."""

# The chains tried first are short: moving one or two people is a smaller promise broken than ten.
_MOVES = (1, 2, 4, 1000)


class Item(NamedTuple):
    """An appointment that can be moved: `span` is what it keeps busy, `cover` its service."""

    id: int
    home: int
    span: Mask
    cover: Mask
    options: tuple[int, ...]


@dataclass(slots=True)
class Effort:
    """How many positions may still be looked at, and how often a bound ended a search."""

    left: int = SEARCH_BOUND
    bound_hits: int = 0


@dataclass(slots=True)
class Table:
    """Who sits where on one site and day. Resources (helpers, or cabins) are numbered from 0.

    `free[r]`: ticks not kept busy by what cannot move; `present[r]`: ticks at which the resource
    may serve here; `items[r]`: what can move and is there now.
    """

    ids: tuple[int, ...]
    free: list[Mask]
    present: Sequence[Mask]
    items: list[list[Item]] = field(default_factory=list)

    def options(self, among: Iterable[int], span: Mask, cover: Mask) -> tuple[int, ...]:
        """Those of `among` where an appointment could be if everything movable made way."""
        return tuple(r for r in among if not span & ~self.free[r] and not cover & ~self.present[r])

    def settle_the_unmovable(self) -> None:
        """Fix items that have no place but their own, which may take the last choice from others."""
        changed = True
        while changed:
            changed = False
            for r, items in enumerate(self.items):
                for item in [each for each in items if each.options == (r,)]:
                    items.remove(item)
                    self.free[r] &= ~item.span
                    changed = True
            if changed:
                self.items = [[self._narrowed(item) for item in items] for items in self.items]

    def _narrowed(self, item: Item) -> Item:
        return item._replace(options=tuple(r for r in item.options if not item.span & ~self.free[r]))


class _OutOfBound(Exception):
    pass


class _Chain:
    """One search: where does the newcomer go, and who moves where?"""

    def __init__(self, table: Table, bound: int) -> None:
        self.table = table
        self.locked = [0] * len(table.ids)
        self.left = bound
        self.moves = 0
        self.cut = False

    def find(self, newcomer: Item) -> dict[int, int] | None:
        """Item id → resource number, the newcomer included; raises _OutOfBound."""
        most = sum(map(len, self.table.items))
        for moves in _MOVES:
            self.moves, self.cut = moves, False
            found = self._place([newcomer], frozenset())
            if found is not None or not self.cut or moves >= most:
                return found
        return None

    def _place(self, pending: list[Item], out: frozenset[int]) -> dict[int, int] | None:
        if not pending:
            return {}
        if self.left <= 0:
            raise _OutOfBound
        self.left -= 1
        choices = [self._choices(item, out) for item in pending]
        tightest = min(range(len(pending)), key=lambda n: len(choices[n]))
        item = pending[tightest]
        others = pending[:tightest] + pending[tightest + 1 :]
        for pushed, r in sorted(choices[tightest], key=lambda choice: (len(choice[0]), choice[1])):
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

    def _choices(self, item: Item, out: frozenset[int]) -> list[tuple[list[Item], int]]:
        """Where the item can go in this position, with those it would push out."""
        span = item.span
        return [
            ([each for each in self.table.items[r] if each.span & span and each.id not in out], r)
            for r in item.options
            if not self.locked[r] & span
        ]


_NEWCOMER = -1


class Room(NamedTuple):
    """The cabin or helper (id) that a newcomer gets, and who moves for it: appointment → new id."""

    id: int | None
    moves: Mapping[int, int] = MappingProxyType({})


def make_room(
    table: Table, among: Iterable[int], span: Mask, cover: Mask, effort: Effort, bound: int = BOUND
) -> Room | None:
    """Find a place for a newcomer. None when there is none, or when a bound was hit: `effort` tells."""
    options = table.options(among, span, cover)
    if not options:
        return None
    allowed = min(bound, effort.left)
    chain = _Chain(table, allowed)
    try:
        found = chain.find(Item(_NEWCOMER, -1, span, cover, options))
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
    _rows: dict[tuple[int, int], list[Booked]] | None = None
    _helper_tables: dict[tuple[int, int], Table] = field(default_factory=dict)
    _cabin_tables: dict[tuple[int, int], Table] = field(default_factory=dict)

    def room_with_helper(self, site: SiteWorld, day: Day, tick: int, bound: int = BOUND) -> Room | None:
        """A helper for a start at the site, others being exchanged if need be."""
        key = (site.id, day.start)
        if key not in self._helper_tables:
            self._helper_tables[key] = self._helper_table(site, day)
        table = self._helper_tables[key]
        among = [r for r, helper_id in enumerate(table.ids) if helper_id in self._skilled]
        return make_room(table, among, *self._newcomer(tick, day), self.effort, bound)

    def room_in_cabin(self, site: SiteWorld, day: Day, tick: int, bound: int = BOUND) -> Room | None:
        """A cabin for a start at the site, others being exchanged if need be."""
        key = (site.id, day.start)
        if key not in self._cabin_tables:
            self._cabin_tables[key] = self._cabin_table(site, day)
        among = [r for r, cabin in enumerate(site.cabins) if self.need.suits(cabin)]
        return make_room(self._cabin_tables[key], among, *self._newcomer(tick, day), self.effort, bound)

    @cached_property
    def _skilled(self) -> frozenset[int]:
        return frozenset(helper.id for helper in self.world.helpers if self.need.accepts(helper))

    def _newcomer(self, tick: int, day: Day) -> tuple[Mask, Mask]:
        first = tick - day.start
        span = ((1 << self.need.blocked_ticks) - 1) << first
        cover = ((1 << self.need.service_ticks) - 1) << first
        return span, cover

    def _helper_table(self, site: SiteWorld, day: Day) -> Table:
        helpers = {helper.id: helper for helper in self.world.helpers}
        rows = [row for row in self._movable(site, day) if row.helper_id in helpers and row.pin == Pin.NONE]
        present = self.on_site.get(site.id, {})
        homes = dict.fromkeys(row.helper_id for row in rows if row.helper_id is not None)
        ids = tuple(dict.fromkeys([*present, *homes]))
        numbers = {helper_id: r for r, helper_id in enumerate(ids)}
        return self._table(
            day,
            ids,
            busy=[self.helper_busy.get(helper_id, 0) for helper_id in ids],
            present=[present.get(helper_id, 0) for helper_id in ids],
            rows=[(row, numbers[row.helper_id]) for row in rows if row.helper_id is not None],
            able=lambda service: [r for r, each in enumerate(ids) if service in helpers[each].skills],
        )

    def _cabin_table(self, site: SiteWorld, day: Day) -> Table:
        numbers = {cabin.id: r for r, cabin in enumerate(site.cabins)}
        equipment = self.world.equipment_by_service
        everything = self.window.everything

        def able(service: int) -> list[int]:
            needed = equipment.get(service)
            if needed is None:
                return []
            return [r for r, each in enumerate(site.cabins) if each.in_order and needed <= each.equipment]

        return self._table(
            day,
            tuple(numbers),
            busy=[self.cabin_busy[cabin_id] for cabin_id in numbers],
            present=[everything if cabin.in_order else 0 for cabin in site.cabins],
            rows=[(row, numbers[row.cabin_id]) for row in self._movable(site, day)],
            able=able,
        )

    def _table(
        self,
        day: Day,
        ids: tuple[int, ...],
        *,
        busy: list[Mask],
        present: list[Mask],
        rows: list[tuple[Booked, int]],
        able: Callable[[int], list[int]],
    ) -> Table:
        """The masks cut down to the day, and each movable row with the places it could take."""
        chunk = Window(day.start, day.stop - day.start + self.need.blocked_ticks)
        offset = chunk.start - self.window.start
        cut = chunk.everything
        free = [~(mask >> offset) & cut for mask in busy]
        table = Table(ids, free, [mask >> offset & cut for mask in present], [[] for _ in ids])
        spans = [mask_of(chunk, [(row.start, row.blocked)]) for row, _ in rows]
        for (_, home), span in zip(rows, spans, strict=True):
            free[home] |= span
        able_for = {service: able(service) for service in {row.service_id for row, _ in rows}}
        for (row, home), span in zip(rows, spans, strict=True):
            cover = mask_of(chunk, [(row.start, row.stop)])
            others = table.options((r for r in able_for[row.service_id] if r != home), span, cover)
            table.items[home].append(Item(row.id, home, span, cover, (home, *others)))
        table.settle_the_unmovable()
        return table

    def _movable(self, site: SiteWorld, day: Day) -> list[Booked]:
        """Appointments of the site that lie within the day and may be exchanged."""
        if self._rows is None:
            self._rows = self._grouped()
        return [row for row in self._rows.get((site.id, day.start), ()) if row.blocked <= day.stop]

    def _grouped(self) -> dict[tuple[int, int], list[Booked]]:
        sites = {cabin.id: site.id for site in self.world.sites for cabin in site.cabins}
        starts = [day.start for day in self.world.days]
        settled, last = self.world.settled_before, self.world.days[-1].stop
        rows: dict[tuple[int, int], list[Booked]] = defaultdict(list)
        for row in self.world.booked:
            site_id = sites.get(row.cabin_id)
            if site_id is None or row.pin == Pin.ALL:
                continue
            if settled <= row.start < last and starts[0] <= row.start:
                rows[site_id, starts[bisect_right(starts, row.start) - 1]].append(row)
        return rows
