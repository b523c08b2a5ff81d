"""The same press arrives at two web processes at one moment: it counts once, and both are told so."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from agents.models import Agent
from booking.enums import EventKind, Status
from booking.models import Appointment, AppointmentEvent
from communes.models import Cabin, Service, Site
from kiosk.models import FaceCount
from tests.booking.racers import PATIENCE_S
from tests.booking.test_race import processes, spawn
from tests.factories import at, make_appointment, make_cabin
from tests.kiosk.conftest import make_screen
from tests.kiosk.racers import Press, press_together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 4
PRESSES = 4


def token_of(client: Any) -> str:
    return next(cookie.value for cookie in client.cookies.values())


def test_one_press_in_two_processes_counts_once(
    site: Site, cabin: Cabin, service: Service, bob: Agent
) -> None:
    _, in_hall = make_screen(site)
    _, at_cabin = make_screen(site, cabin)
    for n in range(ROUNDS):
        make_cabin(site, name=f"Cabine {n}")
    began = {"status": Status.IN_SESSION, "arrived_at": at(9, 30), "started_at": at(9, 30)}
    running = make_appointment(cabin, service, at(9, 30), **began)
    ends_at = running.ends_at
    hall, own = token_of(in_hall), token_of(at_cabin)
    numbers = [f"48291{n}" for n in range(ROUNDS)]
    for n, number in enumerate(numbers):
        room = make_cabin(site, name=f"Salle {n}", equipment=[])
        make_appointment(room, service, at(10, 30), number=number, helper=bob if n == 0 else None)
    rounds: list[list[Press]] = [
        [
            (hall, reverse("screen-walk-in-service", args=[service.pk]), {"with": "nobody"}),
            (own, reverse("screen-session-extend", args=[running.pk]), {}),
            (hall, reverse("screen-face"), {"face": "yes"}),
            (hall, reverse("screen-arrival-number"), {"number": number}),
        ]
        for number in numbers
    ]
    rounds.append([(own, reverse("screen-session-end", args=[running.pk]), {})])

    barrier, answers = spawn.Barrier(2), spawn.Queue()
    database = connection.settings_dict["NAME"]
    with processes(press_together, [(database, barrier, answers, rounds)] * 2):
        told = Counter(answers.get(timeout=PATIENCE_S) for _ in range(2 * (ROUNDS * PRESSES + 1)))

    assert told == {(200, False, False): 2 * (ROUNDS * PRESSES + 1)}
    assert Appointment.objects.filter(is_walk_in=True).count() == ROUNDS
    assert FaceCount.objects.get().count == ROUNDS
    arrived = Appointment.objects.filter(number__in=numbers)
    assert {each.events.filter(kind=EventKind.ARRIVED).count() for each in arrived} == {1}
    running.refresh_from_db()
    events = AppointmentEvent.objects.filter(appointment=running)
    assert events.filter(kind=EventKind.EXTENDED).count() == ROUNDS
    assert running.ends_at > ends_at
    assert running.status == Status.DONE
    assert events.filter(kind=EventKind.ENDED).count() == 1
