"""« Semaine type »: all rows of a helper's usual week on one page, saved together or not at all."""

from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership, PatternDay, Shift, ShiftPattern
from communes.models import Commune, Site
from core.roles import Role
from planning.actions.publishing import publish_shifts
from planning.actions.usual_weeks import set_pattern
from tests.edits import edit_form, send_edit
from tests.factories import TUESDAY, make_agent, make_commune, make_site
from tests.planning.test_patterns_page import editor, row

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def manager(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def make_row(agent: Agent, site: Site, **changes: Any) -> ShiftPattern:
    values = {
        "weekdays": [0, 1],
        "starts": time(9),
        "ends": time(12),
        "anchor_on": date(2026, 11, 23),
        "from_on": date(2026, 1, 1),
        **changes,
    }
    return set_pattern(pattern=ShiftPattern(agent=agent, site=site, **values))


def send(client: Client, agent: Agent, **typed: Any) -> Any:
    """Open the page, type into it, and save. `typed`: by the name of the field."""
    form = edit_form(client.get(editor(agent)))
    return client.post(editor(agent), {**form.sent, **typed})


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def stored(agent: Agent) -> list[tuple[list[int], time, time]]:
    return list(agent.patterns.order_by("starts").values_list("weekdays", "starts", "ends"))


def test_rows_are_added_changed_and_removed_at_once(manager: Client, bob: Agent, site: Site) -> None:
    kept, gone = make_row(bob, site), make_row(bob, site, weekdays=[4])
    answer = send(
        manager,
        bob,
        **{f"row-{kept.pk}-ends": "11:00", f"row-{gone.pk}-remove": "on"},
        **row(site, starts="14:00", ends="17:00", weekdays=["0"]),
    )
    assert answer["Location"] == reverse("patterns-publish")
    assert stored(bob) == [([0, 1], time(9), time(11)), ([0], time(14), time(17))]


def test_nothing_is_saved_and_all_is_kept_when_one_row_is_wrong(
    manager: Client, bob: Agent, site: Site
) -> None:
    kept = make_row(bob, site)
    wrong = row(site, starts="17:00", ends="14:00", weekdays=["0"])
    answer = send(manager, bob, **{f"row-{kept.pk}-ends": "11:00"}, **wrong)
    assert answer.status_code == 422
    assert stored(bob) == [([0, 1], time(9), time(12))]
    page = text(answer)
    assert '<a href="#id_new-1-ends">Ligne 2, À : La fin doit venir après le début.</a>' in page
    assert edit_form(answer).data[f"row-{kept.pk}-ends"] == ["11:00"]
    assert edit_form(answer).data["new-1-starts"] == ["17:00"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"weekdays": None}, "weekdays"),
        ({"weekdays": ["9"]}, "weekdays"),
        ({"ends": "08:00"}, "ends"),
        ({"every_weeks": "0"}, "every_weeks"),
        ({"until_on": "2026-11-01"}, "until_on"),
        ({"from_on": "0001-01-01"}, "from_on"),
        ({"site": "x"}, "site"),
    ],
)
def test_a_row_that_makes_no_sense_is_shown_again(
    manager: Client, bob: Agent, site: Site, changes: dict[str, Any], wrong: str
) -> None:
    make_site(site.commune)  # with one place only, it is chosen already
    typed = {f"new-1-{name}": value for name, value in changes.items()}
    sent = {name: value for name, value in {**row(site), **typed}.items() if value is not None}
    answer = send_edit(manager, editor(bob), sent)
    assert answer.status_code == 422 and not ShiftPattern.objects.exists()
    (part,) = answer.context["form"].parts
    assert set(part.errors) == {wrong}


def test_rows_at_the_same_hour_are_named_and_refused(manager: Client, bob: Agent, site: Site) -> None:
    make_row(bob, site)
    answer = send(manager, bob, **row(site, starts="11:00", weekdays=["1"]))
    assert answer.status_code == 422
    assert "Ligne 2, De : Aux mêmes heures que la ligne 1, par exemple le mardi 24 novembre" in text(answer)
    assert ShiftPattern.objects.count() == 1


@pytest.mark.parametrize(
    "apart",
    [
        {"every_weeks": "2", "anchor_on": "2026-11-30"},
        {"from_on": "2027-01-01"},
        {"weekdays": ["4"]},
        {"starts": "12:00", "ends": "14:00"},
    ],
)
def test_rows_that_never_meet_are_not_refused(
    manager: Client, bob: Agent, site: Site, apart: dict[str, Any]
) -> None:
    make_row(bob, site, every_weeks=2, until_on=date(2026, 12, 31))
    assert send(manager, bob, **row(site, **{"weekdays": ["0"], **apart})).status_code == 302


def test_the_hours_stand_beside_those_of_the_contract(manager: Client, bob: Agent, site: Site) -> None:
    Membership.objects.filter(agent=bob).update(weekly_hours=8)
    make_row(bob, site)
    make_row(bob, site, weekdays=[2], starts=time(14), ends=time(18), every_weeks=2)
    week = manager.get(editor(bob)).context["week"]
    assert [(each.minutes, each.contract, each.over) for each in week.pictures] == [
        (600, 480, 120),
        (360, 480, 0),
    ]
    assert week.average == 480
    (monday, *_), wednesday = week.pictures[0].days[0][1], week.pictures[0].days[2][1]
    assert (monday.half, wednesday[0].half) == ("morning", "afternoon")


