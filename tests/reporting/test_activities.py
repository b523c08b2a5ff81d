"""« Mes comptes rendus »: what a helper writes again on the national platform."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent
from booking import actions
from booking.log import Actor
from booking.models import Appointment
from communes.enums import Theme
from communes.models import Cabin, Commune, Service
from core.roles import Role
from reporting.activities import COMMUNE_HEAD, HEAD
from tests.clocks import SetClock
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_site,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PAGE, FILE = "/ma-journee/comptes-rendus/", "/ma-journee/comptes-rendus.csv"


@pytest.fixture
def page(client: Client, bob: Agent) -> Client:
    client.force_login(bob)
    return client


def ended(
    cabin: Cabin, service: Service, helper: Agent, start: datetime, minutes: int = 45, **fields: Any
) -> Appointment:
    made = make_appointment(cabin, service, start, helper=helper, **fields)
    by = Actor.agent(helper)
    actions.start_session(appointment=made, by=by, now=start)
    return actions.end_session(appointment=made, by=by, now=start + timedelta(minutes=minutes))


def note(visit: Appointment, **values: Any) -> None:
    actions.note_visit(appointment=visit, values=values, by=Actor.system(), now=TUESDAY)


def lines(page: Client, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(page.get(FILE + query).content.decode())))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def test_a_row_is_in_the_fields_words_and_codes_of_the_national_list(
    page: Client, cabin: Cabin, service: Service, bob: Agent, commune: Commune
) -> None:
    resident = make_resident(commune, first_name="Fatima", last_name="Bensaïd")
    visit = ended(cabin, service, bob, at(8), party_size=2, resident=resident)
    note(
        visit,
        outcome="solved",
        themes=["logement", "email"],
        equipment_used=["ordinateur", "telephone"],
        autonomy="autonome",
        orientation=["aide_sociale"],
    )
    (row,) = lines(page)
    assert tuple(row) == HEAD
    assert row == {
        "Date": "2026-11-24",
        "Type": "individuel",
        "Participants": "1",
        "Canaux": "lieu_activite",
        "Lieu": cabin.site.name,
        "Code Insee": commune.insee_code,
        "Durée": "30-60",
        "Matériel": "ordinateur|telephone",
        "Thématiques": "email|logement",
        "Autonomie": "autonome",
        "Orientation": "aide_sociale",
    }
    shown = text(page.get(PAGE))
    for words in ("24 nov.", "individuel", "30 min à 1 h", "ordinateur, téléphone", "courriel, logement"):
        assert words in shown
    assert "Bensaïd" not in shown and "Fatima" not in shown


def test_without_a_note_the_theme_is_that_of_the_service_and_the_length_that_of_the_appointment(
    page: Client, cabin: Cabin, commune: Commune, bob: Agent
) -> None:
    service = make_service(commune, slug="impots", theme=Theme.MONEY, duration_min=60)
    visit = make_appointment(cabin, service, at(9, day=23), helper=bob)
    actions.record_attendance(appointment=visit, by=Actor.system(), now=TUESDAY)
    (row,) = lines(page)
    assert (row["Thématiques"], row["Durée"], row["Matériel"]) == ("argent_impots", "60-120", "")
    assert "1 séance n’a pas de compte rendu" in text(page.get(PAGE))
    note(visit, themes=[])
    assert lines(page)[0]["Thématiques"] == ""


def test_only_ones_own_sessions_that_are_over_and_never_medical_ones(
    page: Client, cabin: Cabin, service: Service, commune: Commune, bob: Agent
) -> None:
    medical = make_service(commune, name="Médecin", slug="medecin", is_medical=True)
    ended(cabin, medical, bob, at(7))
    colleague = make_agent(commune, Role.HELPER)
    ended(cabin, service, colleague, at(8))
    make_appointment(cabin, service, at(14), helper=bob)
    there = make_commune()
    elsewhere = make_cabin(make_site(there))
    ended(elsewhere, make_service(there), bob, at(6))
    assert lines(page) == []
    assert "Aucune séance" in text(page.get(PAGE))
    assert "Médecin" not in text(page.get(PAGE))


def test_a_month_at_a_time_on_the_communes_calendar(
    page: Client, cabin: Cabin, service: Service, bob: Agent
) -> None:
    for start in ("2026-10-31T23:30+01:00", "2026-11-01T00:10+01:00"):
        ended(cabin, service, bob, datetime.fromisoformat(start), minutes=10)
    assert [row["Date"] for row in lines(page)] == ["2026-11-01"]
    assert [row["Date"] for row in lines(page, "?day=2026-10-05")] == ["2026-10-31"]
    assert "Octobre 2026" in text(page.get(PAGE, {"day": "2026-10-05"}))
    for unreadable in ("demain", "0001-01-01", "9999-12-31"):
        assert page.get(PAGE, {"day": unreadable}).status_code == 200


def test_the_rows_go_with_the_appointments(
    page: Client, cabin: Cabin, service: Service, bob: Agent, set_clock: SetClock
) -> None:
    ended(cabin, service, bob, at(8))
    assert len(lines(page)) == 1
    Appointment.objects.all().delete()
    assert lines(page) == []


def test_one_can_note_from_the_list_while_it_is_possible(
    page: Client, cabin: Cabin, service: Service, bob: Agent, set_clock: SetClock
) -> None:
    visit = ended(cabin, service, bob, at(8))
    assert f"/rendez-vous/{visit.pk}/compte-rendu/" in text(page.get(PAGE))
    set_clock(TUESDAY + timedelta(days=8))
    assert f"/rendez-vous/{visit.pk}/compte-rendu/" not in text(page.get(PAGE, {"day": "2026-11-24"}))


def test_a_name_of_a_place_is_never_calculated(
    page: Client, cabin: Cabin, service: Service, bob: Agent
) -> None:
    type(cabin.site).objects.update(name="=1+1")
    ended(cabin, service, bob, at(8))
    assert lines(page)[0]["Lieu"] == "'=1+1"


@pytest.mark.parametrize("sessions", [1, 8])
def test_its_queries_do_not_grow(
    page: Client, cabin: Cabin, service: Service, bob: Agent, sessions: int, django_assert_num_queries: Any
) -> None:
    for n in range(sessions):
        ended(cabin, service, bob, at(1) + n * timedelta(hours=1), minutes=20)
    page.get(PAGE)
    with django_assert_num_queries(3):  # session, agent; sessions that are over
        page.get(PAGE)


def test_only_helpers_have_one(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    assert client.get(PAGE).status_code == client.get(FILE).status_code == 404


def test_a_manager_has_the_sessions_of_all_helpers_and_of_no_other_commune(
    client: Client, dana: Agent, bob: Agent, cabin: Cabin, service: Service, commune: Commune
) -> None:
    eve = make_agent(commune, Role.HELPER, username="eve")
    elsewhere = make_cabin(make_site(commune, name="École"))
    note(ended(cabin, service, bob, at(9)), themes=["email"])
    ended(elsewhere, service, eve, at(11))
    ended(cabin, make_service(commune, name="Téléconsultation", is_medical=True), bob, at(14))
    there = make_commune()
    zoe = make_agent(there, Role.HELPER, username="zoe")
    ended(make_cabin(make_site(there)), make_service(there), zoe, at(9))
    client.force_login(dana)
    address = "/chiffres/comptes-rendus.csv"
    month = {"kind": "month", "day": "2026-11-10"}
    found = list(csv.DictReader(StringIO(client.get(address, month).content.decode())))
    assert [(row["Thématiques"], row["Médiateur"]) for row in found] == [
        ("email", str(bob)),
        (service.theme, str(eve)),
    ]
    assert tuple(found[0]) == COMMUNE_HEAD
    one = client.get(address, {**month, "site": str(elsewhere.site.pk)}).content.decode()
    assert [row["Lieu"] for row in csv.DictReader(StringIO(one))] == ["École"]
    assert client.get(address, {"kind": "dates", "first": "2026-11-30", "last": "x"}).status_code == 422
    client.force_login(bob)
    assert client.get(address, month).status_code == 404
