"""A helper on the booking page: they book and move with any colleague, and open what is their own."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking import actions
from booking.enums import AskedBy, Reason, Status
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment, Resident
from core.roles import Role
from tests.booking.towns import Town, fresh
from tests.factories import at, make_agent, make_resident

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def yanis(town: Town, client: Client) -> Client:
    """A helper who is not on duty: what they book is with bob."""
    client.force_login(make_agent(town.commune, Role.HELPER, first_name="Yanis", skills=[town.service]))
    return client


@pytest.fixture
def fatima(town: Town) -> Resident:
    return make_resident(town.commune)


def test_what_is_booked_with_a_colleague_ends_on_a_page_that_opens(
    town: Town, yanis: Client, fatima: Resident
) -> None:
    asked = {"service": town.service.pk, "helper": "1", "slot": slot_value(town.site.pk, at(14))}
    yanis.post(reverse("desk-hold"), asked)
    held = Appointment.objects.get(status=Status.HELD)
    sent = {"hold": held.pk, "resident": fatima.pk}
    answer = yanis.post(reverse("desk-confirm"), sent, follow=True)
    assert answer.status_code == 200
    assert (fresh(held).status, fresh(held).helper) == (Status.BOOKED, town.bob)
    assert "Le rendez-vous est réservé." in answer.content.decode()


def test_a_move_of_a_colleague_ends_on_a_page_that_opens(town: Town, yanis: Client, fatima: Resident) -> None:
    booked = town.book(at(14), resident=fatima)
    moved = {"slot": slot_value(town.site.pk, at(16)), "helper": "1"}
    answer = yanis.post(reverse("desk-move", args=[booked.pk]), moved, follow=True)
    assert (answer.status_code, fresh(booked).starts_at) == (200, at(16))
    assert "Le rendez-vous est déplacé." in answer.content.decode()


@pytest.mark.parametrize("whose", ["own", "of a colleague"])
def test_each_link_of_the_page_opens(town: Town, client: Client, fatima: Resident, whose: str) -> None:
    booked = town.book(at(14), resident=fatima)
    town.add_helper()
    town.add_cabin()
    town.book(at(14, 15), resident=fatima, beside=True)
    cancelling = town.book(at(16), resident=fatima)
    actions.cancel_with_grace(
        appointment=cancelling,
        reason=Reason.CANNOT_COME,
        asked_by=AskedBy.RESIDENT,
        by=Actor.agent(town.bob),
        now=at(10),
    )
    helper = town.bob if whose == "own" else make_agent(town.commune, Role.HELPER)
    client.force_login(helper)
    slot = slot_value(town.site.pk, at(14, 30))
    addresses: list[dict[str, Any]] = [{}, {"move": booked.pk}, {"service": town.service.pk, "slot": slot}]
    for more in addresses:
        asked = {"resident": fatima.pk, **more}
        page = client.get(reverse("desk"), asked).content.decode()
        body = page.partition("<main")[2]
        found = set(re.findall(r'(?:href|action)="(/rendez-vous/\d+/[^"]*)"', body))
        assert len(found) > 1 or whose == "of a colleague"
        for link in found - {reverse("desk-move", args=[booked.pk])}:
            assert client.get(link.replace("&amp;", "&")).status_code in (200, 405), link
