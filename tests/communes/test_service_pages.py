"""The pages on which a manager chooses services of the catalogue, and orders, retires and deletes them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.actions import change_service
from communes.catalogue import catalogue
from communes.enums import HelperPolicy, Pictogram
from communes.errors import MedicalStays
from communes.models import Commune, Service
from communes.service_actions import add_from_catalogue, retire_service
from core.roles import Role
from kiosk.pictograms import DRAWN
from tests.edits import edit_form
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_service,
    make_site,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]
LIST = "/prestations/liste/"


@pytest.fixture
def commune() -> Commune:
    return make_commune()


@pytest.fixture
def dana(client: Client, commune: Commune) -> Agent:
    agent = make_agent(commune, Role.MANAGER, first_name="Dana")
    client.force_login(agent)
    return agent


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.usefixtures("dana")
def test_services_are_ticked_and_said_to_be_there(client: Client, commune: Commune) -> None:
    answer = client.post(LIST, {"q": "", "theme": "", "keys": ["caf", "impots"]})
    ids = ",".join(str(each.pk) for each in commune.services.all())
    assert answer["Location"] == f"/prestations/?added={ids}"
    assert "ou-et-quand" in text(client.get(answer["Location"]))
    page = text(client.get(LIST))
    assert page.count("déjà proposée") == 2
    assert 'value="caf"' not in page


@pytest.mark.usefixtures("dana")
def test_the_list_is_searched_and_what_is_ticked_stays(client: Client, commune: Commune) -> None:
    sent = {"q": "Handicap MDPH", "theme": "", "keys": ["caf"], "look": "1"}
    page = client.post(LIST, sent)
    assert page.status_code == 200
    found = [key for key in catalogue().services if f'name="keys" value="{key}"' in text(page)]
    assert found == ["caf", "mdph"]
    assert not commune.services.exists()
    part = client.post(LIST, {**sent, "theme": "justice", "q": ""}, headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    shown = [key for key in catalogue().services if f'name="keys" value="{key}"' in text(part)]
    assert shown == ["caf", "justice"]


@pytest.mark.usefixtures("dana")
def test_what_no_cabin_can_take_is_said_before_it_is_ticked(client: Client, commune: Commune) -> None:
    make_cabin(make_site(commune))
    assert "aucune cabine n’a : kit médical" in text(client.get(LIST))


@pytest.mark.usefixtures("dana")
def test_a_service_is_put_aside_retired_brought_back_and_deleted(client: Client, commune: Commune) -> None:
    service = make_service(commune)
    for state, active, retired in (
        ("aside", False, False),
        ("offered", True, False),
        ("retired", False, True),
        ("offered", False, True),
        ("aside", False, False),
    ):
        client.post(f"/prestations/{service.pk}/etat/", {"state": state})
        service.refresh_from_db()
        assert (service.is_active, service.retired_at is not None) == (active, retired), state
    client.post(f"/prestations/{service.pk}/supprimer/")
    assert not Service.objects.exists()


@pytest.mark.usefixtures("dana")
def test_retired_services_are_apart_and_not_edited(client: Client, commune: Commune) -> None:
    service = make_service(commune, is_active=False, retired_at=TUESDAY)
    assert "1 démarche retirée" in text(client.get("/prestations/"))
    assert client.get(f"/prestations/{service.pk}/").status_code == 404


@pytest.mark.usefixtures("dana")
def test_the_news_of_the_catalogue_are_shown_and_answered(client: Client, commune: Commune) -> None:
    (caf,) = add_from_catalogue(commune=commune, keys=["caf"])
    before = {**caf.catalogue_values, "duration_min": 20}
    Service.objects.filter(pk=caf.pk).update(catalogue_values=before, duration_min=60)
    assert "la liste a du nouveau" in text(client.get("/prestations/"))
    address = f"/prestations/{caf.pk}/nouveautes/"
    seen = client.get(address).context["form"].initial["seen"]
    Service.objects.filter(pk=caf.pk).update(duration_min=50)
    assert client.post(address, {"seen": seen, "duration_min": "on"})["Location"] == address
    seen = client.get(address).context["form"].initial["seen"]
    assert client.post(address, {"seen": seen, "duration_min": "on"})["Location"] == "/prestations/"
    caf.refresh_from_db()
    assert caf.duration_min == 45
    assert "la liste a du nouveau" not in text(client.get("/prestations/"))


@pytest.mark.usefixtures("dana")
@pytest.mark.parametrize("number", [1, 12])
def test_as_many_queries_whatever_the_number_of_services(
    client: Client, commune: Commune, number: int, django_assert_num_queries: Any
) -> None:
    add_from_catalogue(commune=commune, keys=list(catalogue().services)[:number])
    client.get(LIST)
    with django_assert_num_queries(4):  # session, agent; services, cabins
        client.get(LIST)
    with django_assert_num_queries(3):
        client.get("/prestations/")


def test_what_was_done_to_services_is_shown_with_old_and_new_and_by_whom(
    client: Client, dana: Agent, commune: Commune
) -> None:
    client.post(LIST, {"q": "", "theme": "", "keys": ["caf"]})
    service = commune.services.get()
    address = f"/prestations/{service.pk}/"
    form = edit_form(client.get(address))
    changed = {"duration_min": "60", "pictogram": "house", "equipment_needed": ["screen"]}
    assert client.post(address, {**form.sent, **changed}).status_code == 302
    for state in ("aside", "offered", "retired", "aside"):
        client.post(f"{address}etat/", {"state": state})
    page = text(client.get("/prestations/historique/", {"demarche": service.pk}))
    for said in (
        "45 → 60",
        "une famille → une maison",
        "scanner, écran → écran",
        "oui → non",
        "non → oui",
        "retrait",
        "reprise",
    ):
        assert said in page, said
    assert page.count("Dana") >= 6
    client.post(f"{address}supprimer/")
    page = text(client.get("/prestations/historique/"))
    assert "suppression" in page and "CAF" in page
    assert [row.kind for row in commune.setup_changes.order_by("id")] == [
        *("created", "changed", "changed", "changed", "retired", "resumed", "deleted")
    ]


@pytest.mark.usefixtures("dana")
def test_a_service_of_another_commune_has_no_entry_here(client: Client) -> None:
    other = make_service(make_commune(), name="Ailleurs")
    retire_service(service=other, now=TUESDAY)
    assert "Ailleurs" not in text(client.get("/prestations/historique/", {"demarche": other.pk}))


@pytest.mark.usefixtures("dana")
def test_a_drawing_is_chosen_among_those_that_screens_keep(client: Client, commune: Commune) -> None:
    assert set(Pictogram.values) <= set(DRAWN)
    assert {entry.pictogram for entry in catalogue().services.values()} <= set(Pictogram.values)
    service = make_service(commune, pictogram="old-one")
    page = client.get(f"/prestations/{service.pk}/")
    assert 'value="old-one"' in text(page), "a drawing that is offered no more stays"
    assert "vendor/lucide/house" in text(page)


def own(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Aide",
        "theme": "social_sante",
        "duration_min": "30",
        "turnaround_min": "0",
        "start_step_min": "15",
        "helper_policy": "optional",
        "booker": "everyone",
        **fields,
    }


@pytest.mark.usefixtures("dana")
def test_a_service_sent_twice_is_made_once_and_the_second_is_told(client: Client, commune: Commune) -> None:
    assert client.post("/prestations/nouvelle/", own()).status_code == 302
    answer = client.post("/prestations/nouvelle/", own(name="AIDE"))
    assert answer.status_code == 422
    assert "Ce nom est déjà pris ici" in str(answer.context["form"].errors["name"])
    assert [each.name for each in commune.services.all()] == ["Aide"]


@pytest.mark.usefixtures("dana")
def test_a_service_does_not_get_the_name_of_another(client: Client, commune: Commune) -> None:
    first, second = make_service(commune, name="Aide"), make_service(commune, name="Écrire")
    page = f"/prestations/{second.pk}/"
    answer = client.post(page, {**edit_form(client.get(page)).sent, "name": "aide"})
    assert answer.status_code == 422
    assert "Ce nom est déjà pris ici" in str(answer.context["form"].errors["name"])
    retire_service(service=first, now=TUESDAY)
    assert client.post(page, {**edit_form(client.get(page)).sent, "name": "aide"}).status_code == 302


def test_where_a_service_is_possible_says_from_when_a_cabin_is_there(
    client: Client, dana: Agent, commune: Commune
) -> None:
    service, site = make_service(commune), make_site(commune)
    make_cabin(site, name="Bleue", in_service_at=at(0, day=30))
    make_cabin(site, name="Verte", in_service_at=at(0, day=20))
    shown = text(client.get(reverse("service-where", args=[service.pk])))
    assert "Bleue (en service le lundi 30 novembre 2026), Verte" in shown


def test_without_any_helper_one_is_added_rather_than_chosen(
    client: Client, dana: Agent, commune: Commune
) -> None:
    make_site(commune)
    service = make_service(commune, helper_policy=HelperPolicy.REQUIRED)
    address = reverse("service-where", args=[service.pk])
    assert (
        f'href="{reverse("account-new", query={"role": "helper"})}"' in client.get(address).content.decode()
    )
    make_agent(commune, Role.HELPER)
    shown = client.get(address).content.decode()
    assert f'href="{reverse("account-new", query={"role": "helper"})}"' not in shown
    assert f'href="{reverse("service-helpers", args=[service.pk])}"' in shown


@pytest.mark.usefixtures("dana")
def test_a_service_is_not_brought_back_beside_one_of_its_name(client: Client, commune: Commune) -> None:
    old = make_service(commune, name="Aide")
    retire_service(service=old, now=TUESDAY)
    assert client.post("/prestations/nouvelle/", own()).status_code == 302
    answer = client.post(reverse("service-state", args=[old.pk]), {"state": "aside"}, follow=True)
    assert "Ce nom est déjà pris ici" in text(answer)
    old.refresh_from_db()
    assert old.retired_at is not None


@pytest.mark.usefixtures("dana")
def test_a_medical_service_with_appointments_stays_medical(client: Client, commune: Commune) -> None:
    service = make_service(commune, is_medical=True)
    cabin = make_cabin(make_site(commune))
    page = f"/prestations/{service.pk}/"
    sent = {name: value for name, value in edit_form(client.get(page)).sent.items() if name != "is_medical"}
    visit = make_appointment(cabin, service, at(14))
    refused = client.post(page, sent)
    service.refresh_from_db()
    assert service.is_medical
    assert refused.status_code == 422 and "elle reste médicale" in text(refused)
    visit.delete()
    client.post(page, sent)
    service.refresh_from_db()
    assert not service.is_medical


def test_no_other_way_makes_a_medical_service_with_appointments_an_ordinary_one(commune: Commune) -> None:
    service = make_service(commune, is_medical=True)
    make_appointment(make_cabin(make_site(commune)), service, at(14))
    with pytest.raises(MedicalStays):
        change_service(service=service, changes={"is_medical": False})
    change_service(service=service, changes={"is_medical": True, "duration_min": 20})
    service.refresh_from_db()
    assert service.is_medical and service.duration_min == 20
