"""Two communes on one installation: neither sees the other's screens, calls, codes and numbers."""

import json
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Service, Site
from core.roles import Role
from kiosk.models import HelpCall, PairingCode, Screen
from tests.clocks import SetClock
from tests.factories import (
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)
from tests.kiosk.conftest import browser, make_screen

pytestmark = pytest.mark.django_db

NUMBER = "482913"


@dataclass
class Town:
    site: Site
    cabin: Cabin
    service: Service
    agent: Agent
    appointment: Appointment
    screen: Screen
    kiosk: Client
    desk: Client

    def version(self) -> int:
        return Site.objects.get(pk=self.site.pk).version

    def status(self) -> str:
        self.appointment.refresh_from_db()
        return self.appointment.status

    def heard(self) -> str:
        return self.desk.get(reverse("help-calls")).content.decode()


def make_town(name: str, resident: str) -> Town:
    """Both have the same: an appointment at 10:30 with the same number, of someone alone."""
    commune = make_commune(name=name)
    site = make_site(commune, short_name=f"Mairie de {name}")
    cabin = make_cabin(site, name=f"Cabine de {name}")
    service = make_service(commune, name=f"Service de {name}")
    agent = make_agent(commune, *Role, skills=[service])
    make_shift(agent, site, at(9), at(12))
    appointment = make_appointment(
        cabin, service, at(10, 30), number=NUMBER, resident=make_resident(commune, first_name=resident)
    )
    screen, kiosk = make_screen(site, cabin, name=f"Borne de {name}")
    desk = Client()
    desk.force_login(agent)
    return Town(site, cabin, service, agent, appointment, screen, kiosk, desk)


@pytest.fixture
def here(set_clock: SetClock) -> Town:
    return make_town("Quevilly", "Fatima")


@pytest.fixture
def there(set_clock: SetClock) -> Town:
    return make_town("Sotteville", "Zoé")


def test_who_arrives_here_has_not_arrived_there(here: Town, there: Town) -> None:
    before = there.version()
    asked = there.kiosk.get(reverse("screen-arrival")).content.decode()
    assert "Zoé" in asked
    assert "Fatima" not in asked
    sealed = asked.split('name="who" value="')[1].split('"')[0]
    here.kiosk.post(reverse("screen-arrival-confirm"), {"who": sealed})
    assert there.status() == Status.BOOKED
    here.kiosk.post(reverse("screen-arrival-number"), {"number": NUMBER})
    assert (here.status(), there.status()) == (Status.IN_SESSION, Status.BOOKED)
    assert there.version() == before
    assert "Nous attendons" in there.kiosk.get(reverse("screen-board")).content.decode()


def test_wrong_numbers_here_lock_no_screen_there(here: Town, there: Town) -> None:
    for n in range(6):
        here.kiosk.post(reverse("screen-arrival-number"), {"number": f"00000{n}"})
    there.kiosk.post(reverse("screen-arrival-number"), {"number": NUMBER})
    assert (here.status(), there.status()) == (Status.BOOKED, Status.IN_SESSION)


def test_a_call_here_rings_nobody_there_and_is_answered_by_nobody_there(here: Town, there: Town) -> None:
    before = there.version()
    here.kiosk.post(reverse("screen-help"))
    call = HelpCall.objects.get()
    assert "Cabine de Quevilly" in here.heard()
    assert "Quevilly" not in there.heard()
    assert there.version() == before
    assert there.desk.post(reverse("help-call-answer", args=[call.pk])).status_code == 404
    there.kiosk.post(reverse("screen-help-end"))
    call.refresh_from_db()
    assert call.is_open
    assert 'class="help-notice"' in here.kiosk.get(reverse("screen-board")).content.decode()
    assert 'class="help-notice"' not in there.kiosk.get(reverse("screen-board")).content.decode()


def test_who_walks_in_here_is_offered_nothing_of_there(here: Town, there: Town, set_clock: SetClock) -> None:
    set_clock(at(9, 10))
    services = here.kiosk.get(reverse("screen-walk-in")).content.decode()
    assert "Service de Quevilly" in services
    assert "Sotteville" not in services
    url = reverse("screen-walk-in-service", args=[there.service.pk])
    assert here.kiosk.get(url).status_code == 404
    assert here.kiosk.post(url, {"with": "nobody"}).status_code == 404
    later = reverse("screen-walk-in-book", args=[there.service.pk])
    assert here.kiosk.post(later, {"start": at(14).isoformat(), "with": "nobody"}).status_code == 404
    own = reverse("screen-walk-in-service", args=[here.service.pk])
    assert here.kiosk.post(own, {"with": "helper"}).status_code == 200
    begun = Appointment.objects.get(is_walk_in=True)
    assert (begun.commune, begun.cabin, begun.helper) == (here.site.commune, here.cabin, here.agent)
    assert "Libre jusqu’à" in there.kiosk.get(reverse("screen-board")).content.decode()


def test_screens_are_listed_changed_and_revoked_in_their_own_commune(here: Town, there: Town) -> None:
    listed = here.desk.get(reverse("screens")).content.decode()
    assert "Borne de Quevilly" in listed
    assert "Sotteville" not in listed
    for name in ("screen-edit", "screen-revoke"):
        assert here.desk.post(reverse(name, args=[there.screen.pk])).status_code == 404
    assert there.kiosk.get(reverse("screen-board")).status_code == 200


def test_a_code_pairs_with_a_place_of_the_agent_s_commune_alone(here: Town, there: Town) -> None:
    waiting = browser()
    waiting.get(reverse("screen"))
    waiting.get(reverse("screen-pairing"))
    code = PairingCode.objects.get().code
    theirs = {"code": code, "place": f"cabin-{there.cabin.pk}", "name": ""}
    assert here.desk.post(reverse("screen-add"), theirs).status_code == 422
    assert PairingCode.objects.exists()
    here.desk.post(reverse("screen-add"), {**theirs, "place": f"cabin-{here.cabin.pk}"})
    assert Screen.objects.latest("pk").site == here.site
    assert "Cabine de Quevilly" in waiting.get(reverse("screen")).content.decode()


def test_agents_are_told_of_changes_in_their_own_commune_alone(here: Town, there: Town) -> None:
    for town in (here, there):
        told = json.loads(town.desk.get(reverse("sites-state")).content)
        assert told == {str(town.site.pk): town.version()}
