"""« Semaines types »: a look at what a change does, then the change."""

import html
import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, PatternDay, Shift, ShiftPattern
from booking.pages.when import HORIZON
from communes.models import Cabin, Closure, Commune, Service, Site
from core.roles import Role
from core.templatetags.times import day_year
from planning.forms import FURTHEST
from planning.models import HelperNews, NewsKind, RotaPublication
from planning.tasks import each_night
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import PARIS, TUESDAY, at, make_agent, make_appointment, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

PAGE = "/equipe/semaines-types/"
PUBLISH = f"{PAGE}publier/"
UNDO = f"{PUBLISH}revenir/"


def editor(agent: Agent) -> str:
    return reverse("usual-week", args=[agent.pk])


def row(site: Site, key: str = "new-1", **changes: Any) -> dict[str, Any]:
    """What is sent of one row. None: nothing of the field."""
    values = {
        "site": site.pk,
        "weekdays": ["2", "3"],
        "starts": "09:00",
        "ends": "12:00",
        "every_weeks": "1",
        "anchor_on": "2026-11-23",
        "from_on": "2026-11-23",
        **changes,
    }
    return {f"{key}-{name}": value for name, value in values.items() if value is not None}


def record(client: Client, agent: Agent, site: Site, **changes: Any) -> Any:
    """A new row, or if there is one already, that one as it is to be."""
    pattern = ShiftPattern.objects.filter(agent=agent).first()
    key, who = (f"row-{pattern.pk}", agent.pk) if pattern else ("new-1", None)
    return send_edit(client, editor(agent), row(site, key, agent=who, **changes))


def test_a_usual_week_is_recorded_then_looked_at_then_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    assert record(client, bob, site)["Location"] == PUBLISH
    assert not Shift.objects.exists()
    preview = client.get(PUBLISH).context["preview"]
    assert (preview.count, preview.told) == (24, [bob])
    assert [len(line.days) for line in preview.lines] == [12, 12], "one line for each weekday"
    assert not Shift.objects.exists()
    sent = {"until": preview.until.isoformat(), "seen": preview.digest}
    assert client.post(PUBLISH, sent)["Location"] == PAGE
    assert Shift.objects.count() == 24
    assert "Bob" in client.get(PAGE).content.decode()


