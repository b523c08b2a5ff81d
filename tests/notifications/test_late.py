"""A helper is late: who is told, from which delay on, and only once for the same delay."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from agents.models import Agent
from booking import actions
from booking.actions import Reassignment
from booking.enums import EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from notifications.enums import Channel, MessageKind, State
from notifications.models import Message, MessageSettings
from notifications.plan.decide import plan
from notifications.plan.history import AppointmentHistory, Change
from tests.factories import TUESDAY, at, make_agent, make_cabin, make_shift
from tests.notifications.conftest import book_for, run
from tests.notifications.plans import booked, landline, mobile, planned, reach, rules, sent, written
from tests.notifications.test_calls import LINE, answer

START = at(11, 30)


def told(*phones: Any, **fields: Any) -> AppointmentHistory:
    """Someone who knows of the appointment since last week."""
    since = TUESDAY - timedelta(days=4)
    history = booked(START, reach(*(phones or (mobile(),))), on=since, **fields)
    return sent(history, since)


def said(
    history: AppointmentHistory, expected: datetime | None, when: datetime = TUESDAY
) -> AppointmentHistory:
    kind = EventKind.DELAYED if expected else EventKind.ON_TIME
    change = Change(
        len(history.changes) + 1, kind, when, by_agent=True, stands=history.now_told, expected_at=expected
    )
    return replace(history, changes=(*history.changes, change))


def late(history: AppointmentHistory, now: datetime = TUESDAY) -> list[tuple[Channel, datetime | None]]:
    return [
        (each.channel, each.expected_at)
        for each in plan(history, now).planned
        if each.kind == MessageKind.LATE
    ]


def test_the_resident_is_told_at_once_until_the_start() -> None:
    (message,) = [
        each for each in plan(said(told(), at(11, 45)), TUESDAY).planned if each.kind == MessageKind.LATE
    ]
    assert (message.kind, message.channel, message.due_at, message.expires_at) == (
        MessageKind.LATE,
        Channel.SMS,
        TUESDAY,
        START,
    )
    assert late(said(told(), at(11, 45), START), START) == []


def test_a_delay_does_not_wait_for_office_hours() -> None:
    """Saturday evening: a reminder would wait until Monday, this does not."""
    start, now = at(20, 15, day=28), at(19, 50, day=28)
    history = sent(booked(start, reach(mobile()), on=at(9)), at(9))
    assert late(said(history, at(20, 30, day=28), now), now) == [(Channel.SMS, at(20, 30, day=28))]


def test_a_landline_is_called_and_without_calls_nobody_is_put_on_the_list() -> None:
    assert late(said(told(landline()), at(11, 45))) == [(Channel.VOICE, at(11, 45))]
    assert late(said(told(landline(), rules=rules(can_call=False)), at(11, 45))) == []


def test_a_few_minutes_are_worth_no_message() -> None:
    assert late(said(told(), at(11, 35))) == []


def test_the_same_delay_is_told_once_a_longer_one_again() -> None:
    history = sent(said(told(), at(11, 45)), TUESDAY)
    assert late(history) == []
    assert late(said(history, at(11, 50))) == []
    assert late(said(history, at(12, 0))) == [(Channel.SMS, at(12, 0))]


def test_who_was_told_learns_that_it_is_on_time_after_all_who_was_not_told_does_not() -> None:
    history = said(told(), at(12, 0))
    assert late(said(sent(history, TUESDAY), None)) == [(Channel.SMS, START)]
    unsent = said(written(history, TUESDAY), None)
    assert late(unsent) == []
    assert len(plan(unsent, TUESDAY).stale) == 1


def test_a_failed_message_is_followed_by_a_call_while_there_is_time() -> None:
    history = said(told(), at(11, 45))
    failed = sent(history, TUESDAY, State.FAILED, "number")
    assert late(failed) == [(Channel.VOICE, at(11, 45))]
    assert late(failed, START - timedelta(minutes=10)) == []


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.IN_SESSION])
def test_who_is_here_is_told_by_the_screen(status: Status) -> None:
    assert planned(replace(said(told(), at(11, 45)), status=status), TUESDAY) == []


def test_a_moved_appointment_has_forgotten_the_delay() -> None:
    history = sent(said(told(), at(11, 45)), TUESDAY)
    there = at(15)
    moved = replace(
        history,
        start=there,
        changes=(*history.changes, Change(9, EventKind.MOVED, TUESDAY, stands=(there, history.site_id))),
    )
    assert [kind for kind, _ in planned(moved, TUESDAY)] == [MessageKind.CHANGE]


# ---- from the press to the phone -----------------------------------------------------------------------


@pytest.fixture
def expected(cabin: Cabin, service: Service, fatima: Resident, bob: Agent) -> Appointment:
    return book_for(fatima, cabin, service, START, helper=bob, now=at(10, day=20))


def say_late(bob: Agent, commune: Commune, until: datetime, now: datetime) -> None:
    actions.announce_delay(helper=bob, commune=commune, until=until, by=Actor.agent(bob), now=now)


def test_the_message_says_both_times_and_never_the_helper(
    simulated: None, commune: Commune, bob: Agent, expected: Appointment
) -> None:
    run(at(10, day=20))
    say_late(bob, commune, at(11, 45), TUESDAY)
    run(TUESDAY)
    run(TUESDAY)
    message = Message.objects.get(kind=MessageKind.LATE)
    assert message.text == (
        "Mairie de Petit-Quevilly : votre RDV du mardi 24 nov. à 11h30, Hotel de ville, "
        "commencera vers 11h45. Veuillez nous excuser."
    )
    assert message.segments == 1 and not message.asks


def test_taken_back_in_time_nothing_leaves(
    simulated: None, commune: Commune, bob: Agent, expected: Appointment
) -> None:
    run(at(10, day=20))
    say_late(bob, commune, at(11, 45), TUESDAY)
    actions.clear_delay(helper=bob, commune=commune, by=Actor.agent(bob), now=TUESDAY)
    run(TUESDAY)
    assert not Message.objects.filter(kind=MessageKind.LATE).exists()


def test_who_was_told_learns_that_another_helper_is_on_time(
    simulated: None, commune: Commune, bob: Agent, expected: Appointment
) -> None:
    run(at(10, day=20))
    say_late(bob, commune, at(11, 55), TUESDAY)
    run(TUESDAY)
    carla = make_agent(commune, Role.HELPER, skills=[expected.service])
    Site.objects.update(opening_hours="Mo-Fr 08:00-18:00")
    make_shift(carla, expected.site, at(9), at(17))

    actions.reassign(
        moves=[Reassignment(expected, helper_id=carla.pk)],
        reason=Reason.HELPER_ABSENT,
        by=Actor.agent(bob),
        now=TUESDAY,
    )
    run(TUESDAY)

    first, second = Message.objects.filter(kind=MessageKind.LATE).order_by("id")
    assert "commencera vers 11h55" in first.text
    assert "commencera vers 11h30" in second.text


def test_who_gets_a_helper_who_is_late_is_told(
    simulated: None, commune: Commune, bob: Agent, cabin: Cabin, service: Service, fatima: Resident
) -> None:
    carla = make_agent(commune, Role.HELPER, skills=[service])
    Site.objects.update(opening_hours="Mo-Fr 08:00-18:00")
    for helper in (bob, carla):
        make_shift(helper, cabin.site, at(9), at(17))
    book_for(None, make_cabin(cabin.site), service, at(10, 15), helper=bob, now=at(10, day=20))
    ours = book_for(fatima, cabin, service, START, helper=carla, now=at(10, day=20))
    run(at(10, day=20))
    say_late(bob, commune, at(11, 10), TUESDAY)
    assert EventKind.DELAYED not in ours.events.values_list("kind", flat=True)

    actions.reassign(
        moves=[Reassignment(ours, helper_id=bob.pk)],
        reason=Reason.HELPER_ABSENT,
        by=Actor.agent(bob),
        now=TUESDAY,
    )
    run(TUESDAY)

    assert Message.objects.get(kind=MessageKind.LATE).appointment == ours


@pytest.mark.usefixtures("provider", "tuesday")
def test_a_call_says_about_when_and_asks_for_nothing(
    commune: Commune, cabin: Cabin, service: Service, georges: Resident, bob: Agent
) -> None:
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    book_for(georges, cabin, service, START, helper=bob, now=at(10, day=20))
    say_late(bob, commune, at(11, 45), TUESDAY)
    run(TUESDAY)
    call = Message.objects.get(kind=MessageKind.LATE)
    talk = answer(call)
    assert "commencera plus tard, vers 11 heures 45" in talk.said
    assert "Je répète : vers 11 heures 45" in talk.said
    assert "Pour dire que vous venez" not in talk.said
    assert talk.press("1").has_ended
    call.refresh_from_db()
    assert call.state == State.DELIVERED
