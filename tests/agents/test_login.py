"""The door: who gets in, where they land, and what they must do first."""

from typing import Any

import pytest
from django.test import Client

from agents.enums import Role
from agents.models import Agent, Membership
from communes.models import Commune, Service
from tests.factories import PASSWORD, make_agent, make_commune

LOGIN = "/connexion/"


def log_in(client: Client, username: str, password: str = PASSWORD, **data: Any) -> Any:
    return client.post(LOGIN, {"username": username, "password": password, **data})


def test_an_agent_without_email_logs_in(client: Client, alice: Agent) -> None:
    response = log_in(client, "alice")
    assert response.status_code == 302
    assert response["Location"] == "/"


def test_a_wrong_password_says_nothing_about_which_of_the_two_is_wrong(client: Client, alice: Agent) -> None:
    known, unknown = log_in(client, "alice", "faux"), log_in(client, "personne", "faux")
    assert known.status_code == unknown.status_code == 200
    assert known.context["form"].errors == unknown.context["form"].errors


def test_six_wrong_passwords_lock_the_name_out(client: Client, alice: Agent) -> None:
    statuses = [log_in(client, "alice", "faux").status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 200, 429]
    response = log_in(client, "alice")
    assert response.status_code == 429
    assert "registration/locked_out.html" in [template.name for template in response.templates]


def test_a_colleague_is_not_locked_out_with_them(client: Client, alice: Agent, bob: Agent) -> None:
    for _ in range(6):
        log_in(client, "alice", "faux")
    assert log_in(client, "bob").status_code == 302


def test_logging_out_takes_a_post(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    assert client.get("/connexion/sortie/").status_code == 405
    assert client.post("/connexion/sortie/")["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


def test_the_login_never_leads_to_another_site(client: Client, alice: Agent) -> None:
    assert log_in(client, "alice", next="https://ailleurs.example/")["Location"] == "/"


@pytest.mark.parametrize(
    ("roles", "landing"),
    [
        ([Role.DESK], "/rendez-vous/"),
        ([Role.HELPER], "/ma-journee/"),
        ([Role.MANAGER], "/equipe/"),
        ([Role.HELPER, Role.DESK], "/rendez-vous/"),
        ([Role.HELPER, Role.MANAGER], "/ma-journee/"),
    ],
)
def test_everyone_lands_where_their_work_is(
    client: Client, commune: Commune, roles: list[Role], landing: str
) -> None:
    client.force_login(make_agent(commune, *roles))
    assert client.get("/")["Location"] == landing


def test_someone_without_a_commune_is_told_so(client: Client, alice: Agent) -> None:
    Membership.objects.filter(agent=alice).delete()
    client.force_login(alice)
    response = client.get("/")
    assert response.status_code == 403
    assert "agents/no_commune.html" in [template.name for template in response.templates]
    assert client.get("/equipe/").status_code == 404


def test_a_given_password_must_be_changed_before_anything_else(client: Client, alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(must_change_password=True)
    client.force_login(alice)
    for path in ("/", "/equipe/", "/rendez-vous/", "/lieux/"):
        assert client.get(path)["Location"] == "/connexion/mot-de-passe/"
    new = "encore une autre phrase"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/connexion/mot-de-passe/", form)["Location"] == "/"
    assert client.get("/equipe/").status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(new)
    assert not alice.must_change_password


def test_changing_the_password_ends_the_other_sessions(client: Client, alice: Agent) -> None:
    elsewhere = Client()
    elsewhere.force_login(alice)
    client.force_login(alice)
    new = "encore une autre phrase"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    client.post("/connexion/mot-de-passe/", form)
    assert client.get("/equipe/").status_code == 200
    assert elsewhere.get("/equipe/").status_code == 302


def test_a_weak_password_is_refused(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    form = {"old_password": PASSWORD, "new_password1": "azerty", "new_password2": "azerty"}
    assert client.post("/connexion/mot-de-passe/", form).status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_an_itinerant_agent_changes_commune(client: Client, bob: Agent, service: Service) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    client.force_login(bob)
    first = client.get("/compte/").context["commune"]
    assert client.post("/compte/commune/", {"commune": other.pk})["Location"] == "/"
    assert client.get("/compte/").context["commune"] == other
    assert first != other


@pytest.mark.parametrize("commune_id", ["", "x", "999999", "-1", str(10**30)])
def test_a_commune_that_is_not_theirs_is_not_found(client: Client, bob: Agent, commune_id: str) -> None:
    client.force_login(bob)
    assert client.post("/compte/commune/", {"commune": commune_id}).status_code == 404


def test_the_commune_of_a_stranger_is_not_found(client: Client, bob: Agent, charlie: Agent) -> None:
    theirs = Membership.objects.get(agent=charlie).commune_id
    client.force_login(bob)
    assert client.post("/compte/commune/", {"commune": theirs}).status_code == 404


def test_a_fragment_after_the_session_has_ended_leads_the_page_to_the_login(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/ma-journee/?day=2026-11-24"}
    response = client.get("/ma-journee/", headers=headers)
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/connexion/?next=%2Fma-journee%2F%3Fday%3D2026-11-24"
    assert not response.content


def test_a_fragment_never_sends_the_login_back_to_another_site(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://ailleurs.example/ma-journee/"}
    assert client.get("/ma-journee/", headers=headers)["HX-Redirect"] == "/connexion/?next=%2F"
