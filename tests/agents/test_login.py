"""The door: who gets in, where they land, and what they must do first."""

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from agents.models import Agent, Membership
from communes.models import Commune, Service
from config.server.proxy import client_ip
from core.roles import Role
from tests.factories import PASSWORD, make_agent, make_commune

pytestmark = pytest.mark.usefixtures("tuesday")

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
    assert "login/locked_out.html" in [template.name for template in response.templates]


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
    assert "login/no_commune.html" in [template.name for template in response.templates]
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


def test_the_page_of_a_given_password_holds_nothing_that_would_be_refused(
    client: Client, alice: Agent
) -> None:
    """A part that loaded itself would be led to this very page, and put it inside itself without end."""
    Agent.objects.filter(pk=alice.pk).update(must_change_password=True)
    client.force_login(alice)
    page = client.get("/connexion/mot-de-passe/").content.decode()
    assert "hx-get" not in page and "data-live" not in page and "/equipe/" not in page
    assert 'action="/connexion/sortie/"' in page


def test_a_part_of_a_page_leads_the_whole_page_to_the_change_of_a_given_password(
    client: Client, alice: Agent
) -> None:
    Agent.objects.filter(pk=alice.pk).update(must_change_password=True)
    client.force_login(alice)
    response = client.get("/messages/a-rappeler/nombre/", headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert (response["HX-Redirect"], response.content) == ("/connexion/mot-de-passe/", b"")


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


def test_a_form_sent_after_the_session_has_ended_leads_back_to_its_page_and_says_so(
    client: Client, alice: Agent
) -> None:
    page = {"Referer": "http://testserver/habitants/1/?retour=2"}
    refused = client.post("/habitants/nouveau/", {"last_name": "Diallo"}, headers=page)
    assert refused["Location"] == "/connexion/?next=%2Fhabitants%2F1%2F%3Fretour%3D2"
    shown = client.get(refused["Location"])
    assert "n’est pas enregistrée" in shown.content.decode()


def test_a_form_of_another_site_leads_to_the_start(client: Client) -> None:
    elsewhere = {"Referer": "https://ailleurs.example/habitants/1/"}
    assert client.post("/habitants/nouveau/", headers=elsewhere)["Location"] == "/connexion/?next=%2F"


def test_a_fragment_sent_after_the_session_has_ended_says_that_it_is_not_recorded(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/aujourdhui/"}
    assert client.post("/rendez-vous/1/arrivee/", headers=headers)["HX-Redirect"]
    assert "n’est pas enregistrée" in client.get(LOGIN).content.decode()


def test_logging_out_twice_says_nothing_of_the_kind(client: Client) -> None:
    client.post("/connexion/sortie/")
    assert "n’est pas enregistrée" not in client.get(LOGIN).content.decode()


@pytest.mark.parametrize("path", ["/equipe/", "/compte/", "/rien/du/tout/", "/connexion/sortie/"])
def test_a_browser_keeps_no_page_of_an_agent(client: Client, alice: Agent, path: str) -> None:
    client.force_login(alice)
    assert "no-store" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "status"), [("/rien/du/tout/", 404), ("/connexion/sortie/", 405), ("/equipe/?jour=x", 200)]
)
def test_an_address_that_cannot_be_opened_says_so_in_french_with_a_way_back(
    client: Client, alice: Agent, path: str, status: int
) -> None:
    client.force_login(alice)
    response = client.get(path)
    assert response.status_code == status
    assert "Se déconnecter" in response.content.decode()
    assert status == 200 or "Retour à la première page" in response.content.decode()


def test_a_form_from_before_the_login_says_what_to_do(alice: Agent) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    response = strict.post("/connexion/sortie/")
    assert response.status_code == 403
    assert "ouverte depuis trop longtemps" in response.content.decode()


def test_a_fault_of_ours_has_a_page_too(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    response = server_error(client.get("/equipe/").wsgi_request)
    assert response.status_code == 500
    assert "Une erreur s’est produite de notre côté" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "entry"),
    [("/messages/textes/", "Messages"), ("/prestations/", "Lieux"), ("/reglages/", "Réglages")],
)
def test_a_page_under_an_entry_of_the_bar_marks_it(
    client: Client, commune: Commune, path: str, entry: str
) -> None:
    client.force_login(make_agent(commune, Role.MANAGER))
    bar = client.get(path).content.decode().partition("<nav")[2].partition("</nav>")[0]
    assert re.search(rf'aria-current="page">{entry}\s*<', bar)


def test_behind_a_proxy_guessing_elsewhere_locks_nobody_out_at_the_desk(
    client: Client, alice: Agent, settings: Any
) -> None:
    settings.BEHIND_PROXY = True

    def try_from(forwarded: str, password: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return client.post(LOGIN, {"username": "alice", "password": password}, headers=headers).status_code

    for made_up in range(6):
        last = try_from(f"192.0.2.{made_up}, 198.51.100.7", "faux")
    assert last == 429
    assert try_from("198.51.100.7", PASSWORD) == 429
    assert try_from("203.0.113.9", PASSWORD) == 302


@pytest.mark.parametrize("forwarded", ["", "unknown", "203.0.113.9:4711", "203.0.113.9, \x00"])
def test_what_is_no_address_counts_as_the_proxys(rf: RequestFactory, forwarded: str) -> None:
    assert client_ip(rf.get("/", headers={"X-Forwarded-For": forwarded})) == "127.0.0.1"
