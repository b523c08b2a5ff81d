"""A number that no column can hold is a number that no row has: nothing breaks, on either database."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership, Shift
from booking.models import Appointment, Resident
from communes.models import Service, Site
from core.roles import Role
from tests.addresses import PAGES, PATTERNS, WITHOUT_STREAMS, World, make_world
from tests.factories import make_agent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

HUGE = [2**63, -(2**63) - 1, 10**20, -(10**30)]


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.parametrize("number", HUGE)
def test_a_number_that_fits_no_column_finds_no_row(number: int, world: World) -> None:
    site = world.rows["site"]
    assert not Site.objects.filter(pk=number).exists()
    assert not Site.objects.filter(pk__in=[number]).exists()
    assert not Site.objects.filter(pk__in=[str(number)]).exists()
    assert list(Site.objects.filter(pk__in=[number, site.pk])) == [site]
    assert list(Site.objects.exclude(pk__in=[number])) == [site]
    assert not Shift.objects.filter(site=number).exists()
    assert not Shift.objects.filter(site__in=[number]).exists()
    assert not Appointment.objects.filter(resident_id=number).exists()
    assert not Resident.objects.filter(appointments=number).exists()
    assert not Service.objects.filter(skilled=number).exists()
    assert not Membership.objects.filter(skills__in=[number]).exists()
    assert Membership.objects.exclude(skills__in=[number]).exists()


@pytest.mark.parametrize("number", [10**20, 10**400], ids=["twenty digits", "four hundred"])
def test_no_address_breaks_on_the_number_in_it(world: World, number: int, subtests: pytest.Subtests) -> None:
    client = Client()
    client.force_login(make_agent(world.commune, *Role))
    for name in WITHOUT_STREAMS:
        count = len(PATTERNS[name].pattern.converters)
        if not count or PAGES[name].args:
            continue
        address = reverse(name, args=[number] * count)
        with subtests.test(name):
            assert client.get(address).status_code in {404, 405}
            assert client.post(address, {"on": "2026-11-24"}).status_code in {404, 405}


@pytest.mark.parametrize("skills", ["9" * 20, "-" + "9" * 20])
def test_an_invitation_for_a_skill_that_no_row_has_is_refused_at_the_field(
    dana: Agent, client: Client, skills: str
) -> None:
    client.force_login(dana)
    response = client.post(reverse("invitation-new"), {"is_helper": "on", "skills": ["1", skills]})
    assert response.status_code == 422
    assert "skills" in response.context["form"].errors
