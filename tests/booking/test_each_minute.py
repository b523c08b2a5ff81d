"""What the clock does by itself."""

from datetime import timedelta

import pytest

from booking import actions, tasks
from booking.actions import auto_close, base
from booking.enums import Status
from booking.models import Appointment
from tests.booking.towns import counts, do, fresh, last_event
from tests.factories import TUESDAY, at

pytestmark = pytest.mark.django_db


def test_a_session_that_runs_late_is_left_alone_until_its_day_is_over(town):
    running = town.given(at(16), status=Status.IN_SESSION, helper=town.bob)
    waiting = town.given(at(9), cabin=town.add_cabin(), status=Status.ARRIVED)
    assert actions.end_forgotten(now=at(23, 59)) == 0
    assert actions.end_forgotten(now=at(0, day=25)) == 1
    ended = fresh(running)
    assert (ended.status, ended.ended_at) == (Status.DONE, at(16, 45))
    assert (last_event(running).actor, last_event(running).reason) == ("system", "expired")
    assert counts() == {Status.DONE: 1}
    assert fresh(waiting).status == Status.ARRIVED
    do(actions.start_session, town.given(at(9, day=25)), now=at(9, day=25))


def test_someone_alone_in_a_cabin_has_left_it_half_an_hour_after_the_time(town):
    alone = town.given(at(16), status=Status.IN_SESSION)
    assert actions.end_forgotten(now=at(17, 14)) == 0
    assert actions.end_forgotten(now=at(17, 15)) == 1
    assert (fresh(alone).status, fresh(alone).ended_at) == (Status.DONE, at(16, 45))
    assert counts() == {Status.DONE: 1}


def test_what_nobody_noted_is_closed_after_a_week_and_counted_as_not_recorded(town):
    booked = town.given(at(9))
    waiting = town.given(at(10), status=Status.ARRIVED)
    coming = town.given(at(9, day=30))
    assert actions.close_unrecorded(now=at(9, 45) + timedelta(days=7)) == 0
    assert actions.close_unrecorded(now=at(12) + timedelta(days=7)) == 2
    assert actions.close_unrecorded(now=at(12) + timedelta(days=7)) == 0
    assert {fresh(row).status for row in (booked, waiting)} == {Status.UNRECORDED}
    assert fresh(coming).status == Status.BOOKED
    event = last_event(booked)
    assert (event.kind, event.actor, event.reason) == ("unrecorded", "system", "expired")
    assert counts() == {Status.UNRECORDED: 2}


def test_what_is_said_at_the_last_moment_stands(town, monkeypatch):
    booked = town.given(at(9))
    look = base.lock

    def said_meanwhile(appointment):
        Appointment.objects.filter(pk=appointment.pk).update(status=Status.NO_SHOW)
        return look(appointment)

    monkeypatch.setattr(auto_close, "lock", said_meanwhile)
    assert actions.close_unrecorded(now=at(12) + timedelta(days=7)) == 0
    assert fresh(booked).status == Status.NO_SHOW


def test_the_midnight_that_counts_is_the_commune_s(town):
    town.commune.time_zone = "Indian/Reunion"
    town.commune.save()
    town.given(at(16), status=Status.IN_SESSION, helper=town.bob)
    assert actions.end_forgotten(now=at(20, 59)) == 0
    assert actions.end_forgotten(now=at(21)) == 1


def test_a_cabin_is_in_order_again_once_its_time_has_come(town, tuesday):
    spare = town.add_cabin(in_order=False, out_until=at(10, 30))
    town.cabin.in_order, town.cabin.out_until = False, at(9, 30)
    town.cabin.save()
    forever = town.add_cabin(in_order=False)
    tasks.each_minute.call()
    for cabin, state in ((town.cabin, (True, None)), (spare, (False, at(10, 30))), (forever, (False, None))):
        cabin.refresh_from_db()
        assert (cabin.in_order, cabin.out_until) == state
    town.site.refresh_from_db()
    assert town.site.version == 1, "screens and day pages are told"


def test_holds_lapse_and_forgotten_sessions_end_each_minute(town, tuesday):
    held = town.hold(at(14), now=TUESDAY.replace(hour=9))
    running = town.given(at(16, day=23), status=Status.IN_SESSION)
    left_open = town.given(at(9, day=16))
    tasks.each_minute.call()
    assert (fresh(held).status, fresh(running).status) == (Status.LAPSED, Status.DONE)
    assert fresh(left_open).status == Status.UNRECORDED
