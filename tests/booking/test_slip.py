"""The printed paper with the appointment, as French writes it."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.models import Appointment
from communes.models import Cabin, Service
from tests.factories import at, make_appointment


@pytest.fixture
def appointment(cabin: Cabin, service: Service) -> Appointment:
    return make_appointment(cabin, service, at(14, 30))


@pytest.mark.parametrize(
    ("name", "mairie"),
    [
        ("Petit-Quevilly", "Mairie de Petit-Quevilly"),
        ("Amiens", "Mairie d’Amiens"),
        ("Le Havre", "Mairie du Havre"),
        ("Les Lilas", "Mairie des Lilas"),
    ],
)
def test_the_slip_names_the_mairie_as_people_do(
    name: str, mairie: str, client: Client, alice: Agent, appointment: Appointment
) -> None:
    commune = appointment.commune
    commune.name = name
    commune.save()
    client.force_login(alice)
    assert f"<h1>{mairie}</h1>" in client.get(reverse("slip", args=[appointment.pk])).content.decode()


def test_the_slip_says_the_hour_as_paper_does(client: Client, alice: Agent, appointment: Appointment) -> None:
    client.force_login(alice)
    slip = client.get(reverse("slip", args=[appointment.pk])).content.decode()
    assert "14\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30" in slip
    assert "14:30" not in slip


def test_the_slip_has_the_phone_of_the_place_else_that_of_the_mairie(
    client: Client, alice: Agent, appointment: Appointment
) -> None:
    client.force_login(alice)
    appointment.commune.public_phone = "+33261910040"
    appointment.commune.save()
    for own, shown in (("", "02 61 91 00 40"), ("+33261910041", "02 61 91 00 41")):
        appointment.site.phone = own
        appointment.site.save()
        slip = client.get(reverse("slip", args=[appointment.pk])).content.decode()
        assert shown in slip.replace("\N{NO-BREAK SPACE}", " ")
