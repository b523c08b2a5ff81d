"""Availability once more, slow and plain: minute by minute, from instants and wall clocks.

It shares nothing with the engine but the names of the reasons. Read it beside DESIGN: each
function is one sentence of the rules.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.engine.snapshot import SlotRequest
from booking.enums import Status, WhyEmpty
from tests.booking.worlds import Appointment, Cabin, Helper, Site, Story, end_of_fault, on_the_wall

MINUTE = timedelta(minutes=1)


def up_to_five(minutes: int) -> int:
    while minutes % 5:
        minutes += 1
    return minutes


def minutes_of(start: datetime, length: int) -> list[datetime]:
    return [start + n * MINUTE for n in range(length)]


@dataclass(frozen=True)
class Start:
    """One start at one site, with the answer to each question that is asked of it."""

    at: datetime
    site_id: int
    not_past: bool
    not_too_soon: bool
    not_too_far: bool
    has_cabin: bool
    equipment_works: bool
    has_helper: bool
    cabins: tuple[int, ...]
    helpers: tuple[int, ...]
    offered: bool


class Oracle:
    def __init__(self, story: Story, need: SlotRequest) -> None:
        self.story = story
        self.need = need
        self.service = up_to_five(need.duration_min)
        self.blocked = self.service + up_to_five(need.turnaround_min)
        self.appointments = story.counting()
        self._starts: dict[date, list[Start]] = {}

    # ---- single minutes ------------------------------------------------------------------------

    def opening(self, site: Site, minute: datetime) -> datetime | None:
        """When the opening in which this minute lies began; None if the site's hours say closed."""
        local = minute.astimezone(self.story.tz)
        if site.shut_on_holidays and local.date() in self.story.holidays:
            return None
        for opens, closes in site.hours.get(local.weekday(), []):
            if opens <= local.hour * 60 + local.minute < closes:
                return on_the_wall(local.date(), opens, self.story.tz)
        return None

    def is_open(self, site: Site, minute: datetime) -> bool:
        closed = any(start < minute + MINUTE and minute < stop for start, stop in site.closures)
        return self.opening(site, minute) is not None and not closed

    def cabin_out(self, cabin: Cabin, minute: datetime) -> bool:
        is_retired = cabin.retired is not None and minute + MINUTE > cabin.retired
        return is_retired or (cabin.out_until is not None and minute < cabin.out_until)

    def fails(self, cabin: Cabin, needed: Collection[str], minute: datetime) -> bool:
        """Whether equipment of the cabin that is needed does not work: nothing begins that needs it."""
        return any(
            code in needed and (end is None or minute < end_of_fault(end, self.story.now))
            for code, end in cabin.faults
        )

    def cabin_unusable(self, cabin: Cabin, minute: datetime) -> bool:
        return self.cabin_taken(cabin, minute) or self.fails(cabin, self.need.equipment, minute)

    def cabin_taken(self, cabin: Cabin, minute: datetime) -> bool:
        return self.cabin_out(cabin, minute) or any(
            each.cabin_id == cabin.id and each.starts_at < minute + MINUTE and minute < each.blocked_until
            for each in self.appointments
        )

    def helper_taken(self, helper: Helper, minute: datetime) -> bool:
        own = [(a.starts_at, a.blocked_until) for a in self.appointments if a.helper_id == helper.id]
        return any(start < minute + MINUTE and minute < stop for start, stop in own + helper.busy_elsewhere)

    def helper_present(self, helper: Helper, site: Site, minute: datetime) -> bool:
        on_shift = any(
            site_id == site.id and start <= minute and minute + MINUTE <= stop
            for site_id, start, stop in helper.shifts
        )
        absent = any(start < minute + MINUTE and minute < stop for start, stop in helper.absences)
        return on_shift and not absent

    # ---- starts --------------------------------------------------------------------------------

    def suits(self, cabin: Cabin) -> bool:
        return cabin.in_order and all(each in cabin.equipment for each in self.need.equipment)

    def may_serve(self, helper: Helper) -> bool:
        chosen = self.need.helper_id is None or self.need.helper_id == helper.id
        return chosen and self.need.service_id in helper.skills

    def is_regular_start(self, site: Site, at: datetime) -> bool:
        """A whole number of steps after the opening, from its first whole tick on."""
        began = self.opening(site, at)
        if began is None:
            return False
        while began.minute % 5:
            began += MINUTE
        return (at - began) % (up_to_five(self.need.start_step_min) * MINUTE) == timedelta(0)

    def touches_an_end(self, site: Site, at: datetime) -> bool:
        """A cabin or a helper that may serve here comes free at this instant."""
        tick = minutes_of(at, 5)
        for cabin in site.cabins:
            ends = [a.blocked_until for a in self.appointments if a.cabin_id == cabin.id]
            ends += [cabin.out_until] if cabin.out_until else []
            ends += [
                end_of_fault(end, self.story.now)
                for code, end in cabin.faults
                if end and code in self.need.equipment
            ]
            if not self.suits(cabin) or not self.ends_at(ends, at):
                continue
            if not any(self.cabin_unusable(cabin, minute) for minute in tick):
                return True
        for helper in self.story.helpers if self.need.with_helper else []:
            ends = [a.blocked_until for a in self.appointments if a.helper_id == helper.id]
            ends += [stop for _, stop in helper.busy_elsewhere]
            if not self.may_serve(helper) or not self.ends_at(ends, at):
                continue
            here = all(self.helper_present(helper, site, minute) for minute in tick)
            if here and not any(self.helper_taken(helper, minute) for minute in tick):
                return True
        return False

    def ends_at(self, ends: list[datetime], at: datetime) -> bool:
        return any(at - 5 * MINUTE < end <= at for end in ends)

    def starts(self, on: date) -> list[Start]:
        """All starts of a day at which a site is open for long enough."""
        if on not in self._starts:
            first = on_the_wall(on, 0, self.story.tz)
            length = (on_the_wall(on, 1440, self.story.tz) - first) // MINUTE
            self._starts[on] = [
                self.start(site, at)
                for at in minutes_of(first, length)
                if at.minute % 5 == 0
                for site in self.story.sites
                if (self.is_regular_start(site, at) or self.touches_an_end(site, at))
                and all(self.is_open(site, minute) for minute in minutes_of(at, self.service))
            ]
        return self._starts[on]

    def start(self, site: Site, at: datetime) -> Start:
        need, now = self.need, self.story.now
        suitable = [cabin for cabin in site.cabins if self.suits(cabin)]
        serving = [
            helper
            for helper in self.story.helpers
            if self.may_serve(helper)
            and all(self.helper_present(helper, site, minute) for minute in minutes_of(at, self.service))
        ]
        kept = minutes_of(at, self.blocked)
        cabins = tuple(c.id for c in suitable if not any(self.cabin_unusable(c, m) for m in kept))
        helpers = tuple(h.id for h in serving if not any(self.helper_taken(h, m) for m in kept))
        not_past = at >= now
        not_too_soon = need.earliest is None or at >= need.earliest
        not_too_far = need.latest is None or at <= need.latest
        timely = not_past and not_too_soon and not_too_far
        return Start(
            at,
            site.id,
            not_past,
            not_too_soon,
            not_too_far,
            any(not self.cabin_out(cabin, at) for cabin in suitable),
            any(
                not self.cabin_out(cabin, at) and not self.fails(cabin, need.equipment, at)
                for cabin in suitable
            ),
            bool(serving) or not need.with_helper,
            cabins,
            helpers,
            timely and bool(cabins) and (bool(helpers) or not need.with_helper),
        )

    # ---- answers -------------------------------------------------------------------------------

    def half(self, on: date, *, afternoon: bool) -> tuple[datetime, datetime]:
        if afternoon:
            return on_the_wall(on, 720, self.story.tz), on_the_wall(on, 1440, self.story.tz)
        return on_the_wall(on, 0, self.story.tz), on_the_wall(on, 720, self.story.tz)

    def why_empty(self, on: date, start: datetime, stop: datetime) -> WhyEmpty:
        """The first of the conditions that no start of the stretch meets, over all sites."""
        minutes = minutes_of(start, (stop - start) // MINUTE)
        ticks = [minute for minute in minutes if minute.minute % 5 == 0]
        sites = self.story.sites
        if not any(all(self.is_open(s, m) for m in minutes_of(t, 5)) for t in ticks for s in sites):
            holiday = on in self.story.holidays
            hours = any(self.opening(site, minute) for minute in minutes for site in sites)
            return WhyEmpty.HOLIDAY if holiday and not hours else WhyEmpty.CLOSED
        starts = [each for each in self.starts(on) if start <= each.at < stop]
        if not starts:
            return WhyEmpty.TOO_SHORT
        if not any(each.not_past for each in starts):
            return WhyEmpty.PAST
        if not any(each.not_past and each.not_too_soon for each in starts):
            return WhyEmpty.TOO_SOON
        starts = [each for each in starts if each.not_past and each.not_too_soon and each.not_too_far]
        if not starts:
            return WhyEmpty.TOO_FAR
        starts = [each for each in starts if each.has_cabin]
        if not starts:
            return WhyEmpty.NO_CABIN
        starts = [each for each in starts if each.equipment_works]
        if not starts:
            return WhyEmpty.FAULT
        if not any(each.has_helper for each in starts):
            return WhyEmpty.NO_HELPER
        return WhyEmpty.FULL

    # ---- exchange, by trying everything --------------------------------------------------------

    def possible_by_exchange(self, on: date, start: Start) -> bool:
        """Whether some other distribution of helpers, and one of cabins, makes room for the start."""
        if not (start.has_cabin and start.equipment_works and start.has_helper):
            return False
        site = next(site for site in self.story.sites if site.id == start.site_id)
        cabins = bool(start.cabins) or self._some_cabins_fit(on, site, start.at)
        helpers = (
            bool(start.helpers) or not self.need.with_helper or self._some_helpers_fit(on, site, start.at)
        )
        return cabins and helpers

    def movable(self, on: date, site: Site) -> list[Appointment]:
        opens, closes = on_the_wall(on, 0, self.story.tz), on_the_wall(on, 1440, self.story.tz)
        return [
            each
            for each in self.appointments
            if each.site_id == site.id
            and each.status not in (Status.ARRIVED, Status.IN_SESSION, Status.CANCELLING)
            and self.down_to_five(each.starts_at) >= self.story.now + timedelta(hours=2)
            and opens <= self.down_to_five(each.starts_at)
            and each.blocked_until <= closes
            and not self.outlasts_its_cabin(each, site)
        ]

    def outlasts_its_cabin(self, appointment: Appointment, site: Site) -> bool:
        """The cabin is retired before it ends, in whole ticks."""
        return any(
            cabin.id == appointment.cabin_id
            and cabin.retired is not None
            and appointment.blocked_until > self.down_to_five(cabin.retired)
            for cabin in site.cabins
        )

    def down_to_five(self, at: datetime) -> datetime:
        return at - timedelta(minutes=at.minute % 5, seconds=at.second)

    def _some_helpers_fit(self, on: date, site: Site, at: datetime) -> bool:
        movable = [a for a in self.movable(on, site) if a.helper_id is not None and not a.helper_chosen]
        helpers = self.story.helpers
        newcomer = [
            helper
            for helper in helpers
            if self.may_serve(helper)
            and all(self.helper_present(helper, site, minute) for minute in minutes_of(at, self.service))
        ]
        places = [
            [
                helper
                for helper in helpers
                if helper.id == a.helper_id
                or (a.service_id in helper.skills and self._serves(helper, site, a.starts_at, a.ends_at))
            ]
            for a in movable
        ]
        stretches = [(a.starts_at, a.blocked_until) for a in movable]
        others = [a for a in self.appointments if a not in movable]
        fixed = {
            helper.id: [(a.starts_at, a.blocked_until) for a in others if a.helper_id == helper.id]
            + helper.busy_elsewhere
            for helper in helpers
        }
        return self._fits(at, [h.id for h in newcomer], [[h.id for h in p] for p in places], stretches, fixed)

    def _serves(self, helper: Helper, site: Site, start: datetime, stop: datetime) -> bool:
        """Present for each whole tick of a service."""
        first = self.down_to_five(start)
        length = up_to_five(-((first - stop) // MINUTE))
        return all(self.helper_present(helper, site, minute) for minute in minutes_of(first, length))

    def _some_cabins_fit(self, on: date, site: Site, at: datetime) -> bool:
        movable = self.movable(on, site)
        places = [
            [
                cabin.id
                for cabin in site.cabins
                if cabin.id == a.cabin_id
                or (
                    cabin.in_order
                    and not self.cabin_out(cabin, self.down_to_five(a.starts_at))
                    and self.story.services[a.service_id] <= cabin.equipment
                    and not self.fails(
                        cabin, self.story.services[a.service_id], self.down_to_five(a.starts_at)
                    )
                )
            ]
            for a in movable
        ]
        stretches = [(a.starts_at, a.blocked_until) for a in movable]
        others = [a for a in self.appointments if a not in movable]
        fixed = {
            cabin.id: [(a.starts_at, a.blocked_until) for a in others if a.cabin_id == cabin.id]
            + ([(cabin.retired, cabin.retired + timedelta(days=999))] if cabin.retired else [])
            for cabin in site.cabins
        }
        newcomer = [
            cabin.id
            for cabin in site.cabins
            if self.suits(cabin)
            and not self.cabin_out(cabin, at)
            and not self.fails(cabin, self.need.equipment, at)
        ]
        return self._fits(at, newcomer, places, stretches, fixed)

    def _fits(
        self,
        at: datetime,
        newcomer: list[int],
        places: list[list[int]],
        stretches: list[tuple[datetime, datetime]],
        fixed: dict[int, list[tuple[datetime, datetime]]],
    ) -> bool:
        stretches = [(at, at + self.blocked * MINUTE), *stretches]
        places = [newcomer, *places]

        def rest_fits(number: int) -> bool:
            if number == len(stretches):
                return True
            for place in places[number]:
                if not self._meets(stretches[number], taken[place]):
                    taken[place].append(stretches[number])
                    if rest_fits(number + 1):
                        return True
                    taken[place].pop()
            return False

        taken = {key: list(value) for key, value in fixed.items()}
        return rest_fits(0)

    def _meets(self, stretch: tuple[datetime, datetime], others: list[tuple[datetime, datetime]]) -> bool:
        """Overlap in whole ticks, in which cabins and helpers are kept."""
        start, stop = self.down_to_five(stretch[0]), stretch[1]
        return any(self.down_to_five(a) < stop and start < self._up(b) for a, b in others)

    def _up(self, at: datetime) -> datetime:
        floor = self.down_to_five(at)
        return floor if floor == at else floor + 5 * MINUTE
