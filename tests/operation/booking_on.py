"""Nadia books new people at the desk until she is stopped, and cancels each visit so that room is left:
`python -m tests.in_django tests.operation.booking_on FILE`.

The number of each appointment is in the file as soon as the page has answered.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from django.test import Client
from django.test.utils import setup_test_environment

from agents.models import Agent
from booking.actions import cancel
from booking.log import Actor
from booking.models import Resident
from communes.models import Commune
from core import clock
from tests.factories import make_resident
from tests.upgrades.journey import book, colleague

ENOUGH = 400


def newcomers() -> Iterator[Resident]:
    commune = Commune.objects.get(insee_code="76498")
    for number in range(ENOUGH):
        yield make_resident(commune, f"+3363998{5000 + number}", last_name=f"Nouvelle {number}")


def booked(desk: Client) -> Iterator[str]:
    nadia = Actor.agent(Agent.objects.get(username="nadia"))
    for resident in newcomers():
        appointment = book(desk, resident)
        yield f"{appointment.pk}\n"
        cancel(appointment=appointment, by=nadia, now=clock.now())


def main() -> None:
    setup_test_environment()
    with Path(sys.argv[-1]).open("a", encoding="ascii", buffering=1) as file:
        file.writelines(booked(colleague("nadia")))


if __name__ == "__main__":
    main()
