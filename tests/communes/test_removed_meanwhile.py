"""What a colleague retires or deletes between a page and the press of its button."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import BookingRequest, book, start_walk_in
from booking.errors import NotOffered
from booking.log import Actor
from booking.models import Appointment
from communes import service_actions, setup_actions
from communes.catalogue import catalogue
from communes.models import Cabin, Commune, Service, Site
from communes.views import setup
from planning.orphans import orphans
from tests.factories import TUESDAY, at, make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

type Removes = Callable[[Service], None]


def deletes(service: Service) -> None:
    service_actions.delete_service(service=service)


def retires(service: Service) -> None:
    service_actions.retire_service(service=service, now=TUESDAY)


def asked(service: Service, place: Site, cabin: Cabin | None = None) -> BookingRequest:
    return BookingRequest(service=service, site=place, start=at(15), with_helper=False, cabin=cabin)


@pytest.mark.parametrize("removes", [deletes, retires])
def test_a_service_removed_since_it_was_shown_is_not_booked(
    cabin: Cabin, service: Service, removes: Removes
) -> None:
    shown = Service.objects.get(pk=service.pk)
    removes(service)
    with pytest.raises(NotOffered):
        book(request=asked(shown, cabin.site), by=Actor.system(), now=TUESDAY)
    with pytest.raises(NotOffered):
        start_walk_in(request=asked(shown, cabin.site, cabin), by=Actor.system(), now=TUESDAY)
    assert not Appointment.objects.exists()


def test_no_visit_begins_in_a_cabin_deleted_since(cabin: Cabin, service: Service, dana: Agent) -> None:
    shown = Cabin.objects.select_related("site__commune").get(pk=cabin.pk)
    setup_actions.delete_cabin(cabin=cabin, by=dana, now=TUESDAY)
    with pytest.raises(NotOffered):
        start_walk_in(request=asked(service, shown.site, shown), by=Actor.system(), now=TUESDAY)


def test_a_place_that_is_closed_for_good_is_not_retired_again_from_an_old_page(
    client: Client, cabin: Cabin, service: Service, dana: Agent, commune: Commune
) -> None:
    """Else its visits would no longer be found: nobody would replace them."""
    client.force_login(dana)
    visit = make_appointment(cabin, service, at(15, day=26))
    setup_actions.retire_place(site=cabin.site, at=at(9, day=25), by=dana, now=TUESDAY)
    setup_actions.close_retired_places(now=at(9, 1, day=25))
    answer = client.post(
        reverse("site-retire", args=[cabin.site_id]), {"do": "retire", "from_on": "2026-12-30"}
    )
    assert answer.status_code in (409, 422)
    assert [each.appointment for each in orphans(commune, TUESDAY)] == [visit]


def test_a_place_put_aside_before_there_were_dates_can_be_used_again(
    client: Client, site: Site, dana: Agent
) -> None:
    client.force_login(dana)
    Site.objects.update(is_active=False)
    page = client.get(reverse("site-retire", args=[site.pk])).content.decode()
    assert 'value="resume"' in page
    assert "None" not in page


def test_a_cabin_deleted_while_its_page_is_answered_is_not_found(
    client: Client, cabin: Cabin, dana: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(dana)
    found = setup._cabin

    def removed(*how: Any) -> Any:
        row = found(*how)
        Cabin.objects.filter(pk=cabin.pk).delete()
        return row

    monkeypatch.setattr(setup, "_cabin", removed)
    assert client.post(reverse("cabin-move", args=[cabin.pk]), {"up": "1"}).status_code == 404


def test_a_service_that_a_colleague_has_added_does_not_refuse_the_others(
    client: Client, commune: Commune, dana: Agent
) -> None:
    client.force_login(dana)
    first, second = list(catalogue().services)[:2]
    service_actions.add_from_catalogue(commune=commune, keys=[first])
    assert client.post(reverse("service-catalogue"), {"keys": [first, second]}).status_code == 302
    assert [each.catalogue_key for each in commune.services.all()] == [first, second]


def test_a_postal_code_has_digits_that_everybody_reads(client: Client, commune: Commune, dana: Agent) -> None:
    client.force_login(dana)
    sent = {"name": "Mairie", "wheelchair": "unknown", "postal_code": "٣٣٣٣٣"}
    assert client.post(reverse("site-new"), sent).status_code == 422
    assert not commune.sites.exists()
