"""An elected official reads what is published, has an account, and opens nothing else."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership
from core.roles import Role
from tests.addresses import ELECTED, OPEN, PAGES, WALKED, WITHOUT_CSRF, World, make_world
from tests.factories import make_agent

pytestmark = pytest.mark.django_db

PUBLISHED = {"publication", "publication-report"}
OWN = {
    "home",
    "logout",
    "password-change",
    "account",
    "switch-commune",
    "other-sessions",
}
"""Their own account, and the way from `/` to the page."""


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


@pytest.fixture
def world(tuesday: object) -> World:
    return make_world()


@pytest.fixture
def helene(world: World) -> Agent:
    return make_agent(world.commune, ELECTED, first_name="Hélène")


def test_every_other_address_refuses(
    client: Client, world: World, helene: Agent, subtests: pytest.Subtests
) -> None:
    client.force_login(helene)
    assert {name for name in PAGES if ELECTED in PAGES[name].roles} == PUBLISHED | OWN
    for name in WALKED:
        if name in PUBLISHED | OWN:
            continue
        for method in ("get", "post"):
            with subtests.test(name, method=method):
                answer = getattr(client, method)(world.address(name))
                assert answer.status_code in (403, 404, 405), "405: it takes no such request from anybody"
    assert set(WALKED) & (set(OPEN) | set(WITHOUT_CSRF)) == set()


def test_the_page_is_where_they_begin(client: Client, helene: Agent) -> None:
    client.force_login(helene)
    assert client.get(reverse("home")).headers["Location"] == reverse("publication")


@pytest.mark.parametrize("name", sorted(PUBLISHED | {"account"}))
def test_their_pages_ask_for_nothing_that_they_may_not_have(client: Client, helene: Agent, name: str) -> None:
    """No stream, no bell, and no link but to the page and to their account."""
    client.force_login(helene)
    page = body(client.get(reverse(name)))
    assert "data-live" not in page and reverse("sites-stream") not in page
    for hidden in ("figures", "desk", "team", "places", "screens", "faults", "settings", "help-calls"):
        assert f'"{reverse(hidden)}"' not in page
    assert f'href="{reverse("publication")}"' in page


def test_who_is_elected_and_manager_works_as_a_manager(client: Client, world: World) -> None:
    client.force_login(make_agent(world.commune, ELECTED, Role.MANAGER))
    assert client.get(reverse("figures")).status_code == 200
    assert client.get(reverse("home")).headers["Location"] != reverse("publication")


def test_a_manager_gives_the_role(client: Client, world: World) -> None:
    client.force_login(make_agent(world.commune, Role.MANAGER))
    form = {"first_name": "Hélène", "last_name": "Roussel", "username": "helene", "is_elected": "on"}
    client.post(reverse("account-new"), form)
    assert Membership.objects.get(agent__username="helene").roles == {ELECTED}
    client.post(reverse("invitation-new"), {"is_elected": "on"})
    assert world.commune.invitations.get(is_elected=True).roles == {ELECTED}


def test_create_agent_gives_the_role(world: World) -> None:
    words = ("helene", "Hélène", "Roussel", "--commune", world.commune.insee_code, "--role", "elected")
    call_command("create_agent", *words)
    assert Membership.objects.get(agent__username="helene").roles == {ELECTED}
