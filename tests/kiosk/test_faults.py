"""« Signaler une panne » on a screen: it rings an agent and withdraws nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.enums import Equipment, IncidentKind
from communes.models import Cabin, Incident, Site
from kiosk.faults import REPORTS_PER_HOUR
from kiosk.models import Screen
from tests.clocks import SetClock
from tests.factories import at, make_cabin, make_fault, make_service, make_shift
from tests.kiosk.conftest import make_screen
from tests.kiosk.test_help import heard

pytestmark = pytest.mark.django_db


def report(kiosk: Client, cabin: Cabin, kind: str = "printer", lang: str = "fr") -> str:
    sent = {"cabin": cabin.pk, "kind": kind}
    return kiosk.post(f"{reverse('screen-fault')}?lang={lang}", sent).content.decode()


def test_a_report_rings_the_desk_and_the_helper_who_is_there_and_withdraws_nothing(
    kiosk: Client, cabin: Cabin, alice: Agent, bob: Agent, dana: Agent, charlie: Agent
) -> None:
    make_service(cabin.site.commune, name="Retraite", equipment_needed=[Equipment.PRINTER])
    make_shift(bob, cabin.site, at(9), at(12))
    before = kiosk.get(reverse("screen-walk-in")).content
    assert "Merci, un agent est prévenu" in report(kiosk, cabin)
    fault = Incident.objects.get()
    assert (fault.on_screen, fault.opened_by, fault.confirmed_at) == (True, None, None)
    assert [heard(each) for each in (alice, bob, dana, charlie)] == [True, True, True, False]
    assert kiosk.get(reverse("screen-walk-in")).content == before


def test_once_confirmed_the_screen_begins_nothing_that_needs_it(kiosk: Client, cabin: Cabin) -> None:
    service = make_service(cabin.site.commune, name="Retraite", equipment_needed=[Equipment.PRINTER])
    sheet = reverse("screen-walk-in-service", args=[service.pk])
    assert "Commencer maintenant" in kiosk.get(sheet).content.decode()
    make_fault(cabin, IncidentKind.PRINTER, at(10), at(18))
    assert "Commencer maintenant" not in kiosk.get(sheet).content.decode()
    refused = kiosk.post(sheet, {"with": "nobody"}).content.decode()
    assert "Installez-vous" not in refused


def test_the_sheet_names_what_the_cabin_has(kiosk: Client, cabin: Cabin) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(equipment=[Equipment.SCREEN])
    sheet = kiosk.get(reverse("screen-fault")).content.decode()
    assert "L’écran" in sheet and "La porte" in sheet
    assert "L’imprimante" not in sheet
    assert "Ce n’est pas possible" in report(kiosk, cabin, "printer")
    assert "Ce n’est pas possible" in report(kiosk, cabin, "x")
    assert not Incident.objects.exists()


def test_in_a_hall_the_cabin_is_asked_for_first(site: Site, cabin: Cabin, set_clock: SetClock) -> None:
    set_clock(at(10, 24))
    other, (_, hall) = make_cabin(site, name="Cabine bleue"), make_screen(site)
    assert "Dans quelle cabine" in hall.get(reverse("screen-fault")).content.decode()
    assert "La porte" in hall.get(reverse("screen-fault"), {"cabin": other.pk}).content.decode()
    report(hall, other, "door")
    assert Incident.objects.get().cabin == other


@pytest.mark.usefixtures("cabin")
def test_a_screen_takes_reports_of_its_own_cabin_alone(kiosk: Client, site: Site) -> None:
    report(kiosk, make_cabin(site))
    for cabin in ("", "x", "9" * 30):
        kiosk.post(reverse("screen-fault"), {"cabin": cabin, "kind": "door"})
    assert not Incident.objects.exists()


def test_more_than_some_reports_an_hour_ring_nobody_more(kiosk: Client, cabin: Cabin, screen: Screen) -> None:
    for number in range(REPORTS_PER_HOUR):
        made = at(10, number)
        make_fault(
            cabin,
            IncidentKind.SCANNER,
            made,
            on_screen=True,
            opened_at=made,
            closed_at=made,
            confirmed_at=None,
        )
    assert "Appelez un agent" in report(kiosk, cabin)
    assert not Incident.objects.open().exists()


@pytest.mark.parametrize(("lang", "word"), [("en", "The printer"), ("ar", "الطابعة")])
def test_the_sheet_speaks_the_language_of_the_screen(kiosk: Client, lang: str, word: str) -> None:
    assert word in kiosk.get(reverse("screen-fault"), {"lang": lang}).content.decode()
