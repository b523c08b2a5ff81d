"""Asks pages which messages they would make leave, as their own script does."""

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Cabin, Service
from tests.factories import TUESDAY, at, make_appointment

FRIDAY = at(10, 30, day=27)


def ask(client: Client, name: str, *args: int, **sent: Any) -> Any:
    """The list that the page with this address shows before the form is sent."""
    return client.post(reverse(name, args=args), sent, headers={"Announce": "list"})


def hold(cabin: Cabin, service: Service, start: datetime = FRIDAY) -> Appointment:
    until = TUESDAY + timedelta(minutes=10)
    return make_appointment(cabin, service, start, status=Status.HELD, held_until=until)


def ask_to_book(
    client: Client, resident: Resident, cabin: Cabin, service: Service, start: datetime = FRIDAY
) -> Any:
    return ask(client, "desk-confirm", hold=hold(cabin, service, start).pk, resident=resident.pk)


def ask_to_move(client: Client, appointment: Appointment, start: datetime) -> Any:
    slot = f"{appointment.site_id}@{start.isoformat()}"
    return ask(client, "desk-move", appointment.pk, slot=slot, helper="0")
