"""Use an upgraded database as agents do, and say what was done:
`python -m tests.in_django tests.upgrades.journey`.

Nadia, Sophie and Camille of the demonstration follow every link, Nadia books somebody, and the
worker's minute and night pass. Raises where anything fails.
"""

import re
import sys

from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Commune, Service
from core import periodic
from notifications.models import Message
from tests.links import follow_links

SLOT = re.compile(r'name="slot"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="slot"')


def colleague(username: str) -> Client:
    client = Client()
    client.force_login(Agent.objects.get(username=username))
    return client


def book(desk: Client, resident: Resident | None = None) -> Appointment:
    resident = resident or Resident.objects.exclude(phones=None).order_by("pk").first()
    service = Service.objects.first()
    assert resident is not None
    assert service is not None
    chosen: dict[str, str | int] = {
        "resident": resident.pk,
        "service": service.pk,
        "helper": "0",
        "party": "1",
    }
    page = desk.get(reverse("desk"), chosen).content.decode()
    found = SLOT.search(page)
    assert found, "no time is offered"
    slot = found[1] or found[2]
    held = desk.post(reverse("desk-hold"), {**chosen, "slot": slot})
    assert held.status_code in (200, 302), held.content.decode()
    hold = Appointment.objects.get(status=Status.HELD, resident=resident)
    confirmed = desk.post(reverse("desk-confirm"), {"hold": hold.pk, "resident": resident.pk})
    assert confirmed.status_code == 302, confirmed.content.decode()
    hold.refresh_from_db()
    assert hold.status == Status.BOOKED
    return hold


def main() -> None:
    setup_test_environment()
    # Communes in use stay in use: nobody has to open them again.
    assert not Commune.objects.filter(opened_at=None, sites__cabins__isnull=False).exists()
    desk = colleague("nadia")
    names: set[str] = set()
    for client in (desk, colleague("sophie"), colleague("camille")):
        kinds, dead = follow_links(client)
        assert not dead, dead
        names |= kinds
    booked = book(desk)
    for every in periodic.Every:
        for task in periodic.registered(every):
            task.call()
    told = Message.objects.filter(resident=booked.resident, cause__contains="event").exists()
    assert told, "nobody is told of the appointment"
    sys.stdout.write(f"{len(names)} kinds of pages opened, one appointment booked and announced\n")


if __name__ == "__main__":
    main()
