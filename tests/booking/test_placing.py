"""A gap of the desk’s day is clicked: a visit begins there, or is booked for later."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from agents.models import Agent
from booking.enums import Status
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident
from booking.pages.axis import BlockKind
from communes.enums import Equipment
from communes.models import Cabin, Commune, Service, Site
from tests.booking.test_today import DAY, lanes, text, told
from tests.factories import (
    at,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_shift,
)

pytestmark = pytest.mark.usefixtures("tuesday")

PLACE = "/aujourdhui/placer/"


@pytest.fixture
def page(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


def gap_of(cabin: Cabin, start: datetime) -> dict[str, Any]:
    return {"slot": slot_value(cabin.site_id, start), "cabin": cabin.pk}


def test_each_gap_of_the_day_leads_to_what_fits_in_it(
    page: Client, cabin: Cabin, service: Service, site: Site, bob: Agent
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_appointment(cabin, service, at(11))
    ((lane,), (helper,)) = lanes(page)
    useful = [cell.gap for each in (lane, helper) for cell in each.cells if cell.gap]
    assert len(useful) == 3
    for each in (lane, helper):
        for cell in each.cells:
            if cell.gap:
                whose = {"cabin": cabin.pk} if each is lane else {"helper": bob.pk}
                query: dict[str, Any] = {"slot": slot_value(site.pk, cell.gap.starts_at), **whose}
                assert urlencode(query).replace("&", "&amp;") in page.get(DAY).content.decode()
                opened = page.get(PLACE, query).context["opened"]
                assert opened.gap == cell.gap
                assert opened.choices


def test_someone_without_a_name_sits_down_now(page: Client, cabin: Cabin, service: Service) -> None:
    make_appointment(cabin, service, at(10, 40))
    opened = page.get(PLACE, gap_of(cabin, at(10))).context["opened"]
    (choice,) = opened.choices
    assert (choice.key, choice.minutes, choice.times) == (f"{service.pk}-0", 30, [])
    shown = text(page.get(PLACE, gap_of(cabin, at(10))))
    assert "30 min au lieu de 45 min" in shown
    assert "aucun aidant n’est libre" in shown
    response = page.post(f"{PLACE}commencer/", {**gap_of(cabin, at(10)), "choice": choice.key})
    begun = Appointment.objects.get(status=Status.IN_SESSION)
    assert response["Location"] == f"{DAY}#visit-{begun.pk}"
    assert (begun.cabin, begun.is_walk_in, begun.resident) == (cabin, True, None)
    assert begun.ends_at == at(10, 30)
    assert "La séance a commencé : Cabine du hall, jusqu’à 10:30." in text(page.get(DAY))
    ((lane,), _) = lanes(page)
    assert ("10:00", "10:30", BlockKind.VISIT) in told(lane)


def test_a_walk_in_with_a_helper_ends_when_the_helper_leaves(
    page: Client, cabin: Cabin, service: Service, site: Site, bob: Agent
) -> None:
    make_shift(bob, site, at(9), at(10, 25))
    resident = make_resident(site.commune)
    query: dict[str, Any] = {"slot": slot_value(site.pk, at(10)), "helper": bob.pk, "resident": resident.pk}
    (choice,) = page.get(PLACE, query).context["opened"].choices
    page.post(f"{PLACE}commencer/", {**query, "choice": choice.key})
    begun = Appointment.objects.get(status=Status.IN_SESSION)
    assert (begun.helper, begun.cabin, begun.resident) == (bob, cabin, resident)
    assert begun.ends_at == at(10, 25)


def test_a_time_in_a_gap_is_kept_in_the_cabin_that_was_clicked(
    page: Client, cabin: Cabin, service: Service, site: Site
) -> None:
    """Without the click, the cabin with less equipment would be taken first."""
    Cabin.objects.filter(pk=cabin.pk).update(equipment=[])
    rich = make_cabin(site, name="Cabine équipée", equipment=list(Equipment))
    opened = page.get(PLACE, gap_of(rich, at(14))).context["opened"]
    choice = next(each for each in opened.choices if not each.with_helper)
    assert choice.times[0].start == at(14)
    page.post(
        "/rendez-vous/tenir/",
        {
            "service": service.pk,
            "helper": choice.helper_value,
            "slot": choice.times[0].value,
            "cabin": rich.pk,
        },
    )
    held = Appointment.objects.get(status=Status.HELD)
    assert (held.cabin, held.starts_at) == (rich, at(14))
    Appointment.objects.all().delete()
    data = {"service": service.pk, "helper": "0", "slot": choice.times[0].value}
    page.post("/rendez-vous/tenir/", data)
    assert Appointment.objects.get(status=Status.HELD).cabin == cabin


def test_a_gap_that_was_taken_says_so(page: Client, cabin: Cabin, service: Service) -> None:
    query = gap_of(cabin, at(10))
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    assert "vient d’être pris" in text(page.get(PLACE, query))
    late = page.post(f"{PLACE}commencer/", {**query, "choice": f"{service.pk}-0"})
    assert late.status_code == 409
    assert 'role="alert"' in text(late)
    assert Appointment.objects.count() == 1


def test_the_resident_of_a_walk_in_is_found_by_phone(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    resident = make_resident(commune, "+33639981234")
    query = gap_of(cabin, at(10))
    sure = page.post(f"{PLACE}qui/", {**query, "q": "06 39 98 12 34"})
    assert f"resident={resident.pk}" in sure["Location"]
    assert "<strong>Fatima Bensaïd</strong>" in text(page.get(sure["Location"]))
    listed = page.post(f"{PLACE}qui/", {**query, "q": "bensaid"})
    assert f"resident={resident.pk}" in text(listed)
    assert "Aucune personne trouvée" in text(page.post(f"{PLACE}qui/", {**query, "q": "zzzzzz"}))


def test_a_start_by_mistake_is_undone_from_the_appointment(
    page: Client, cabin: Cabin, service: Service
) -> None:
    page.post(f"{PLACE}commencer/", {**gap_of(cabin, at(10)), "choice": f"{service.pk}-0"})
    begun = Appointment.objects.get()
    assert "Effacer le début" in text(page.get(f"/rendez-vous/{begun.pk}/"))
    for what, status in (
        ("commencer/annuler", Status.ARRIVED),
        ("annuler", Status.CANCELLED),
    ):
        page.post(f"/rendez-vous/{begun.pk}/{what}/", {"reason": "mistake", "asked_by": "mairie"})
        begun.refresh_from_db()
        assert begun.status == status


def test_the_desk_ends_a_session_that_nobody_ended(page: Client, cabin: Cabin, service: Service) -> None:
    forgotten = make_appointment(cabin, service, at(8), status=Status.IN_SESSION, ends_at=at(9))
    assert f"/rendez-vous/{forgotten.pk}/terminer/" in text(page.get(DAY))
    page.post(f"/rendez-vous/{forgotten.pk}/terminer/", {"back": "today"})
    forgotten.refresh_from_db()
    assert forgotten.status == Status.DONE
    page.post(f"/rendez-vous/{forgotten.pk}/terminer/annuler/")
    forgotten.refresh_from_db()
    assert forgotten.status == Status.IN_SESSION


# ---- someone who is not known yet --------------------------------------------------------------------------

NEW = f"{PLACE}nouveau/"


def written(first: str, last: str, number: str = "") -> dict[str, str]:
    phones = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-number": number, "0-may_call": "on"}
    names = {"first_name": first, "last_name": last, "reach_by": "sms"}
    return {**names, **{f"phones-{name}": value for name, value in phones.items()}}


def test_someone_new_is_written_down_where_they_sit_down(
    page: Client, cabin: Cabin, service: Service
) -> None:
    gap = gap_of(cabin, at(10))
    searched = page.post(f"{PLACE}qui/", {**gap, "q": "awa sarr"})
    assert searched.context["new"].initial["first_name"] == "Awa"
    response = page.post(NEW, {**gap, **written("Awa", "Sarr", "06 39 98 44 55")})
    someone = Resident.objects.get()
    assert (str(someone), someone.phones.get().number) == ("Awa Sarr", "+33639984455")
    assert response["Location"] == f"{PLACE}?{urlencode({**gap, 'resident': someone.pk})}"
    choice = page.get(response["Location"]).context["opened"].choices[0].key
    page.post(f"{PLACE}commencer/", {**gap, "choice": choice, "resident": someone.pk})
    assert Appointment.objects.get().resident == someone


def test_no_phone_is_needed_but_a_name_is_and_a_wrong_number_is_refused(
    page: Client, cabin: Cabin, service: Service
) -> None:
    gap = gap_of(cabin, at(10))
    for refused in (written("", "Sarr"), written("Awa", "Sarr", "12")):
        response = page.post(NEW, {**gap, **refused})
        assert response.status_code == 422
        assert "aria-invalid" in response.content.decode()
    assert not Resident.objects.exists()
    page.post(NEW, {**gap, **written("Awa", "Sarr")})
    assert Resident.objects.get().phones.count() == 0


@pytest.mark.parametrize(
    "typed", [written("AWA", "sarr"), written("Fatou", "Ndiaye", "+33 6 39 98 44 55")], ids=["name", "number"]
)
def test_who_may_be_known_already_is_shown_before_another_is_written_down(
    page: Client, commune: Commune, cabin: Cabin, service: Service, typed: dict[str, str]
) -> None:
    known = make_resident(commune, "+33639984455", first_name="Awa", last_name="Sarr")
    make_resident(make_commune(name="Rouen"), "+33639984455", first_name="Awa", last_name="Sarr")
    gap = gap_of(cabin, at(10))
    response = page.post(NEW, {**gap, **typed})
    assert response.status_code == 409
    assert [match.resident for match in response.context["alike"]] == [known]
    assert Resident.objects.filter(commune=commune).count() == 1
    page.post(NEW, {**gap, **typed, "sure": "1"})
    assert Resident.objects.filter(commune=commune).count() == 2


# ---- who it is for, and nobody else -----------------------------------------------------------------


@pytest.fixture
def open_choice(page: Client, cabin: Cabin, service: Service) -> tuple[dict[str, Any], Any]:
    gap = gap_of(cabin, at(10))
    return gap, page.get(PLACE, gap).context["opened"].choices[0]


@pytest.mark.parametrize("typed", [{"q": "Zoé"}, written("Zoé", ""), written("", "", "06 39 98 44 55")])
def test_somebody_typed_in_but_not_chosen_keeps_a_visit_from_beginning_for_nobody(
    page: Client, open_choice: Any, typed: dict[str, str]
) -> None:
    gap, choice = open_choice
    for where, press in (
        ("commencer/", {"choice": choice.key}),
        ("tenir/", {"time": f"{choice.key}/{choice.times[0].value}"}),
    ):
        response = page.post(f"{PLACE}{where}", {**gap, **typed, **press})
        assert response.status_code == 422
        assert "en cours de saisie" in text(response)
        for value in typed.values():
            assert value in text(response) or not value
    assert not Appointment.objects.exists()


def test_the_buttons_name_who_it_is_for(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    zoe = make_resident(commune, first_name="Zoé", last_name="Inconnue")
    gap = gap_of(cabin, at(10))
    named = text(page.get(PLACE, {**gap, "resident": zoe.pk}))
    assert "Commencer maintenant avec Zoé Inconnue" in named
    assert "<small>pour Zoé Inconnue</small>" in named
    assert "<small>sans nom</small>" in text(page.get(PLACE, gap))


def test_a_later_time_is_kept_for_who_is_chosen_and_in_the_cabin_that_was_clicked(
    page: Client, commune: Commune, cabin: Cabin, service: Service, site: Site
) -> None:
    zoe = make_resident(commune, first_name="Zoé", last_name="Inconnue")
    rich = make_cabin(site, name="Cabine équipée", equipment=list(Equipment))
    gap = {**gap_of(rich, at(14)), "resident": zoe.pk}
    choice = next(each for each in page.get(PLACE, gap).context["opened"].choices if not each.with_helper)
    response = page.post(f"{PLACE}tenir/", {**gap, "time": f"{choice.key}/{choice.times[0].value}"})
    held = Appointment.objects.get()
    assert (held.cabin, held.status, held.resident) == (rich, Status.HELD, zoe)
    assert f"resident={zoe.pk}" in response["Location"]
    assert f"hold={held.pk}" in response["Location"]
    for junk in ("", "9/x", f"{choice.key}/99@2026-11-24T14:00Z"):
        assert page.post(f"{PLACE}tenir/", {**gap, "time": junk}).status_code == 409


def test_a_new_search_keeps_what_was_written_of_somebody_new(
    page: Client, cabin: Cabin, service: Service
) -> None:
    gap = gap_of(cabin, at(10))
    first = page.post(f"{PLACE}qui/", {**gap, "q": "zoé inconnue"})
    began = {"prefilled": first.context["prefilled"], **written("Zoé", "Inconnue")}
    replaced = page.post(f"{PLACE}qui/", {**gap, **began, "q": "paul petit"})
    assert replaced.context["new"].initial["first_name"] == "Paul"
    kept = page.post(f"{PLACE}qui/", {**gap, **began, "q": "paul petit", "phones-0-number": "06 39 98 44 55"})
    assert 'value="06 39 98 44 55"' in text(kept)
    assert 'value="Zoé"' in text(kept)
    recorded = page.post(f"{PLACE}qui/", {**gap, "q": "", **written("Zoé", "Inconnue")})
    assert f"resident={Resident.objects.get().pk}" in recorded["Location"]
