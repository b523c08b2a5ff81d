"""« Aidants »: what the grid of the week says, and what is dragged, copied and taken back in it."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership
from communes.enums import ClosureReason
from communes.models import Cabin, Closure, Commune, Service, Site
from core.roles import Role
from tests.edits import send_edit
from tests.factories import at, make_agent, make_appointment, make_cabin, make_commune, make_shift, make_site
from tests.planning.test_week_page import TEAM, text

pytestmark = pytest.mark.usefixtures("tuesday")


def row_of(client: Client, agent: Agent, **query: Any) -> Any:
    return next(row for row in client.get(TEAM, query).context["grid"].rows if row.agent == agent)


def test_whoever_is_away_is_not_named_as_there_on_a_narrow_screen(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    client.force_login(dana)

    def there() -> list[Agent]:
        shown = client.get(TEAM, {"day": "2026-11-25"}).context["team_day"]
        return [agent for place in shown.places for half in place.halves for agent in half.there]

    assert there() == [bob]
    leave = {"starts_at": at(8, day=25), "ends_at": at(18, day=25), "kind": AbsenceKind.LEAVE}
    Absence.objects.create(agent=bob, commune=commune, **leave)
    assert there() == []


def test_hours_stand_against_the_contract_without_absences(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    Membership.objects.filter(agent=bob).update(weekly_hours="5.5")
    for day in (23, 24, 25):
        make_shift(bob, site, at(9, day=day), at(12, day=day))
    client.force_login(dana)
    row = row_of(client, bob)
    assert (row.minutes, row.due_minutes, row.over) == (540, 330, 210)
    Absence.objects.create(
        agent=bob, commune=commune, starts_at=at(10, day=25), ends_at=at(18, day=26), kind=AbsenceKind.LEAVE
    )
    row = row_of(client, bob)
    # Two hours of Wednesday morning, its afternoon and Thursday are no longer due: at most a half-day each.
    assert (row.minutes, row.due_minutes) == (420, 330 - 4 * 33)
    assert row.cells[2].stays[0].note


def test_a_shift_in_another_commune_shows_its_hours_only(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    make_shift(bob, make_site(other, name="Médiathèque", short_name="Médiathèque"), at(14), at(17))
    client.force_login(dana)
    page = text(client.get(TEAM))
    assert "14–17" in page
    assert "Médiathèque" not in page and "Sotteville" not in page
    assert row_of(client, bob).minutes == 0


def test_the_way_between_two_places_is_warned_of(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_shift(bob, make_site(commune), at(12, 5), at(14))
    client.force_login(dana)
    notes = [bool(stay.note) for stay in row_of(client, bob).cells[1].stays]
    assert notes == [False, True]


def test_the_way_to_another_commune_is_warned_of_here(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    make_shift(bob, site, at(9), at(12))
    make_shift(bob, make_site(other), at(12, 5), at(14))
    client.force_login(dana)
    assert "peu de temps pour aller ailleurs" in text(client.get(TEAM))


def test_the_contract_stands_under_the_name_and_what_is_due_beside_the_hours(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    assert "sans contrat" in text(client.get(TEAM))
    Membership.objects.filter(agent=bob).update(weekly_hours="35")
    page = text(client.get(TEAM, {"week": "2026-12-21"})).replace("\xa0", " ")
    assert "sans contrat" not in page and "35 h" in page and "28 h" in page


def test_too_little_rest_is_warned_of_with_its_law(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(14), at(22))
    make_shift(bob, site, at(8, day=25), at(12, day=25))
    client.force_login(dana)
    assert row_of(client, bob).warnings == [
        "mardi 24\xa0: 8\xa0h de travail sans pause de 20\xa0min",
        "nuit avant mercredi 25\xa0: 10\xa0h de repos, 11\xa0h au moins",
    ]
    camille = make_agent(site.commune, Role.HELPER, first_name="Adèle")
    assert row_of(client, camille).warnings == []
    assert "2000-815" in text(client.get(TEAM)), "whoever is warned of, not the first alone"
    assert "2000-815" in text(client.get("/equipe/mois/"))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [(at(0), at(12), "congé matin"), (at(14), at(0, day=25), "congé après-midi"), (at(9), at(11), "9–11")],
)
def test_an_absence_of_half_a_day_reads_so(
    client: Client, bob: Agent, dana: Agent, commune: Commune, start: datetime, end: datetime, said: str
) -> None:
    Absence.objects.create(agent=bob, commune=commune, starts_at=start, ends_at=end, kind=AbsenceKind.LEAVE)
    client.force_login(dana)
    assert said in re.sub("<[^>]*>", "", text(client.get(TEAM)))


def test_public_holidays_are_not_due(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    Membership.objects.filter(agent=bob).update(weekly_hours="35")
    client.force_login(dana)
    assert row_of(client, bob, week="2026-12-21").due_minutes == 28 * 60
    Absence.objects.create(
        agent=bob, starts_at=at(0), ends_at=at(0, day=26), kind=AbsenceKind.OTHER, commune=None
    )
    assert row_of(client, bob).due_minutes == 35 * 60, "another calendar is no leave"
    Absence.objects.create(
        agent=bob, starts_at=at(0), ends_at=at(12), kind=AbsenceKind.LEAVE, commune=site.commune
    )
    assert row_of(client, bob).due_minutes == 35 * 60 - 210


def test_a_shift_where_the_place_is_closed_says_so_and_counts_no_hours(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_shift(bob, site, at(14), at(17))
    Closure.objects.create(site=site, starts_at=at(14), ends_at=at(17), reason=ClosureReason.WORKS)
    client.force_login(dana)
    row = row_of(client, bob)
    assert [stay.is_closed for stay in row.cells[1].stays] == [False, True]
    assert row.minutes == 180
    assert "fermé" in text(client.get(TEAM))
    client.force_login(bob)
    assert "fermé" in text(client.get(reverse("my-week")))
    assert "fermé" in text(client.get("/ma-journee/"))


def test_who_is_there_for_a_quarter_of_an_hour_does_not_cover_a_half_day(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9), at(9, 15))
    make_shift(bob, site, at(14), at(17))
    client.force_login(dana)
    (line,) = client.get(TEAM).context["grid"].sites
    morning, afternoon = line.covers[1].morning, line.covers[1].afternoon
    assert (morning.present, morning.whole, morning.short) == (0, 1, ((at(9, 15), at(12)),))
    assert not afternoon.is_short
    assert "9:15–12" in text(client.get(TEAM))


def test_helpers_who_follow_one_another_cover_a_half_day(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    make_shift(bob, site, at(9), at(10, 30))
    make_shift(make_agent(commune, Role.HELPER), site, at(10, 30), at(12))
    client.force_login(dana)
    (line,) = client.get(TEAM).context["grid"].sites
    assert not line.covers[1].morning.is_short
    Site.objects.filter(pk=site.pk).update(helpers_morning=2)
    (line,) = client.get(TEAM).context["grid"].sites
    morning = line.covers[1].morning
    assert (morning.present, morning.needed, morning.short) == (1, 2, ((at(9), at(12)),))


def test_each_place_says_how_it_is_covered(
    client: Client, bob: Agent, dana: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_appointment(cabin, service, at(10), helper=bob)
    make_appointment(make_cabin(site), service, at(10, 15), with_helper=True)
    client.force_login(dana)
    (line,) = client.get(TEAM).context["grid"].sites
    tuesday = line.covers[1]
    assert (tuesday.morning.present, tuesday.morning.needed) == (1, 2)
    assert (tuesday.afternoon.present, tuesday.afternoon.needed) == (0, 1)
    assert tuesday.orphans == 1
    assert not line.covers[0].morning.present
    # Closed on Saturday, and on Sunday: those days are not shown at all.
    assert len(line.covers) == 5


def test_a_closure_needs_nobody(client: Client, dana: Agent, bob: Agent, site: Site) -> None:
    Closure.objects.create(site=site, starts_at=at(0), ends_at=at(0, day=25), reason=ClosureReason.WORKS)
    client.force_login(dana)
    (line,) = client.get(TEAM).context["grid"].sites
    assert not line.covers[1].is_open
    assert line.covers[2].is_open


def test_one_place_alone(client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site) -> None:
    other = make_site(commune, short_name="Verlaine")
    make_shift(bob, site, at(9), at(12))
    make_shift(bob, other, at(14), at(17))
    client.force_login(dana)
    grid = client.get(TEAM, {"site": other.pk}).context["grid"]
    assert [stay.shift.site for stay in grid.rows[0].cells[1].stays] == [other]
    assert [line.site for line in grid.sites] == [other]
    assert client.get(TEAM, {"site": "x"}).context["site"] is None


def test_one_place_alone_says_where_its_helpers_are_otherwise(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    """« + » would invite to plan somebody who is at another place then."""
    other = make_site(commune, short_name="Verlaine")
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    response = client.get(TEAM, {"site": other.pk})
    (cell,) = (cell for cell in response.context["grid"].rows[0].cells if cell.day.day == 24)
    assert cell.free_halves == ["afternoon"]
    said = response.content.decode()
    assert f'<span class="shift is-away half-morning">{site.short_name}</span>' in said
    assert f"/presences/{shift.pk}/" not in said
    assert not client.get(TEAM).context["grid"].rows[0].cells[1].others


def test_a_change_leads_back_to_the_place_that_was_shown(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    make_site(commune, short_name="Verlaine")
    client.force_login(dana)
    client.get(TEAM, {"site": site.pk})
    sent = drag(bob, "2026-11-24", bob, "2026-11-27")
    assert client.post(f"/equipe/presences/{shift.pk}/deplacer/", sent)["Location"].endswith(
        f"&site={site.pk}"
    )
    for address in ("/equipe/annuler/", "/equipe/copier/", f"/equipe/{bob.pk}/malade/"):
        assert f"&site={site.pk}" in client.post(address)["Location"], address
    client.get(TEAM)
    assert "site" not in client.post("/equipe/copier/")["Location"]


def test_names_stand_as_french_sorts_them(client: Client, dana: Agent, commune: Commune) -> None:
    names = ["Zoé", "Éric", "emma", "Farid", "Élodie", "Elodie", "Œnone", "Odile"]
    for name in names:
        make_agent(commune, Role.HELPER, first_name=name)
    client.force_login(dana)
    expected = ["Elodie", "Élodie", "emma", "Éric", "Farid", "Odile", "Œnone", "Zoé"]
    assert [row.agent.first_name for row in client.get(TEAM).context["grid"].rows] == expected
    offered = client.get("/equipe/presences/nouvelle/").context["form"].fields["agent"].queryset
    assert [agent.first_name for agent in offered] == expected


def drag(was: Agent, was_on: str, to: Agent, on: str) -> dict[str, Any]:
    return {"agent": to.pk, "on": on, "was_agent": was.pk, "was_on": was_on}


def test_a_shift_is_dragged_to_another_day_and_helper_and_back(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    camille = make_agent(commune, Role.HELPER)
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    target = drag(bob, "2026-11-24", camille, "2026-11-27")
    response = client.post(
        f"/equipe/presences/{shift.pk}/deplacer/", target, headers={"HX-Request": "true"}, follow=True
    )
    assert "<html" not in text(response)
    shift.refresh_from_db()
    assert (shift.agent, shift.starts_at, shift.ends_at) == (camille, at(9, day=27), at(12, day=27))
    client.post("/equipe/annuler/")
    shift.refresh_from_db()
    assert (shift.agent, shift.starts_at, shift.ends_at) == (bob, at(9), at(12))


def test_nine_stays_nine_when_it_is_dragged_over_a_clock_change(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    paris = site.commune.tz
    shift = make_shift(
        bob, site, datetime(2027, 3, 26, 9, tzinfo=paris), datetime(2027, 3, 26, 12, tzinfo=paris)
    )
    client.force_login(dana)
    client.post(
        f"/equipe/presences/{shift.pk}/deplacer/",
        drag(bob, "2027-03-26", bob, "2027-03-29"),
    )
    shift.refresh_from_db()
    assert [at.astimezone(paris).hour for at in (shift.starts_at, shift.ends_at)] == [9, 12]


def test_a_drag_onto_another_shift_says_why_not(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    make_shift(bob, site, at(10, day=25), at(11, day=25))
    client.force_login(dana)
    response = client.post(
        f"/equipe/presences/{shift.pk}/deplacer/",
        drag(bob, "2026-11-24", bob, "2026-11-25"),
        follow=True,
    )
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    shift.refresh_from_db()
    assert shift.starts_at == at(9)


@pytest.mark.parametrize("target", [{}, {"agent": "x", "on": "2026-11-25"}, {"on": "9999-12-31"}])
def test_a_drag_to_nowhere_changes_nothing(
    client: Client, bob: Agent, dana: Agent, site: Site, target: dict[str, str]
) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    assert (
        client.post(f"/equipe/presences/{shift.pk}/deplacer/", {"agent": bob.pk, **target}).status_code == 302
    )
    shift.refresh_from_db()
    assert shift.starts_at == at(9)


def test_the_week_before_is_copied_and_taken_back(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    for day in (24, 25):
        make_shift(bob, site, at(9, day=day), at(12, day=day))
    make_shift(bob, site, at(10, day=30) + timedelta(days=1), at(11, day=30) + timedelta(days=1))
    client.force_login(dana)
    response = client.post("/equipe/copier/", {"week": "2026-11-30"}, follow=True)
    levels = [message.level_tag for message in response.context["messages"]]
    assert levels == ["success", "warning"], "Tuesday is in the way"
    assert bob.shifts.count() == 4
    client.post("/equipe/annuler/")
    assert bob.shifts.count() == 3
    client.post("/equipe/annuler/")
    assert bob.shifts.count() == 3


def test_what_has_passed_is_not_copied(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    make_shift(bob, site, at(9, day=16), at(12, day=16))
    make_shift(bob, site, at(9, day=18), at(12, day=18))
    client.force_login(dana)
    client.post("/equipe/copier/", {"week": "2026-11-23"})
    assert [shift.starts_at for shift in bob.shifts.all()][2:] == [at(9, day=25)]


def test_removing_is_taken_back(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    send_edit(client, f"/equipe/presences/{shift.pk}/supprimer/", {}, on=f"/equipe/presences/{shift.pk}/")
    assert not bob.shifts.exists()
    assert "team-undo" in text(client.get(TEAM))
    client.post("/equipe/annuler/")
    assert bob.shifts.get().starts_at == at(9)
    client.post(f"/equipe/{bob.pk}/malade/")
    client.post("/equipe/annuler/")
    assert not Absence.objects.exists()


def test_what_cannot_be_taken_back_says_so(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    send_edit(client, f"/equipe/presences/{shift.pk}/supprimer/", {}, on=f"/equipe/presences/{shift.pk}/")
    make_shift(bob, site, at(10), at(11))
    response = client.post("/equipe/annuler/", follow=True)
    assert [message.level_tag for message in response.context["messages"]][-1] == "error"
    assert bob.shifts.count() == 1


def test_the_undo_of_one_commune_is_not_that_of_another(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    other = make_commune()
    Membership.objects.create(agent=dana, commune=other, is_manager=True)
    shift = make_shift(bob, site, at(9), at(12))
    client.force_login(dana)
    send_edit(client, f"/equipe/presences/{shift.pk}/supprimer/", {}, on=f"/equipe/presences/{shift.pk}/")
    client.post("/compte/commune/", {"commune": other.pk})
    client.post("/equipe/annuler/")
    assert not bob.shifts.exists()


def test_a_shift_across_noon_leaves_room_for_a_second_one(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    make_shift(bob, site, at(11, day=25), at(15, day=25))
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    client.force_login(dana)
    page = text(client.get(TEAM))
    assert f'id="add-{bob.pk}-2026-11-25-beside"' in page
    assert f'id="add-{bob.pk}-2026-11-26-beside"' not in page
    Absence.objects.create(
        agent=bob,
        commune=site.commune,
        starts_at=at(0, day=25),
        ends_at=at(0, day=26),
        kind=AbsenceKind.LEAVE,
    )
    assert f'id="add-{bob.pk}-2026-11-25-beside"' not in text(client.get(TEAM))
