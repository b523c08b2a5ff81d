"""Weekly dates and groups: what the preview says of each date is what plain rules say, and what was shown is
what is booked, all or nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings

from booking import actions
from booking.actions import BookingRequest, weekly
from booking.actions.request import minutes_for
from booking.actions.series import book_following
from booking.enums import EXPECTED, Status, WhyEmpty
from booking.errors import NotOffered, SeriesRefused
from booking.free.slots import find_slots
from booking.free.weekly import DateCheck, WeeklyDates
from booking.models import Appointment, AppointmentEvent
from communes.models import Service
from tests.booking.lands import Land, rolled_back, seeds
from tests.booking.plain import HOLIDAY, Plain, Stretch, Wish, meet, minutes_for_people
from tests.booking.towns import SYSTEM
from tests.factories import at
from tests.profiles import SLOW_WORLDS, share

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

NOW = at(8, day=3)
DAYS = (3, 4, 10, 11, 17, 18, 24, 25)
FIRST_DAYS = [date(2026, 11, 3), date(2026, 11, 4)]

type Suits = Callable[[datetime, datetime], bool]
type Time = tuple[datetime, int]


class Series:
    """A kept time of the first week, and the same on the three weeks that follow. The second of the two days
    falls on a public holiday once."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        choice = self.random.choice
        self.land = Land(self.random, full=choice([0.5, 0.7, 0.9]), days=DAYS, faulty=choice([0, 0.4]))
        self.land.fill(most=3)
        self.commune = self.land.commune
        self.resident = choice(self.land.residents)
        self.service = choice(self.land.services)
        self.people = choice([1, 1, 2, 3, 6])
        with_helper = self.land.chance(0.6)
        helper = choice(self.land.helpers) if with_helper and self.land.chance(0.3) else None
        policy_has_helper = self.service.helper_policy != "none"
        self.wish = Wish.of(
            self.service,
            with_helper=with_helper,
            people=self.people,
            helper_id=helper.pk if helper and policy_has_helper else None,
        )
        times = list(Plain(self.commune, NOW).offers(self.wish, FIRST_DAYS))
        self.first: Appointment | None = None
        if times:
            start, site_id = choice(times)
            site = next(site for site in self.land.sites if site.pk == site_id)
            request = BookingRequest(
                service=self.service,
                site=site,
                start=start,
                with_helper=with_helper,
                helper=helper,
                party_size=self.people,
            )
            self.first = actions.hold(request=request, by=SYSTEM, now=NOW)
        rows = Appointment.objects.filter(resident=self.resident, status__in=EXPECTED)
        self.theirs: list[Stretch] = [(row.starts_at, row.ends_at) for row in rows]

    def suits(self, start: datetime, end: datetime) -> bool:
        return not any(meet((start, end), each) for each in self.theirs)

    def check_all(self, first: Appointment) -> None:
        dates = weekly(first.starts_at, 4, self.commune)[1:]
        sites = [first.site_id] if self.land.chance(0.3) else []
        look = WeeklyDates(self.commune, first, dates, sites, NOW)
        checks = [look.check(start, self.suits) for start in dates]
        plain = Plain(self.commune, NOW)
        for check in checks:
            self.check_date(plain, first.site_id, sites, check)
        self.book_all(first, checks)

    # ---- the preview ---------------------------------------------------------------------------

    def check_date(self, plain: Plain, site_id: int, sites: list[int], check: DateCheck) -> None:
        start = check.start
        assert check.refusal == self.reason(plain, site_id, start)
        near: list[Time] = []
        others: list[Time] = []
        if check.refusal is not None or not self.suits(*self.wish.lasts(start)):
            near, others = self.near(plain, site_id, sites, start)
        assert [(offer.start, offer.site_id) for offer in check.near] == near
        assert [(offer.start, offer.site_id) for offer in check.other_days] == others

    def reason(self, plain: Plain, site_id: int, start: datetime) -> WhyEmpty | None:
        if plain.is_possible(self.wish, site_id, start):
            return None
        if not plain.is_open(site_id, self.wish.lasts(start)):
            return WhyEmpty.HOLIDAY if self.commune.local(start).date() == HOLIDAY else WhyEmpty.TOO_SHORT
        serving = plain.is_thinkable(self.wish, site_id, start)
        return WhyEmpty.FULL if serving else WhyEmpty.NO_HELPER  # all cabins are in order here

    def near(
        self, plain: Plain, site_id: int, sites: list[int], start: datetime
    ) -> tuple[list[Time], list[Time]]:
        """Of the day the three times that are nearest on the clock; of other days of the week the two
        nearest, if not further than two hours from it."""
        local = self.commune.local
        on = local(start).date()

        def away(time: Time) -> int:
            there, clock = local(time[0]), local(start)
            return abs((there.hour - clock.hour) * 60 + there.minute - clock.minute)

        def rank(time: Time) -> tuple[int, bool, datetime, int]:
            return away(time), time[1] != site_id, *time

        week = [on + timedelta(days=n - on.weekday()) for n in range(7)]
        by_day = {
            day: sorted(
                (
                    time
                    for time in plain.offers(self.wish, [day], sites)
                    if time != (start, site_id) and self.suits(*self.wish.lasts(time[0]))
                ),
                key=rank,
            )
            for day in week
            if day >= local(NOW).date()
        }
        same: list[Time] = []
        for time in by_day.pop(on):
            if time[0] not in [each[0] for each in same]:
                same.append(time)
        best = [times[0] for times in by_day.values() if times and away(times[0]) <= 120]
        best.sort(key=lambda time: (away(time), abs((local(time[0]).date() - on).days), *time))
        return same[:3], best[:2]

    # ---- all or nothing ------------------------------------------------------------------------

    def book_all(self, first: Appointment, checks: list[DateCheck]) -> None:
        actions.book_hold(appointment=first, resident=self.resident, beside=True, by=SYSTEM, now=NOW)
        sites = {site.pk: site for site in self.land.sites}
        impossible = [
            check.start
            for check in checks
            if check.refusal is not None or not self.suits(*self.wish.lasts(check.start))
        ]
        before = rows()
        if impossible:
            visits = [(first.site, check.start) for check in checks]
            with pytest.raises(SeriesRefused) as refused:
                book_following(first, visits, note="", by=SYSTEM, now=NOW)
            assert [failed.start for failed in refused.value.details["failed"]] == impossible
            assert rows() == before
        chosen = [(first.site, check.start) for check in checks if check.start not in impossible]
        others = [check.near + check.other_days for check in checks if check.start in impossible]
        chosen += [(sites[offers[0].site_id], offers[0].start) for offers in others if offers]
        booked = book_following(first, chosen, note="", by=SYSTEM, now=NOW)
        assert [(row.site, row.starts_at) for row in booked] == sorted(chosen, key=lambda visit: visit[1])
        for row in booked:
            assert (row.starts_at, row.ends_at) == self.wish.lasts(row.starts_at)
            assert (row.status, row.party_size, row.resident) == (Status.BOOKED, self.people, self.resident)
            stands_by_itself(row, self.wish)


