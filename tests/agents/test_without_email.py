"""Where no e-mail can leave: nothing promises one, none is made, and what works instead is offered."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django_q.models import OrmQ

from agents.actions.invitations import invite
from agents.models import Agent, Invitation
from agents.tasks import send_address_check, send_invitation, send_password_link
from communes.models import Commune
from core import clock
from tests.agents.test_addresses import with_address
from tests.agents.test_invitations import NEW, PAGE, invited, link_in, run_queued_tasks
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PROMISES = re.compile(r"part pour|a été envoyé|part à cette adresse|est en route|boîte aux lettres|recevez")


@pytest.fixture
def no_email(settings: Any) -> None:
    settings.SENDS_EMAIL, settings.EMAIL_FOLDER = False, None


@pytest.fixture
def manager(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


@pytest.mark.usefixtures("no_email")
def test_an_invitation_is_handed_over_even_if_an_address_was_typed(manager: Client) -> None:
    page = manager.get(f"{PAGE}inviter/").content.decode()
    assert 'name="email"' not in page
    assert "Aucun courriel ne part d’ici" in page
    answer = manager.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"})
    link = link_in(answer.content.decode())
    assert not PROMISES.search(answer.content.decode() + manager.get(PAGE).content.decode())
    assert not OrmQ.objects.exists()
    assert Client().post(link, NEW)["Location"] == "/"
    erin = Agent.objects.get(username="erin")
    assert (erin.email, erin.email_confirmed) == ("", False)


@pytest.mark.usefixtures("no_email")
def test_no_address_is_asked_to_be_confirmed(client: Client, alice: Agent) -> None:
    client.force_login(alice)
    page = client.get("/compte/").content.decode()
    assert "address-email" not in page
    assert "votre responsable peut vous en donner" in page
    sent = {"address-email": "alice@example.org", "address-password": PASSWORD}
    assert client.post("/compte/", sent).status_code == 302
    alice.refresh_from_db()
    assert alice.email == ""
    assert not OrmQ.objects.exists()
    told = client.get("/compte/").content.decode()
    assert "l’adresse n’a pas été changée" in told
    assert not PROMISES.search(told)


@pytest.mark.usefixtures("no_email")
def test_a_forgotten_password_leads_to_the_manager(client: Client, alice: Agent) -> None:
    with_address(alice)
    for answer in (client.get("/connexion/oubli/"), client.post("/connexion/oubli/", {"name": "alice"})):
        page = answer.content.decode()
        assert "Adressez-vous à votre responsable" in page
        assert 'name="name"' not in page
        assert not PROMISES.search(page)
    assert not OrmQ.objects.exists()
    alice.refresh_from_db()
    assert alice.password_mailed_at is None


@pytest.mark.usefixtures("no_email")
def test_what_was_queued_while_e_mails_still_left_makes_none(
    commune: Commune, dana: Agent, alice: Agent
) -> None:
    made, _ = invite(
        commune=commune,
        email="erin@example.org",
        fields={"is_desk": True},
        skills=[],
        invited_by=dana,
        now=clock.now(),
    )
    before = made.token_hash
    with_address(alice)
    send_invitation.call(made.pk)
    send_password_link.call(alice.pk)
    with_address(alice, confirmed=False)
    send_address_check.call(alice.pk)
    made.refresh_from_db()
    assert (made.token_hash, made.mailed_at) == (before, None)
    assert not mail.outbox


def test_a_new_link_is_handed_over_and_the_former_one_is_worth_nothing(client: Client, dana: Agent) -> None:
    mailed = invited(client, dana, email="erin@example.org")
    pk = Invitation.objects.get().pk
    handed = link_in(client.post(f"{PAGE}invitations/{pk}/lien/").content.decode())
    assert Client().get(mailed).status_code == 410
    assert Client().post(handed, NEW)["Location"] == "/"
    erin = Agent.objects.get(username="erin")
    assert (erin.email, erin.email_confirmed) == ("", False), "a link handed over proves no address"


def test_an_e_mail_that_is_still_queued_does_not_undo_a_link_handed_over(manager: Client) -> None:
    manager.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"})
    pk = Invitation.objects.get().pk
    handed = link_in(manager.post(f"{PAGE}invitations/{pk}/lien/").content.decode())
    run_queued_tasks()
    assert not mail.outbox
    assert Client().get(handed).status_code == 200


def test_an_invitation_that_is_over_gives_no_new_link(manager: Client) -> None:
    manager.post(f"{PAGE}inviter/", {"is_helper": "on"})
    row = Invitation.objects.get()
    Invitation.objects.update(expires_at=clock.now())
    assert manager.post(f"{PAGE}invitations/{row.pk}/lien/")["Location"] == PAGE
    assert manager.post(f"{PAGE}invitations/{row.pk + 1}/lien/").status_code == 404


def test_an_invitation_whose_e_mail_did_not_leave_is_named(manager: Client) -> None:
    manager.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"})
    late = "Le courriel n’est pas parti"
    assert late not in manager.get(PAGE).content.decode()
    Invitation.objects.update(expires_at=Invitation.objects.get().expires_at - timedelta(minutes=3))
    assert late in manager.get(PAGE).content.decode()
    run_queued_tasks()
    assert mail.outbox
    assert late not in manager.get(PAGE).content.decode()


def test_in_development_the_page_says_where_the_e_mail_is_kept_and_it_is(
    manager: Client, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_FOLDER = tmp_path / "mails"
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": settings.EMAIL_FOLDER},
        }
    }
    answer = manager.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"}, follow=True)
    assert str(settings.EMAIL_FOLDER) in answer.content.decode()
    assert not PROMISES.search(answer.content.decode())
    run_queued_tasks()
    (kept,) = settings.EMAIL_FOLDER.iterdir()
    assert "erin@example.org" in kept.read_text()
