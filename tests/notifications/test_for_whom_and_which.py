"""Texts say what people need to tell things apart: with whom, for whom, which of several appointments."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import reschedule
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from notifications.enums import Audience, Channel, MessageKind
from notifications.models import CommuneText, Message
from notifications.texts import LANGUAGES, About, compose
from notifications.writing import about
from tests.factories import TUESDAY, at, make_agent, make_resident, make_shift
from tests.notifications.announcing import ask
from tests.notifications.conftest import book_for, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]

FRIDAY, MONDAY = at(10, 30, day=27), at(10, 30, day=30)


def texts() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def move(appointment: Appointment, start: datetime) -> None:
    fresh = Appointment.objects.select_related("commune", "site", "service", "resident").get(
        pk=appointment.pk
    )
    reschedule(appointment=fresh, site=fresh.site, start=start, by=Actor.system(), now=TUESDAY)


# ---- with whom -------------------------------------------------------------------------------------


@pytest.fixture
def camille(commune: Commune, service: Service, site: Site) -> Agent:
    camille = make_agent(commune, Role.HELPER, skills=[service], first_name="Camille")
    make_shift(camille, site, at(9, day=27), at(12, day=27))
    return camille


@pytest.mark.parametrize("is_chosen", [True, False])
def test_a_text_names_the_helper_only_if_they_were_asked_for(
    cabin: Cabin, service: Service, fatima: Resident, camille: Agent, is_chosen: bool
) -> None:
    book_for(fatima, cabin, service, helper=camille, helper_chosen=is_chosen)
    run()

    (text,) = texts()
    assert ("Hotel de ville, avec Camille." in text) == is_chosen
    assert ("Camille" in text) == is_chosen
    assert Message.objects.get().segments == 1


def test_the_bar_and_the_list_name_the_helper_who_is_asked_for(
    client: Client, alice: Agent, cabin: Cabin, service: Service, fatima: Resident, camille: Agent
) -> None:
    client.force_login(alice)
    slot = f"{cabin.site_id}@{FRIDAY.isoformat()}"
    sent = {"service": service.pk, "helper": f"c{camille.pk}", "slot": slot, "resident": fatima.pk}
    page = client.post(reverse("desk-hold"), sent, follow=True)

    assert page.context["desk"].chosen_helper == camille.short_name
    held = Appointment.objects.get()
    (message,) = (
        ask(client, "desk-confirm", hold=held.pk, resident=fatima.pk).context["announcement"].messages
    )
    assert "avec Camille" in message.text


# ---- for whom --------------------------------------------------------------------------------------


def test_a_text_to_a_shared_phone_says_for_whom_it_is(
    commune: Commune, cabin: Cabin, service: Service, fatima: Resident
) -> None:
    make_resident(commune, "+33639981234", first_name="Nadir")
    book_for(fatima, cabin, service)
    run()

    (text,) = texts()
    assert text.startswith("Mairie de Petit-Quevilly, pour Fatima B. : vous avez rendez-vous")
    assert Message.objects.get().segments == 1


@pytest.mark.parametrize("other", ["left at a screen", "merged", "another commune"])
def test_a_phone_of_one_person_names_nobody(
    commune: Commune, charlie: Agent, cabin: Cabin, service: Service, fatima: Resident, other: str
) -> None:
    who: dict[str, object] = {"first_name": "", "last_name": ""} if other == "left at a screen" else {}
    if other == "merged":
        who["merged_into"] = fatima
    make_resident(charlie.memberships.get().commune if "another" in other else commune, "+33639981234", **who)
    book_for(fatima, cabin, service)
    run()

    (text,) = texts()
    assert "Fatima" not in text


def test_a_contact_person_of_two_hears_whose_appointment_it_is(
    commune: Commune, cabin: Cabin, service: Service, fatima: Resident
) -> None:
    contact = {"contact_name": "Karim", "contact_phone": "+33639981235", "contact_is_told": True}
    Resident.objects.filter(pk=fatima.pk).update(**contact)
    make_resident(commune, "+33639981277", first_name="Nadir", **contact)
    fatima.refresh_from_db()
    book_for(fatima, cabin, service)
    run()

    told = Message.objects.get(audience=Audience.CONTACT)
    assert told.text.startswith("Mairie de Petit-Quevilly, pour Fatima B. : votre proche a rendez-vous")


def test_a_text_of_the_commune_says_it_too(
    commune: Commune, cabin: Cabin, service: Service, fatima: Resident
) -> None:
    make_resident(commune, "+33639981234", first_name="Nadir")
    wording = "RDV {day} à {time}."
    CommuneText.objects.create(
        commune=commune, kind="confirmation", language="fr", template=wording, edited_at=TUESDAY
    )
    book_for(fatima, cabin, service)
    run()

    assert texts() == ["Mairie de Petit-Quevilly, pour Fatima B. : RDV vendredi 27 nov. à 10h30."]


# ---- which one -------------------------------------------------------------------------------------


@pytest.mark.parametrize("has_several", [True, False])
def test_a_change_says_which_of_several_appointments_it_is_about(
    cabin: Cabin, service: Service, fatima: Resident, has_several: bool
) -> None:
    visit = book_for(fatima, cabin, service, FRIDAY)
    if has_several:
        book_for(fatima, cabin, service, MONDAY)
    run()
    move(visit, at(14, day=26))
    run()

    text = texts()[-1]
    assert ("votre RDV du 27 nov. est déplacé au jeudi 26 nov. à 14h" in text) == has_several
    assert ("Nouveau RDV jeudi 26 nov. à 14h" in text) != has_several
    assert Message.objects.latest("pk").segments == 1


def test_a_move_within_a_day_says_the_hour_too(cabin: Cabin, service: Service, fatima: Resident) -> None:
    visit = book_for(fatima, cabin, service, FRIDAY)
    book_for(fatima, cabin, service, MONDAY)
    run()
    move(visit, at(14, day=27))
    run()

    assert "votre RDV du 27 nov. (10h30) est déplacé au vendredi 27 nov. à 14h" in texts()[-1]


def test_it_says_the_time_that_the_person_believes(cabin: Cabin, service: Service, fatima: Resident) -> None:
    visit = book_for(fatima, cabin, service, FRIDAY)
    book_for(fatima, cabin, service, MONDAY)
    run()
    move(visit, at(14, day=26))
    move(visit, at(15, day=25))
    run()

    assert "RDV du 27 nov. est déplacé au mercredi 25 nov." in texts()[-1]


# ---- every language --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.CHANGE])
def test_every_language_says_with_whom_for_whom_and_which(
    commune: Commune, site: Site, language: str, kind: MessageKind
) -> None:
    told: About = about(
        commune,
        site,
        FRIDAY,
        number="412345",
        helper="Camille",
        for_whom="Fatima B.",
        was=FRIDAY - timedelta(days=3),
    )
    text = compose(kind, told, channel=Channel.SMS, language=language, two_way=True).text

    assert "Camille" in text
    assert "Fatima B." in text
    assert ("24" in text) == (kind == MessageKind.CHANGE)
    assert "{" not in text
