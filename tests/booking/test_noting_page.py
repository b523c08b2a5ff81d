"""The panel « Compte rendu » at the end of a session, on a helper's phone and at the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import Outcome, Status
from booking.log import Actor
from booking.models import Appointment, VisitNote, VisitRecord
from communes.enums import Theme
from communes.models import Cabin, Commune, Service
from core.roles import Role
from tests.clocks import SetClock
from tests.edits import edit_form
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_commune,
    make_resident,
    make_service,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

DAY = timedelta(days=1)


@pytest.fixture
def page(client: Client, bob: Agent) -> Client:
    client.force_login(bob)
    return client


@pytest.fixture
def running(commune: Commune, cabin: Cabin, service: Service, bob: Agent) -> Appointment:
    Service.objects.update(theme=Theme.MONEY)
    service.refresh_from_db()
    resident = make_resident(commune, first_name="Fatima", last_name="Bensaïd")
    made = make_appointment(cabin, service, at(9), helper=bob, resident=resident)
    actions.start_session(appointment=made, by=Actor.agent(bob), now=at(9))
    return made


@pytest.fixture
def visit(running: Appointment, bob: Agent) -> Appointment:
    return actions.end_session(appointment=running, by=Actor.agent(bob), now=TUESDAY)


def address(visit: Appointment, query: str = "") -> str:
    return reverse("visit-note", args=[visit.pk]) + query


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def send(page: Client, visit: Appointment, **typed: Any) -> Any:
    """The form of its page as it was drawn, with what is typed."""
    return page.post(address(visit), {**edit_form(page.get(address(visit))).sent, **typed})


# ---- two touches -----------------------------------------------------------------------------------


def test_two_touches_note_outcome_and_theme_and_lead_on_to_the_next_appointment(
    page: Client, running: Appointment
) -> None:
    after = page.post(f"/ma-journee/{running.pk}/terminer/", {"outcome": "solved"}, follow=True)
    form = after.context["note_form"]
    assert form["outcome"].value() == Outcome.SOLVED and form["themes"].value() == [Theme.MONEY]
    panel = edit_form(after, address(running))
    done = page.post(address(running), panel.sent)
    assert done["Location"] == reverse("my-day-follow-up", args=[running.pk])
    record = VisitRecord.objects.get()
    assert (record.outcome, record.themes_noted, record.equipment_used) == ("solved", ["argent_impots"], [])
    assert "Changer le compte rendu" in text(page.get(done["Location"]))


def test_a_visit_without_a_name_has_its_note_too(
    page: Client, cabin: Cabin, service: Service, bob: Agent
) -> None:
    walk_in = make_appointment(cabin, service, at(9), helper=bob, is_walk_in=True)
    actions.start_session(appointment=walk_in, by=Actor.agent(bob), now=at(9))
    after = page.post(f"/ma-journee/{walk_in.pk}/terminer/", {"outcome": "partly"})
    assert after["Location"] == address(walk_in, "?back=day")
    panel = edit_form(page.get(after["Location"]))
    assert page.post(address(walk_in), panel.sent)["Location"] == reverse("my-day")
    assert VisitRecord.objects.get().outcome == "partly"


def test_nothing_is_obligatory_and_what_is_left_out_is_unknown(page: Client, visit: Appointment) -> None:
    assert send(page, visit, themes=[]).status_code == 302
    record = VisitRecord.objects.get()
    assert (record.outcome, record.themes_noted, record.autonomy) == ("", [], "")
    assert VisitNote.objects.count() == 1


def test_it_can_be_changed_for_a_week_and_then_says_why_not(
    page: Client, visit: Appointment, set_clock: SetClock
) -> None:
    send(page, visit, autonomy="autonome", equipment_used=["ordinateur"])
    set_clock(TUESDAY + 7 * DAY)
    assert send(page, visit, autonomy="partiellement_autonome").status_code == 302
    assert VisitNote.objects.get().autonomy == "partiellement_autonome"
    form = edit_form(page.get(address(visit)))
    set_clock(TUESDAY + 8 * DAY)
    refused = page.post(address(visit), {**form.sent, "autonomy": "autonome"}, follow=True)
    assert "déjà compté" in text(refused)
    assert VisitNote.objects.get().autonomy == "partiellement_autonome"
    assert "déjà comptée" in text(page.get(address(visit)))


def test_what_contradicts_itself_is_said_at_its_field(page: Client, visit: Appointment) -> None:
    refused = send(page, visit, equipment_used=["aucun", "tablette"])
    assert refused.status_code == 422 and "décochez" in text(refused)
    assert not VisitNote.objects.exists()


def test_what_is_not_over_has_no_form(page: Client, running: Appointment) -> None:
    assert "<form method" not in text(page.get(address(running))).split("<main", 1)[1]
    assert page.post(address(running), {"outcome": "solved"}).status_code == 302
    assert page.post(address(running), {"outcome": "lune"}).status_code == 302
    assert not VisitNote.objects.exists()


def test_a_wrong_answer_brings_up_no_form_once_the_day_is_closed(
    page: Client, visit: Appointment, set_clock: SetClock
) -> None:
    set_clock(TUESDAY + 8 * DAY)
    shown = page.post(address(visit), {"outcome": "lune"}, follow=True)
    assert shown.status_code == 200 and 'name="outcome"' not in text(shown)


# ---- where it is offered ---------------------------------------------------------------------------


def test_the_day_lists_sessions_that_lack_a_note_for_a_week(
    page: Client, visit: Appointment, set_clock: SetClock
) -> None:
    shown = text(page.get("/ma-journee/"))
    assert "Fatima B." in shown and address(visit, "?back=day") in shown
    assert "Bensaïd" not in shown.split('id="unnoted"')[1]
    set_clock(TUESDAY + 7 * DAY)
    assert address(visit) in text(page.get("/ma-journee/"))
    set_clock(TUESDAY + 8 * DAY)
    assert address(visit) not in text(page.get("/ma-journee/"))
    set_clock(TUESDAY)
    send(page, visit)
    assert 'id="unnoted"' not in text(page.get("/ma-journee/"))


def test_the_page_of_the_appointment_has_the_panel_for_the_desk(
    client: Client, alice: Agent, visit: Appointment
) -> None:
    client.force_login(alice)
    shown = client.get(reverse("appointment", args=[visit.pk]))
    sent = {**edit_form(shown, address(visit)).sent, "outcome": "referred"}
    assert client.post(address(visit), sent)["Location"] == reverse("appointment", args=[visit.pk])
    assert VisitRecord.objects.get().outcome == "referred"


# ---- who -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [(Role.DESK, 200), (Role.MANAGER, 200), (Role.HELPER, 404), (Role.TECHNICIAN, 404)]
)
def test_its_helper_the_desk_and_managers_note_it_and_nobody_else(
    client: Client, commune: Commune, visit: Appointment, role: Role, status: int
) -> None:
    client.force_login(make_agent(commune, role))
    assert client.get(address(visit)).status_code == status
    sent = client.post(address(visit), {"outcome": "solved"}).status_code
    assert (sent == 404) == (status == 404)


def test_another_commune_finds_nothing(client: Client, visit: Appointment) -> None:
    client.force_login(make_agent(make_commune(), Role.MANAGER, Role.DESK, Role.HELPER))
    assert client.get(address(visit)).status_code == 404
    assert client.post(address(visit), {"outcome": "solved"}).status_code == 404
    assert not VisitNote.objects.exists()


# ---- medical ---------------------------------------------------------------------------------------


def test_nothing_is_asked_about_a_medical_visit(
    page: Client, commune: Commune, cabin: Cabin, bob: Agent
) -> None:
    medical = make_service(commune, name="Médecin", slug="medecin", is_medical=True)
    visit = make_appointment(cabin, medical, at(9), helper=bob, resident=make_resident(commune))
    actions.start_session(appointment=visit, by=Actor.agent(bob), now=at(9))
    assert 'name="outcome"' not in text(page.get(f"/ma-journee/{visit.pk}/terminer/"))
    after = page.post(f"/ma-journee/{visit.pk}/terminer/", follow=True)
    visit.refresh_from_db()
    assert visit.status == Status.DONE
    for shown in (after, page.get(address(visit)), page.get(reverse("appointment", args=[visit.pk]))):
        assert 'name="autonomy"' not in text(shown)
    assert 'id="unnoted"' not in text(page.get("/ma-journee/"))
    for sent in ("solved", "lune"):
        assert 'name="autonomy"' not in text(page.post(address(visit), {"outcome": sent}, follow=True))
    assert not VisitNote.objects.exists()
