"""Every page that shows somebody writes down who looked, or says here why it does not."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from agents.models import Agent
from core.roles import Role
from privacy.models import Consultation
from tests.addresses import PAGES, WITHOUT_STREAMS, World, make_world
from tests.factories import make_agent

# Which page shows whom is decided before the database is asked; test_looked.py runs on both.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("tuesday")]

MARKS = ("Zébulonne", "Quatrevingt", "39980099", "39 98 00 99", "9980099")

NOT_NOTED = {
    "simulator": "shows the phones of the simulator, which is there in development alone",
    "simulator-reply": "the same",
    "simulator-call": "the same",
    "simulator-dial": "the same",
}
"""Pages that show somebody and note nothing, and why."""

ASKED = {
    "desk": "?resident={resident}",
    "place": "?at=2026-11-24T10:00&site={site}&cabin={cabin}&resident={resident}",
    "appointment-give": "?resident={resident}",
    "waiting-join": "?resident={resident}",
    "account-leave": "?when=day&last_on=2026-11-24",
    "call-list": "?cancel={appointment}",
}
"""What is asked in the address, of pages that show nobody without it."""

SENT = {"q": "zebu", "who": "QUATREVINGT", "first_name": "zebulonne", "last_name": "QUATREVINGT"}
NUMBER = "06.39.98.00.99"
"""What finds the marked person wherever somebody is looked for; written so that a form which is sent back
with what was typed into it shows none of the marks."""


@pytest.fixture
def world(settings: Any) -> World:
    settings.DEBUG = True
    return make_world()


def someone(world: World, role: Role) -> Agent:
    return world.rows["helper"] if role == Role.HELPER else make_agent(world.commune, role)


def answers(client: Client, world: World, name: str) -> Iterator[Any]:
    """The page as it is, as it is asked for somebody, and what its form answers; whole and for htmx."""
    address = world.address(name)
    query = ASKED.get(name, "").format(**{key: row.pk for key, row in world.rows.items()})
    numbers = {
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": NUMBER,
        "at": "2026-11-24T10:00",
        "site": world.rows["site"].pk,
        "cabin": world.rows["cabin"].pk,
    }
    for headers in ({}, {"HX-Request": "true"}):
        yield client.get(address, headers=headers)
        yield client.get(address + query, headers=headers)
        yield client.post(address, {**SENT, **numbers}, headers=headers)


def shows_somebody(response: Any) -> bool:
    if response.status_code >= 300 or response.streaming:
        return False
    told = response.content.decode(errors="replace")
    return any(mark in told for mark in MARKS)


@pytest.mark.parametrize("role", sorted(Role))
def test_whoever_shows_somebody_notes_it(world: World, role: Role, subtests: pytest.Subtests) -> None:
    agent = someone(world, role)
    for name in WITHOUT_STREAMS:
        if role not in PAGES[name].roles:
            continue
        with subtests.test(name):
            client = Client()
            client.force_login(agent)
            with transaction.atomic():
                for response in answers(client, world, name):
                    if not shows_somebody(response):
                        continue
                    noted = Consultation.objects.filter(agent=agent, resident=world.rows["resident"])
                    found = noted.delete()[0]
                    assert found or name in NOT_NOTED, f"{response.request['REQUEST_METHOD']} {name}"
                transaction.set_rollback(True)


def test_what_is_declared_as_not_noted_is_a_page() -> None:
    assert NOT_NOTED.keys() | ASKED.keys() <= PAGES.keys()
