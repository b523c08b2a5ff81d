"""Those who wait for what is retired: the manager sees how many before, the desk calls them afterwards."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.models import Resident, WaitingEntry
from communes.models import Cabin, Commune, Service, Site
from communes.service_actions import retire_service
from communes.setup_actions import retire_cabin, retire_place
from tests.factories import TUESDAY, at, make_cabin, make_resident, make_service, make_site

pytestmark = pytest.mark.usefixtures("tuesday")


def text(response: Any) -> str:
    return " ".join(response.content.decode().split()).replace("\xa0", " ")


def join(resident: Resident, service: Service, *sites: Site) -> WaitingEntry:
    wish = actions.WaitingRequest(
        resident=resident, service=service, with_helper=False, until_on=date(2026, 12, 24), sites=sites
    )
    return actions.join_waiting_list(request=wish, now=TUESDAY)


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


@pytest.fixture
def ali(commune: Commune) -> Resident:
    return make_resident(commune, first_name="Ali")


def shown(client: Client, agent: Agent) -> list[tuple[int, str]]:
    client.force_login(agent)
    page = client.get(reverse("waiting-list"))
    return [(row["entry"].pk, row["lost"]) for row in page.context["rows"]]


def test_whoever_waits_for_a_retired_service_stands_first_to_be_called(
    client: Client, alice: Agent, fatima: Resident, ali: Resident, service: Service, cabin: Cabin
) -> None:
    other = make_service(service.commune, name="Autre")
    kept, lost = join(fatima, other), join(ali, service)
    assert shown(client, alice) == [(kept.pk, ""), (lost.pk, "")]
    retire_service(service=service, now=TUESDAY)
    (first, why), second = shown(client, alice)
    assert (first, second) == (lost.pk, (kept.pk, ""))
    assert "retirée" in why
    assert "Appelez la personne" in text(client.get(reverse("waiting-list")))


def test_the_page_of_a_service_says_how_many_wait_before_it_is_retired(
    client: Client, dana: Agent, fatima: Resident, service: Service
) -> None:
    join(fatima, service)
    client.force_login(dana)
    address = reverse("service-waiting", args=[service.pk])
    assert address in text(client.get(reverse("service-edit", args=[service.pk])))
    piece = client.get(address, headers={"HX-Request": "true"})
    page = client.get(address)
    assert "1 personne attend cette démarche" in text(piece)
    assert "1 personne attend cette démarche" in text(page)
    assert b"<main" not in piece.content and b"<main" in page.content, "without JavaScript it is a page"


def test_a_retired_place_concerns_those_whom_no_other_place_suits(
    client: Client, alice: Agent, dana: Agent, fatima: Resident, ali: Resident, service: Service, cabin: Cabin
) -> None:
    site = cabin.site
    make_cabin(make_site(site.commune, name="Annexe"), equipment=cabin.equipment)
    kept, lost = join(ali, service), join(fatima, service, site)
    client.force_login(dana)
    seen = client.post(reverse("site-retire-impact", args=[site.pk]), {"from_on": "2026-12-01"})
    assert "proposé à 1 personne de la liste d’attente" in text(seen)
    assert not Site.objects.exclude(retired_at=None).exists(), "nothing is written"
    retire_place(site=site, at=at(0, day=25), by=dana, now=TUESDAY)
    assert shown(client, alice) == [(kept.pk, ""), (lost.pk, "")], "until that day they may be offered a time"
    Site.objects.filter(pk=site.pk).update(is_active=False)
    (first, why), _rest = shown(client, alice)
    assert first == lost.pk and "plus de cabine" in why


def test_a_retired_cabin_concerns_those_for_whose_service_none_is_left(
    client: Client, alice: Agent, dana: Agent, fatima: Resident, service: Service, cabin: Cabin
) -> None:
    entry = join(fatima, service)
    client.force_login(dana)
    address = reverse("cabin-retire-impact", args=[cabin.pk])
    spare = make_cabin(cabin.site, name="Bleue", equipment=cabin.equipment)
    assert "liste d’attente" not in text(client.post(address, {"from_on": "2026-12-01"}))
    spare.delete()
    assert "liste d’attente" in text(client.post(address, {"from_on": "2026-12-01"}))
    retire_cabin(cabin=cabin, at=at(11), by=dana, now=TUESDAY)
    Cabin.objects.filter(pk=cabin.pk).update(retired_at=TUESDAY)
    ((first, why),) = shown(client, alice)
    assert first == entry.pk and "plus de cabine" in why
