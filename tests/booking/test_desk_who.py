"""For whom the desk books: what decides is on the page, and nobody else is booked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident
from booking.pages.desk import MOST_SHOWN
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.booking.towns import Town
from tests.factories import at, make_agent, make_appointment, make_resident, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def abdelkader(commune: Commune) -> Resident:
    return make_resident(commune, "+33639982054", first_name="Abdelkader", last_name="Mansouri")


@pytest.fixture
def held(desk: Client, cabin: Cabin, service: Service, site: Site, bob: Agent) -> Appointment:
    """A time that is kept while nobody is chosen yet."""
    make_shift(bob, site, at(14), at(17))
    slot = slot_value(site.pk, at(14))
    desk.post(reverse("desk-hold"), {"service": service.pk, "helper": "1", "slot": slot})
    return Appointment.objects.get(status=Status.HELD)


def written(**changed: str) -> dict[str, str]:
    """What is sent of someone who is being written down."""
    return {
        "first_name": "Zoé",
        "last_name": "Inconnue",
        "reach_by": "sms",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": "06 39 98 41 07",
        "phones-0-owner": "self",
        "phones-0-may_call": "on",
        **changed,
    }


def page_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def button(page: str) -> str:
    """What the button says that books."""
    found = re.search(r'<button[^>]*id="confirm-button"[^>]*>(.*?)</button>', page)
    return re.sub(r"<[^>]+>", "", found.group(1)).strip() if found else ""


def test_the_bar_and_its_button_name_who_is_booked(
    desk: Client, held: Appointment, abdelkader: Resident
) -> None:
    page = page_of(desk.get(reverse("desk"), {"hold": held.pk, "resident": abdelkader.pk}))
    assert button(page) == "Confirmer pour Abdelkader Mansouri"
    bar = page.partition('id="confirm"')[2]
    assert "<strong>Abdelkader Mansouri</strong>" in bar
    assert f'name="resident" value="{abdelkader.pk}"' in bar


def test_once_somebody_is_chosen_there_is_no_field_that_could_say_somebody_else(
    desk: Client, abdelkader: Resident
) -> None:
    page = page_of(desk.get(reverse("desk"), {"resident": abdelkader.pk}))
    assert 'id="q"' not in page
    assert "Personne choisie" in page
    let_go = re.search(r'id="let-go" href="([^"]*)"', page)
    assert let_go is not None
    freed = page_of(desk.get(let_go.group(1).replace("&amp;", "&")))
    assert 'id="q"' in freed
    assert "Abdelkader" not in freed
    assert 'name="resident"' not in freed


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in place", "without script"])
def test_a_new_search_lets_go_of_who_was_chosen(
    desk: Client, held: Appointment, abdelkader: Resident, headers: dict[str, str]
) -> None:
    chosen = {"hold": held.pk, "resident": abdelkader.pk, "service": held.service_id}
    response = desk.post(reverse("desk-search"), {**chosen, "q": "Zoé Inconnue"}, headers=headers)
    page = page_of(response)
    assert f'name="hold" value="{held.pk}"' in page
    assert 'name="resident"' not in page
    assert f"resident={abdelkader.pk}" not in page
    assert "Abdelkader" not in page
    assert 'value="Zoé"' in page
    if headers:
        assert response.headers["HX-Retarget"] == "#plan"


def test_the_plan_is_drawn_again_without_who_is_being_written_down(
    desk: Client, held: Appointment, service: Service, abdelkader: Resident
) -> None:
    """The form would be cleared. Where somebody is chosen, their card comes along."""
    asked = {"hold": held.pk, "service": service.pk}
    page = page_of(desk.get(reverse("desk"), asked, headers=HTMX))
    assert 'id="plan"' in page
    assert 'id="who-panel"' not in page
    for more in ({"resident": abdelkader.pk}, {"resident": 999999}):
        assert 'id="who-panel"' in page_of(desk.get(reverse("desk"), {**asked, **more}, headers=HTMX))
    let_go = {**HTMX, "HX-Target": "who-panel"}
    assert 'id="q"' in page_of(desk.get(reverse("desk"), asked, headers=let_go))


def test_the_first_possible_time_is_looked_for_without_leaving_the_page(
    desk: Client, service: Service, cabin: Cabin
) -> None:
    page = desk.get(reverse("desk-next-free"), {"service": service.pk}, headers=HTMX)
    assert "Rien n’est libre" in page_of(page)
    assert 'id="who-panel"' not in page_of(page)


def test_someone_new_is_recorded_and_booked_by_one_press(desk: Client, held: Appointment) -> None:
    response = desk.post(reverse("desk-confirm"), {"hold": held.pk, "note": "RIB", **written()})
    assert response.headers["Location"] == reverse("appointment", args=[held.pk])
    held.refresh_from_db()
    zoe = Resident.objects.get()
    assert (held.status, held.resident, held.note) == (Status.BOOKED, zoe, "RIB")
    assert (str(zoe), zoe.phones.get().number) == ("Zoé Inconnue", "+33639984107")


def test_someone_half_written_down_is_not_booked_and_the_field_says_what_lacks(
    desk: Client, held: Appointment
) -> None:
    for half in ({"last_name": ""}, {"phones-0-number": "12"}, {"first_name": "", "last_name": ""}):
        response = desk.post(reverse("desk-confirm"), {"hold": held.pk, "note": "RIB", **written(**half)})
        page = page_of(response)
        assert response.status_code == 422
        assert "Rien n’est encore réservé" in page
        assert 'aria-invalid="true"' in page
        assert "autofocus" in page
        assert 'value="RIB"' in page
        assert "Enregistrer et confirmer pour" in button(page)
    held.refresh_from_db()
    assert held.status == Status.HELD
    assert not Resident.objects.exists()


def test_someone_chosen_and_someone_else_written_down_books_neither(
    desk: Client, held: Appointment, abdelkader: Resident
) -> None:
    data = {"hold": held.pk, "resident": abdelkader.pk, **written()}
    assert desk.post(reverse("desk-confirm"), data).status_code == 422
    held.refresh_from_db()
    assert (held.status, Resident.objects.count()) == (Status.HELD, 1)


def test_a_time_lost_meanwhile_records_nobody_and_keeps_what_was_typed(
    desk: Client, held: Appointment, cabin: Cabin, service: Service, bob: Agent
) -> None:
    Appointment.objects.filter(pk=held.pk).update(status=Status.LAPSED)
    make_appointment(cabin, service, at(14), helper=bob)
    response = desk.post(reverse("desk-confirm"), {"hold": held.pk, **written()})
    assert response.status_code == 409
    assert 'value="06 39 98 41 07"' in page_of(response)
    assert not Resident.objects.exists()


def test_whose_appointment_moves_is_no_choice(
    desk: Client, cabin: Cabin, service: Service, site: Site, abdelkader: Resident, commune: Commune
) -> None:
    georges = make_resident(commune, first_name="Georges", last_name="Petit")
    booked = make_appointment(cabin, service, at(14), resident=georges)
    query: dict[str, Any] = {
        "move": booked.pk,
        "resident": abdelkader.pk,
        "slot": slot_value(site.pk, at(15)),
    }
    page = page_of(desk.get(reverse("desk"), query))
    assert button(page) == "Déplacer le rendez-vous pour Georges Petit"
    assert "Abdelkader" not in page
    assert 'id="q"' not in page


def test_who_one_resident_asked_for_is_not_asked_for_on_behalf_of_the_next(
    desk: Client, service: Service, bob: Agent, abdelkader: Resident
) -> None:
    asked: dict[str, Any] = {"resident": abdelkader.pk, "service": service.pk, "helper": f"c{bob.pk}"}
    state = desk.get(reverse("desk"), asked).context["desk"]
    assert f"helper=c{bob.pk}" in state.address(week="2026-11-30")
    assert "helper=1" in state.address(resident=None)


def test_a_helper_asked_for_by_name_is_named_or_not_asked_for(
    desk: Client, held: Appointment, service: Service, site: Site, bob: Agent, charlie: Agent
) -> None:
    by_name: dict[str, Any] = {"service": service.pk, "helper": f"c{bob.pk}"}
    assert f'value="c{bob.pk}" checked' in page_of(desk.get(reverse("desk"), by_name))
    for nobody in (charlie.pk, 10**17):
        unknown = desk.get(reverse("desk"), {**by_name, "helper": f"c{nobody}"})
        assert unknown.context["desk"].helper == "1"
    slot = slot_value(site.pk, at(15))
    data: dict[str, Any] = {"service": service.pk, "helper": f"c{bob.pk}", "slot": slot, "hold": held.pk}
    where = desk.post(reverse("desk-hold"), data).headers["Location"]
    page = page_of(desk.get(where))
    assert f'value="c{bob.pk}" checked' in page
    assert "avec Bob" in page.partition('id="confirm"')[2]


def test_a_time_kept_for_somebody_with_very_many_appointments_is_still_found(
    town: Town, client: Client
) -> None:
    client.force_login(make_agent(town.commune, Role.DESK))
    often = make_resident(town.commune)
    town.given(at(9, day=23), resident=often, status=Status.DONE)
    for n in range(MOST_SHOWN + 1):
        town.given(at(9, day=25) + timedelta(days=n), resident=often)
    held, moved = town.hold(at(14), resident=often), town.book(at(16), resident=often)
    for name, which in (("hold", held), ("move", moved)):
        state = client.get(reverse("desk"), {"resident": often.pk, name: which.pk}).context["desk"]
        assert which in (state.hold, state.moving)
        assert state.person.coming[0] == moved, "the next ones are shown, not the furthest"
        assert state.person.last is not None
