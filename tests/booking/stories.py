"""Stories told at random."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from booking.engine.snapshot import SlotRequest
from booking.engine.timeline import busy_span, round_up
from booking.enums import LIVE, Status
from tests.booking.worlds import (
    BEFORE_SUMMER_TIME,
    BEFORE_WINTER_TIME,
    EQUIPMENT,
    MONDAY,
    PARIS,
    REUNION,
    Appointment,
    Cabin,
    Helper,
    Site,
    Story,
    on_the_wall,
)

# Clocks change between 2 and 3 in the morning: opening hours never begin or end in that hour,
# where the wall clock is ambiguous, but may last through it.
_HOURS = [
    [(9 * 60, 12 * 60), (14 * 60, 17 * 60)],
    [(9 * 60, 12 * 60), (14 * 60, 17 * 60)],
    [(9 * 60, 12 * 60), (13 * 60 + 30, 17 * 60)],
    [(8 * 60 + 30, 12 * 60 + 10)],
    [(9 * 60 + 2, 11 * 60 + 58), (12 * 60, 13 * 60)],
    [(9 * 60, 12 * 60), (12 * 60, 15 * 60)],
    [(14 * 60, 14 * 60 + 40)],
    [(8 * 60, 18 * 60)],
    [(30, 5 * 60), (9 * 60, 11 * 60)],
    [(60, 4 * 60), (20 * 60, 24 * 60)],
    [(0, 24 * 60)],
    [],
]


class _Teller:
    """Tells a story at random: from a seed, since evenly spread worlds are fuller than those made of
    a strategy's single choices, which crowd around the smallest."""

    def __init__(self, random: Random, tz: ZoneInfo, days: list[date]) -> None:
        self.random = random
        self.tz = tz
        self.days = days
        # What lies just outside the days must not matter, or matter rightly at their edges.
        self.around = [days[0] - timedelta(days=1), *days * 4, days[-1] + timedelta(days=1)]

    def chance(self, part: float) -> bool:
        return self.random.random() < part

    def instant(self, on: date | None = None, *, fine: float = 0.1) -> datetime:
        """More often in office hours than not; `fine` is the share that falls between two ticks."""
        hours = (8 * 12, 18 * 12) if self.chance(0.8) else (0, 24 * 12)
        minute = self.random.randrange(*hours) * 5 + (self.random.randrange(5) if self.chance(fine) else 0)
        return on_the_wall(on or self.random.choice(self.around), 0, self.tz) + timedelta(minutes=minute)

    def now(self) -> datetime:
        if self.chance(0.75):
            return on_the_wall(self.days[0], 0, self.tz) - timedelta(days=2)
        return self.instant(fine=1) + timedelta(seconds=17)

    def stretches(self, count: int, shortest: int, longest: int) -> list[tuple[datetime, datetime]]:
        """Stretches that neither overlap nor touch between two ticks."""
        found: list[tuple[datetime, datetime]] = []
        for _ in range(count):
            start = self.instant()
            stop = start + timedelta(minutes=self.random.randrange(shortest, longest, 5))
            stop += timedelta(minutes=self.random.choice([0, 0, 0, 2]))
            first, last = busy_span(start, stop)
            if all(last <= a or b <= first for a, b in (busy_span(*each) for each in found)):
                found.append((start, stop))
        return found

    def equipment(self, least: int, most: int) -> frozenset[str]:
        return frozenset(self.random.sample(EQUIPMENT, self.random.randint(least, most)))

    def site(self, number: int, cabins: int, closures: int) -> Site:
        return Site(
            number,
            {**dict.fromkeys(range(7), self.random.choice(_HOURS)), self.random.randrange(7): []},
            self.chance(0.7),
            self.stretches(closures, 10, 400),
            [self.cabin(number * 10 + n, self.equipment(2, 4)) for n in range(cabins)],
        )

    def cabin(self, number: int, equipment: frozenset[str]) -> Cabin:
        """One in ten is out of order without an end, one in ten until some time, one in ten is retired; of
        its equipment, some does not work."""
        fate = self.random.random()
        return Cabin(
            number,
            equipment,
            fate >= 0.1,
            self.instant() if 0.1 <= fate < 0.2 else None,
            self.instant() if 0.2 <= fate < 0.3 else None,
            self.faults(equipment),
        )

    def faults(self, equipment: frozenset[str]) -> tuple[tuple[str, datetime | None], ...]:
        found = {
            code: self.instant() if self.chance(0.7) else None
            for code in sorted(equipment)
            if self.chance(0.15)
        }
        if "screen" in found:  # who speaks by video looks at the screen
            found["video"] = found["screen"]
        return tuple(found.items())

    def helper(self, number: int, sites: list[Site], absences: int) -> Helper:
        """Whole days or half-days mostly, at one site or two, and some odd stretches."""
        shifts: list[tuple[int, datetime, datetime]] = []
        for on in sorted(set(self.around)):
            for opens, closes in self.random.choice(_PATTERNS):
                start = on_the_wall(on, 0, self.tz) + timedelta(minutes=opens)
                stop = on_the_wall(on, 0, self.tz) + timedelta(minutes=closes)
                shifts.append((self.random.choice(sites).id, start, stop))
        return Helper(
            number,
            frozenset(skill for skill in (1, 2, 3) if self.chance(0.8)),
            shifts,
            self.stretches(absences, 15, 300),
            self.stretches(self.random.randint(0, 1), 10, 90),
        )

    def appointment(self, number: int, story: Story) -> Appointment | None:
        places = [(site, cabin) for site in story.sites for cabin in site.cabins]
        if not places:
            return None
        site, cabin = self.random.choice(places)
        on_duty = [
            (helper, shift) for helper in story.helpers for shift in helper.shifts if shift[0] == site.id
        ]
        helper, start = None, self.instant()
        if on_duty and self.chance(0.8):
            helper, (_, opens, closes) = self.random.choice(on_duty)
            start = opens + timedelta(
                minutes=self.random.randrange(0, int((closes - opens).total_seconds() // 60), 15)
            )
        elif story.helpers and self.chance(0.2):
            helper = self.random.choice(story.helpers)
        stop = start + timedelta(minutes=self.random.choice([5, 15, 30, 30, 45, 52]))
        status = self.random.choice([Status.BOOKED] * 12 + list(Status))
        return Appointment(
            number,
            site.id,
            cabin.id,
            helper.id if helper else None,
            self.random.choice([1, 2, 3]),
            start,
            stop,
            round_up(stop + timedelta(minutes=self.random.choice([0, 0, 5, 10, 12]))),
            status,
            story.now + timedelta(minutes=self.random.choice([-5, 0, 5]))
            if status in (Status.HELD, Status.CANCELLING)
            else None,
            helper is not None and self.chance(0.1),
        )


_PATTERNS = [
    [(9 * 60, 12 * 60), (14 * 60, 17 * 60)],
    [(8 * 60, 18 * 60)],
    [(8 * 60, 18 * 60)],
    [(9 * 60, 12 * 60), (12 * 60, 15 * 60)],
    [(9 * 60 + 3, 11 * 60 + 51)],
    [(0, 6 * 60), (13 * 60, 16 * 60)],
    [(20 * 60, 25 * 60)],
    [],
]


def _clashes(new: Appointment, others: list[Appointment], helpers: list[Helper]) -> bool:
    """Whether the database would refuse it, in whole ticks, as cabins and helpers are kept."""

    def meets(start: datetime, stop: datetime) -> bool:
        first, last = busy_span(start, stop)
        mine = busy_span(new.starts_at, new.blocked_until)
        return first < mine[1] and mine[0] < last

    if new.status not in LIVE:
        return False
    elsewhere = [each for helper in helpers if helper.id == new.helper_id for each in helper.busy_elsewhere]
    if any(meets(*stretch) for stretch in elsewhere):
        return True
    return any(
        meets(each.starts_at, each.blocked_until)
        and (each.cabin_id == new.cabin_id or (new.helper_id is not None and each.helper_id == new.helper_id))
        for each in others
        if each.status in LIVE
    )


# Hypothesis draws evenly below 2**24; above, it prefers small numbers, and worlds would repeat.
_SEEDS = st.integers(0, 2**24 - 1)
FIRST_APPOINTMENT = 800_000
"""Written as rows under these ids: the sequence of no test database comes this far."""


@st.composite
def stories(
    draw: st.DrawFn, *, days: int = 4, sites: int = 2, helpers: int = 5, appointments: int = 60
) -> Story:
    """A random world; the arguments are the most there is of everything."""
    tz = draw(st.sampled_from([PARIS, PARIS, REUNION]))
    first = draw(st.sampled_from([MONDAY, BEFORE_SUMMER_TIME, BEFORE_WINTER_TIME]))
    # A failing world shrinks to a small one, if there is one that fails; most are tried full.
    size = draw(st.sampled_from([0.1, 0.3, 0.6, 1, 1, 1, 1, 1]))
    random = Random(draw(_SEEDS))

    def some(most: int, least: int = 0) -> int:
        return max(least, random.randint(0, max(1, round(most * size))))

    dates = [first + timedelta(days=n) for n in range(some(days, 1))]
    tell = _Teller(random, tz, dates)
    places = [
        tell.site(number + 1, random.choice([0, 1, 2, 2, 2, 3, 3]), some(1))
        for number in range(some(sites, 1))
    ]
    people = [tell.helper(100 + number, places, some(1)) for number in range(some(helpers, 1))]
    story = Story(
        tz=tz,
        first=first,
        last=dates[-1],
        now=tell.now(),
        holidays=frozenset({tell.random.choice(dates)}) if tell.chance(0.15) else frozenset(),
        services={number: tell.equipment(0, 1) for number in (1, 2, 3)},
        sites=places,
        helpers=people,
        appointments=[],
    )
    for number in range(some(appointments)):
        new = tell.appointment(FIRST_APPOINTMENT + number, story)
        if new and not _clashes(new, story.appointments, people):
            story.appointments.append(new)
    return story


@st.composite
def crowded_days(draw: st.DrawFn) -> tuple[Story, SlotRequest]:
    """One day at one site, nearly full, and a need for which someone may have to make way."""
    on = MONDAY
    tell = _Teller(Random(draw(_SEEDS)), PARIS, [on])
    choice = tell.random.choice
    opens, closes = (on_the_wall(on, hour * 60, PARIS) for hour in (9, 12))
    # One cabin has everything and one helper knows everything: others' luck is in their way.
    cabins = [Cabin(10, frozenset(EQUIPMENT), in_order=True)]
    cabins += [tell.cabin(11 + n, tell.equipment(1, 3)) for n in range(choice([0, 1, 2, 3]))]
    helpers = [
        Helper(
            100 + n,
            frozenset({1, *(skill for skill in (2, 3) if n == 0 or tell.chance(0.3))}),
            [(1, opens, choice([closes, closes, closes - timedelta(minutes=60)]))],
            [],
            [],
        )
        for n in range(choice([1, 2, 3, 4]))
    ]
    site = Site(1, {on.weekday(): [(540, 720)]}, True, [], cabins)
    services: dict[int, frozenset[str]] = {1: frozenset(), 2: tell.equipment(0, 1), 3: tell.equipment(1, 1)}
    now = on_the_wall(on, choice([0, 6 * 60 + 30, 8 * 60]), PARIS)
    story = Story(PARIS, on, on, now, frozenset(), services, [site], helpers, [])
    for number in range(draw(st.integers(2, 22))):
        able = [None, *helpers, *helpers]
        helper, cabin = choice(able), choice(cabins)
        start = opens + timedelta(minutes=choice(range(0, 180, 15)))
        stop = start + timedelta(minutes=choice([15, 30, 30, 45]))
        new = Appointment(
            FIRST_APPOINTMENT + number,
            1,
            cabin.id,
            helper.id if helper else None,
            choice(sorted(helper.skills) if helper else [1, 2, 3]),
            start,
            stop,
            round_up(stop + timedelta(minutes=choice([0, 0, 0, 5]))),
            Status.ARRIVED if tell.chance(0.05) else Status.BOOKED,
            None,
            helper is not None and tell.chance(0.1),
        )
        if not _clashes(new, story.appointments, helpers):
            story.appointments.append(new)
    service = choice([2, 3])
    need = SlotRequest(
        service, choice([15, 30, 45]), choice([0, 0, 5]), 15, services[service], with_helper=tell.chance(0.8)
    )
    return story, need


@st.composite
def needs(draw: st.DrawFn, story: Story) -> SlotRequest:
    """A need that the story might meet."""
    tell = _Teller(Random(draw(_SEEDS)), story.tz, story.days())
    choice = tell.random.choice
    service = choice(sorted(story.services))
    with_helper = bool(story.helpers) and tell.chance(0.7)
    people = [helper.id for helper in story.helpers]
    return SlotRequest(
        service_id=service,
        duration_min=choice([5, 20, 30, 30, 32, 45, 45, 60, 90, 127]),
        turnaround_min=choice([0, 0, 5, 10, 12, 30]),
        start_step_min=choice([5, 15, 15, 20, 30, 60, 7]),
        equipment=story.services[service],
        with_helper=with_helper,
        helper_id=choice(people) if with_helper and tell.chance(0.15) else None,
        seen_last_id=choice([None, *people]),
        earliest=tell.instant(fine=0.5) if tell.chance(0.1) else None,
        latest=tell.instant(fine=0.5) if tell.chance(0.1) else None,
    )
