"""Fixtures shared by all tests: a small commune with one site, one cabin, one service, and its people."""

import time
from datetime import datetime
from typing import Any

import pytest

from agents.enums import Role
from agents.models import Agent
from communes.models import Cabin, Commune, Service, Site
from tests.factories import TUESDAY, make_agent, make_cabin, make_commune, make_service, make_site


@pytest.fixture
def commune(db: None) -> Commune:
    return make_commune()


@pytest.fixture
def site(commune: Commune) -> Site:
    return make_site(commune)


@pytest.fixture
def cabin(site: Site) -> Cabin:
    return make_cabin(site, name="Cabine du hall")


@pytest.fixture
def service(commune: Commune) -> Service:
    return make_service(commune)


@pytest.fixture
def alice(commune: Commune) -> Agent:
    """The desk."""
    return make_agent(commune, Role.DESK, username="alice", first_name="Alice", last_name="Accueil")


@pytest.fixture
def bob(commune: Commune, service: Service) -> Agent:
    """A helper."""
    return make_agent(
        commune, Role.HELPER, username="bob", first_name="Bob", last_name="Aidant", skills=[service]
    )


@pytest.fixture
def dana(commune: Commune) -> Agent:
    """A manager."""
    return make_agent(commune, Role.MANAGER, username="dana", first_name="Dana", last_name="Responsable")


@pytest.fixture
def charlie(db: None) -> Agent:
    """A stranger: all roles, in another commune."""
    other = make_commune(name="Grand-Quevilly")
    return make_agent(
        other,
        Role.DESK,
        Role.HELPER,
        Role.MANAGER,
        username="charlie",
        first_name="Charlie",
        last_name="Ailleurs",
    )


@pytest.fixture
def tuesday(settings: Any) -> datetime:
    """The clock of the pages: Tuesday 24 November 2026, ten o'clock in Paris, from this moment on."""
    settings.DEBUG = True  # the clock is only ever pretended where DEBUG is on
    settings.PERMANENCE_NOW = f"{TUESDAY:%Y-%m-%dT%H:%M} @{time.time()}"
    return TUESDAY
