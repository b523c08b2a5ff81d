"""Joining a commune by a link, with an account of one's own."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django_q.models import OrmQ

from agents.actions.invitations import forget_expired, invite, join
from agents.errors import InvitationOver
from agents.models import Agent, Invitation, Membership
from communes.models import Commune, Service
from config.worker import task_backend
from core import clock
from core.roles import Role
from tests.factories import make_commune

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

PAGE = "/equipe/comptes/"
NEW = {
    "first_name": "Erin",
    "last_name": "Nouvelle",
    "username": "erin",
    "password1": "quatre cabines bleues",
    "password2": "quatre cabines bleues",
}


def run_queued_tasks() -> None:
    for row in OrmQ.objects.order_by("pk"):
        task_backend.run(*row.task["args"])
        row.delete()


def link_in(text: object) -> str:
    """The path of the one link of this installation in a mail or a page."""
    (found,) = set(re.findall(r"http://localhost:8000(/(?:invitation|compte|connexion)/[^\s<]+/)", str(text)))
    return str(found)


def invited(client: Client, manager: Agent, **form: Any) -> str:
    """The link, as it arrives: by mail where there is an address, else on the page."""
    client.force_login(manager)
    response = client.post(f"{PAGE}inviter/", {"is_helper": "on", **form})
    run_queued_tasks()
    return link_in(mail.outbox[-1].body if form.get("email") else response.content.decode())


def test_someone_invited_by_mail_makes_an_account_and_works(
    client: Client, dana: Agent, commune: Commune, service: Service
) -> None:
    link = invited(client, dana, email="erin@example.org", skills=[service.pk], weekly_hours="17.5")
    assert "erin@example.org" in client.get(PAGE).content.decode()
    assert mail.outbox[0].to == ["erin@example.org"]
    fresh = Client()
    assert commune.name in fresh.get(link).content.decode()
    assert fresh.post(link, NEW)["Location"] == "/"
    assert fresh.get("/")["Location"] == "/ma-journee/"
    erin = Agent.objects.get(username="erin")
    member = Membership.objects.get(agent=erin)
    assert (member.commune, member.roles, list(member.skills.all())) == (commune, {Role.HELPER}, [service])
    assert erin.email_confirmed
    assert not erin.must_change_password
    assert Client().get(link).status_code == 410
    assert "erin@example.org" not in client.get(PAGE).content.decode()


def test_the_last_day_of_an_invitation_that_is_the_first_of_a_month_is_said_rightly(
    client: Client, dana: Agent
) -> None:
    invited(client, dana, email="erin@example.org")  # on 24 November, for seven days
    said = "mardi 1er décembre"
    assert said in mail.outbox[0].body
    assert f"jusqu’au {said}, " in client.get(PAGE).content.decode()
    shown = client.post(f"{PAGE}inviter/", {"is_helper": "on"}).content.decode()
    assert said in shown


@pytest.mark.parametrize("page", [f"{PAGE}inviter/", f"{PAGE}nouveau/"])
def test_a_commune_without_services_says_why_no_skill_can_be_ticked(
    client: Client, dana: Agent, page: str
) -> None:
    client.force_login(dana)
    empty = client.get(page).content.decode()
    assert "<legend>Compétences" not in empty
    assert "n’en propose pas encore" in empty


@pytest.mark.parametrize("page", [f"{PAGE}inviter/", f"{PAGE}nouveau/"])
def test_a_commune_with_services_has_skills_to_tick(
    client: Client, dana: Agent, service: Service, page: str
) -> None:
    client.force_login(dana)
    shown = client.get(page).content.decode()
    assert "<legend>Compétences" in shown
    assert "n’en propose pas encore" not in shown


def test_a_link_handed_over_is_shown_once_and_proves_no_address(client: Client, dana: Agent) -> None:
    link = invited(client, dana)
    assert link.rsplit("/", 2)[1] not in client.get(PAGE).content.decode()
    assert Client().post(link, NEW)["Location"] == "/"
    erin = Agent.objects.get(username="erin")
    assert (erin.email, erin.email_confirmed) == ("", False)
    assert not mail.outbox


def test_whoever_works_for_another_commune_joins_with_the_account_they_have(
    client: Client, dana: Agent, charlie: Agent, commune: Commune
) -> None:
    link = invited(client, dana)
    theirs = Client()
    theirs.force_login(charlie)
    assert theirs.post(link)["Location"] == "/"
    assert set(charlie.communes.all()) >= {commune}
    assert theirs.get("/compte/").context["commune"] == commune
    assert Agent.objects.filter(username="erin").count() == 0


def test_whoever_already_works_here_leaves_the_invitation_to_others(
    client: Client, dana: Agent, bob: Agent
) -> None:
    link = invited(client, dana)
    theirs = Client()
    theirs.force_login(bob)
    response = theirs.post(link, follow=True)
    assert "Vous travaillez déjà pour cette commune." in response.content.decode()
    assert Client().get(link).status_code == 200


def test_a_withdrawn_invitation_opens_nothing(client: Client, dana: Agent) -> None:
    link = invited(client, dana, email="erin@example.org")
    pk = Invitation.objects.get().pk
    client.post(f"{PAGE}invitations/{pk}/retirer/")
    assert Client().post(link, NEW).status_code == 410
    assert not Agent.objects.filter(username="erin").exists()


def test_withdrawn_before_the_mail_left_none_leaves(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"})
    Invitation.objects.all().delete()
    run_queued_tasks()
    assert not mail.outbox


def test_a_mail_that_leaves_twice_works_by_its_last_copy(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}inviter/", {"is_helper": "on", "email": "erin@example.org"})
    again = OrmQ.objects.get().task["args"]
    run_queued_tasks()
    task_backend.run(*again)
    first, last = (link_in(each.body) for each in mail.outbox)
    assert [Client().get(link).status_code for link in (first, last)] == [410, 200]


def test_after_a_week_it_is_over_and_forgotten(commune: Commune, dana: Agent, bob: Agent) -> None:
    now = clock.now()
    made, _token = invite(
        commune=make_commune(), email="", fields={"is_desk": True}, skills=[], invited_by=dana, now=now
    )
    assert forget_expired(now=now + timedelta(days=6)) == 0
    with pytest.raises(InvitationOver):
        join(invitation=made, agent=bob, now=now + timedelta(days=7))
    assert forget_expired(now=now + timedelta(days=7)) == 1


@pytest.mark.parametrize("changes", [{"is_helper": ""}, {"email": "pas une adresse"}, {"weekly_hours": "60"}])
def test_an_invitation_that_makes_no_sense_is_shown_again(
    client: Client, dana: Agent, changes: dict[str, str]
) -> None:
    client.force_login(dana)
    form = {"is_helper": "on", "email": "erin@example.org"} | changes
    assert client.post(f"{PAGE}inviter/", form).status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("changes", [{"username": "dana"}, {"password2": "autre chose"}, {"first_name": ""}])
def test_an_account_that_makes_no_sense_is_shown_again(
    client: Client, dana: Agent, changes: dict[str, str]
) -> None:
    link = invited(client, dana)
    assert Client().post(link, NEW | changes).status_code == 422
    assert Invitation.objects.exists()


def test_a_guessed_link_says_nothing(client: Client) -> None:
    assert client.get("/invitation/abcdef/").status_code == 410


def test_a_name_taken_since_the_form_looked_is_said_next_to_it(
    client: Client, dana: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = invited(client, dana)
    monkeypatch.setattr(Agent, "validate_unique", lambda *args, **kwargs: None)
    monkeypatch.setattr(Agent, "validate_constraints", lambda *args, **kwargs: None)
    monkeypatch.setattr("django.contrib.auth.forms.BaseUserCreationForm.validate_unique", lambda form: None)
    for response in (
        Client().post(link, NEW | {"username": "dana"}),
        client.post(f"{PAGE}nouveau/", {**NEW, "username": "dana", "is_helper": "on"}),
    ):
        assert response.status_code == 422
        assert "déjà pris" in response.content.decode()
    assert Invitation.objects.exists()
    assert Agent.objects.filter(username="dana").count() == 1
