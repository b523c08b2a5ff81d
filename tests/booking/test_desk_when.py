"""« Quand ? » on the desk page: from a day on, on some weekdays and half-days, before a deadline."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident
from booking.pages.when import HORIZON, MOST_COLUMNS
from communes.models import Cabin, Closure, Commune, Service, Site
from tests.booking.shown import Shown
from tests.clocks import SetClock
from tests.factories import (
    at,
    make_appointment,
    make_cabin,
    make_resident,
    make_site,
)
from tests.html import Page

pytestmark = pytest.mark.usefixtures("tuesday", "cabin")
TODAY = date(2026, 11, 24)
THURSDAY = date(2026, 11, 26)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


# ---- weekdays and half-days -----------------------------------------------------------------------------


def test_thursday_afternoons_are_those_of_the_next_weeks(desk: Client, service: Service) -> None:
    shown = Shown(desk, service, days="3", half="pm")
    assert shown.days == [THURSDAY + n * WEEK for n in range(MOST_COLUMNS)]
    # 24 December is a Thursday, and no holiday.
    assert {hour[:2] for _on, hour in shown.starts} == {"14", "15", "16"}
    count = len(shown.starts)
    assert shown.text("says") == f"Les prochains jeudis après-midi, 45 min sans aidant : {count} horaires"
    assert shown.page.one(id="day-3")["checked"] is None
    assert "checked" not in shown.page.one(id="day-2")


def test_several_days_come_in_the_order_of_the_calendar(desk: Client, service: Service) -> None:
    shown = Shown(desk, service, days=["4", "0"], half="am")
    assert shown.days == [date(2026, 11, 27), date(2026, 11, 30), *(date(2026, 12, n) for n in (4, 7, 11))]
    assert shown.text("says").startswith("Les prochains lundis et vendredis matin, 45 min")


def test_the_arrows_go_on_to_the_next_days_that_suit_and_back(desk: Client, service: Service) -> None:
    first = Shown(desk, service, days="3", half="pm", before="2027-03-01")
    later = first.address("week-after")
    assert not first.page.all("id", "week-before")
    second = Shown(desk, service, **later)
    assert second.days == [THURSDAY + n * WEEK for n in range(MOST_COLUMNS, 2 * MOST_COLUMNS)]
    assert second.state.when.halves == {"pm"} and second.state.when.before == date(2027, 3, 1)
    assert "à partir du" in second.text("says")
    assert Shown(desk, service, **second.address("week-before")).days == first.days


def test_show_everything_forgets_the_filters_alone(desk: Client, service: Service, fatima: Resident) -> None:
    shown = Shown(desk, service, days="3", half="pm", before="2026-12-24", resident=fatima.pk, party="2")
    address = shown.address("show-all")
    assert not {"days", "half", "before"} & set(address)
    assert (address["resident"], address["party"]) == ([str(fatima.pk)], ["2"])
    assert not Shown(desk, service).page.all("id", "show-all")


def test_the_days_to_tick_are_those_on_which_a_place_opens(
    desk: Client, service: Service, commune: Commune
) -> None:
    make_site(commune, short_name="Verlaine", opening_hours="Su[1] 10:00-12:00")
    assert Shown(desk, service).weekdays == ["0", "1", "2", "3", "4", "6"]
    assert Shown(desk, service, days="5").weekdays == ["0", "1", "2", "3", "4", "5", "6"]


def test_a_place_that_never_closes_opens_on_all_days(desk: Client, service: Service, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(opening_hours="24/7")
    assert len(Shown(desk, service).weekdays) == 7


def test_without_weekdays_the_week_is_shown_as_before_with_only_those_half_days(
    desk: Client, service: Service
) -> None:
    whole, mornings = Shown(desk, service), Shown(desk, service, half="am")
    assert whole.days == mornings.days == [TODAY + n * DAY for n in range(4)]
    assert mornings.starts == [each for each in whole.starts if each[1] < "12:00"]
    assert Shown(desk, service, half=["am", "pm"]).starts == whole.starts
    assert "matin :" not in "".join(Shown(desk, service, half="pm").columns)


def test_a_column_says_which_places_have_no_time_and_why(
    desk: Client, service: Service, commune: Commune
) -> None:
    full, shut = (make_site(commune, name=name, short_name=name) for name in ("Verlaine", "Saint-Julien"))
    make_appointment(make_cabin(full), service, at(13, 50, day=26), ends_at=at(17, day=26))
    Closure.objects.create(site=shut, starts_at=at(12, day=26), ends_at=at(18, day=26))
    shown = Shown(desk, service, days="3", half="pm")
    assert "Verlaine : complet" in shown.columns[0]
    assert "Saint-Julien : fermé" in shown.columns[0]
    assert not re.search("Hôtel de ville : (complet|fermé|aucun)", shown.columns[0])
    assert "Verlaine : complet" not in shown.columns[1]
    at_the_place = Shown(desk, service, days="3", half="pm", site=full.pk)
    assert at_the_place.columns[0] == "jeudi 26 nov. après-midi : complet"


def test_days_that_suit_are_found_weeks_away(
    desk: Client, service: Service, site: Site, fatima: Resident
) -> None:
    Closure.objects.create(site=site, starts_at=at(0), ends_at=at(0) + 6 * WEEK)
    shown = Shown(desk, service, days="3", half="pm", resident=fatima.pk)
    assert shown.starts == []
    assert all("après-midi : fermé" in each for each in shown.columns)
    said = shown.text("further")
    assert "Rien n’est libre ces jours-là." in said
    assert "Le premier horaire qui convient : jeudi 7 janvier à 14 h (Hôtel de ville)." in said
    assert shown.page.all("form", "to-waiting")
    there = Shown(desk, service, **shown.address("next-free"))
    assert there.days[0] == date(2027, 1, 7)
    assert there.starts[0] == (date(2027, 1, 7), "14:00")


def test_where_no_such_day_comes_the_page_says_how_far_it_looked(
    desk: Client, service: Service, fatima: Resident
) -> None:
    shown = Shown(desk, service, days="6", resident=fatima.pk)
    assert "Rien non plus dans les huit semaines qui suivent." in shown.text("further")
    assert not shown.page.all("id", "next-free")


# ---- from a day on --------------------------------------------------------------------------------------


def test_seven_days_are_shown_from_the_day_asked_for(desk: Client, service: Service) -> None:
    shown = Shown(desk, service, week="2026-12-03")
    assert shown.days == [date(2026, 12, n) for n in (3, 4, 7, 8, 9)]
    assert shown.page.one(id="week")["value"] == "2026-12-03"
    assert shown.address("week-after")["week"] == ["2026-12-10"]
    assert shown.address("week-before")["week"] == ["2026-11-26"]
    assert shown.text("says").startswith("Du jeudi 3 décembre au mercredi 9 décembre, 45 min")


def test_a_day_that_is_past_is_said_beside_the_field(desk: Client, service: Service) -> None:
    shown = Shown(desk, service, week="2026-11-20")
    field = shown.page.one(id="week")
    assert (field["value"], field["aria-invalid"]) == ("2026-11-20", "true")
    assert (
        shown.text(field["aria-describedby"] or "")
        == "Ce jour est passé : choisissez aujourd’hui ou plus tard."
    )
    assert shown.days == []
    assert not shown.page.all("id", "further")


def test_a_day_beyond_the_horizon_is_said_beside_the_field(desk: Client, service: Service) -> None:
    last = TODAY + HORIZON
    assert last in Shown(desk, service, week=last.isoformat()).state.when.days
    beyond = Shown(desk, service, week=(last + DAY).isoformat())
    assert "jusqu’au 25 novembre 2027" in beyond.text("week_error")
    assert (beyond.days, beyond.page.all("id", "week-after")) == ([], [])
    on_the_edge = Shown(desk, service, week=(last - 3 * DAY).isoformat())
    assert max(on_the_edge.state.when.days) == last
    assert not on_the_edge.page.all("id", "week-after")


@pytest.mark.parametrize("junk", ["2026-02-30", "x", "9" * 40, "0001-99"])
def test_a_date_that_cannot_be_read_is_said_beside_the_field(
    desk: Client, service: Service, junk: str
) -> None:
    shown = Shown(desk, service, week=junk, before=junk)
    assert shown.text("week_error") == shown.text("before_error") == "Cette date ne peut pas être lue."


@pytest.mark.parametrize("extreme", ["0001-01-01", "9999-12-31"])
def test_an_extreme_date_is_no_error_of_ours(desk: Client, service: Service, extreme: str) -> None:
    for asked in ({"week": extreme}, {"before": extreme}, {"week": extreme, "days": "3"}):
        Shown(desk, service, **asked)
        query: dict[str, Any] = {"service": service.pk, "helper": "0", **asked}
        moved = desk.get(reverse("desk-next-free"), query)
        assert moved.status_code == 302


@pytest.mark.parametrize("instant", ["0001-01-01T00:00+14:00", "9999-12-31T23:59Z"])
def test_a_time_in_an_extreme_year_is_no_error_of_ours(
    desk: Client, service: Service, site: Site, instant: str
) -> None:
    asked: dict[str, Any] = {"service": service.pk, "helper": "0", "slot": f"{site.pk}@{instant}"}
    booked = make_appointment(site.cabins.get(), service, at(14))
    assert desk.get(reverse("desk"), asked).status_code == 200
    assert desk.get(reverse("desk-next-free"), asked).status_code == 302
    for name in ("desk-search", "desk-weeks"):
        assert desk.post(reverse(name), asked).status_code == 200
    for name, args in (("desk-hold", []), ("desk-confirm", []), ("desk-move", [booked.pk])):
        assert desk.post(reverse(name, args=args), asked).status_code == 422


def test_a_move_that_is_lost_under_an_extreme_deadline_is_no_error_of_ours(
    desk: Client, service: Service, site: Site
) -> None:
    booked = make_appointment(site.cabins.get(), service, at(14))
    asked = {"helper": "0", "slot": slot_value(site.pk, at(9)), "before": "0001-01-01"}
    assert desk.post(reverse("desk-move", args=[booked.pk]), asked).status_code == 422


def test_unreadable_days_and_halves_are_left_out(desk: Client, service: Service) -> None:
    assert Shown(desk, service, days="9", half="noon").days == Shown(desk, service).days


def test_at_night_on_saturday_the_next_week_is_shown(
    desk: Client, service: Service, set_clock: SetClock
) -> None:
    set_clock(at(20, day=28))
    assert Shown(desk, service).days[0] == date(2026, 11, 30)
    assert Shown(desk, service, days="0").days[0] == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("day", "hour", "first"),
    [(28, 9, date(2026, 11, 28)), (28, 13, date(2026, 11, 29)), (29, 9, date(2026, 11, 29))],
)
def test_at_the_weekend_this_week_is_shown_while_a_place_still_opens(
    desk: Client, service: Service, site: Site, set_clock: SetClock, day: int, hour: int, first: date
) -> None:
    site.opening_hours = "Mo-Fr 09:00-17:00; Sa-Su 09:00-12:00"
    site.save()
    set_clock(at(hour, day=day))
    assert Shown(desk, service).days[0] == first


def test_after_its_last_hours_of_the_weekend_the_next_week_is_shown(
    desk: Client, service: Service, site: Site, set_clock: SetClock
) -> None:
    site.opening_hours = "Mo-Fr 09:00-17:00; Sa-Su 09:00-12:00"
    site.save()
    set_clock(at(13, day=29))
    assert Shown(desk, service).days[0] == date(2026, 11, 30)


def test_a_closed_weekend_shows_the_next_week(
    desk: Client, service: Service, site: Site, set_clock: SetClock
) -> None:
    site.opening_hours = "Mo-Fr 09:00-17:00; Sa-Su 09:00-12:00"
    site.save()
    Closure.objects.create(site=site, starts_at=at(0, day=28), ends_at=at(0, day=30))
    set_clock(at(9, day=28))
    assert Shown(desk, service).days[0] == date(2026, 11, 30)


# ---- a deadline -----------------------------------------------------------------------------------------


def test_nothing_is_shown_on_or_after_the_deadline(desk: Client, service: Service) -> None:
    shown = Shown(desk, service, before="2026-11-26")
    assert shown.days == [TODAY, TODAY + DAY]
    assert "avant le jeudi 26 novembre" in shown.text("says")
    assert not shown.page.all("id", "week-after")
    thursdays = Shown(desk, service, days="3", before="2026-12-10")
    assert thursdays.days == [THURSDAY, THURSDAY + WEEK]


def test_where_nothing_is_free_before_it_the_first_time_after_it_is_said_apart(
    desk: Client, service: Service, site: Site, fatima: Resident
) -> None:
    Closure.objects.create(site=site, starts_at=at(0), ends_at=at(0, day=30))
    shown = Shown(desk, service, before="2026-11-27", resident=fatima.pk)
    assert shown.starts == []
    said = shown.text("further")
    assert "Rien n’est libre avant le vendredi 27 novembre." in said
    assert "Le premier horaire après cette date : lundi 30 novembre à 9 h (Hôtel de ville)." in said
    after = Shown(desk, service, **shown.address("next-free"))
    assert (after.state.when.before, after.days[0]) == (None, date(2026, 11, 30))
    carried = [each["value"] for each in shown.page.all("name", "until_on")]
    assert carried == ["2026-11-26"]


def test_the_first_possible_time_is_never_one_after_the_deadline(
    desk: Client, service: Service, site: Site
) -> None:
    Closure.objects.create(site=site, starts_at=at(0), ends_at=at(0, day=30))
    asked: dict[str, Any] = {"service": service.pk, "helper": "0"}
    found = desk.get(reverse("desk-next-free"), {**asked, "before": "2026-12-01"})
    assert "week=2026-11-30" in found.headers["Location"]
    refused = desk.get(reverse("desk-next-free"), {**asked, "before": "2026-11-30"})
    assert refused.status_code == 200
    assert "Rien n’est libre avant le lundi 30 novembre." in refused.content.decode()


def test_a_time_chosen_before_the_deadline_was_said_is_not_passed_over_in_silence(
    desk: Client, service: Service, site: Site
) -> None:
    pick = {"service": service.pk, "helper": "0", "slot": slot_value(site.pk, at(9, day=26))}
    desk.post(reverse("desk-hold"), pick)
    held = Appointment.objects.get()
    for before, said in (
        ("2026-11-27", ""),
        ("2026-11-26", "⚠ Cet horaire n’est pas avant le jeudi 26 novembre."),
    ):
        page = Shown(desk, service, hold=held.pk, before=before).page
        assert "".join(page.text(each) for each in page.all("class", "chosen-problem")) == said


def test_times_near_one_that_was_lost_keep_to_the_deadline(
    desk: Client, service: Service, cabin: Cabin
) -> None:
    make_appointment(cabin, service, at(9, day=25), ends_at=at(17, day=25))
    pick: dict[str, Any] = {
        "service": service.pk,
        "helper": "0",
        "slot": slot_value(cabin.site_id, at(16, day=25)),
    }
    near = desk.post(reverse("desk-hold"), pick).context["lost"].near
    assert any(each.start > at(0, day=26) for each in near)
    near = desk.post(reverse("desk-hold"), {**pick, "before": "2026-11-26"}).context["lost"].near
    assert all(each.start < at(0, day=26) for each in near)


@pytest.mark.parametrize("before", ["2026-11-24", "2026-11-02"])
def test_a_deadline_that_is_past_is_said_and_nothing_is_offered(
    desk: Client, service: Service, before: str
) -> None:
    shown = Shown(desk, service, before=before)
    assert shown.text("before_error") == "Choisissez un jour après aujourd’hui."
    assert shown.days == []


def test_a_deadline_before_the_first_day_is_said_and_nothing_is_offered(
    desk: Client, service: Service
) -> None:
    shown = Shown(desk, service, week="2026-12-07", before="2026-12-04")
    assert shown.text("before_error") == "Choisissez un jour après le premier jour montré."
    assert shown.days == []


# ---- how long -------------------------------------------------------------------------------------------


def test_two_people_are_told_the_longer_visit_before_they_choose(desk: Client, service: Service) -> None:
    assert Shown(desk, service).text("longer") == ""
    two = Shown(desk, service, party="2", days="3", half="pm")
    assert two.text("longer") == "70 min au lieu de 45"
    assert two.page.one(id="party")["aria-describedby"] == "longer"
    assert "70 min sans aidant" in two.text("says")
    assert max(hour for _on, hour in two.starts) <= "15:50"


def test_a_moved_appointment_is_offered_times_of_its_own_length(
    desk: Client, service: Service, cabin: Cabin, fatima: Resident
) -> None:
    long = make_appointment(cabin, service, at(9, day=25), ends_at=at(11, day=25), resident=fatima)
    asked: dict[str, Any] = {"move": long.pk, "days": "3", "half": "am"}
    response = desk.get(reverse("desk"), asked)
    state = response.context["desk"]
    page = Page(response.content.decode())
    assert "120 min" in page.text(page.one(id="says"))
    times = [slot.start for half in state.days[0].halves for slot in (*half.first, *half.more)]
    assert max(times) == at(10, day=26)


def test_the_time_that_a_moved_appointment_has_is_shown_but_is_no_time_to_move_to(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    booked = make_appointment(cabin, service, at(14), resident=fatima)
    Closure.objects.create(site=site, starts_at=at(7), ends_at=at(14))
    Closure.objects.create(site=site, starts_at=booked.ends_at, ends_at=at(23, day=29))
    page = desk.get(reverse("desk"), {"move": booked.pk})
    assert page.context["desk"].heading.count == 0
    assert "horaire actuel" in page.content.decode()
    assert f'value="{slot_value(site.pk, at(14))}"' not in page.content.decode()

    following = desk.get(reverse("desk-next-free"), {"move": booked.pk}, follow=True)
    assert following.context["desk"].when.days[0] > date(2026, 11, 29)
