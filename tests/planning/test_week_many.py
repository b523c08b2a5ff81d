"""« Aidants » with many helpers: search, groups, drafts, what is to settle, and a day at a time."""

import re
from datetime import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, ShiftPattern
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.factories import at, make_agent, make_appointment, make_commune, make_shift, make_site
from tests.planning.test_week_page import TEAM, text

pytestmark = pytest.mark.usefixtures("tuesday")
SEARCH = reverse_lazy("team-search")


@pytest.fixture
def manager(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def usual(agent: Agent, site: Site, *weekdays: int) -> ShiftPattern:
    return ShiftPattern.objects.create(
        agent=agent,
        site=site,
        weekdays=list(weekdays),
        starts=time(9),
        ends=time(12),
        anchor_on=at(9).date(),
        from_on=at(9).date(),
    )


def drafts(response: Any) -> list[tuple[str, int]]:
    rows = response.context["grid"].rows
    return [
        (each.site.short_name, cell.day.day) for row in rows for cell in row.cells for each in cell.drafts
    ]


def test_what_is_not_published_yet_is_shown_and_counted(
    manager: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    usual(bob, site, 0, 2, 3)
    other = make_site(commune, short_name="Autre")
    page = manager.get(TEAM)
    assert drafts(page) == [(site.short_name, 25), (site.short_name, 26)], "Monday has passed"
    assert "brouillon : 2 changements cette semaine" in text(page)
    assert drafts(manager.get(TEAM, {"site": other.pk})) == []
    manager.force_login(bob)
    assert drafts(manager.get(TEAM)) == [], "nobody but a manager publishes"


def test_a_lost_visit_is_to_settle_on_whatever_day_and_place(
    manager: Client, commune: Commune, bob: Agent, cabin: Cabin, service: Service
) -> None:
    """Saturday is closed and not shown; another place may be looked at."""
    make_appointment(cabin, service, at(9, day=28))
    other = make_site(commune, short_name="Autre")
    for asked in ({}, {"site": other.pk}):
        (line,) = [each for each in manager.get(TEAM, asked).context["to_settle"] if "replacer" in each.text]
        assert (line.about, line.url) == ("samedi 28", reverse("replacements"))


def test_too_few_helpers_too_many_hours_and_too_little_rest_are_to_settle(
    manager: Client, bob: Agent, site: Site
) -> None:
    Membership.objects.filter(agent=bob).update(weekly_hours=2)
    make_shift(bob, site, at(9), at(11))
    make_shift(bob, site, at(14), at(22))
    said = [f"{each.about} {each.text}" for each in manager.get(TEAM).context["to_settle"]]
    short = site.short_name
    assert f"mardi 24 {short}, matin\xa0: 0 aidant sur 1, 11–12" in said
    assert f"mercredi 25 {short}, matin\xa0: personne" in said
    assert any(line.startswith("Bob 10\xa0h posées pour 2\xa0h dues (+8\xa0h)") for line in said)
    assert any("sans pause" in line for line in said)
    assert not [line for line in said if line.startswith("lundi 23")], "that day has passed"


def test_too_little_time_between_two_communes_is_to_settle_for_both_managers(
    manager: Client, client: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    """Whoever plans the second shift causes it, and sees it at once, without where the other one is."""
    other = make_commune(insee_code="76681", name="Grand-Quevilly")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    make_shift(bob, make_site(other), at(12, 5, day=26), at(13, 55, day=26))
    said = [each.text for each in manager.get(TEAM).context["to_settle"] if each.about == "Bob"]
    assert "jeudi 26\xa0: peu de temps pour aller ailleurs" in said
    client.force_login(make_agent(other, Role.MANAGER, first_name="Léa"))
    said = [each.text for each in client.get(TEAM).context["to_settle"] if each.about == "Bob"]
    assert "jeudi 26\xa0: peu de temps pour s’y rendre" in said


def test_a_line_to_settle_leads_to_the_helper_although_another_is_searched(
    manager: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    make_agent(commune, Role.HELPER, first_name="Zelda")
    Membership.objects.filter(agent=bob).update(weekly_hours=1)
    make_shift(bob, site, at(9), at(12))
    page = manager.post(SEARCH, {"q": "zelda"}, follow=True)
    (line,) = [each for each in page.context["to_settle"] if each.about == "Bob"]
    for url in (line.url, line.narrow_url):
        address, _, mark = url.partition("#")
        assert f'id="{mark}"' in text(manager.get(address))


@pytest.mark.parametrize(("written", "found"), [("zoe", 1), ("ZOÉ", 1), ("o", 2), ("nobody", 0), ("", 3)])
def test_helpers_are_searched_without_accents_and_capitals(
    manager: Client, commune: Commune, bob: Agent, written: str, found: int
) -> None:
    for name in ("Zoé", "Camille"):
        make_agent(commune, Role.HELPER, first_name=name, last_name="X")
    page = manager.post(SEARCH, {"q": written}, follow=True)
    assert page.context["found"] == found
    assert ("Aucun aidant ne s’appelle" in text(page)) == (found == 0)


def test_the_name_of_a_helper_is_in_no_address(manager: Client, commune: Commune, bob: Agent) -> None:
    """Addresses stay in histories and logs: they have ids, and lead to the same helpers again."""
    zoe = make_agent(commune, Role.HELPER, first_name="Zoé", last_name="X")
    answer = manager.post(SEARCH, {"q": "zoe", "week": "2026-11-30", "group": "none", "site": ""})
    address = answer.headers["Location"]
    assert address == f"{TEAM}?week=2026-11-30&group=none&helpers={zoe.pk}"
    page = manager.get(address)
    assert [row.agent for group in page.context["groups"] for row in group.rows] == [zoe]
    assert '<input type="search" id="week-q" name="q" autocomplete="off">' in text(page)
    assert re.search(r'<form id="week-filter" class="[^"]*" method="post"', text(page))


def test_what_else_is_chosen_leaves_who_was_found(manager: Client, commune: Commune, bob: Agent) -> None:
    sent = {"q": "", "helpers": str(bob.pk), "density": "hours"}
    assert manager.post(SEARCH, sent).headers["Location"] == f"{TEAM}?density=hours&helpers={bob.pk}"
    assert manager.post(SEARCH, {"q": ""}).headers["Location"] == TEAM


def test_a_helper_of_another_commune_is_not_found(manager: Client, bob: Agent) -> None:
    stranger = make_agent(make_commune(insee_code="76681"), Role.HELPER, first_name="Zelda")
    assert manager.post(SEARCH, {"q": "zelda"}).headers["Location"] == f"{TEAM}?helpers="
    assert manager.get(TEAM, {"helpers": str(stranger.pk)}).context["found"] == 0


def test_helpers_stand_under_the_place_where_they_work_most(
    manager: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    other = make_site(commune, short_name="Autre")
    carla = make_agent(commune, Role.HELPER, first_name="Carla")
    idle = make_agent(commune, Role.HELPER, first_name="Iris")
    make_shift(bob, site, at(9), at(12))
    make_shift(carla, site, at(9), at(10))
    make_shift(carla, other, at(14), at(17))
    groups = manager.get(TEAM, {"group": "place"}).context["groups"]
    assert [(team.site, [row.agent for row in team.rows]) for team in groups] == [
        (site, [bob]),
        (other, [carla]),
        (None, [idle]),
    ]
    assert manager.get(TEAM).context["group"] == "place", "it is remembered"
    assert len(manager.get(TEAM, {"group": "none"}).context["groups"]) == 1
    assert manager.get(TEAM, {"group": "else"}).context["group"] == "none"


def test_what_makes_no_sense_is_left_out(manager: Client, bob: Agent) -> None:
    for junk in ("é" * 3000, "a\ud7ff", "%", "2026-12-24"):
        asked = {"helpers": junk, "day": junk, "group": junk, "density": junk}
        assert manager.get(TEAM, asked).status_code == 200
        assert manager.post(SEARCH, {**asked, "q": junk}, follow=True).status_code == 200


def test_a_day_is_chosen_and_kept_by_the_search(manager: Client, bob: Agent, site: Site) -> None:
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    page = manager.get(TEAM, {"day": "2026-11-26"})
    day = page.context["team_day"]
    assert (day.day.day, day.helpers) == (26, 1)
    form = re.search(r'<form id="week-filter".*?</form>', text(page))
    assert form
    assert 'name="day" value="2026-11-26"' in form[0]


def test_a_leave_stands_for_the_shift_under_it_which_can_still_be_opened(
    manager: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    Absence.objects.create(
        agent=bob, commune=commune, starts_at=at(0), ends_at=at(12), kind=AbsenceKind.LEAVE
    )
    address = f"/equipe/presences/{shift.pk}/"
    table = text(manager.get(TEAM)).partition("<table")[2].partition("</table>")[0]
    assert f"<s>{site.short_name}</s>" in table
    assert table.count(address) == 1
    Absence.objects.update(commune=None, kind=AbsenceKind.OTHER)
    table = text(manager.get(TEAM)).partition("<table")[2].partition("</table>")[0]
    assert address in table


def test_a_day_closed_everywhere_is_named_and_offers_no_shift(
    manager: Client, bob: Agent, site: Site
) -> None:
    Site.objects.update(opening_hours="Mo-Fr 09:00-12:00,14:00-17:00; PH off")
    table = text(manager.get(TEAM, {"week": "2026-12-21"})).partition("<table")[2]
    assert "Noël" in table
    assert f"add-{bob.pk}-2026-12-24-morning" in table
    assert f"add-{bob.pk}-2026-12-25" not in table


def test_a_free_half_day_begins_the_form_with_the_hours_of_the_place(
    manager: Client, bob: Agent, site: Site
) -> None:
    asked: dict[str, str | int] = {"on": "2026-11-24", "agent": bob.pk, "site": site.pk, "half": "afternoon"}
    form = manager.get(reverse("shift-new"), asked).context["form"]
    assert (form["starts"].value(), form["ends"].value()) == (time(14), time(17))
    for half, place in (("evening", site.pk), ("afternoon", "x"), ("afternoon", "")):
        form = manager.get(reverse("shift-new"), {**asked, "half": half, "site": place}).context["form"]
        assert form["starts"].value() is None


def test_with_usual_weeks_a_manager_takes_at_most_seventeen_queries(
    manager: Client, commune: Commune, bob: Agent, site: Site
) -> None:
    for _ in range(12):
        usual(make_agent(commune, Role.HELPER), site, 2, 3)
    manager.get(TEAM)
    with CaptureQueriesContext(connection) as captured:
        assert manager.get(TEAM).status_code == 200
    assert len(captured) <= 17