def test_one_helper_is_told_on_their_page_and_two_each_on_theirs(
    client: Client, commune: Commune, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    assert "</strong> sur sa page, avec ses seuls changements." in client.get(PUBLISH).content.decode()
    record(client, make_agent(commune, Role.HELPER), site)
    assert (
        "</strong> sur leur page, chacun avec ses seuls changements." in client.get(PUBLISH).content.decode()
    )


def test_without_a_helper_the_page_leads_to_where_one_is_added(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    assert f'href="{reverse("account-new", query={"role": "helper"})}"' in client.get(PAGE).content.decode()


def test_the_page_asks_which_appointments_a_publication_or_its_undo_left_without_a_helper(
    client: Client, dana: Agent
) -> None:
    client.force_login(dana)
    assert f'hx-get="{reverse("replacements-notice")}"' in client.get(PAGE).content.decode()


def test_the_appointments_that_a_change_orphans_are_shown_first(
    client: Client, bob: Agent, dana: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2026-12-31"})
    visit = make_appointment(cabin, service, at(9, day=25), helper=bob)
    assert 'value="09:00"' in client.get(editor(bob)).content.decode()
    record(client, bob, site, starts="10:00")
    preview = client.get(PUBLISH).context["preview"]
    assert [each.appointment for each in preview.orphans] == [visit]
    assert bob.shifts.earliest("starts_at").starts_at == at(9, day=25)
    client.post(PUBLISH, {"until": preview.until.isoformat()})
    assert bob.shifts.earliest("starts_at").starts_at == at(10, day=25)


def test_a_change_reaches_as_far_as_the_rota_is_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2027-06-30"})
    record(client, bob, site, starts="10:00", ends="12:00")
    preview = client.get(PUBLISH).context["preview"]
    assert preview.until.isoformat() == "2027-06-30"
    response = client.post(PUBLISH, {"until": "2027-02-28"})
    assert response.status_code == 422 and "mercredi 30 juin 2027" in response.content.decode()
    client.post(PUBLISH, {"until": "2027-06-30"})
    hours = {shift.starts_at.astimezone(PARIS).hour for shift in Shift.objects.all()}
    assert hours == {10}


def test_what_changed_since_the_page_was_read_is_shown_before_it_is_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    seen = client.get(PUBLISH).context["preview"].digest
    ShiftPattern.objects.update(weekdays=[4])
    response = client.post(PUBLISH, {"until": "2027-01-31", "seen": seen})
    assert response.status_code == 409 and not Shift.objects.exists()
    digest = response.context["preview"].digest
    assert client.post(PUBLISH, {"until": "2027-01-31", "seen": digest}).status_code == 302
    assert Shift.objects.exists()


def test_a_publication_is_undone_within_ten_minutes(
    client: Client, bob: Agent, dana: Agent, site: Site, set_clock: SetClock
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2026-12-31"})
    before = sorted(Shift.objects.values_list("starts_at", "ends_at"))
    record(client, bob, site, weekdays=["3", "4"], starts="10:00")
    client.post(PUBLISH, {"until": "2027-01-31"})
    assert sorted(Shift.objects.values_list("starts_at", "ends_at")) != before
    latest = client.get(PAGE).context["undoable"]
    set_clock(TUESDAY + timedelta(minutes=9))
    client.post(UNDO, {"publication": latest.pk})
    assert sorted(Shift.objects.values_list("starts_at", "ends_at")) == before
    assert PatternDay.objects.exclude(shift=None).count() == len(before), "tied to the usual week as before"
    assert client.get(PUBLISH).context["preview"].until.isoformat() == "2026-12-31"
    first = RotaPublication.objects.standing().get()
    set_clock(TUESDAY + timedelta(minutes=11))
    client.post(UNDO, {"publication": first.pk})
    assert Shift.objects.count() == len(before), "too late"


def test_shifts_made_by_hand_that_are_as_wanted_follow_their_usual_week(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    by_hand = make_shift(bob, site, at(9, day=26), at(12, day=26))
    client.force_login(dana)
    record(client, bob, site, weekdays=["3"])
    preview = client.get(PUBLISH, {"until": "2026-11-30"}).context["preview"]
    assert (preview.count, preview.in_the_way) == (0, [])
    client.post(PUBLISH, {"until": "2026-11-30"})
    assert PatternDay.objects.get().shift == by_hand
    client.post(UNDO, {"publication": RotaPublication.objects.get().pk})
    assert not PatternDay.objects.exists() and Shift.objects.get() == by_hand


def test_what_somebody_changed_since_is_not_undone_over_them(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2026-12-31"})
    number = Shift.objects.count()
    Shift.objects.filter(pk=Shift.objects.earliest("starts_at").pk).update(ends_at=at(11, day=25))
    client.post(UNDO, {"publication": RotaPublication.objects.get().pk})
    assert Shift.objects.count() == number
    for junk in ("", "x", "9" * 30):
        assert client.post(UNDO, {"publication": junk}).status_code == 302


def test_a_week_is_made_the_usual_one_and_taken_back(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    (old,) = ShiftPattern.objects.all()
    for day in (24, 26):
        make_shift(bob, site, at(9, day=day), at(11, day=day))
    response = client.post(f"{PAGE}cette-semaine/", {"week": "2026-11-24"})
    assert response["Location"] == PUBLISH
    old.refresh_from_db()
    assert old.until_on == date(2026, 11, 29)
    new = ShiftPattern.objects.latest("pk")
    assert (new.weekdays, new.ends, new.from_on) == ([1, 3], time(11), date(2026, 11, 30))
    client.post(f"{PAGE}cette-semaine/", {"week": "2026-11-24"})
    assert ShiftPattern.objects.count() == 2, "the same week twice changes nothing more"
    client.post("/equipe/annuler/")
    client.post(f"{PAGE}cette-semaine/", {"week": "2027-11-24"})
    assert ShiftPattern.objects.count() == 2, "a week without shifts changes nothing"


def test_taking_a_week_as_the_usual_one_is_undone(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    was = ShiftPattern.objects.values().get()
    make_shift(bob, site, at(9, day=26), at(11, day=26))
    client.post(f"{PAGE}cette-semaine/", {"week": "2026-11-24"})
    client.post("/equipe/annuler/")
    assert ShiftPattern.objects.values().get() == was


def test_a_deleted_shift_that_comes_back_follows_its_usual_week_again(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2026-11-30"})
    shift = Shift.objects.earliest("starts_at")
    address = f"/equipe/presences/{shift.pk}/"
    send_edit(client, f"{address}supprimer/", {}, on=address)
    client.post("/equipe/annuler/")
    record(client, bob, site, starts="10:00")
    client.post(PUBLISH, {"until": "2026-11-30"})
    assert {each.starts_at for each in Shift.objects.all()} == {at(10, day=25), at(10, day=26)}


@pytest.mark.parametrize(("until", "warned"), [("2026-12-14", True), ("2026-12-15", False)])
def test_managers_are_warned_three_weeks_before_published_weeks_end(
    client: Client, bob: Agent, dana: Agent, site: Site, until: str, warned: bool
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": until})
    assert bool(client.get(PAGE).context["rota_ends"]) == warned
    each_night.call()
    each_night.call()
    assert HelperNews.objects.filter(agent=dana, kind=NewsKind.ROTA_ENDS).count() == warned


def test_all_are_published_up_to_a_day(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2027-03-01"})
    assert Shift.objects.count() == 28
    for until in ("2099-01-01", "2026-11-01", "", "x"):
        assert client.post(PUBLISH, {"until": until}).status_code == 422
    assert client.get(PUBLISH, {"until": "x"}).status_code == 422
    assert Shift.objects.count() == 28


def test_helpers_read_them(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    record(client, bob, site)
    client.force_login(bob)
    page = client.get(PAGE).content.decode()
    assert "Bob" in page and "publier" not in page


def test_what_would_change_nothing_cannot_be_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    button = "Publier et prévenir 1 aidant"
    assert button in client.get(PUBLISH).content.decode()
    client.post(PUBLISH, {"until": "2026-12-31"})
    page = client.get(PUBLISH, {"until": "2026-12-31"}).content.decode()
    assert "0 changement" in page
    assert 'name="seen"' not in page and button not in page


def test_without_a_usual_week_the_preview_counts_nothing_and_leads_to_where_one_is_recorded(
    client: Client, bob: Agent, dana: Agent
) -> None:
    client.force_login(dana)
    page = client.get(PUBLISH).content.decode()
    assert "changement" not in page and f'<a role="button" class="soft" href="{PAGE}"' in page
    client.post(PUBLISH, {"until": "2026-12-31"})
    assert not RotaPublication.objects.exists()


def test_publishing_what_changes_nothing_leaves_the_undo_of_what_was_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    for _ in range(2):
        client.post(PUBLISH, {"until": "2026-12-31"})
    client.post(UNDO, {"publication": RotaPublication.objects.get().pk})
    assert not Shift.objects.exists()


def test_half_days_without_enough_helpers_are_listed_with_a_comma_right_after_each_day(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site)
    said = " ".join(client.get(PUBLISH).content.decode().split())
    assert re.search(r"\. \d+ \w+\.?, \w{3}\. \d+ ", said)


def test_closed_days_are_listed_in_the_order_of_names(
    client: Client, commune: Commune, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    for name, weekdays in (("Farid", [0]), ("Éric", [1]), ("Emma", [2])):
        helper = make_agent(commune, Role.HELPER, first_name=name)
        record(client, helper, site, weekdays=[str(each) for each in weekdays])
    Closure.objects.create(site=site, starts_at=at(0), ends_at=at(0, day=30) + timedelta(days=14))
    preview = client.get(PUBLISH).context["preview"]
    assert [each.agent.first_name for each in preview.closed] == ["Emma", "Éric", "Farid"]


def test_before_a_publication_is_undone_the_page_says_how_many_visits_would_lose_their_helper(
    client: Client, bob: Agent, dana: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    said = "Si vous revenez en arrière, 1 rendez-vous sera à replacer."
    client.force_login(dana)
    record(client, bob, site)
    client.post(PUBLISH, {"until": "2026-12-31"})
    assert said not in client.get(PAGE).content.decode()
    make_appointment(cabin, service, at(9, day=25), helper=bob)
    shifts = Shift.objects.count()
    assert said in client.get(PAGE).content.decode()
    assert Shift.objects.count() == shifts


def test_a_usual_week_on_a_day_when_the_place_never_opens_is_shown_as_such_and_counts_no_hours(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    record(client, bob, site, weekdays=["4", "5"])
    page = html.unescape(client.get(PAGE).content.decode()).replace("\xa0", " ")
    assert "le lieu n’ouvre jamais à ce moment-là : samedi (non publié)" in page
    week = client.get(editor(bob)).context["week"]
    assert [picture.minutes for picture in week.pictures] == [180]
    assert [part.is_closed for _name, parts in week.pictures[0].days for part in parts] == [False, True]
    assert [each.replace("\xa0", " ") for each in week.closed] == [
        "Ligne 1 : Hôtel de ville n’ouvre jamais à ce moment-là (samedi). Rien n’y est publié ni compté."
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "is_remarked"),
    [
        ("18:00", "20:00", True),
        ("12:15", "13:45", True),
        ("14:00", "18:30", True),
        ("08:15", "18:00", False),
        ("14:00", "17:30", False),
    ],
)
def test_a_shift_outside_the_opening_hours_is_remarked_before_it_is_published_and_after(
    client: Client, bob: Agent, dana: Agent, site: Site, starts: str, ends: str, is_remarked: bool
) -> None:
    client.force_login(dana)
    record(client, bob, site, weekdays=["3"], starts=starts, ends=ends)
    said = "Publiées, mais hors des heures d’ouverture du lieu"
    preview = client.get(PUBLISH, {"until": "2026-11-26"})
    assert (said in preview.content.decode()) == is_remarked
    assert bool(preview.context["preview"].outside) == is_remarked
    client.post(PUBLISH, {"until": "2026-11-26"})
    week = client.get("/equipe/", {"day": "2026-11-26"}).content.decode()
    assert ("hors ouverture" in week) == is_remarked


def test_the_rota_is_planned_further_than_anything_is_booked_and_the_page_says_how_far(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    assert FURTHEST > HORIZON
    client.force_login(dana)
    last = TUESDAY.date() + FURTHEST
    assert client.get(PUBLISH, {"until": last.isoformat()}).status_code == 200
    refused = client.get(PUBLISH, {"until": (last + timedelta(days=1)).isoformat()})
    assert refused.status_code == 422
    assert f"jusqu’au {day_year(last)}, ce jour compris" in refused.content.decode()
