"""The worker stands still for hours and comes back: everybody concerned is told or on the call list, nobody
twice."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from agents.models import Agent
from booking.actions import cancel, check_in, confirm, mark_no_show, reschedule
from booking.enums import Reason, Status
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Service, Site
from notifications import histories
from notifications.enums import AUTOMATIC, LEFT, Audience, Channel, DeskReason, MessageKind, State
from notifications.models import Message
from notifications.plan.decide import plan
from tests.factories import at, make_cabin, make_resident
from tests.notifications.call_pages import listed
from tests.notifications.conftest import book_for, run

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")

STOPPED, BACK = at(10), at(14)
BEFORE, MEANWHILE = at(9, day=20), at(10, 30)


@pytest.fixture(autouse=True)
def opening_hours(site: Site) -> None:
    site.opening_hours = "Mo-Sa 08:00-20:00"
    site.save()


def told(cabin: Cabin, service: Service, start: datetime, number: str = "+33639981201") -> Appointment:
    """Booked last week, confirmed and reminded."""
    appointment = book_for(make_resident(cabin.site.commune, number), cabin, service, start, now=BEFORE)
    for day in range(20, 24):
        run(at(10, day=day))
    run(STOPPED)
    return appointment


def kinds_listed() -> list[tuple[str, str]]:
    return [(each.kind, each.why) for each in listed()]


@pytest.mark.parametrize("by", ["desk", "another system"])
def test_a_confirmation_for_the_same_day_that_could_not_leave_is_on_the_list(
    cabin, service, fatima, alice, by
):
    actor = Actor.agent(alice) if by == "desk" else Actor.api()
    missed = book_for(fatima, cabin, service, at(13), now=MEANWHILE, by=actor)

    run(BACK)

    assert kinds_listed() == [(MessageKind.CONFIRMATION, DeskReason.TOO_LATE)]
    assert listed()[0].appointment == missed
    assert not Message.objects.filter(channel__in=AUTOMATIC).exists()


def test_what_was_written_down_before_the_worker_died_and_expired_is_on_the_list(cabin, service, fatima):
    from notifications.sending import plan_messages

    missed = book_for(fatima, cabin, service, at(13), now=STOPPED)
    plan_messages.plan_appointments([missed.pk], now=STOPPED)
    assert Message.objects.get().state == State.PENDING

    run(BACK)

    assert Message.objects.get(channel=Channel.SMS).state == State.EXPIRED
    assert kinds_listed() == [(MessageKind.CONFIRMATION, DeskReason.TOO_LATE)]


def test_who_came_in_vain_is_called(cabin, service, alice):
    appointment = told(cabin, service, at(12))
    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=MEANWHILE)

    run(BACK)

    assert kinds_listed() == [(MessageKind.CANCELLATION, DeskReason.TOO_LATE)]


def test_who_asked_for_it_themselves_is_not_called(cabin, service, alice):
    appointment = told(cabin, service, at(12))
    cancel(appointment=appointment, reason=Reason.RESIDENT_ASKED, by=Actor.agent(alice), now=MEANWHILE)

    run(BACK)

    assert listed() == []


def test_what_can_still_be_told_leaves_when_the_worker_is_back(cabin, service, alice, site):
    appointment = told(cabin, service, at(12))
    reschedule(appointment=appointment, site=site, start=at(16), by=Actor.agent(alice), now=MEANWHILE)

    run(BACK)
    run(BACK + timedelta(minutes=1))

    assert Message.objects.filter(kind=MessageKind.CHANGE, state=State.DELIVERED).count() == 1
    assert listed() == []


def test_who_is_here_already_is_not_called(cabin, service, fatima):
    here = book_for(fatima, cabin, service, at(13, 45), now=MEANWHILE)
    check_in(appointment=here, by=Actor.screen(), now=at(13, 40))

    run(BACK)

    assert listed() == []


def test_who_was_noted_absent_is_written_to_as_usual(cabin, service, fatima, alice):
    missed = book_for(fatima, cabin, service, at(11), now=MEANWHILE)
    mark_no_show(appointment=missed, by=Actor.agent(alice), now=at(11, 30))

    run(BACK)

    assert listed() == []
    assert Message.objects.get().kind == MessageKind.MISSED


def test_who_was_noted_absent_and_cannot_be_written_to_is_called(cabin, service, commune, alice):
    nobody = make_resident(commune, first_name="Odette")
    missed = book_for(nobody, cabin, service, at(11), now=MEANWHILE, by=Actor.api())
    mark_no_show(appointment=missed, by=Actor.agent(alice), now=at(11, 30))

    run(BACK)

    assert kinds_listed() == [(MessageKind.CONFIRMATION, DeskReason.TOO_LATE)]


def test_who_could_not_be_reminded_is_called_before_the_start(cabin, service, fatima):
    book_for(fatima, cabin, service, at(14, 30), now=at(9, day=10))
    run(at(9, day=10))

    run(at(14))  # the worker slept for two weeks

    assert kinds_listed() == [(MessageKind.REMINDER, DeskReason.TOO_LATE)]
    run(at(14, 31))
    assert listed() == []


def test_who_confirmed_needs_no_reminder_by_voice(cabin, service, fatima):
    appointment = book_for(fatima, cabin, service, at(14, 30), now=at(9, day=10))
    run(at(9, day=10))
    confirm(appointment=appointment, by=Actor.resident(), now=at(9, day=11))

    run(at(14))

    assert listed() == []


def test_a_line_about_what_came_too_late_goes_with_the_day_not_with_the_hour(cabin, service, fatima):
    book_for(fatima, cabin, service, at(13), now=MEANWHILE)
    run(BACK)

    run(at(19))
    assert len(listed()) == 1
    run(at(13, day=28) + timedelta(minutes=1))
    assert listed() == []


def test_the_line_goes_when_they_arrive_after_all(cabin, service, fatima):
    late = book_for(fatima, cabin, service, at(13, 45), now=MEANWHILE)
    run(BACK)
    check_in(appointment=late, by=Actor.screen(), now=BACK)

    run(BACK + timedelta(minutes=1))

    assert listed() == []


def test_what_the_desk_could_have_said_in_time_is_not_asked_for_again(cabin, service, commune, alice):
    odette = make_resident(commune, first_name="Odette")
    appointment = book_for(odette, cabin, service, at(12), now=BEFORE)
    cancel(appointment=appointment, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=at(9))
    run(at(9))
    assert len(listed()) == 1

    run(BACK)

    assert listed() == []


def test_a_restored_appointment_that_has_begun_is_nobodys_news(cabin, service, fatima, alice):
    from booking.actions import restore

    appointment = told(cabin, service, at(13, 30))
    cancel(appointment=appointment, by=Actor.agent(alice), now=at(13, 35))
    restore(appointment=appointment, by=Actor.agent(alice), now=at(13, 40))

    run(BACK)

    assert listed() == []


# ---- whole days at random ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seed",
    [
        0,
        *(pytest.param(seed, marks=pytest.mark.sqlite) for seed in range(1, 4)),
        *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 12)),
    ],
)
def test_after_hours_without_a_worker_everybody_is_told_or_listed_and_nobody_twice(
    commune, site, service, alice, seed
):
    """A Tuesday on which the worker sweeps each five minutes, but not for some hours, while desk and mairie
    go on."""
    draw = random.Random(seed)
    stops, back = (
        at(9, 30) + timedelta(minutes=draw.randrange(90)),
        at(12) + timedelta(minutes=draw.randrange(240)),
    )
    day = _Day(draw, commune, site, service, alice)
    instant = at(8)
    while instant < at(19, 55):
        if draw.random() < 0.35:
            day.something_happens(instant)
        if not stops <= instant < back:
            run(instant)
        instant += timedelta(minutes=5)
    run(instant)

    assert day.appointments
    for appointment in day.appointments:
        _check(appointment, instant)


class _Day:
    NUMBERS = ("+3363998{:04d}", "+3363998{:04d}", "+3326191{:04d}", "")

    def __init__(self, draw: random.Random, commune, site: Site, service: Service, alice: Agent) -> None:
        self.draw, self.commune, self.site, self.service = draw, commune, site, service
        self.by = Actor.agent(alice)
        self.appointments: list[Appointment] = []
        self.cabins: list[Cabin] = []

    def something_happens(self, now: datetime) -> None:
        coming = [each for each in self.appointments if each.status == Status.BOOKED and each.starts_at > now]
        what = self.draw.choice(["book", "book", "cancel", "move", "confirm"]) if coming else "book"
        if what == "book":
            self._book(now)
            return
        chosen = self.draw.choice(coming)
        reason = self.draw.choice([Reason.RESIDENT_ASKED, Reason.HELPER_ABSENT])
        if what == "cancel":
            cancel(appointment=chosen, reason=reason, by=self.by, now=now)
        elif what == "confirm":
            confirm(appointment=chosen, by=self.by, now=now)
        else:
            start = self._start(now)
            if start < at(19):
                reschedule(
                    appointment=chosen, site=self.site, start=start, reason=reason, by=self.by, now=now
                )
        chosen.refresh_from_db()

    def _book(self, now: datetime) -> None:
        number = self.draw.choice(self.NUMBERS).format(2000 + len(self.appointments))
        resident = make_resident(self.commune, *([number] if number else []))
        by = self.draw.choice([self.by, Actor.api()])
        # A cabin of its own, so that a move finds room.
        made = book_for(resident, make_cabin(self.site), self.service, self._start(now), now=now, by=by)
        self.appointments.append(made)

    def _start(self, now: datetime) -> datetime:
        """On a quarter of an hour, from half an hour to five hours later."""
        start = now + timedelta(minutes=30 + 15 * self.draw.randrange(18))
        return start - timedelta(minutes=start.minute % 15)


def _check(appointment: Appointment, now: datetime) -> None:
    appointment.refresh_from_db()
    history = histories.load_histories([appointment])[appointment.pk]
    assert not plan(history, now).planned, "nothing is owed that is not written down"
    said = Message.objects.filter(appointment=appointment, audience=Audience.RESIDENT)
    arrived = Counter(
        (each.cause, each.kind, each.told_start)
        for each in said.filter(channel__in=AUTOMATIC, state__in=LEFT)
    )
    assert all(count == 1 for count in arrived.values()), "nobody twice"
    lines = [each for each in said if each.channel == Channel.DESK and each.state == State.PENDING]
    assert len({(each.kind, each.told_start) for each in lines}) == len(lines)
    last = appointment.events.latest("id")
    if last.kind not in ("booked", "moved", "cancelled") or last.at > now - timedelta(minutes=10):
        return
    knows_by_voice = last.agent_id is not None and (
        last.reason == Reason.RESIDENT_ASKED or last.kind == "booked"
    )
    about_it = [each for each in said if each.cause == f"event:{last.pk}"]
    is_told = any(each.state in LEFT for each in about_it)
    was_listed = any(each.channel == Channel.DESK for each in about_it)
    never_knew = appointment.status == Status.CANCELLED and not any(
        each.state in LEFT for each in said.exclude(kind=MessageKind.CANCELLATION)
    )
    assert is_told or was_listed or knows_by_voice or never_knew, (last.kind, appointment.starts_at)
