"""An agent's own e-mail address, the forgotten password, and where one is logged in."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from agents.email_confirmation import BETWEEN_MAILS, claim_password_mail
from agents.models import Agent
from core import clock
from tests.agents.test_invitations import link_in, run_queued_tasks
from tests.edits import send_edit
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

FORGOTTEN = "/connexion/oubli/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = {"new_password1": "encore une autre phrase", "new_password2": "encore une autre phrase"}


def with_address(agent: Agent, address: str = "alice@example.org", *, confirmed: bool = True) -> Agent:
    Agent.objects.filter(pk=agent.pk).update(email=address, email_confirmed=confirmed)
    agent.refresh_from_db()
    return agent


def told(client: Client, name: str) -> str:
    """Without the secrets that differ from page to page."""
    page = client.post(FORGOTTEN, {"name": name}).content.decode()
    return re.sub(r"[\w+/=-]{22,}", "", page)


def set_address(client: Client, email: str, password: str = PASSWORD) -> int:
    return send_edit(client, "/compte/", {"address-email": email, "address-password": password}).status_code


def test_an_address_counts_once_its_link_is_pressed(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    assert set_address(client, "alice@example.org") == 302
    run_queued_tasks()
    link = link_in(mail.outbox[0].body)
    assert "alice" not in link
    client.get(link)
    alice.refresh_from_db()
    assert not alice.email_confirmed
    assert Client().post(link).status_code == 302
    alice.refresh_from_db()
    assert alice.email_confirmed


def test_the_link_of_an_address_that_was_changed_again_is_worth_nothing(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    set_address(client, "alice@example.org")
    run_queued_tasks()
    set_address(client, "autre@example.org")
    assert client.post(link_in(mail.outbox[0].body)).status_code == 410
    alice.refresh_from_db()
    assert (alice.email, alice.email_confirmed) == ("autre@example.org", False)


@pytest.mark.parametrize("token", ["x", "1:2:3", "99999999999999999999:a:b", "%C2%B2:a:b"])
def test_a_link_that_was_made_up_confirms_nothing(client: Client, token: str) -> None:
    assert client.post(f"/compte/adresse/{token}/").status_code == 410


def test_the_address_is_changed_by_who_knows_the_password(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    assert set_address(client, "voleur@example.org", "faux") == 422
    assert set_address(client, "pas une adresse") == 422
    alice.refresh_from_db()
    assert alice.email == ""


@pytest.mark.parametrize("name", ["alice", "alice@example.org", "Alice@Example.org"])
def test_a_forgotten_password_is_chosen_anew_by_mail(client: Client, alice: Agent, name: str) -> None:
    with_address(alice)
    Agent.objects.filter(pk=alice.pk).update(must_change_password=True)
    for _ in range(6):
        client.post("/connexion/", {"username": "alice", "password": "faux"})
    client.post(FORGOTTEN, {"name": name})
    run_queued_tasks()
    chosen = client.get(link_in(mail.outbox[0].body), follow=True).redirect_chain[-1][0]
    assert client.post(chosen, NEW)["Location"] == "/connexion/"
    fresh = Client()
    form = {"username": "alice", "password": NEW["new_password1"]}
    assert fresh.post("/connexion/", form)["Location"] == "/"
    assert fresh.get("/compte/").status_code == 200
    response = Client().get(link_in(mail.outbox[0].body), follow=True)
    assert "Ce lien ne fonctionne plus" in response.content.decode()


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_answer_is_the_same_for_every_name(client: Client, alice: Agent, confirmed: bool) -> None:
    with_address(alice, confirmed=confirmed)
    names = ("alice", "personne", "x@example.org")
    pages = {told(client, name) for name in names}
    assert len(pages) == 1
    run_queued_tasks()
    assert len(mail.outbox) == confirmed


def test_asking_again_and_again_mails_once_in_ten_minutes(alice: Agent) -> None:
    with_address(alice)
    now = clock.now()

    def asked(minutes: float) -> list[int]:
        return claim_password_mail(name="alice", now=now + timedelta(minutes=minutes))

    assert [asked(0), asked(1), asked(9)] == [[alice.pk], [], []]
    assert asked(BETWEEN_MAILS / timedelta(minutes=1)) == [alice.pk]


def test_one_sees_where_one_is_logged_in_and_can_end_it(client: Client, alice: Agent, bob: Agent) -> None:
    elsewhere, stranger = Client(headers={"User-Agent": FIREFOX}), Client()
    for each, name in ((elsewhere, "alice"), (client, "alice"), (stranger, "bob")):
        each.post("/connexion/", {"username": name, "password": PASSWORD})
    page = client.get("/compte/").content.decode()
    assert "Firefox, Linux" in page
    assert "mardi 24 novembre" in page
    assert page.count("(celui-ci)") == 1
    client.post("/compte/sessions/")
    assert elsewhere.get("/compte/").status_code == 302
    assert client.get("/compte/").context["places"][0].is_this_one
    assert len(client.get("/compte/").context["places"]) == 1
    assert stranger.get("/compte/").status_code == 200
