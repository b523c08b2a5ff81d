"""Paired screens, and a clock that a test sets."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from kiosk.models import Screen
from kiosk.requests import COOKIE
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_appointment, make_cabin, make_resident, make_site
from tests.kiosk.hung import House, Hung, chromium, hang_up


def make_screen(site: Site, cabin: Cabin | None = None, **fields: Any) -> tuple[Screen, Client]:
    """A paired screen and the browser on it."""
    token = Screen.new_token()
    values = {"name": "Borne 12", "token_hash": Screen.hash(token), "paired_at": TUESDAY, **fields}
    screen = Screen.objects.create(site=site, cabin=cabin, **values)
    return screen, browser(token)


def browser(token: str = "") -> Client:
    client = Client(enforce_csrf_checks=False)
    if token:
        client.cookies[COOKIE] = token
    return client


@pytest.fixture
def set_clock(set_clock: SetClock) -> SetClock:
    """On Tuesday at 10:24, until the test says another instant."""
    set_clock(at(10, 24))
    return set_clock


@pytest.fixture
def paired(set_clock: SetClock, site: Site, cabin: Cabin) -> tuple[Screen, Client]:
    """A screen on the cabin of the hall, on Tuesday at 10:24."""
    return make_screen(site, cabin)


@pytest.fixture
def screen(paired: tuple[Screen, Client]) -> Screen:
    return paired[0]


@pytest.fixture
def kiosk(paired: tuple[Screen, Client]) -> Client:
    """The browser of that screen."""
    return paired[1]


@pytest.fixture
def upstairs(site: Site) -> Cabin:
    return make_cabin(site, name="Cabine de l’étage", directions="En haut de l’escalier, à gauche")


@pytest.fixture
def elsewhere(commune: Any) -> Cabin:
    """A cabin at another site of the commune."""
    return make_cabin(make_site(commune, name="Centre social", short_name="Centre social"))


# ---- in a browser ----


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, beside which Django would refuse to work.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = chromium(playwright)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def house(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    house.set_clock(at(10, 24))
    house.start()
    yield house
    house.stop()


@pytest.fixture
def hung(transactional_db: None, chrome: Browser, house: House, site: Site, cabin: Cabin) -> Iterator[Hung]:
    """On Tuesday at 10:24."""
    with hang_up(chrome, house, site, cabin, at(10, 24)) as screen:
        yield screen


@pytest.fixture
def fatima(commune: Commune, cabin: Cabin, service: Service) -> Appointment:
    """10:30 to 11:15, alone in the cabin of the hall."""
    return make_appointment(cabin, service, at(10, 30), resident=make_resident(commune), number="482913")
