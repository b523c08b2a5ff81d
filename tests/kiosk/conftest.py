"""Screens that are paired, and a clock that stands where a test puts it."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from communes.models import Cabin, Site
from kiosk.models import Screen
from kiosk.requests import COOKIE
from tests.factories import TUESDAY, at, make_cabin, make_site

type SetClock = Callable[[datetime], None]


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
def set_clock(settings: Any) -> SetClock:
    settings.DEBUG = True

    def put(now: datetime) -> None:
        settings.PERMANENCE_NOW = f"{now.isoformat()} @{time.time()}"

    put(at(10, 24))
    return put


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
