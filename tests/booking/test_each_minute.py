"""What the clock does by itself."""

import pytest

from booking import actions, tasks
from booking.enums import Status
from booking.models import VisitCount
from tests.booking.towns import do, fresh, last_event
from tests.factories import TUESDAY, at

pytestmark = pytest.mark.django_db


def test_a_session_that_runs_late_is_left_alone_until_its_day_is_over(town):
    running = town.given(at(16), status=Status.IN_SESSION)
    waiting = town.given(at(9), cabin=town.add_cabin(), status=Status.ARRIVED)
    assert actions.end_forgotten(now=at(23, 59)) == 0
    assert actions.end_forgotten(now=at(0, day=25)) == 1
    ended = fresh(running)
    assert (ended.status, ended.ended_at) == (Status.DONE, at(16, 45))
    assert (last_event(running).actor, last_event(running).reason) == ("system", "expired")
    assert VisitCount.objects.get().ended_as == Status.DONE
    assert fresh(waiting).status == Status.ARRIVED
    do(actions.start_session, town.given(at(9, day=25)), now=at(9, day=25))


def test_the_midnight_that_counts_is_the_commune_s(town):
    town.commune.time_zone = "Indian/Reunion"
    town.commune.save()
    town.given(at(16), status=Status.IN_SESSION)
    assert actions.end_forgotten(now=at(20, 59)) == 0
    assert actions.end_forgotten(now=at(21)) == 1


def test_holds_lapse_and_forgotten_sessions_end_each_minute(town, tuesday):
    held = town.hold(at(14), now=TUESDAY.replace(hour=9))
    running = town.given(at(16, day=23), status=Status.IN_SESSION)
    tasks.each_minute.call()
    assert (fresh(held).status, fresh(running).status) == (Status.LAPSED, Status.DONE)
