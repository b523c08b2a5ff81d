"""« Prolonger » on an appointment's page: the desk gives the same time as the helper on « Ma journée »."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Service, Site
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def running(set_clock: SetClock, cabin: Cabin, service: Service, site: Site, bob: Agent) -> Appointment:
    set_clock(at(9, 35))
    make_shift(bob, site, at(9), at(12))
    return make_appointment(cabin, service, at(9, 30), helper=bob, status=Status.IN_SESSION)


def offered(page: str) -> list[str]:
    return re.findall(r'name="minutes" value="(\d+)"', page)


def test_the_desk_is_offered_what_the_helper_is_offered_and_no_more(
    client: Client, alice: Agent, bob: Agent, running: Appointment, cabin: Cabin, service: Service
) -> None:
    address = reverse("appointment", args=[running.pk])
    for rival_at, minutes in ((None, ["10", "30"]), (at(10, 40), ["10"]), (at(10, 25), [])):
        if rival_at:
            Appointment.objects.exclude(pk=running.pk).delete()
            make_appointment(cabin, service, rival_at)
        pages = []
        for agent, where in ((alice, address), (bob, reverse("my-day"))):
            client.force_login(agent)
            pages.append(client.get(where).content.decode())
        assert [offered(page) for page in pages] == [minutes, minutes]
    assert all("pas plus longtemps. Le prochain rendez-vous est à 10" in page for page in pages)


def test_the_desk_makes_a_session_longer_as_far_as_it_can_last(
    client: Client, alice: Agent, running: Appointment, cabin: Cabin, service: Service
) -> None:
    client.force_login(alice)
    make_appointment(cabin, service, at(10, 40))
    address = reverse("appointment-extend", args=[running.pk])
    for minutes, ends_at in (("10", at(10, 25)), ("30", at(10, 25)), ("999", at(10, 25))):
        running.refresh_from_db()
        response = client.post(address, {"minutes": minutes, "shown": running.shown}, follow=True)
        assert response.redirect_chain == [(reverse("appointment", args=[running.pk]), 302)]
        running.refresh_from_db()
        assert running.ends_at == ends_at


def test_a_visit_that_does_not_run_is_not_made_longer(
    client: Client, alice: Agent, running: Appointment
) -> None:
    client.force_login(alice)
    Appointment.objects.update(status=Status.BOOKED)
    assert not offered(client.get(reverse("appointment", args=[running.pk])).content.decode())
    client.post(reverse("appointment-extend", args=[running.pk]), {"minutes": "10"})
    running.refresh_from_db()
    assert running.ends_at == at(10, 15)
