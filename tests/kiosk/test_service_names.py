"""Services are called in the language of the screen where the commune gives them a name in it."""

import pytest
from django.test import Client
from django.urls import reverse

from communes.models import Service
from kiosk.templatetags.kiosk import pictogram

pytestmark = pytest.mark.django_db


def sheets(kiosk: Client, service: Service, lang: str) -> list[str]:
    urls = (reverse("screen-walk-in"), reverse("screen-walk-in-service", args=[service.pk]))
    return [kiosk.get(url, {"lang": lang}).content.decode() for url in urls]


def test_a_service_has_its_name_in_the_language_of_the_screen(kiosk: Client, service: Service) -> None:
    Service.objects.update(name="CAF", names={"ar": "صندوق الإعانات", "en": "Family benefits"})
    for page in sheets(kiosk, service, "ar"):
        assert "صندوق الإعانات" in page
        assert "CAF" not in page
    for page in sheets(kiosk, service, "en"):
        assert "Family benefits" in page
    for page in sheets(kiosk, service, "fr"):
        assert "CAF" in page
        assert '<span lang="fr">' not in page


def test_without_one_it_has_its_french_name_marked_as_french(kiosk: Client, service: Service) -> None:
    Service.objects.update(name="Impôts & taxes", names={"en": " "})
    for page in sheets(kiosk, service, "en"):
        assert '<span lang="fr">Impôts &amp; taxes</span>' in page


def test_the_two_offices_asked_for_most_have_different_drawings() -> None:
    caf, cpam = (Service(name=name, theme="social_sante") for name in ("CAF", "CPAM – Assurance maladie"))
    assert pictogram(caf) != pictogram(cpam)
