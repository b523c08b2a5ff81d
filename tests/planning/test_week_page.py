"""« Aidants »: the week of helpers as it is read and changed."""

from typing import Any

import pytest
from django.test import Client

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, Shift
from communes.models import Commune, Site
from core.roles import Role
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import at, make_agent, make_commune, make_shift, make_site

pytestmark = pytest.mark.usefixtures("tuesday")

TEAM = "/equipe/"


def shift_form(agent: Agent, site: Site, **changes: Any) -> dict[str, Any]:
    values = {"agent": agent.pk, "site": site.pk, "on": "2026-11-24", "starts": "09:00", "ends": "12:00"}
    return {**values, **changes}


def absence_form(agent: Agent, **changes: Any) -> dict[str, Any]:
    values = {"agent": agent.pk, "kind": "leave", "first_on": "2026-11-24", "last_on": "2026-11-25"}
    return {**values, **changes}


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_everyone_of_the_commune_reads_the_week(
    client: Client, alice: Agent, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9), at(12))
    for reader in (alice, bob, dana):
        client.force_login(reader)
        page = text(client.get(TEAM))
        assert "9–12" in page and "Bob" in page


def test_only_managers_are_offered_changes(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(bob)
    assert f"/equipe/presences/{shift.pk}/" not in text(client.get(TEAM))
    client.force_login(dana)
    assert f"/equipe/presences/{shift.pk}/" in text(client.get(TEAM))


@pytest.mark.parametrize("address", [TEAM, "/equipe/mois/"])
def test_a_manager_of_a_commune_without_helpers_is_led_to_the_accounts(
    client: Client, alice: Agent, dana: Agent, address: str
) -> None:
    empty = '<div class="empty">'
    client.force_login(dana)
    said = text(client.get(address)).partition(empty)[2].partition("</div>")[0]
    assert 'href="/equipe/comptes/"' in said
    client.force_login(alice)
    said = text(client.get(address)).partition(empty)[2].partition("</div>")[0]
    assert "href" not in said
    assert "Votre responsable peut" in said


def test_without_helpers_nothing_is_offered_that_needs_one(
    client: Client, commune: Commune, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    needs_one = ('id="shift-new"', 'id="absence-new"', 'id="week-copy"', 'id="week-q"', "data-print")
    page = client.get(TEAM).content.decode()
    assert [each for each in needs_one if each in page] == []
    make_agent(commune, Role.HELPER)
    page = client.get(TEAM).content.decode()
    assert [each for each in needs_one if each in page] == list(needs_one)


def test_what_is_over_is_not_short_any_more(
    client: Client, bob: Agent, dana: Agent, site: Site, set_clock: SetClock
) -> None:
    """Tuesday at three in the afternoon; nobody has come since Monday."""
    set_clock(at(15))
    client.force_login(dana)
    response = client.get(TEAM)
    (line,) = response.context["grid"].sites
    halves = [half for cover in line.covers[:2] for _name, half in cover.halves]
    assert [half.was_short for half in halves] == [True, True, True, False]
    assert [half.is_short for half in halves] == [False, False, False, True]
    monday = response.content.decode().partition('class="cover-sum"')[2].partition("</td>")[0]
    assert "passé" in text(response) and "is-short" not in monday and "couvert" not in monday
    month = client.get("/equipe/mois/").content.decode()
    assert "passé" in month


def test_the_first_of_a_month_is_said_rightly_above_its_column(
    client: Client, dana: Agent, bob: Agent
) -> None:
    client.force_login(dana)
    assert ">mardi 1er " in text(client.get(f"{TEAM}?week=2026-11-30"))


def test_a_week_without_shifts_says_what_that_means(client: Client, bob: Agent, dana: Agent) -> None:
    client.force_login(dana)
    response = client.get(TEAM)
    assert response.context["grid"].is_empty
    assert f"/equipe/presences/nouvelle/?on=2026-11-23&amp;agent={bob.pk}" in text(response)


def test_weeks_are_leafed_through(client: Client, bob: Agent, site: Site) -> None:
    make_shift(bob, site, at(9, day=30), at(12, day=30))
    client.force_login(bob)
    assert client.get(TEAM).context["grid"].is_empty
    next_week = client.get(TEAM, {"week": "2026-12-01"}).context
    assert next_week["week"].monday.isoformat() == "2026-11-30"
    (row,) = next_week["grid"].rows
    assert [len(cell.stays) for cell in row.cells] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize("week", ["", "hier", "2026-13-45", "0001-01-01", "9999-12-31", "2026-11"])
def test_a_week_that_makes_no_sense_is_this_week(client: Client, bob: Agent, week: str) -> None:
    client.force_login(bob)
    assert client.get(TEAM, {"week": week}).context["week"].monday.isoformat() == "2026-11-23"


def test_the_week_end_shows_only_when_someone_works(client: Client, bob: Agent, site: Site) -> None:
    client.force_login(bob)
    assert len(client.get(TEAM).context["grid"].days) == 5
    make_shift(bob, site, at(9, day=28), at(12, day=28))
    assert [day.day for day in client.get(TEAM).context["grid"].days] == [23, 24, 25, 26, 27, 28]


def test_a_manager_adds_changes_and_removes_a_shift(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    response = client.post("/equipe/presences/nouvelle/", shift_form(bob, site))
    shift = Shift.objects.get()
    assert response["Location"] == f"/equipe/?week=2026-11-23#shift-{shift.pk}"
    assert (shift.starts_at, shift.ends_at) == (at(9), at(12))
    address = f"/equipe/presences/{shift.pk}/"
    assert 'value="09:00"' in text(client.get(address))
    send_edit(client, address, shift_form(bob, site, ends="11:30"))
    shift.refresh_from_db()
    assert shift.ends_at == at(11, 30)
    send_edit(client, f"{address}supprimer/", {}, on=address)
    assert not Shift.objects.exists()


def test_an_overlap_is_explained_on_the_form(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    response = client.post("/equipe/presences/nouvelle/", shift_form(bob, site, starts="11:00", ends="13:00"))
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()
    assert Shift.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"on": "0012-01-01"},
        {"on": "9999-12-31"},
        {"starts": "25:00"},
        {"agent": ""},
        {"site": "x"},
        {"agent": 10**30},
    ],
)
def test_a_form_that_makes_no_sense_is_shown_again(
    client: Client, bob: Agent, dana: Agent, site: Site, changes: dict[str, Any]
) -> None:
    client.force_login(dana)
    response = client.post("/equipe/presences/nouvelle/", shift_form(bob, site) | changes)
    assert response.status_code == 422
    assert not Shift.objects.exists()


def test_people_and_places_of_another_commune_cannot_be_chosen(
    client: Client, bob: Agent, dana: Agent, charlie: Agent, site: Site
) -> None:
    client.force_login(dana)
    elsewhere = make_site(make_commune())
    for form in (shift_form(charlie, site), shift_form(bob, elsewhere)):
        assert client.post("/equipe/presences/nouvelle/", form).status_code == 422


def test_absences_last_whole_days_unless_hours_are_given(
    client: Client, bob: Agent, dana: Agent, commune: Commune
) -> None:
    client.force_login(dana)
    client.post("/equipe/absences/nouvelle/", absence_form(bob))
    whole = Absence.objects.get()
    assert (whole.starts_at, whole.ends_at) == (at(0), at(0, day=26))
    assert (whole.commune, whole.declared_by, whole.kind) == (commune, dana, AbsenceKind.LEAVE)
    whole.delete()
    client.post(
        "/equipe/absences/nouvelle/", absence_form(bob, starts="14:00", last_on="2026-11-24", ends="17:00")
    )
    part = Absence.objects.get()
    assert (part.starts_at, part.ends_at) == (at(14), at(17))


def test_an_absence_that_ends_before_it_starts_is_shown_again(
    client: Client, bob: Agent, dana: Agent
) -> None:
    client.force_login(dana)
    assert (
        client.post("/equipe/absences/nouvelle/", absence_form(bob, last_on="2026-11-20")).status_code == 422
    )


def test_sick_today_is_one_press_after_the_question(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    address = f"/equipe/{bob.pk}/malade/"
    assert address in text(client.get(TEAM))
    client.post(address)
    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at, absence.kind) == (at(0), at(0, day=25), AbsenceKind.SICK)
    assert address not in text(client.get(TEAM))


def test_the_reason_of_an_absence_stays_in_the_commune_that_recorded_it(
    client: Client, bob: Agent, dana: Agent, commune: Commune
) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    erin = make_agent(other, Role.MANAGER)
    absence = Absence.objects.create(
        agent=bob, commune=commune, starts_at=at(9), ends_at=at(12), kind=AbsenceKind.SICK, declared_by=dana
    )
    client.force_login(erin)
    (row,) = client.get(TEAM).context["grid"].rows
    (leave,) = row.cells[1].leaves
    assert not leave.is_ours
    page = text(client.get(TEAM))
    assert "9–12" in page and str(AbsenceKind.SICK.label) not in page
    assert client.post(f"/equipe/absences/{absence.pk}/supprimer/").status_code == 404
    client.force_login(dana)
    assert str(AbsenceKind.SICK.label) in text(client.get(TEAM))
    client.post(f"/equipe/absences/{absence.pk}/supprimer/")
    assert not Absence.objects.exists()


@pytest.mark.parametrize("reader", ["alice", "bob"])
def test_only_managers_change_the_team(
    client: Client, request: pytest.FixtureRequest, alice: Agent, bob: Agent, site: Site, reader: str
) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(request.getfixturevalue(reader))
    assert client.get("/equipe/presences/nouvelle/").status_code == 404
    assert client.get(f"/equipe/presences/{shift.pk}/").status_code == 404
    assert client.post(f"/equipe/presences/{shift.pk}/supprimer/").status_code == 404
    assert client.post(f"/equipe/{bob.pk}/malade/").status_code == 404
    assert Shift.objects.count() == 1


@pytest.mark.parametrize("helpers", [2, 30])
def test_the_week_takes_as_many_queries_whatever_the_number_of_helpers(
    client: Client, commune: Commune, dana: Agent, helpers: int, django_assert_num_queries: Any
) -> None:
    site = make_site(commune)
    for _ in range(helpers):
        agent = make_agent(commune, Role.HELPER)
        for day in (23, 24, 25):
            make_shift(agent, site, at(9, day=day), at(12, day=day))
        Absence.objects.create(agent=agent, commune=commune, starts_at=at(9, day=26), ends_at=at(12, day=26))
    client.force_login(dana)
    client.get(TEAM)
    # Who asks (2), places, helpers, shifts, absences, appointments (2), closures, requests,
    # who is on duty, until when the rota is published (2), usual weeks.
    with django_assert_num_queries(14):
        assert client.get(TEAM).status_code == 200