def test_a_look_counts_what_is_typed_and_saves_nothing(manager: Client, bob: Agent, site: Site) -> None:
    sent = {"look": "1", **row(site)}
    part = manager.post(editor(bob), sent, headers={"HX-Request": "true"})
    assert part.status_code == 200 and "<form" not in text(part)
    assert part.context["week"].pictures[0].minutes == 360
    assert not ShiftPattern.objects.exists()


def test_one_more_row_keeps_what_is_typed_and_takes_the_focus(
    manager: Client, bob: Agent, site: Site
) -> None:
    kept = make_row(bob, site)
    answer = send(manager, bob, **{"add": "1", f"row-{kept.pk}-ends": "quatre"}, **row(site, starts="14:00"))
    assert answer.status_code == 200
    data = edit_form(answer).data
    assert (data[f"row-{kept.pk}-ends"], data["new-1-starts"]) == (["quatre"], ["14:00"])
    assert data["new-2-starts"] == [""]
    page = text(answer)
    assert "errorlist" not in page and page.count("autofocus") == 1
    part = manager.post(editor(bob), {"add": "1", **row(site)}, headers={"HX-Request": "true"})
    assert "new-2-starts" in text(part) and "new-1-starts" not in text(part)
    assert stored(bob) == [([0, 1], time(9), time(12))]


def test_a_removed_row_takes_its_published_shifts_along(
    manager: Client, bob: Agent, site: Site, commune: Commune
) -> None:
    pattern = make_row(bob, site, weekdays=[3])
    publish_shifts(commune=commune, until=date(2026, 12, 6), now=TUESDAY)
    assert Shift.objects.count() == 2
    send(manager, bob, **{f"row-{pattern.pk}-remove": "on"})
    assert f"row-{pattern.pk}" not in text(manager.get(editor(bob)))
    publish_shifts(commune=commune, until=date(2026, 12, 6), now=TUESDAY)
    assert not Shift.objects.exists() and not PatternDay.objects.exists()


def test_a_row_is_handed_over_to_another_helper(manager: Client, bob: Agent, site: Site) -> None:
    erin = make_agent(site.commune, Role.HELPER, first_name="Erin")
    pattern = make_row(bob, site)
    assert send(manager, bob, **{f"row-{pattern.pk}-agent": str(erin.pk)}).status_code == 302
    assert (stored(bob), stored(erin)) == ([], [([0, 1], time(9), time(12))])


def test_a_row_is_not_handed_over_to_a_helper_who_is_elsewhere_then(
    manager: Client, bob: Agent, site: Site
) -> None:
    erin = make_agent(site.commune, Role.HELPER, first_name="Erin")
    make_row(erin, site)
    pattern = make_row(bob, site)
    answer = send(manager, bob, **{f"row-{pattern.pk}-agent": str(erin.pk)})
    assert answer.status_code == 422
    assert "Semaine type : Erin a deux lignes qui se chevauchent" in text(answer)
    assert stored(bob) == stored(erin) == [([0, 1], time(9), time(12))]


def test_a_form_sent_twice_adds_its_new_row_once(manager: Client, bob: Agent, site: Site) -> None:
    form = edit_form(manager.get(editor(bob)))
    for _ in range(2):
        assert manager.post(editor(bob), {**form.sent, **row(site)}).status_code == 302
    assert ShiftPattern.objects.count() == 1


def test_a_row_that_somebody_removed_meanwhile_is_not_brought_back_in_silence(
    manager: Client, bob: Agent, site: Site
) -> None:
    pattern, other = make_row(bob, site), make_row(bob, site, weekdays=[4])
    form, key = edit_form(manager.get(editor(bob))), f"row-{pattern.pk}"
    pattern.delete()
    changed = {**form.sent, f"{key}-ends": "11:00", f"row-{other.pk}-ends": "11:30"}
    answer = manager.post(editor(bob), changed)
    assert answer.status_code == 409
    assert "supprimée" in text(answer) and "lundi, mardi, 9:00–11:00" in text(answer)
    assert stored(bob) == [([4], time(9), time(12))]
    again = edit_form(answer).sent
    assert manager.post(editor(bob), {**again, f"choice-{key}": "mine"}).status_code == 302
    assert sorted(stored(bob)) == [([0, 1], time(9), time(11)), ([4], time(9), time(11, 30))]


def test_a_row_that_somebody_removed_and_this_agent_left_alone_goes_away(
    manager: Client, bob: Agent, site: Site
) -> None:
    pattern, other = make_row(bob, site), make_row(bob, site, weekdays=[4])
    form = edit_form(manager.get(editor(bob)))
    pattern.delete()
    answer = manager.post(editor(bob), {**form.sent, f"row-{other.pk}-ends": "11:30"})
    assert answer.status_code == 302
    assert stored(bob) == [([4], time(9), time(11, 30))]


def test_a_helper_of_another_commune_has_no_page_here(manager: Client) -> None:
    stranger = make_agent(make_commune(name="Sotteville"), Role.HELPER, first_name="Zoé")
    assert manager.get(editor(stranger)).status_code == 404
