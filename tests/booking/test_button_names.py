"""Buttons that stand beside many people name the one they are about; the visible words come first."""

import re

import pytest
from django.test import Client

from agents.models import Agent
from communes.models import Cabin, Commune, Service
from tests.factories import at, make_appointment, make_cabin, make_resident

pytestmark = pytest.mark.usefixtures("tuesday")


def button_names(html: str) -> list[str]:
    """What a screen reader says of each button: words that are only hidden from sight count."""
    inside = re.findall(r"<button\b[^>]*>(.*?)</button>", html, re.DOTALL)
    plain = (re.sub(r"<[^>]*>", "", each).replace("\N{NO-BREAK SPACE}", " ") for each in inside)
    return [" ".join(each.split()) for each in plain]


@pytest.mark.parametrize("path", ["/aujourdhui/", "/aujourdhui/liste/"])
def test_the_desk_hears_whose_arrival_a_button_notes(
    client: Client, alice: Agent, commune: Commune, cabin: Cabin, service: Service, path: str
) -> None:
    for first_name, start in (("Rosa", at(10)), ("Georges", at(10, 45))):
        resident = make_resident(commune, first_name=first_name, last_name="Pinto")
        make_appointment(make_cabin(cabin.site, name=first_name), service, start, resident=resident)
    client.force_login(alice)

    names = button_names(client.get(path).content.decode())

    arrived = [name for name in names if name.startswith("Noter l’arrivée")]
    assert arrived == ["Noter l’arrivée : Rosa Pinto, 10:00", "Noter l’arrivée : Georges Pinto, 10:45"]


def test_a_helper_hears_it_too_with_the_short_name_that_the_page_shows(
    client: Client, bob: Agent, commune: Commune, cabin: Cabin, service: Service
) -> None:
    for first_name, hour in (("Rosa", 11), ("Georges", 14)):
        resident = make_resident(commune, first_name=first_name, last_name="Pinto")
        make_appointment(cabin, service, at(hour), helper=bob, resident=resident)
    client.force_login(bob)

    names = button_names(client.get("/ma-journee/").content.decode())

    arrived = [name for name in names if name.startswith("Noter l’arrivée")]
    assert arrived == ["Noter l’arrivée : Rosa Pinto, 11:00", "Noter l’arrivée : Georges P., 14:00"]


def test_a_button_with_a_time_says_its_day(
    client: Client, alice: Agent, service: Service, cabin: Cabin
) -> None:
    client.force_login(alice)
    html = client.get("/rendez-vous/", {"service": str(service.pk), "helper": "0"}).content.decode()

    slots = [name for name in button_names(html) if re.match(r"\d\d?:\d\d ", name)]

    assert slots
    assert len(set(slots)) == len(slots)
    assert all(re.search(r" : \w+ \d+(er)? \w+", name) for name in slots), slots
