"""Before a place is closed, its hours are cut or a cabin is put aside, one sees which appointments that
touches; afterwards, where to place them again."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Absence, AbsenceRequest, Agent
from booking.models import Appointment
from communes.models import Cabin, Closure, Commune, Service, Site
from core.roles import Role
from tests.edits import send_edit
from tests.factories import at, make_agent, make_appointment, make_cabin, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

IF = "/equipe/a-replacer/si/"
TWO_O_CLOCK = "mercredi 25 novembre 14:00"


@pytest.fixture
def booked(cabin: Cabin, service: Service, bob: Agent, site: Site) -> Appointment:
    """Tomorrow at two; and another in the morning, in another cabin, which stays."""
    make_shift(bob, site, at(9, day=25), at(17, day=25))
    make_appointment(make_cabin(site), service, at(9, day=25))
    return make_appointment(cabin, service, at(14, day=25), helper=bob)


@pytest.fixture
def page(client: Client, dana: Agent, booked: Appointment) -> Client:
    client.force_login(dana)
    return client


def said(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def closure(**changes: str) -> dict[str, str]:
    values = {"first_on": "2026-11-25", "last_on": "2026-11-25", "starts": "13:00", "reason": "works"}
    return {**values, **changes}


def test_a_closure_shows_what_it_would_touch_and_keeps_nothing(page: Client, site: Site) -> None:
    before = site.version
    text = said(page.post(f"{IF}fermeture/{site.pk}/", closure()))
    assert "1 rendez-vous sera à replacer" in text and TWO_O_CLOCK in text and "9:00" not in text
    site.refresh_from_db()
    assert not Closure.objects.exists() and site.version == before
    assert "Aucun rendez-vous" in said(page.post(f"{IF}fermeture/{site.pk}/", closure(starts="16:00")))


@pytest.mark.parametrize(
    "asked", [{}, closure(first_on=""), closure(last_on="2026-11-24"), closure(starts="25:00")]
)
def test_what_makes_no_sense_yet_shows_nothing(page: Client, site: Site, asked: dict[str, str]) -> None:
    assert said(page.post(f"{IF}fermeture/{site.pk}/", asked)) == ""


def test_shorter_hours_show_what_they_would_touch_as_text_and_day_by_day(page: Client, site: Site) -> None:
    as_text = said(page.post(f"{IF}horaires/{site.pk}/", {"opening_hours": "Mo-Fr 09:00-12:00"}))
    assert "1 rendez-vous sera à replacer" in as_text and TWO_O_CLOCK in as_text
    mornings = {
        f"{edge}_{day}_0": hour for day in range(5) for edge, hour in (("from", "9:00"), ("until", "12:00"))
    }
    assert TWO_O_CLOCK in said(page.post(f"{IF}horaires/{site.pk}/", mornings))
    assert said(page.post(f"{IF}horaires/{site.pk}/", {"opening_hours": "Mo-Fr 9h"})) == ""
    site.refresh_from_db()
    assert "14:00-17:00" in site.opening_hours


def test_a_cabin_put_aside_shows_what_it_would_touch(
    client: Client, alice: Agent, booked: Appointment
) -> None:
    client.force_login(alice)
    assert TWO_O_CLOCK in said(client.post(f"{IF}cabine/{booked.cabin_id}/"))
    booked.cabin.refresh_from_db()
    assert booked.cabin.in_order


def test_an_absence_shows_what_it_would_touch(page: Client, bob: Agent) -> None:
    asked = {"agent": bob.pk, "kind": "leave", "first_on": "2026-11-25", "last_on": "2026-11-25"}
    assert TWO_O_CLOCK in said(page.post(f"{IF}absence/", asked))
    assert not Absence.objects.exists()
    assert "Aucun rendez-vous" in said(page.post(f"{IF}absence/", {**asked, "ends": "12:00"}))


def test_an_absence_that_is_asked_for_shows_what_accepting_it_would_touch(
    page: Client, bob: Agent, commune: Commune
) -> None:
    asked = AbsenceRequest.objects.create(
        agent=bob, commune=commune, starts_at=at(13, day=25), ends_at=at(18, day=25), asked_at=at(9)
    )
    assert f'hx-post="{IF}demande/{asked.pk}/"' in page.get("/equipe/absences/").content.decode()
    assert TWO_O_CLOCK in said(page.post(f"{IF}demande/{asked.pk}/"))
    asked.refresh_from_db()
    assert asked.is_accepted is None and not Absence.objects.exists()
    page.post(f"/equipe/absences/demandes/{asked.pk}/", {"accept": "1"})
    assert said(page.post(f"{IF}demande/{asked.pk}/")) == "", "answered already"
    assert "1 rendez-vous ne peut pas" in said(page.get("/equipe/a-replacer/combien/"))


def test_a_shift_taken_away_or_cut_short_shows_what_that_would_touch(
    page: Client, bob: Agent, site: Site
) -> None:
    shift = bob.shifts.get()
    address = f"{IF}presence/{shift.pk}/"
    form = {"agent": bob.pk, "site": site.pk, "on": "2026-11-25", "starts": "09:00", "ends": "12:00"}
    assert TWO_O_CLOCK in said(page.post(address))
    assert TWO_O_CLOCK in said(page.post(address, form))
    assert "Aucun rendez-vous" in said(page.post(address, {**form, "ends": "16:00"}))
    assert said(page.post(address, {**form, "ends": ""})) == ""
    assert bob.shifts.get().ends_at == at(17, day=25)


def test_what_was_lost_already_is_not_counted_again(page: Client, booked: Appointment, bob: Agent) -> None:
    bob.shifts.all().delete()
    assert "Aucun rendez-vous" in said(page.post(f"{IF}cabine/{booked.cabin_id}/"))


@pytest.mark.parametrize("change", ["closure", "hours", "cabin"])
def test_afterwards_the_page_of_places_leads_to_replacing_them(
    page: Client, booked: Appointment, site: Site, change: str
) -> None:
    assert said(page.get("/equipe/a-replacer/combien/")) == ""
    cabin = f"/lieux/cabines/{booked.cabin_id}/"
    hours = {"opening_hours": "Mo-Fr 09:00-12:00"}
    send = {
        "closure": lambda: page.post(f"/lieux/{site.pk}/fermeture/", closure(), follow=True),
        "hours": lambda: send_edit(page, f"/lieux/{site.pk}/horaires/?text", hours, follow=True),
        "cabin": lambda: send_edit(page, cabin, {"in_order": "0"}, on="/lieux/", follow=True),
    }[change]
    shown = send().content.decode()
    assert 'hx-get="/equipe/a-replacer/combien/"' in shown
    notice = said(page.get("/equipe/a-replacer/combien/"))
    assert "1 rendez-vous ne peut pas avoir lieu" in notice and 'href="/equipe/a-replacer/"' in notice


@pytest.mark.parametrize("form", ["fermeture", "horaires", "/equipe/absences/nouvelle/", "/lieux/"])
def test_each_page_asks_before(page: Client, site: Site, form: str) -> None:
    address = form if form.startswith("/") else f"/lieux/{site.pk}/{form}/"
    assert f'hx-post="{IF}' in page.get(address).content.decode()


def test_the_desk_s_day_tells_of_what_is_lost_until_tomorrow_evening(
    client: Client, alice: Agent, booked: Appointment, service: Service
) -> None:
    later = make_appointment(booked.cabin, service, at(14, day=26))
    client.force_login(alice)
    assert 'hx-get="/equipe/a-replacer/combien/?soon"' in client.get("/aujourdhui/").content.decode()
    later.cabin.in_order = False
    later.cabin.save()
    assert "1 rendez-vous ne peut pas" in said(client.get("/equipe/a-replacer/combien/?soon"))
    assert "2 rendez-vous ne peuvent pas" in said(client.get("/equipe/a-replacer/combien/"))


@pytest.mark.parametrize("name", ["shift-new", "absence-new"])
def test_without_a_helper_to_choose_the_form_leads_to_where_one_is_added(
    client: Client, dana: Agent, name: str
) -> None:
    client.force_login(dana)
    link = f'href="{reverse("accounts")}"'
    assert link in client.get(reverse(name)).content.decode()
    make_agent(dana.memberships.get().commune, Role.HELPER)
    assert "pas encore d’aidant" not in client.get(reverse(name)).content.decode()
