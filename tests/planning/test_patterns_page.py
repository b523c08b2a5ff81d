"""« Semaines types »: a look at what a change does, then the change."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, PatternDay, Shift, ShiftPattern
from communes.models import Cabin, Service, Site
from planning.models import HelperNews, NewsKind, RotaPublication
from planning.tasks import each_night
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import PARIS, TUESDAY, at, make_appointment, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

PAGE = "/equipe/semaines-types/"
PUBLISH = f"{PAGE}publier/"
UNDO = f"{PUBLISH}revenir/"


def form(agent: Agent, site: Site, **changes: Any) -> dict[str, Any]:
    values = {
        "agent": agent.pk,
        "site": site.pk,
        "weekdays": ["2", "3"],
        "starts": "09:00",
        "ends": "12:00",
        "every_weeks": "1",
        "anchor_on": "2026-11-23",
        "from_on": "2026-11-23",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def test_a_usual_week_is_recorded_then_looked_at_then_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    assert client.post(f"{PAGE}nouvelle/", form(bob, site))["Location"] == PUBLISH
    assert not Shift.objects.exists()
    preview = client.get(PUBLISH).context["preview"]
    assert (preview.count, preview.told) == (24, [bob])
    assert [len(line.days) for line in preview.lines] == [12, 12], "one line for each weekday"
    assert not Shift.objects.exists()
    sent = {"until": preview.until.isoformat(), "seen": preview.digest}
    assert client.post(PUBLISH, sent)["Location"] == PAGE
    assert Shift.objects.count() == 24
    assert "Bob" in client.get(PAGE).content.decode()


def test_the_appointments_that_a_change_orphans_are_shown_first(
    client: Client, bob: Agent, dana: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.post(PUBLISH, {"until": "2026-12-31"})
    visit = make_appointment(cabin, service, at(9, day=25), helper=bob)
    address = f"{PAGE}{ShiftPattern.objects.get().pk}/"
    assert 'value="09:00"' in client.get(address).content.decode()
    send_edit(client, address, form(bob, site, starts="10:00"))
    preview = client.get(PUBLISH).context["preview"]
    assert [each.appointment for each in preview.orphans] == [visit]
    assert bob.shifts.earliest("starts_at").starts_at == at(9, day=25)
    client.post(PUBLISH, {"until": preview.until.isoformat()})
    assert bob.shifts.earliest("starts_at").starts_at == at(10, day=25)


def test_a_change_reaches_as_far_as_the_rota_is_published(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.post(PUBLISH, {"until": "2027-06-30"})
    send_edit(
        client, f"{PAGE}{ShiftPattern.objects.get().pk}/", form(bob, site, starts="10:00", ends="12:00")
    )
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
    client.post(f"{PAGE}nouvelle/", form(bob, site))
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
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.post(PUBLISH, {"until": "2026-12-31"})
    before = sorted(Shift.objects.values_list("starts_at", "ends_at"))
    send_edit(
        client,
        f"{PAGE}{ShiftPattern.objects.get().pk}/",
        form(bob, site, weekdays=["3", "4"], starts="10:00"),
    )
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
    client.post(f"{PAGE}nouvelle/", form(bob, site, weekdays=["3"]))
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
    client.post(f"{PAGE}nouvelle/", form(bob, site))
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
    client.post(f"{PAGE}nouvelle/", form(bob, site))
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
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    was = ShiftPattern.objects.values().get()
    make_shift(bob, site, at(9, day=26), at(11, day=26))
    client.post(f"{PAGE}cette-semaine/", {"week": "2026-11-24"})
    client.post("/equipe/annuler/")
    assert ShiftPattern.objects.values().get() == was


def test_a_deleted_shift_that_comes_back_follows_its_usual_week_again(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.post(PUBLISH, {"until": "2026-11-30"})
    shift = Shift.objects.earliest("starts_at")
    address = f"/equipe/presences/{shift.pk}/"
    send_edit(client, f"{address}supprimer/", {}, on=address)
    client.post("/equipe/annuler/")
    send_edit(client, f"{PAGE}{ShiftPattern.objects.get().pk}/", form(bob, site, starts="10:00"))
    client.post(PUBLISH, {"until": "2026-11-30"})
    assert {each.starts_at for each in Shift.objects.all()} == {at(10, day=25), at(10, day=26)}


@pytest.mark.parametrize(("until", "warned"), [("2026-12-14", True), ("2026-12-15", False)])
def test_managers_are_warned_three_weeks_before_published_weeks_end(
    client: Client, bob: Agent, dana: Agent, site: Site, until: str, warned: bool
) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.post(PUBLISH, {"until": until})
    assert bool(client.get(PAGE).context["rota_ends"]) == warned
    each_night.call()
    each_night.call()
    assert HelperNews.objects.filter(agent=dana, kind=NewsKind.ROTA_ENDS).count() == warned


@pytest.mark.parametrize(
    "changes",
    [
        {"weekdays": None},
        {"weekdays": ["9"]},
        {"ends": "08:00"},
        {"every_weeks": "0"},
        {"until_on": "2026-11-01"},
        {"from_on": "0001-01-01"},
        {"agent": "x"},
    ],
)
def test_a_usual_week_that_makes_no_sense_is_shown_again(
    client: Client, bob: Agent, dana: Agent, site: Site, changes: dict[str, Any]
) -> None:
    client.force_login(dana)
    values = form(bob, site) | changes
    response = client.post(f"{PAGE}nouvelle/", {k: v for k, v in values.items() if v is not None})
    assert response.status_code == 422
    assert not ShiftPattern.objects.exists()


def test_all_are_published_up_to_a_day(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.post(PUBLISH, {"until": "2027-03-01"})
    assert Shift.objects.count() == 28
    for until in ("2099-01-01", "2026-11-01", "", "x"):
        assert client.post(PUBLISH, {"until": until}).status_code == 422
    assert client.get(PUBLISH, {"until": "x"}).status_code == 422
    assert Shift.objects.count() == 28


def test_helpers_read_them(client: Client, bob: Agent, dana: Agent, site: Site) -> None:
    client.force_login(dana)
    client.post(f"{PAGE}nouvelle/", form(bob, site))
    client.force_login(bob)
    page = client.get(PAGE).content.decode()
    assert "Bob" in page and "publier" not in page
