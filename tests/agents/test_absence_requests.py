"""A helper asks to be away, a manager answers; being ill needs no answer."""

from typing import Any

import pytest
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Absence, AbsenceRequest, Agent
from communes.models import Commune, Site
from core.roles import Role
from planning.actions.absences import answer_absence, ask_absence, withdraw_request
from planning.errors import AbsenceInvalid, AlreadyAnswered
from tests.factories import TUESDAY, at, make_agent, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

PAGE = "/equipe/absences/"


def ask(agent: Agent, commune: Commune, **changes: Any) -> AbsenceRequest:
    values = {"starts_at": at(0, day=26), "ends_at": at(0, day=27), "kind": AbsenceKind.LEAVE, **changes}
    return ask_absence(agent=agent, commune=commune, now=TUESDAY, **values)


def test_a_request_counts_for_nothing_until_it_is_accepted(
    bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    asked = ask(bob, commune)
    assert not Absence.objects.exists()
    answer_absence(request=asked, accept=True, by=dana, now=TUESDAY)
    absence = Absence.objects.get()
    assert (absence.agent, absence.starts_at, absence.declared_by) == (bob, at(0, day=26), dana)
    site.refresh_from_db()
    assert site.version > 0


def test_a_refusal_makes_no_absence(bob: Agent, dana: Agent, commune: Commune) -> None:
    asked = ask(bob, commune)
    answer_absence(request=asked, accept=False, by=dana, now=TUESDAY)
    asked.refresh_from_db()
    assert asked.is_accepted is False
    assert not Absence.objects.exists()


def test_it_is_answered_once(bob: Agent, dana: Agent, commune: Commune) -> None:
    asked = ask(bob, commune)
    answer_absence(request=asked, accept=False, by=dana, now=TUESDAY)
    for again in (lambda: answer_absence(request=asked, accept=True, by=dana, now=TUESDAY),):
        with pytest.raises(AlreadyAnswered):
            again()
    with pytest.raises(AlreadyAnswered):
        withdraw_request(request=asked)
    assert not Absence.objects.exists()


def test_asking_twice_leaves_one(bob: Agent, commune: Commune) -> None:
    assert ask(bob, commune) == ask(bob, commune)
    with pytest.raises(AbsenceInvalid):
        ask(bob, commune, ends_at=at(0, day=26))


def test_from_asking_to_the_answer_by_the_pages(client: Client, bob: Agent, dana: Agent) -> None:
    client.force_login(bob)
    form = {"kind": "leave", "first_on": "2026-11-26", "last_on": "2026-11-27"}
    assert client.post(f"{PAGE}demander/", form)["Location"] == PAGE
    asked = AbsenceRequest.objects.get()
    address = f"{PAGE}demandes/{asked.pk}/"
    assert client.post(address, {"accept": "1"}).status_code == 404, "not one's own judge"
    client.force_login(dana)
    assert address in client.get(PAGE).content.decode()
    client.post(address, {"accept": "1"})
    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at) == (at(0, day=26), at(0, day=28))
    assert client.post(address, {"accept": "0"}).status_code == 302
    assert Absence.objects.count() == 1


def test_a_request_is_withdrawn_by_whoever_asked(client: Client, bob: Agent, commune: Commune) -> None:
    asked = ask(bob, commune)
    client.force_login(make_agent(commune, Role.HELPER))
    assert client.post(f"{PAGE}demandes/{asked.pk}/retirer/").status_code == 404
    client.force_login(bob)
    client.post(f"{PAGE}demandes/{asked.pk}/retirer/")
    assert not AbsenceRequest.objects.exists()


def test_being_ill_today_needs_no_answer(client: Client, bob: Agent) -> None:
    client.force_login(bob)
    client.post(f"{PAGE}demander/", {"sick": "today"})
    absence = Absence.objects.get()
    assert (absence.agent, absence.kind, absence.starts_at) == (bob, AbsenceKind.SICK, at(0))


def test_a_request_that_makes_no_sense_is_shown_again(client: Client, bob: Agent) -> None:
    client.force_login(bob)
    form = {"kind": "leave", "first_on": "2026-11-26", "last_on": "2026-11-20"}
    assert client.post(f"{PAGE}demander/", form).status_code == 422


def test_the_requests_of_another_commune_are_not_found(
    client: Client, bob: Agent, commune: Commune, charlie: Agent
) -> None:
    asked = ask(bob, commune)
    client.force_login(charlie)
    assert f"demandes/{asked.pk}" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}demandes/{asked.pk}/", {"accept": "1"}).status_code == 404
