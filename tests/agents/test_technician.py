"""A technician looks after the screens of all their communes, and finds no resident's name anywhere."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership
from core.roles import Role
from kiosk.models import Screen
from tests.addresses import PAGES, SECRETS, STREAMS, WALKED, World, make_world
from tests.factories import TUESDAY, make_agent, make_commune, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


OF_PEOPLE = [secret for secret in SECRETS if secret not in {"Introuvable", "Démarche cachée"}]


@pytest.fixture
def world(settings: Any) -> World:
    settings.DEBUG = True
    return make_world()


@pytest.fixture
def theo(world: World) -> Agent:
    """A technician of the world's commune and of another one."""
    theo = make_agent(world.commune, Role.TECHNICIAN, first_name="Théo")
    other = make_commune(name="Rive-Basse")
    Membership.objects.create(agent=theo, commune=other, is_technician=True)
    Screen.objects.create(
        site=make_site(other, name="Halle"), name="Écran de la halle", token_hash="2" * 64, paired_at=TUESDAY
    )
    return theo


@pytest.fixture
def his(client: Client, theo: Agent) -> Client:
    client.force_login(theo)
    return client


def test_a_technician_finds_no_name_at_any_address(
    his: Client, world: World, subtests: pytest.Subtests
) -> None:
    for name in sorted(set(WALKED) - STREAMS - {"logout"}):
        with subtests.test(name):
            response = his.get(world.address(name), follow=True)
            text = response.content.decode(errors="replace")
            assert not [secret for secret in OF_PEOPLE if secret in text]
            if Role.TECHNICIAN not in PAGES[name].roles:
                assert response.status_code in {404, 405}


def test_he_lands_on_the_screens_of_all_his_communes(his: Client, theo: Agent) -> None:
    response = his.get(reverse("home"), follow=True)
    assert response.redirect_chain[-1][0] == reverse("screens")
    page = body(response)
    assert "Écran de la halle" in page and "Rive-Basse" in page
    assert page.count(reverse("screen-edit", args=[0])[:-2]) >= 2


def test_his_bar_leads_to_screens_and_faults_alone(his: Client) -> None:
    page = body(his.get(reverse("screens")))
    for other in ("desk", "today", "team", "places", "call-list", "message-settings", "help-calls"):
        assert f'"{reverse(other)}"' not in page


def test_he_changes_a_screen_of_his_other_commune(his: Client) -> None:
    screen = Screen.objects.get(name="Écran de la halle")
    assert his.get(reverse("screen-edit", args=[screen.pk])).status_code == 200
    his.post(reverse("screen-revoke", args=[screen.pk]))
    screen.refresh_from_db()
    assert screen.revoked_at is not None


def test_a_helper_here_is_technician_there(client: Client, world: World) -> None:
    """The role counts in whichever commune they work now; the screens shown are those of the other one."""
    helper = make_agent(make_commune(name="Val-Clair"), Role.HELPER)
    Membership.objects.create(agent=helper, commune=world.commune, is_technician=True)
    client.force_login(helper)
    client.post(reverse("switch-commune"), {"commune": helper.memberships.get(is_helper=True).commune_id})
    page = body(client.get(reverse("screens")))
    assert reverse("screen-state", args=[world.rows["screen"].pk]) in page


def test_the_desk_of_one_commune_sees_no_screen_of_another(client: Client, world: World) -> None:
    desk = make_agent(world.commune, Role.DESK)
    other = make_commune(name="Val-Clair")
    Membership.objects.create(agent=desk, commune=other, is_desk=True)
    screen = Screen.objects.create(
        site=make_site(other), name="Là-bas", token_hash="3" * 64, paired_at=TUESDAY
    )
    client.force_login(desk)
    client.post(reverse("switch-commune"), {"commune": world.commune.pk})
    assert client.get(reverse("screen-edit", args=[screen.pk])).status_code == 404
    assert "Là-bas" not in body(client.get(reverse("screens")))


def test_a_manager_gives_the_role(client: Client, world: World) -> None:
    client.force_login(make_agent(world.commune, Role.MANAGER))
    form = {"first_name": "Théo", "last_name": "Vidal", "username": "theo", "is_technician": "on"}
    client.post(reverse("account-new"), form)
    assert Membership.objects.get(agent__username="theo").roles == {Role.TECHNICIAN}
    client.post(reverse("invitation-new"), {"is_technician": "on"})
    assert world.commune.invitations.get(is_technician=True).roles == {Role.TECHNICIAN}


def test_create_agent_gives_the_role(world: World) -> None:
    call_command(
        "create_agent", "theo", "Théo", "Vidal", "--commune", world.commune.insee_code, "--role", "technician"
    )
    assert Membership.objects.get(agent__username="theo").roles == {Role.TECHNICIAN}
