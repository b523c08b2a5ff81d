"""What a commune sets of its screens: their languages, and whether a visit begins there without an
appointment."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from tests.clocks import SetClock
from tests.factories import at
from tests.kiosk.conftest import make_screen

pytestmark = pytest.mark.django_db


def refused(kiosk: Client, service: Service) -> bool:
    kiosk.post(reverse("screen-walk-in-service", args=[service.pk]), {"press": "1"})
    return not Appointment.objects.exists()


def board(kiosk: Client) -> str:
    return kiosk.get(reverse("screen-board")).content.decode()


@pytest.mark.parametrize("model", [Commune, Site, Cabin])
def test_nothing_begins_at_a_screen_without_an_appointment(
    kiosk: Client, service: Service, model: type[Commune | Site | Cabin]
) -> None:
    assert "data-usable" in board(kiosk)

    model._default_manager.update(walk_ins=False)

    assert "data-usable" not in board(kiosk)
    assert "Uniquement sur rendez-vous" in board(kiosk)
    assert refused(kiosk, service)


def test_before_the_commune_is_open_a_screen_takes_nobody_without_an_appointment(
    kiosk: Client, service: Service
) -> None:
    Commune.objects.update(opened_at=None)
    assert "data-usable" not in board(kiosk)
    assert service.name not in kiosk.get(reverse("screen-walk-in")).content.decode()
    assert refused(kiosk, service)
    later = reverse("screen-walk-in-book", args=[service.pk])
    kiosk.post(later, {"press": "2", "with": "nobody", "start": at(11).isoformat()})
    assert not Appointment.objects.exists()
    Commune.objects.update(opened_at=at(9))
    kiosk.post(later, {"press": "3", "with": "nobody", "start": at(11).isoformat()})
    assert Appointment.objects.exists()


def test_another_cabin_of_the_place_is_still_open(
    set_clock: SetClock, site: Site, upstairs: Cabin, cabin: Cabin, service: Service
) -> None:
    _, hall = make_screen(site)
    Cabin.objects.filter(pk=cabin.pk).update(walk_ins=False)
    assert board(hall).count("data-usable") == 1


def test_a_screen_speaks_the_languages_of_the_commune(
    kiosk: Client, commune: Commune, service: Service
) -> None:
    Commune.objects.update(screen_languages=["ar"])
    offered = kiosk.get(reverse("screen-languages")).content.decode()
    assert ("العربية" in offered, "English" in offered) == (True, False)
    assert 'lang="fr"' in kiosk.get(reverse("screen"), {"lang": "en"}).content.decode()
    assert 'dir="rtl"' in kiosk.get(reverse("screen"), {"lang": "ar"}).content.decode()


def test_with_french_alone_no_other_language_is_offered(kiosk: Client, service: Service) -> None:
    Commune.objects.update(screen_languages=[])
    assert 'id="languages"' not in board(kiosk)
