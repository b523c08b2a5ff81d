"""Real processes change one appointment at one moment, while another books the time after it."""

import pytest
from django.db import connection

from booking.models import Appointment
from tests.booking.racers import PATIENCE_S, change_details
from tests.booking.test_race import overlaps, processes, spawn
from tests.booking.towns import Town
from tests.factories import at

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 12
ROLES = ("longer", "party", "note", "book")


def test_what_is_changed_apart_is_all_kept_and_the_time_after_goes_to_one():
    town = Town()
    barrier, answers = spawn.Barrier(len(ROLES) + 1), spawn.Queue()
    database = connection.settings_dict["NAME"]
    with processes(change_details, [(database, barrier, answers, ROUNDS, role) for role in ROLES]):
        for _ in range(ROUNDS):
            booked = town.book(at(14))
            for _step in ("they look", "they go", "they are done"):
                barrier.wait(PATIENCE_S)
            got = dict(answers.get(timeout=PATIENCE_S) for _ in ROLES)
            after = Appointment.objects.get(pk=booked.pk)
            assert (got["party"], got["note"]) == ("won", "won"), got
            assert (after.party_size, after.note) == (3, "RIB")
            assert sorted([got["longer"], got["book"]]) == ["slot_taken", "won"], got
            assert after.ends_at == (at(15, 30) if got["longer"] == "won" else at(14, 45))
            assert overlaps() == []
            Appointment.objects.all().delete()
