"""« Où et quand ? »: where a service is possible and when first, as the engine says, or why nowhere."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from booking.free.slots import find_first
from booking.pages.service_where import read_where
from communes.enums import Equipment, HelperPolicy
from communes.models import Commune, Service, Site
from core.roles import Role
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_cabin,
    make_commune,
    make_service,
    make_shift,
    make_site,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def commune() -> Commune:
    return make_commune()


@pytest.fixture
def site(commune: Commune) -> Site:
    return make_site(commune)


def said(service: Service) -> list[tuple[bool, datetime | None, str]]:
    (place,) = read_where(service, service.commune, TUESDAY).places
    return [(time.with_helper, time.start, "" if time.start else time.why) for time in place.times]


def test_a_place_without_a_cabin_says_so(site: Site) -> None:
    service = make_service(site.commune, helper_policy=HelperPolicy.NONE)
    assert said(service) == [(False, None, "pas encore de cabine")]


def test_what_no_cabin_has_is_named(site: Site) -> None:
    make_cabin(site, equipment=["screen"])
    needed = [Equipment.SCREEN, Equipment.MEDICAL_KIT]
    service = make_service(site.commune, helper_policy=HelperPolicy.NONE, equipment_needed=needed)
    assert said(service) == [(False, None, "aucune cabine n’a\N{NO-BREAK SPACE}: kit médical")]


def test_a_place_without_hours_says_so(commune: Commune) -> None:
    make_cabin(make_site(commune, opening_hours=""))
    service = make_service(commune, helper_policy=HelperPolicy.NONE)
    assert said(service) == [(False, None, "sans horaires")]


def test_a_service_with_a_helper_waits_for_somebody_with_the_skill_and_then_for_a_shift(site: Site) -> None:
    make_cabin(site)
    service = make_service(site.commune, helper_policy=HelperPolicy.REQUIRED)
    assert said(service) == [(True, None, "aucun aidant n’a cette compétence")]
    bob = make_agent(site.commune, Role.HELPER, skills=[service])
    assert said(service) == [(True, None, "aucun aidant présent")]
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    assert said(service) == [(True, at(9, day=25), "")]


def test_the_first_time_is_the_one_that_the_desk_would_find(site: Site) -> None:
    make_cabin(site)
    service = make_service(site.commune, helper_policy=HelperPolicy.OPTIONAL)
    offer = find_first(commune=site.commune, service=service, with_helper=False, now=TUESDAY)
    assert offer is not None
    assert said(service)[0] == (False, offer.start, "")
    assert said(service)[1] == (True, None, "aucun aidant n’a cette compétence")


@pytest.mark.parametrize("number", [1, 6])
def test_as_many_queries_whatever_the_number_of_places(
    client: Client, commune: Commune, number: int, django_assert_max_num_queries: Any
) -> None:
    service = make_service(commune)
    for _ in range(number):
        make_cabin(make_site(commune))
    client.force_login(make_agent(commune, Role.MANAGER))
    address = f"/prestations/{service.pk}/ou-et-quand/"
    client.get(address)
    with django_assert_max_num_queries(11):
        page = client.get(address)
    assert page.status_code == 200


def test_inside_another_page_it_is_a_part_without_the_frame(client: Client, site: Site) -> None:
    service = make_service(site.commune)
    client.force_login(make_agent(site.commune, Role.MANAGER))
    part = client.get(f"/prestations/{service.pk}/ou-et-quand/", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert "pas encore de cabine" in part.content.decode()


def test_another_communes_service_is_not_found(client: Client, site: Site) -> None:
    service = make_service(make_commune())
    client.force_login(make_agent(site.commune, Role.MANAGER))
    assert client.get(f"/prestations/{service.pk}/ou-et-quand/").status_code == 404
