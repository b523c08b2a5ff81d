"""Who can help with a service is ticked on the page of the service, too."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership
from communes.models import Commune, Service, SetupChange, Site
from communes.service_actions import retire_service
from core.roles import Role
from tests.edits import edit_form, send_edit
from tests.factories import TUESDAY, make_agent, make_commune
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def page(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def lea(commune: Commune) -> Membership:
    return make_agent(commune, Role.HELPER, first_name="Léa").memberships.get()


@pytest.fixture
def karim(commune: Commune) -> Membership:
    return make_agent(commune, Role.HELPER, first_name="Karim").memberships.get()


def address(service: Service) -> str:
    return reverse("service-helpers", args=[service.pk])


def can_help(service: Service) -> set[str]:
    return {str(each.agent) for each in service.skilled.select_related("agent")}


def test_the_page_of_the_service_has_it_and_ticks_whoever_can(
    page: Client, service: Service, lea: Membership, karim: Membership
) -> None:
    lea.skills.add(service)
    assert address(service) in page.get(reverse("service-edit", args=[service.pk])).content.decode()
    part = page.get(address(service), headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    form = edit_form(part, address(service))
    assert form.data["helpers"] == [str(lea.pk)]
    assert "Karim" in words(part)


def test_ticking_changes_the_account_too_and_is_logged(
    page: Client, dana: Agent, service: Service, site: Site, lea: Membership, karim: Membership
) -> None:
    lea.skills.add(service)
    version = site.version

    answer = send_edit(page, address(service), {"helpers": [karim.pk]})

    assert answer["Location"] == reverse("service-edit", args=[service.pk])
    assert can_help(service) == {"Karim"}
    assert not lea.skills.exists()
    change = SetupChange.objects.get()
    assert (change.by, change.values) == (dana, {"helpers": [[lea.pk], [karim.pk]]})
    log = words(page.get(reverse("services-log")))
    assert "Léa → Karim" in log.replace("\N{NO-BREAK SPACE}", " ")
    site.refresh_from_db()
    assert site.version > version


def test_nobody_may_be_left(page: Client, service: Service, lea: Membership) -> None:
    lea.skills.add(service)
    send_edit(page, address(service), {})
    assert can_help(service) == set()


def test_it_is_put_back_from_the_log(
    page: Client, service: Service, lea: Membership, karim: Membership
) -> None:
    lea.skills.add(service)
    send_edit(page, address(service), {"helpers": [karim.pk]})

    page.post(reverse("settings-undo", args=[SetupChange.objects.get().pk]))

    assert can_help(service) == {"Léa"}
    assert SetupChange.objects.order_by("-pk")[0].kind == "put_back"


def test_what_was_ticked_again_since_is_not_put_back(
    page: Client, service: Service, lea: Membership, karim: Membership
) -> None:
    send_edit(page, address(service), {"helpers": [karim.pk]})
    first = SetupChange.objects.get()
    send_edit(page, address(service), {"helpers": [karim.pk, lea.pk]})

    answer = page.post(reverse("settings-undo", args=[first.pk]), follow=True)

    assert "modifiée de nouveau" in words(answer)
    assert can_help(service) == {"Karim", "Léa"}


def test_two_managers_who_tick_different_helpers_both_have_their_way(
    page: Client, service: Service, lea: Membership, karim: Membership
) -> None:
    form = edit_form(page.get(address(service)))
    send_edit(page, address(service), {"helpers": [karim.pk]})
    page.post(address(service), {**form.start, "helpers": [lea.pk]})
    assert can_help(service) == {"Karim", "Léa"}


def test_whoever_has_not_the_role_now_keeps_what_they_can(
    page: Client, service: Service, lea: Membership, commune: Commune
) -> None:
    desk = make_agent(commune, Role.DESK, first_name="Nora", skills=[service])
    assert "Nora" not in words(page.get(address(service)))
    send_edit(page, address(service), {"helpers": [lea.pk]})
    assert can_help(service) == {"Léa", "Nora"}
    send_edit(page, address(service), {"helpers": [desk.memberships.get().pk]}, follow=True)
    assert can_help(service) == {"Léa", "Nora"}  # refused: not one of those offered


def test_a_helper_of_another_commune_is_refused(page: Client, service: Service, lea: Membership) -> None:
    other = make_agent(make_commune(name="Ailleurs"), Role.HELPER).memberships.get()
    answer = send_edit(page, address(service), {"helpers": [other.pk]})
    assert answer.status_code == 422
    assert can_help(service) == set()


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_only_a_manager_of_the_commune_may(
    client: Client, service: Service, lea: Membership, name: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))
    assert client.post(address(service), {"helpers": [lea.pk]}).status_code == 404
    assert not lea.skills.exists()


def test_a_retired_service_is_gone(page: Client, service: Service, lea: Membership) -> None:
    retire_service(service=service, now=TUESDAY)
    assert page.post(address(service), {"helpers": [lea.pk]}).status_code == 404


def test_without_helpers_it_says_what_to_do_first(page: Client, commune: Commune, service: Service) -> None:
    Membership.objects.filter(commune=commune).update(is_helper=False, is_manager=True)
    assert reverse("accounts") in page.get(address(service)).content.decode()


def test_whoever_has_left_is_not_named_in_the_log(
    page: Client, dana: Agent, service: Service, lea: Membership
) -> None:
    send_edit(page, address(service), {"helpers": [lea.pk]})
    lea.delete()
    log = words(page.get(reverse("services-log")))
    assert "Léa" not in log
    assert "quelqu’un qui est parti" in log
