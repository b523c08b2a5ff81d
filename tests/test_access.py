"""Every address of the product, walked by those who have no business there.

A new address must be entered in tests/addresses.py: who may open it, and which row its number is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from agents.models import Agent, Membership
from booking.enums import Status
from booking.models import Appointment
from core.roles import Role
from tests.addresses import (
    OPEN,
    PAGES,
    PATTERNS,
    SECRETS,
    STREAMS,
    WALKED,
    WITHOUT_CSRF,
    WITHOUT_STREAMS,
    World,
    make_world,
    patterns,
)
from tests.factories import make_agent

# Who may open what is decided before the database is asked; on PostgreSQL the pages are opened by others.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def world(settings: Any) -> World:
    """With the simulator, which is there only where DEBUG is on."""
    settings.DEBUG = True
    return make_world()


def told(response: Any) -> str:
    return response.content.decode(errors="replace")


def both(client: Client, address: str) -> Iterator[Any]:
    for method in (client.get, client.post):
        yield method(address)


def test_every_address_is_entered_here() -> None:
    unknown = {
        name for name in PATTERNS if name not in PAGES and name not in OPEN and name not in WITHOUT_CSRF
    }
    assert not unknown, "say in tests/addresses.py who may open these"
    nameless = [str(each.pattern) for each in patterns(get_resolver()) if not each.name]
    assert nameless == ["^api/v1/(?P<rest>.*)$"]


def test_only_what_is_listed_opens_without_a_login() -> None:
    found = {name for name, each in PATTERNS.items() if not getattr(each.callback, "login_required", True)}
    assert found <= OPEN.keys() | WITHOUT_CSRF.keys()


def test_only_what_is_listed_takes_a_post_from_a_machine() -> None:
    found = {name for name, each in PATTERNS.items() if getattr(each.callback, "csrf_exempt", False)}
    assert found <= WITHOUT_CSRF.keys()


@contextmanager
def left_as_it_was() -> Iterator[None]:
    """What is done to the world inside is taken back: the next address finds all of it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def logged_in(agent: Agent, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(agent)
    return client


def test_a_stranger_is_sent_to_the_login(client: Client, world: World, subtests: pytest.Subtests) -> None:
    for name in WALKED:
        with subtests.test(name), left_as_it_was():
            for response in both(client, world.address(name)):
                assert response.status_code == 302
                assert response["Location"].startswith("/connexion/?next=")


def test_what_is_open_tells_a_stranger_nothing(
    client: Client, world: World, subtests: pytest.Subtests
) -> None:
    for name in sorted(PATTERNS.keys() & (OPEN.keys() | WITHOUT_CSRF.keys()) - STREAMS):
        with subtests.test(name), left_as_it_was():
            for response in both(client, world.address(name)):
                assert response.status_code < 500 or name == "health"
                assert not [secret for secret in SECRETS if secret in told(response)]


def test_an_agent_of_another_commune_finds_nothing(
    world: World, charlie: Agent, subtests: pytest.Subtests
) -> None:
    for name in WITHOUT_STREAMS:
        with subtests.test(name), left_as_it_was():
            for response in both(logged_in(charlie), world.address(name)):
                if PAGES[name].row:
                    assert response.status_code in {404, 405}
                assert not [secret for secret in SECRETS if secret in told(response)]
            assert unchanged(world)


def test_a_call_that_the_provider_has_not_signed_is_refused(
    client: Client, world: World, subtests: pytest.Subtests
) -> None:
    for name in sorted(WITHOUT_CSRF.keys() & PATTERNS.keys()):
        with subtests.test(name), left_as_it_was():
            assert client.post(world.address(name)).status_code in {403, 404}
            assert unchanged(world)


def unchanged(world: World) -> bool:
    """Every row is still there, and the visit still stands."""
    return all(type(row).objects.filter(pk=row.pk).exists() for row in world.rows.values()) and (
        Appointment.objects.get(pk=world.rows["appointment"].pk).status == Status.BOOKED
    )


@pytest.mark.parametrize("role", sorted(Role))
def test_each_role_opens_its_own_pages_only(world: World, role: Role, subtests: pytest.Subtests) -> None:
    agent = someone(world, role)
    for name in WITHOUT_STREAMS:
        with subtests.test(name), left_as_it_was():
            got, posted = both(logged_in(agent), world.address(name))
            if role in PAGES[name].roles:
                # A 404 would be a page that needs a question in its address.
                assert got.status_code in {200, 204, 302, 405} or name in NEEDS_A_QUESTION
            else:
                assert got.status_code in {404, 405}
                assert posted.status_code in {404, 405}
                assert unchanged(world)


NEEDS_A_QUESTION = {"waiting-join"}


def someone(world: World, role: Role) -> Agent:
    """An agent with this role alone; as a helper, the one whose visit it is."""
    if role == Role.HELPER:
        helper: Agent = world.rows["helper"]
        return helper
    return make_agent(world.commune, role)


DESK_WORK = {"desk-move", "appointment-messages"}
"""What a helper who books for a resident at hand may do with any appointment of the commune."""


def test_a_helper_does_not_reach_the_visits_of_a_colleague(world: World, subtests: pytest.Subtests) -> None:
    colleague = make_agent(world.commune, Role.HELPER)
    for name in WALKED:
        page = PAGES[name]
        if page.row != "appointment" or Role.HELPER not in page.roles or name in DESK_WORK:
            continue
        with subtests.test(name), left_as_it_was():
            for response in both(logged_in(colleague), world.address(name)):
                assert response.status_code in {404, 405}
            assert unchanged(world)


def test_nothing_is_changed_by_a_form_from_another_site(world: World, subtests: pytest.Subtests) -> None:
    agent = make_agent(world.commune, *Role)
    for name in WALKED:
        with subtests.test(name), left_as_it_was():
            client = logged_in(agent, enforce_csrf_checks=True)
            assert client.post(world.address(name)).status_code == 403
            assert unchanged(world)


def test_an_agent_without_a_commune_sees_no_page(world: World, subtests: pytest.Subtests) -> None:
    helper = world.rows["helper"]
    Membership.objects.filter(agent=helper).delete()
    of_others = [secret for secret in SECRETS if secret != helper.first_name]
    for name in WITHOUT_STREAMS:
        if PAGES[name].row:
            continue
        with subtests.test(name), left_as_it_was():
            for response in both(logged_in(helper), world.address(name)):
                assert response.status_code in {200, 302, 403, 404, 405}
                assert not [secret for secret in of_others if secret in told(response)]