def stands_by_itself(row: Appointment, wish: Wish) -> None:
    """Its cabin and its helper are such as plain rules allow, beside all other rows."""
    cabins, helpers = Plain(row.commune, NOW, without=row.pk).free_places(wish, row.site_id, row.starts_at)
    assert row.cabin_id in cabins
    assert row.helper_id in helpers if wish.attended else row.helper_id is None


def rows() -> tuple[object, ...]:
    return list(Appointment.objects.order_by("pk").values()), AppointmentEvent.objects.count()


def test_each_date_is_as_the_plain_rules_say_and_what_is_shown_is_booked() -> None:
    tried = 0

    @settings(max_examples=share(0.1), deadline=None, suppress_health_check=SLOW_WORLDS)
    @given(seeds)
    def run(seed: int) -> None:
        nonlocal tried
        with rolled_back():
            series = Series(seed)
            if series.first is not None:
                series.check_all(series.first)
                tried += 1

    run()
    assert tried > share(0.04)


# ---- groups --------------------------------------------------------------------------------------


def test_each_length_of_a_group_is_the_plain_one() -> None:
    for minutes in range(5, 481):
        service = Service(duration_min=minutes)
        for people in range(1, 7):
            assert minutes_for(service, people) == minutes_for_people(service, people), (minutes, people)


def test_a_group_is_offered_and_gets_the_times_of_its_length() -> None:
    booked = 0

    @settings(max_examples=share(0.12), deadline=None, suppress_health_check=SLOW_WORLDS)
    @given(seeds)
    def run(seed: int) -> None:
        nonlocal booked
        with rolled_back():
            random = Random(seed)
            land = Land(random, full=random.choice([0.3, 0.6, 0.9]), days=DAYS[:2])
            land.fill()
            service, people = random.choice(land.services), random.randint(2, 6)
            with_helper = land.chance(0.6)
            wish = Wish.of(service, with_helper=with_helper, people=people)
            found = find_slots(
                commune=land.commune,
                service=service,
                with_helper=with_helper,
                duration_min=minutes_for(service, people),
                start=FIRST_DAYS[0],
                end=FIRST_DAYS[-1] + timedelta(days=1),
                now=NOW,
            )
            offers = [(offer.start, offer.site_id) for offer in found.offers]
            assert offers == list(Plain(land.commune, NOW).offers(wish, FIRST_DAYS))
            request = BookingRequest(
                service=service, site=land.sites[0], start=NOW, with_helper=with_helper, party_size=people
            )
            for too_many in (0, 7):
                with pytest.raises(NotOffered):
                    actions.book(request=replace(request, party_size=too_many), by=SYSTEM, now=NOW)
            if offers:
                start, site_id = random.choice(offers)
                site = next(each for each in land.sites if each.pk == site_id)
                row = actions.book(request=replace(request, site=site, start=start), by=SYSTEM, now=NOW)
                assert (row.starts_at, row.ends_at) == wish.lasts(start)
                assert (row.starts_at, row.blocked_until) == wish.keeps(start)
                stands_by_itself(row, wish)
                booked += 1

    run()
    assert booked > share(0.04)
