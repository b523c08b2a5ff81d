"""The waiting list as the desk sees it: put someone on it, follow the offers, take them off."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import Status, WaitingState
from booking.models import Appointment, Resident, WaitingEntry
from communes.models import Cabin, Commune, Service, Site
from tests.factories import TUESDAY, at, make_resident, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


def join(resident: Resident, service: Service) -> WaitingEntry:
    wish = actions.WaitingRequest(
        resident=resident, service=service, with_helper=True, until_on=date(2026, 12, 24)
    )
    return actions.join_waiting_list(request=wish, now=TUESDAY)


@pytest.fixture
def offered(fatima: Resident, service: Service, site: Site, cabin: Cabin, bob: Agent) -> WaitingEntry:
    entry = join(fatima, service)
    make_shift(bob, site, at(14), at(16))
    assert actions.offer_freed_times(now=TUESDAY) == 1
    entry.refresh_from_db()
    return entry


def test_the_resident_on_the_phone_is_put_on_the_list(
    desk: Client, fatima: Resident, service: Service, site: Site
) -> None:
    query: dict[str, str | int] = {"resident": fatima.pk, "service": service.pk, "helper": "0"}
    page = desk.get(reverse("waiting-join"), query)
    assert "Fatima Bensaïd" in page.content.decode()
    data = {
        "resident": fatima.pk,
        "service": service.pk,
        "helper": "1",
        "party": "1",
        "half_days": ["0", "3"],
        "sites": [site.pk],
        "until_on": "2026-12-24",
    }
    assert desk.post(reverse("waiting-join"), data).headers["Location"] == reverse("waiting-list")
    entry = WaitingEntry.objects.get()
    assert (entry.resident, entry.half_days, list(entry.sites.all())) == (fatima, [0, 3], [site])
    page = desk.get(reverse("waiting-list"))
    assert "lundi matin, mardi après-midi" in page.content.decode()


def test_a_past_day_is_refused_beside_its_field(desk: Client, fatima: Resident, service: Service) -> None:
    data = {
        "resident": fatima.pk,
        "service": service.pk,
        "helper": "1",
        "party": "1",
        "until_on": "2026-11-01",
    }
    response = desk.post(reverse("waiting-join"), data)
    assert response.status_code == 422
    assert "Ce jour est passé." in response.content.decode()
    assert not WaitingEntry.objects.exists()


def test_an_offer_is_shown_with_its_end_and_taken_by_phone(desk: Client, offered: WaitingEntry) -> None:
    page = desk.get(reverse("waiting-list")).content.decode()
    assert "gardé jusqu’à 10:30" in page
    desk.post(reverse("waiting-accept", args=[offered.pk]))
    offered.refresh_from_db()
    assert offered.state == WaitingState.BOOKED
    assert Appointment.objects.get().status == Status.BOOKED


def test_a_declined_offer_goes_to_the_next_in_order(
    desk: Client, commune: Commune, service: Service, offered: WaitingEntry
) -> None:
    second = join(make_resident(commune, first_name="Karim"), service)
    desk.post(reverse("waiting-decline", args=[offered.pk]))
    actions.offer_freed_times(now=at(10, 1))
    second.refresh_from_db()
    assert Appointment.objects.filter(status=Status.HELD, resident=second.resident).exists()
    assert second.state == WaitingState.OFFERED


def test_someone_is_taken_off_the_list(desk: Client, fatima: Resident, service: Service) -> None:
    entry = join(fatima, service)
    desk.post(reverse("waiting-leave", args=[entry.pk]))
    assert "Personne n’attend." in desk.get(reverse("waiting-list")).content.decode()


def test_the_list_needs_as_many_queries_for_one_as_for_many(
    desk: Client, commune: Commune, service: Service, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        join(make_resident(commune, f"+3363998{number:04d}"), service)
    with django_assert_num_queries(6):  # session, agent; entries, sites, phones, offers
        desk.get(reverse("waiting-list"))


def test_another_commune_sees_nothing_of_it(client: Client, charlie: Agent, offered: WaitingEntry) -> None:
    client.force_login(charlie)
    assert "Fatima" not in client.get(reverse("waiting-list")).content.decode()
    for name in ("waiting-accept", "waiting-decline", "waiting-leave"):
        assert client.post(reverse(name, args=[offered.pk])).status_code == 404
    query: dict[str, str | int] = {"resident": offered.resident_id}
    assert client.get(reverse("waiting-join"), query).status_code == 404
