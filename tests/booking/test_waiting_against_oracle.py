"""Who of the waiting list is offered what: each offer is the one that plain rules name; none is missing."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings

from agents.models import Absence
from booking import actions
from booking.actions import waiting
from booking.engine.snapshot import Offer
from booking.enums import EXPECTED, OfferAnswer, Origin, Status, WaitingState
from booking.models import Appointment, WaitingEntry, WaitingOffer
from communes.models import Commune
from tests.booking.lands import DATES, Land, rolled_back, seeds
from tests.booking.plain import Plain, Wish, in_fives, meet
from tests.booking.towns import SYSTEM
from tests.factories import TUESDAY, at
from tests.profiles import SLOW_WORLDS, share

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

type Time = tuple[datetime, int]
"""A start, and the site."""

MINUTE = timedelta(minutes=1)


class Expected:
    """What is to be offered next, from the rows as they are when it is asked.

    In the order in which they joined, each whose hour no other organisation sets is offered the first time
    that suits them: first one on another half-day than whatever they were offered at that place, then, after
    all others, one that does not overlap it. `declined`: by entry, the free times that did not suit when they
    joined.
    """

    def __init__(self, commune: Commune, declined: dict[int, list[Time]], now: datetime) -> None:
        self.commune, self.declined, self.now = commune, declined, now
        rows = WaitingEntry.objects.filter(commune=commune, state=WaitingState.WAITING)
        self.waiting = [
            each
            for each in rows.order_by("joined_at", "id")
            if each.until_on >= now.date() and not each.service.hour_set_elsewhere
        ]
        self.turns = iter(self._turns())
        self.plain = Plain(commune, now)

    def _turns(self) -> Iterator[tuple[WaitingEntry, Time]]:
        asked = set()
        for is_first_round in (True, False):
            for entry in self.waiting:
                if entry.pk not in asked and (found := self._first(entry, is_first_round)):
                    asked.add(entry.pk)
                    yield entry, found
                    self.plain = Plain(self.commune, self.now)

    def next(self) -> tuple[int, Time] | None:
        turn = next(self.turns, None)
        return (turn[0].pk, turn[1]) if turn else None

    def _first(self, entry: WaitingEntry, is_first_round: bool) -> Time | None:
        known = [each.appointment for each in entry.offers.select_related("appointment")]
        return next(
            (each for each in self.free(entry) if self._is_news(entry, each, known, is_first_round)), None
        )

    def free(self, entry: WaitingEntry) -> Iterator[Time]:
        wish = wish_of(entry)
        days = [on for on in DATES if on <= entry.until_on and (entry.from_on is None or entry.from_on <= on)]
        sites = [site.pk for site in entry.sites.all()]
        rows = Appointment.objects.filter(resident=entry.resident_id, status__in=(*EXPECTED, Status.HELD))
        theirs = [
            (row.starts_at, row.ends_at)
            for row in rows
            if row.status != Status.HELD
            or (
                row.origin == Origin.WAITING_LIST and row.held_until is not None and row.held_until > self.now
            )
        ]
        for start, site_id in self.plain.offers(wish, days, sites):
            local = self.commune.local(start)
            half_day = 2 * local.weekday() + (1 if local.hour >= 12 else 0)
            if (
                start >= self.now + 70 * MINUTE
                and (not entry.half_days or half_day in entry.half_days)
                and not any(meet(wish.lasts(start), each) for each in theirs)
            ):
                yield start, site_id

    def _is_news(
        self, entry: WaitingEntry, time: Time, known: list[Appointment], is_first_round: bool
    ) -> bool:
        start, site_id = time
        lasts = wish_of(entry).lasts(start)
        for row in known:
            if row.site_id != site_id:
                continue
            if is_first_round and self._half_day(row.starts_at) == self._half_day(start):
                return False
            if meet(lasts, (row.starts_at, row.ends_at)):
                return False
        return not self._did_not_suit(entry, time)

    def _half_day(self, start: datetime) -> tuple[date, bool]:
        local = self.commune.local(start)
        return local.date(), local.hour >= 12

    def _did_not_suit(self, entry: WaitingEntry, time: Time) -> bool:
        """One of those, or between two that follow each other in the steps of the service."""
        start, site_id = time
        there = sorted(each for each, site in self.declined[entry.pk] if site == site_id)
        step = in_fives(entry.service.start_step_min) * MINUTE
        between = (one <= start <= other and other - one <= step for one, other in pairwise(there))
        return start in there or any(between)


def wish_of(entry: WaitingEntry) -> Wish:
    return Wish.of(entry.service, with_helper=entry.with_helper, people=entry.party_size)


class List:
    """A commune, those who wait in it, and what happens to them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = TUESDAY
        self.land = Land(
            self.random, full=self.random.choice([0.9, 1, 1]), faulty=self.random.choice([0, 0, 0.4])
        )
        if self.land.chance(0.2):
            self.land.services[1].hour_set_elsewhere = True
            self.land.services[1].save()
        self.land.fill()
        self.declined: dict[int, list[Time]] = defaultdict(list)
        self.offers = 0

    def joins(self) -> None:
        choice, land = self.random.choice, self.land
        request = actions.WaitingRequest(
            resident=choice(land.residents),
            service=choice(land.services),
            with_helper=land.chance(0.7),
            party_size=choice([1, 1, 1, 2, 3, 6]),
            until_on=choice(DATES),
            from_on=choice([None, None, DATES[0]]),
            half_days=choice([(), (), (2, 3, 5), (4, 6), (3, 5, 7)]),
            sites=choice([(), (), land.sites[:1], land.sites[-1:]]),
        )
        before = set(WaitingEntry.objects.values_list("pk", flat=True))
        free = actions.free_now(request=request, now=self.now)
        unsuited = free[:3] + free[5:6] if land.chance(0.3) else []
        entry = actions.join_waiting_list(request=request, declined=unsuited, now=self.now)
        self.declined[entry.pk] = [(offer.start, offer.site_id) for offer in unsuited]
        if entry.pk not in before:
            expected = Expected(land.commune, self.declined, self.now)
            assert [(offer.start, offer.site_id) for offer in free] == list(expected.free(entry))

    def happens(self) -> None:
        things = [self.joins, self.somebody_cancels, self.answers, self.wait, self.somebody_is_away]
        things += [self.somebody_cancels, self.answers, self.leaves, self.is_moved]
        self.random.choice(things)()

    def somebody_cancels(self) -> None:
        booked = Appointment.objects.filter(commune=self.land.commune, status=Status.BOOKED)
        for row in self.random.sample(list(booked.order_by("pk")), min(2, len(booked))):
            actions.cancel(appointment=row, by=SYSTEM, now=self.now)

    def is_moved(self) -> None:
        booked = list(Appointment.objects.filter(status=Status.BOOKED).order_by("pk"))
        if booked:
            row = self.random.choice(booked)
            free = Plain(row.commune, self.now, without=row.pk).offers(
                Wish.of(
                    row.service,
                    with_helper=row.with_helper,
                    minutes=row.duration_min,
                    helper_id=row.helper_id if row.helper_chosen else None,
                ),
                DATES,
                [row.site_id],
            )
            if time := next(free, None):
                actions.reschedule(
                    appointment=row, site=row.site, start=time[0], beside=True, by=SYSTEM, now=self.now
                )

    def answers(self) -> None:
        """Whoever has an offer takes it, which always works, or refuses."""
        pending = WaitingOffer.objects.filter(answer=OfferAnswer.PENDING).select_related(
            "appointment__resident"
        )
        for offer in pending.order_by("pk"):
            held = offer.appointment
            if held.held_until is None or held.held_until <= self.now or self.land.chance(0.4):
                continue
            if self.land.chance(0.5):
                actions.release_hold(appointment=held, by=SYSTEM, now=self.now)
            else:
                actions.book_hold(appointment=held, resident=held.resident, by=SYSTEM, now=self.now)
                assert Appointment.objects.get(pk=held.pk).status == Status.BOOKED

    def leaves(self) -> None:
        open_entries = WaitingEntry.objects.filter(state__in=("waiting", "offered", "silent")).order_by("pk")
        if open_entries:
            actions.leave_waiting_list(entry=self.random.choice(list(open_entries)))

    def somebody_is_away(self) -> None:
        start = at(self.random.choice([9, 14]), day=self.random.choice([24, 25]))
        helper = self.random.choice(self.land.helpers)
        Absence.objects.create(agent=helper, starts_at=start, ends_at=start + timedelta(hours=3))
        self.now += 16 * MINUTE  # absences are noticed at the next regular look

    def wait(self) -> None:
        self.now += self.random.choice([5, 20, 31]) * MINUTE
        actions.lapse_holds(now=self.now)

    def offer(self) -> None:
        """Let the product offer; before each offer it is asked what is expected, and after all nothing is."""
        expected = Expected(self.land.commune, self.declined, self.now)
        made = 0
        really = waiting._hold_for

        def watched(entry: WaitingEntry, offer: Offer, now: datetime) -> None:
            nonlocal made
            assert (entry.pk, (offer.start, offer.site_id)) == expected.next()
            really(entry, offer, now)
            self.check(WaitingOffer.objects.latest("pk"))
            made += 1

        with patch.object(waiting, "_hold_for", watched):
            assert actions.offer_freed_times(now=self.now) == made
        assert expected.next() is None
        self.offers += made

    def check(self, offer: WaitingOffer) -> None:
        """It has the length of the people who come, and lasts half an hour or until an hour before."""
        held, entry = offer.appointment, offer.entry
        wish = wish_of(entry)
        assert (held.starts_at, held.ends_at) == wish.lasts(held.starts_at)
        assert held.blocked_until == wish.keeps(held.starts_at)[1]
        assert (held.party_size, held.resident_id) == (entry.party_size, entry.resident_id)
        assert held.held_until == min(self.now + 30 * MINUTE, held.starts_at - 60 * MINUTE)


def test_each_offer_is_the_one_that_the_plain_rules_name() -> None:
    made = 0

    @settings(max_examples=share(0.12), deadline=None, suppress_health_check=SLOW_WORLDS)
    @given(seeds)
    def run(seed: int) -> None:
        nonlocal made
        with rolled_back():
            world = List(seed)
            for _ in range(world.random.choice([2, 4, 6])):
                world.joins()
            for _ in range(5):
                world.happens()
                world.offer()
            made += world.offers

    run()
    assert made > 10
