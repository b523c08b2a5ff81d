"""Real processes press « Rien ne convient » of one conversation at one moment, on pages of different days."""

import pytest
from django.db import connection

from booking.models import UnmetRequest
from tests.booking.racers import PATIENCE_S, find_nothing_that_suits
from tests.booking.test_race import processes, spawn
from tests.booking.towns import Town

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 25
PAGES = ([1, 2], [2, 3], [4])


def test_a_conversation_is_one_request_whoever_presses_first():
    town = Town()
    barrier, answers = spawn.Barrier(len(PAGES) + 1), spawn.Queue()
    database = connection.settings_dict["NAME"]
    arguments = [(database, barrier, answers, ROUNDS, town.service.pk, days) for days in PAGES]
    with processes(find_nothing_that_suits, arguments):
        for _ in range(ROUNDS):
            barrier.wait(PATIENCE_S)
            assert [answers.get(timeout=PATIENCE_S) for _ in PAGES] == ["counted"] * len(PAGES)
    assert UnmetRequest.objects.filter(is_first=True).count() == ROUNDS
    assert UnmetRequest.objects.count() == 4 * ROUNDS
