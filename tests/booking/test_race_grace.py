"""Real processes decide at one moment what becomes of an appointment in the grace of its cancellation."""

from datetime import timedelta

import pytest
from django.db import connection

from booking import actions
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.models import Appointment
from tests.booking.racers import PATIENCE_S, end_the_grace
from tests.booking.test_race import overlaps, processes, spawn
from tests.booking.towns import SYSTEM, Town, counts
from tests.factories import TUESDAY, at, make_resident

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 15
OVER = TUESDAY + timedelta(minutes=5)
ENDS = (EventKind.CANCELLED, EventKind.CANCEL_UNDONE)


@pytest.mark.parametrize(
    "roles",
    [
        ("sweep", "restore", "now"),
        ("restore", "resident", "check_in"),
        ("book", "restore", "sweep"),
        ("sweep", "restore", "merge"),
    ],
    ids="-".join,
)
def test_of_those_who_decide_at_one_moment_exactly_one_wins(roles):
    town = Town()
    barrier, answers = spawn.Barrier(len(roles) + 1), spawn.Queue()
    database = connection.settings_dict["NAME"]
    cancelled = 0
    with processes(end_the_grace, [(database, barrier, answers, ROUNDS, role, OVER) for role in roles]):
        for _ in range(ROUNDS):
            make_resident(town.commune, first_name="Fatima")
            booked = town.book(at(14), resident=make_resident(town.commune, first_name="Fatima"))
            actions.cancel_with_grace(
                appointment=booked,
                reason=Reason.CANNOT_COME,
                asked_by=AskedBy.RESIDENT,
                by=SYSTEM,
                now=TUESDAY,
            )
            for _step in ("they look", "they go", "they are done"):
                barrier.wait(PATIENCE_S)
            got = dict(answers.get(timeout=PATIENCE_S) for _ in roles)
            assert not [each for each in got.values() if each.startswith("error")], got
            ends = [event.kind for event in booked.events.all() if event.kind in ENDS]
            after = Appointment.objects.get(pk=booked.pk)
            assert len(ends) == 1, (got, ends)
            assert after.status == (Status.CANCELLED if ends == [EventKind.CANCELLED] else Status.BOOKED), got
            assert (got["restore"] == "won") == (ends == [EventKind.CANCEL_UNDONE]), got
            if "book" in got:
                assert got["book"] == ("won" if ends == [EventKind.CANCELLED] else "slot_taken")
            assert overlaps() == []
            cancelled += ends == [EventKind.CANCELLED]
            assert counts().get(Status.CANCELLED, 0) == cancelled
            Appointment.objects.all().delete()
            town.commune.residents.all().delete()
