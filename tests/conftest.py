"""Fixtures shared by all tests: a small commune with one site, one cabin, one service, and its people."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from agents.models import Agent
from booking.free import given_up
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.clocks import SetClock, refuse_the_clock, running_clock, stopped_clock
from tests.factories import TUESDAY, make_agent, make_cabin, make_commune, make_service, make_site
from tests.profiles import load_profile

# Before any module with property tests is read: what is read earlier would keep the settings of hypothesis.
load_profile()

refuse_the_clock()

# A thread would write after the test, into the database of another one.
given_up.counter.delay_s = None

# As slow as argon2 is on purpose, it would take half of what the tests of logging in take.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


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


# ---- the present ----


@pytest.fixture
def set_clock() -> Iterator[SetClock]:
    """Stop the clock of this process at an instant: Tuesday ten o'clock until the test says another."""
    with stopped_clock(TUESDAY) as put:
        yield put


@pytest.fixture
def tuesday(set_clock: SetClock) -> datetime:
    """Tuesday 24 November 2026, ten o'clock in Paris, for as long as the test runs."""
    return TUESDAY


@pytest.fixture
def real_clock() -> Iterator[None]:
    """The clock of the machine, which goes on: for tests of the clock itself and of what waits."""
    with running_clock():
        yield
