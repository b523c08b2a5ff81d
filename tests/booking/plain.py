"""The rules of free time once more, over the rows of the database, by trying everything.

For small communes whose appointments, shifts and absences begin and end on whole ticks of five minutes. It
shares nothing with the engine. The hours of each site are told beside its rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agents.models import Absence, Membership, Shift
from booking.enums import LIVE, Status
from booking.models import Appointment
from communes.enums import HelperPolicy
from communes.models import Cabin, Closure, Commune, Incident, Service, Site
from tests.factories import PARIS

type Stretch = tuple[datetime, datetime]

MINUTE = timedelta(minutes=1)
HOLIDAY = date(2026, 11, 11)
"""The only one in the weeks of the tests."""
BREAKS = {
    "screen": ["screen", "video"],
    "scanner": ["scanner"],
    "printer": ["printer"],
    "video": ["video"],
    "kit": ["medical_kit"],
}
"""By kind of fault, the equipment that nobody can use meanwhile."""

KEEPS_ITS_PLACE = (Status.ARRIVED, Status.IN_SESSION, Status.CANCELLING)


def in_fives(minutes: int) -> int:
    while minutes % 5:
        minutes += 1
    return minutes


def minutes_for_people(service: Service, people: int) -> int:
    """For each one more, half as long again; a half minute counts as a whole one."""
    length = service.duration_min
    for _ in range(people - 1):
        length += service.duration_min // 2 + service.duration_min % 2
    return length if people == 1 else in_fives(length)


def openings(on: date) -> list[Stretch]:
    """Of every site, as `make_site` makes it."""
    if on.weekday() >= 5 or on == HOLIDAY:
        return []
    return [
        (datetime.combine(on, time(opens), PARIS), datetime.combine(on, time(closes), PARIS))
        for opens, closes in ((9, 12), (14, 17))
    ]


def meet(one: Stretch, other: Stretch) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _broken(commune: Commune, now: datetime) -> dict[int, list[tuple[str, datetime | None]]]:
    """By cabin, the equipment that a confirmed fault withdraws, and until when if that is known."""
    broken: dict[int, list[tuple[str, datetime | None]]] = defaultdict(list)
    for fault in Incident.objects.filter(cabin__site__commune=commune, closed_at=None):
        if fault.confirmed_at is not None and fault.cabin_id is not None:
            end = fault.expected_end_at
            until = now + timedelta(days=1) if end is not None and end <= now else end
            for code in BREAKS.get(fault.kind, []):
                broken[fault.cabin_id].append((code, until))
    return broken


@dataclass(frozen=True)
class Wish:
    """What is looked for: `minutes` and `ready` (making ready) in whole ticks."""

    service: Service
    minutes: int
    attended: bool
    helper_id: int | None = None

    @classmethod
    def of(
        cls,
        service: Service,
        *,
        with_helper: bool,
        people: int = 1,
        minutes: int = 0,
        helper_id: int | None = None,
    ) -> Wish:
        policy = service.helper_policy
        attended = policy == HelperPolicy.REQUIRED or (with_helper and policy == HelperPolicy.OPTIONAL)
        length = in_fives(minutes or minutes_for_people(service, people))
        return cls(service, length, attended, helper_id if attended else None)

    def lasts(self, start: datetime) -> Stretch:
        return start, start + self.minutes * MINUTE

    def keeps(self, start: datetime) -> Stretch:
        return start, start + (self.minutes + in_fives(self.service.turnaround_min)) * MINUTE


@dataclass(frozen=True)
class Taken:
    id: int
    site_id: int
    cabin_id: int
    helper_id: int | None
    service_id: int
    start: datetime
    end: datetime
    until: datetime
    stays: bool
    chosen: bool

    @property
    def span(self) -> Stretch:
        return self.start, self.until


class Plain:
    """The commune as its rows are now. `without`: an appointment that would give up its time; those `kept`
    make no room."""

    def __init__(
        self, commune: Commune, now: datetime, *, without: int | None = None, kept: Collection[int] = ()
    ) -> None:
        self.commune, self.now = commune, now
        self.sites = list(Site.objects.filter(commune=commune, is_active=True).order_by("pk"))
        self.cabins: dict[int, list[Cabin]] = defaultdict(list)
        for cabin in Cabin.objects.filter(site__commune=commune).order_by("pk"):
            self.cabins[cabin.site_id].append(cabin)
        self.needed = {
            service.pk: set(service.equipment_needed) for service in Service.objects.filter(commune=commune)
        }
        self.skills: dict[int, set[int]] = {}
        for member in Membership.objects.filter(commune=commune, is_helper=True).prefetch_related("skills"):
            self.skills[member.agent_id] = {service.pk for service in member.skills.all()}
        self.shifts: dict[int, list[tuple[int, Stretch]]] = defaultdict(list)
        for shift in Shift.objects.filter(site__commune=commune, agent__is_active=True):
            self.shifts[shift.agent_id].append((shift.site_id, (shift.starts_at, shift.ends_at)))
        self.absences: dict[int, list[Stretch]] = defaultdict(list)
        for absence in Absence.objects.all():
            self.absences[absence.agent_id].append((absence.starts_at, absence.ends_at))
        self.closures: dict[int, list[Stretch]] = defaultdict(list)
        for closure in Closure.objects.filter(site__commune=commune):
            self.closures[closure.site_id].append((closure.starts_at, closure.ends_at))
        self.broken = _broken(commune, now)
        self._known: dict[tuple[Wish, int, datetime], bool] = {}
        self.rows: list[Taken] = []
        self.elsewhere: dict[int, list[Stretch]] = defaultdict(list)
        for row in Appointment.objects.filter(status__in=LIVE).order_by("pk"):
            if row.pk == without or self._has_run_out(row):
                continue
            if row.commune_id == commune.pk:
                self.rows.append(self._taken(row, kept))
            elif row.helper_id is not None:
                self.elsewhere[row.helper_id].append((row.starts_at, row.blocked_until))

    def _has_run_out(self, row: Appointment) -> bool:
        ends = {Status.HELD: row.held_until, Status.CANCELLING: row.cancel_at}.get(Status(row.status))
        return ends is not None and ends <= self.now

    def _taken(self, row: Appointment, kept: Collection[int]) -> Taken:
        stays = row.status in KEEPS_ITS_PLACE or row.pk in kept
        place = row.site_id, row.cabin_id, row.helper_id, row.service_id
        return Taken(row.pk, *place, row.starts_at, row.ends_at, row.blocked_until, stays, row.helper_chosen)

    # ---- places and people ---------------------------------------------------------------------

    def is_open(self, site_id: int, stretch: Stretch) -> bool:
        opens = openings(self.commune.local(stretch[0]).date())
        fits = any(a <= stretch[0] and stretch[1] <= b for a, b in opens)
        return fits and not any(meet(stretch, each) for each in self.closures[site_id])

    def works(self, cabin: Cabin, at: datetime) -> bool:
        mended = cabin.in_order or (cabin.out_until is not None and cabin.out_until <= at)
        begun = cabin.in_service_at is None or cabin.in_service_at <= at
        return mended and begun and (cabin.retired_at is None or at < cabin.retired_at)

    def has_what_is_needed(self, cabin: Cabin, service_id: int, at: datetime) -> bool:
        needed = self.needed[service_id]
        return needed <= set(cabin.equipment) and not any(
            code in needed and (until is None or at < until) for code, until in self.broken[cabin.pk]
        )

    def is_there(self, helper_id: int, site_id: int, stretch: Stretch) -> bool:
        on_shift = any(
            site == site_id and start <= stretch[0] and stretch[1] <= end
            for site, (start, end) in self.shifts[helper_id]
        )
        return on_shift and not any(meet(stretch, each) for each in self.absences[helper_id])

    def busy_helper(self, helper_id: int) -> list[Stretch]:
        return [row.span for row in self.rows if row.helper_id == helper_id] + self.elsewhere[helper_id]

    def busy_cabin(self, cabin_id: int) -> list[Stretch]:
        return [row.span for row in self.rows if row.cabin_id == cabin_id] + self.retired(cabin_id)

    def retired(self, cabin_id: int) -> list[Stretch]:
        """The time after it is retired."""
        found = [each for cabins in self.cabins.values() for each in cabins if each.pk == cabin_id]
        return [(each.retired_at, each.retired_at + timedelta(days=999)) for each in found if each.retired_at]

    # ---- one start -----------------------------------------------------------------------------

    def is_thinkable(self, wish: Wish, site_id: int, start: datetime) -> bool:
        """Whether it would be possible if nothing were booked."""
        return (
            start >= self.now
            and self.is_open(site_id, wish.lasts(start))
            and bool(self._suitable(wish, site_id, start))
            and (not wish.attended or bool(self._serving(wish, site_id, start)))
        )

    def _suitable(self, wish: Wish, site_id: int, start: datetime) -> list[int]:
        return [
            cabin.pk
            for cabin in self.cabins[site_id]
            if self.works(cabin, start) and self.has_what_is_needed(cabin, wish.service.pk, start)
        ]

    def _serving(self, wish: Wish, site_id: int, start: datetime) -> list[int]:
        return [
            helper_id
            for helper_id, skills in self.skills.items()
            if wish.service.pk in skills and wish.helper_id in (None, helper_id)
            if self.is_there(helper_id, site_id, wish.lasts(start))
        ]

    def free_places(self, wish: Wish, site_id: int, start: datetime) -> tuple[set[int], set[int]]:
        """The cabins and the helpers that could have it without anybody making way."""
        span = wish.keeps(start)
        cabins, helpers = self._suitable(wish, site_id, start), self._serving(wish, site_id, start)
        return (
            {each for each in cabins if not any(meet(span, other) for other in self.busy_cabin(each))},
            {each for each in helpers if not any(meet(span, other) for other in self.busy_helper(each))},
        )

    def is_possible(self, wish: Wish, site_id: int, start: datetime) -> bool:
        key = wish, site_id, start
        if key not in self._known:
            self._known[key] = self._is_possible(*key)
        return self._known[key]

    def _is_possible(self, wish: Wish, site_id: int, start: datetime) -> bool:
        if not self.is_thinkable(wish, site_id, start):
            return False
        cabins, helpers = self.free_places(wish, site_id, start)
        return (bool(cabins) or self._cabins_can_change(wish, site_id, start)) and (
            not wish.attended or bool(helpers) or self._helpers_can_change(wish, site_id, start)
        )

    # ---- others make way -----------------------------------------------------------------------

    def _movable(self, site_id: int, start: datetime) -> list[Taken]:
        on = self.commune.local(start).date()
        return [
            row
            for row in self.rows
            if row.site_id == site_id and not row.stays
            if row.start >= self.now + 120 * MINUTE and self.commune.local(row.start).date() == on
            if not any(meet(row.span, gone) for gone in self.retired(row.cabin_id))
        ]

    def _cabins_can_change(self, wish: Wish, site_id: int, start: datetime) -> bool:
        movable = self._movable(site_id, start)
        options = [
            [
                cabin.pk
                for cabin in self.cabins[site_id]
                if cabin.pk == row.cabin_id
                or (
                    self.works(cabin, row.start) and self.has_what_is_needed(cabin, row.service_id, row.start)
                )
            ]
            for row in movable
        ]
        fixed = {
            cabin.pk: [row.span for row in self.rows if row.cabin_id == cabin.pk and row not in movable]
            + self.retired(cabin.pk)
            for cabin in self.cabins[site_id]
        }
        newcomer = wish.keeps(start), self._suitable(wish, site_id, start)
        return _all_fit(newcomer, [(r.span, o) for r, o in zip(movable, options, strict=True)], fixed)

    def _helpers_can_change(self, wish: Wish, site_id: int, start: datetime) -> bool:
        movable = [
            row for row in self._movable(site_id, start) if row.helper_id is not None and not row.chosen
        ]
        options = [
            [
                helper_id
                for helper_id, skills in self.skills.items()
                if helper_id == row.helper_id
                or (row.service_id in skills and self.is_there(helper_id, site_id, (row.start, row.end)))
            ]
            for row in movable
        ]
        fixed: dict[int, list[Stretch]] = defaultdict(list)
        for row in self.rows:
            if row not in movable and row.helper_id is not None:
                fixed[row.helper_id].append(row.span)
        for helper_id, spans in self.elsewhere.items():
            fixed[helper_id] += spans
        newcomer = wish.keeps(start), self._serving(wish, site_id, start)
        return _all_fit(newcomer, [(r.span, o) for r, o in zip(movable, options, strict=True)], fixed)

    # ---- all starts of a day -------------------------------------------------------------------

    def starts(self, wish: Wish, site_id: int, on: date) -> list[datetime]:
        """Each step from an opening, and whenever a cabin or a helper that could have it comes free."""
        found = set()
        for start, closes in openings(on):
            while start < closes:
                found.add(start)
                start += in_fives(wish.service.start_step_min) * MINUTE
        for cabin in self.cabins[site_id]:
            needed = self.needed[wish.service.pk]
            if not needed <= set(cabin.equipment):
                continue
            ends = [end for _, end in self.busy_cabin(cabin.pk)]
            ends += [each for each in (cabin.out_until, cabin.in_service_at) if each]
            ends += [until for code, until in self.broken[cabin.pk] if until and code in needed]
            found |= {
                end
                for end in ends
                if self.works(cabin, end)
                and self.has_what_is_needed(cabin, wish.service.pk, end)
                and not any(start <= end < until for start, until in self.busy_cabin(cabin.pk))
            }
        for helper_id, skills in self.skills.items() if wish.attended else []:
            if wish.service.pk not in skills or wish.helper_id not in (None, helper_id):
                continue
            busy = self.busy_helper(helper_id)
            found |= {
                end
                for _, end in busy
                if self.is_there(helper_id, site_id, (end, end + 5 * MINUTE))
                and not any(start <= end < until for start, until in busy)
            }
        local = self.commune.local
        return sorted(each for each in found if local(each).date() == on)

    def offers(
        self, wish: Wish, days: Collection[date], site_ids: Collection[int] = ()
    ) -> Iterator[tuple[datetime, int]]:
        """All times that can be had, the soonest first; at one time, in the order of the sites."""
        for on in sorted(days):
            starts = [
                (start, site.pk)
                for site in self.sites
                if not site_ids or site.pk in site_ids
                for start in self.starts(wish, site.pk, on)
            ]
            yield from (each for each in sorted(starts) if self.is_possible(wish, each[1], each[0]))


type Placed = tuple[Stretch, list[int]]
"""A stretch, and the places that it could have."""


def _all_fit(newcomer: Placed, others: list[Placed], fixed: Mapping[int, list[Stretch]]) -> bool:
    """Whether each stretch can get one of its places so that none meet."""
    taken = {place: list(spans) for place, spans in fixed.items()}
    stretches = [newcomer, *sorted(_in_touch(newcomer, others))]

    def rest_fits(number: int) -> bool:
        if number == len(stretches):
            return True
        span, places = stretches[number]
        for place in places:
            there = taken.setdefault(place, [])
            if not any(meet(span, other) for other in there):
                there.append(span)
                if rest_fits(number + 1):
                    return True
                there.pop()
        return False

    return rest_fits(0)


def _in_touch(newcomer: Placed, others: list[Placed]) -> list[Placed]:
    """Those at the same time as the newcomer, or as one of these: all others can stay where they are."""
    found: set[int] = set()
    spans = [newcomer[0]]
    while spans:
        span = spans.pop()
        new = {n for n, (other, _places) in enumerate(others) if n not in found and meet(span, other)}
        found |= new
        spans += [others[n][0] for n in new]
    return [others[n] for n in found]
