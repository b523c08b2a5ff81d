"""Accounts kept by managers: within their commune, and never without a manager left."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.actions.accounts import change_membership, reset_password, temporary_password
from agents.actions.leaving import leave_now
from agents.errors import LastManager, WorksElsewhere
from agents.models import Agent, Membership, Shift, ShiftPattern
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.edits import send_edit
from tests.factories import (
    PASSWORD,
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_commune,
    make_service,
    make_shift,
)

pytestmark = pytest.mark.usefixtures("tuesday")

PAGE = "/equipe/comptes/"


def membership(agent: Agent) -> Membership:
    return Membership.objects.select_related("agent", "commune").get(agent=agent)


def form(**changes: Any) -> dict[str, Any]:
    return {"first_name": "Erin", "last_name": "Nouvelle", "username": "erin", "is_helper": "on", **changes}


def test_a_new_agent_logs_in_once_with_the_password_shown_and_changes_it(
    client: Client, dana: Agent, service: Service
) -> None:
    client.force_login(dana)
    response = client.post(f"{PAGE}nouveau/", form(skills=[service.pk], weekly_hours="17.5"))
    password = response.context["password"]
    erin = Agent.objects.get(username="erin")
    assert password in response.content.decode()
    assert password not in client.get(PAGE).content.decode()
    member = membership(erin)
    assert (member.roles, list(member.skills.all()), member.weekly_hours) == (
        {Role.HELPER},
        [service],
        Decimal("17.5"),
    )
    fresh = Client()
    assert fresh.post("/connexion/", {"username": "erin", "password": password})["Location"] == "/"
    assert fresh.get("/")["Location"] == "/connexion/mot-de-passe/"


def test_temporary_passwords_can_be_read_aloud() -> None:
    found = {temporary_password() for _ in range(50)}
    assert len(found) == 50
    assert not set("".join(found)) & set("il1o0")


@pytest.mark.parametrize(
    "changes",
    [{"username": ""}, {"username": "dana"}, {"first_name": ""}, {"is_helper": ""}, {"skills": ["x"]}],
)
def test_an_account_that_makes_no_sense_is_shown_again(
    client: Client, dana: Agent, changes: dict[str, Any]
) -> None:
    client.force_login(dana)
    assert client.post(f"{PAGE}nouveau/", form() | changes).status_code == 422
    assert not Agent.objects.filter(username="erin").exists()


def test_skills_of_another_commune_cannot_be_given(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    theirs = make_service(make_commune())
    assert client.post(f"{PAGE}nouveau/", form(skills=[theirs.pk])).status_code == 422


def test_roles_and_skills_are_changed(client: Client, bob: Agent, dana: Agent, service: Service) -> None:
    client.force_login(dana)
    send_edit(client, f"{PAGE}{membership(bob).pk}/", {"is_desk": "on", "is_helper": "on"})
    member = membership(bob)
    assert (member.roles, list(member.skills.all())) == ({Role.DESK, Role.HELPER}, [])


def test_the_last_manager_stays_one(client: Client, dana: Agent, commune: Commune) -> None:
    member = membership(dana)
    with pytest.raises(LastManager):
        change_membership(membership=member, changes={"is_manager": False, "is_desk": True})
    with pytest.raises(LastManager):
        leave_now(membership=membership(dana), now=TUESDAY)
    client.force_login(dana)
    assert send_edit(client, f"{PAGE}{member.pk}/", {"is_desk": "on"}).status_code == 422
    assert membership(dana).is_manager
    make_agent(commune, Role.MANAGER)
    leave_now(membership=membership(dana), now=TUESDAY)
    assert not Membership.objects.filter(agent=dana).exists()


def test_a_new_password_ends_sessions_and_the_lockout(client: Client, bob: Agent, dana: Agent) -> None:
    elsewhere = Client()
    elsewhere.force_login(bob)
    for _ in range(6):
        Client().post("/connexion/", {"username": "bob", "password": "faux"})
    assert Client().post("/connexion/", {"username": "bob", "password": PASSWORD}).status_code == 429
    client.force_login(dana)
    response = client.post(f"{PAGE}{membership(bob).pk}/mot-de-passe/")
    password = response.context["password"]
    assert elsewhere.get("/compte/").status_code == 302
    assert Client().post("/connexion/", {"username": "bob", "password": password}).status_code == 302


def test_one_commune_does_not_take_over_the_account_of_someone_who_also_works_for_another(
    client: Client, bob: Agent, dana: Agent
) -> None:
    own = membership(bob)
    Membership.objects.create(agent=bob, commune=make_commune(), is_manager=True)
    with pytest.raises(WorksElsewhere):
        reset_password(membership=own)
    client.force_login(dana)
    client.post(f"{PAGE}{own.pk}/mot-de-passe/")
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)


def test_whoever_leaves_keeps_the_past_and_loses_what_was_ahead(
    client: Client, bob: Agent, dana: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    past, _now, coming = (make_shift(bob, site, at(8, day=day), at(12, day=day)) for day in (23, 24, 25))
    ShiftPattern.objects.create(
        agent=bob,
        site=site,
        weekdays=[0],
        starts=time(9),
        ends=time(12),
        anchor_on=date(2026, 11, 2),
        from_on=date(2026, 11, 2),
    )
    visit = make_appointment(cabin, service, at(9, day=25), helper=bob)
    client.force_login(dana)
    response = client.post(f"{PAGE}{membership(bob).pk}/depart/", {"when": "now"}, follow=True)
    assert [each.appointment for each in response.context["plan"].proposals] == [visit]
    assert not Shift.objects.filter(pk=coming.pk).exists()
    assert Shift.objects.filter(pk=past.pk).exists()
    assert ShiftPattern.objects.get().until_on == date(2026, 11, 23)
    assert Appointment.objects.get().helper == bob
    bob.refresh_from_db()
    assert not bob.is_active
    assert Client().post("/connexion/", {"username": "bob", "password": PASSWORD}).status_code == 200


def test_someone_who_works_elsewhere_can_still_log_in(bob: Agent, dana: Agent) -> None:
    own = membership(bob)
    Membership.objects.create(agent=bob, commune=make_commune(), is_helper=True)
    leave_now(membership=own, now=TUESDAY)
    bob.refresh_from_db()
    assert bob.is_active


def test_logging_out_everywhere_else_keeps_this_session(client: Client, bob: Agent, alice: Agent) -> None:
    others = [Client(), Client()]
    for each in (client, *others):
        each.force_login(bob)
    colleague = Client()
    colleague.force_login(alice)
    assert len(client.get("/compte/").context["places"]) == 3
    client.post("/compte/sessions/")
    assert [each.get("/compte/").status_code for each in (client, *others, colleague)] == [200, 302, 302, 200]


def test_the_sheet_with_a_first_password_says_where_to_log_in(
    client: Client, dana: Agent, settings: Any
) -> None:
    settings.PUBLIC_BASE_URL = "https://permanence.example"
    client.force_login(dana)
    made = client.post(f"{PAGE}nouveau/", form())
    assert "https://permanence.example/" in made.content.decode()
    erin = Agent.objects.get(username="erin")
    again = client.post(reverse("account-password", args=[membership(erin).pk]))
    assert "https://permanence.example/" in again.content.decode()


def test_each_role_says_what_it_is_for(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    for name in ("account-new", "invitation-new"):
        page = client.get(reverse(name)).content.decode()
        for said in ("Répond au téléphone", "Aide les habitants", "S’occupe des lieux", "ne voit le nom"):
            assert said in page


@pytest.mark.parametrize(
    ("asked", "ticked"),
    [("desk", {"is_desk"}), ("helper", {"is_helper"}), ("manager", set()), ("x", set()), ("", set())],
)
def test_who_comes_to_add_a_helper_finds_the_role_ticked(
    client: Client, dana: Agent, asked: str, ticked: set[str]
) -> None:
    client.force_login(dana)
    member = client.get(reverse("account-new"), {"role": asked}).context["member"]
    roles = ("is_desk", "is_helper", "is_manager", "is_technician")
    assert {name for name in roles if member[name].value()} == ticked
