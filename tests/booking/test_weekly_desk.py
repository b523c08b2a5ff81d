"""Weekly appointments at the desk: the agent says what becomes of a date that is not possible, then all are
written or none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import Status
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident
from booking.pages.weekly import Week
from communes.models import Cabin, Commune, Service, Site
from tests.booking.towns import SYSTEM
from tests.factories import PARIS, TUESDAY, make_appointment, make_cabin, make_resident, make_site

pytestmark = pytest.mark.usefixtures("tuesday")

FRIDAY = datetime(2026, 12, 18, 14, 0, tzinfo=PARIS)
"""The next two Fridays are Christmas and New Year's Day."""
WEEK = timedelta(weeks=1)
HTMX = {"HX-Request": "true"}
CHRISTMAS, NEW_YEAR = "week-2026-12-25", "week-2027-01-01"


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


def keep(service: Service, site: Site, start: datetime = FRIDAY) -> Appointment:
    """A time without a helper: the cabin alone decides."""
    request = actions.BookingRequest(service=service, site=site, start=start, with_helper=False)
    return actions.hold(request=request, by=SYSTEM, now=TUESDAY)


@pytest.fixture
def held(service: Service, site: Site, cabin: Cabin) -> Appointment:
    return keep(service, site)


def sent(held: Appointment, resident: Resident, times: Any = 4, **more: Any) -> dict[str, Any]:
    return {
        "hold": held.pk,
        "resident": resident.pk,
        "service": held.service_id,
        "helper": "0",
        "party": 1,
        "times": times,
        **more,
    }


def weeks(desk: Client, data: dict[str, Any]) -> dict[str, Week]:
    """By day, what the page says of the dates after the first."""
    response = desk.post(reverse("desk-weeks"), data)
    assert response.status_code == 200
    return {f"{week.start:%m-%d}": week for week in response.context["weeks"].following}


def values(week: Week) -> list[str]:
    return [option.value for option in week.options]


def at_site(site: Site, start: datetime) -> str:
    return slot_value(site.pk, start)


def booked() -> list[datetime]:
    rows = Appointment.objects.filter(status=Status.BOOKED, resident__isnull=False)
    return sorted(each.starts_at.astimezone(PARIS) for each in rows.exclude(note="in the way"))


def taken(cabin: Cabin, service: Service, start: datetime, hours: float = 1) -> Appointment:
    end = start + timedelta(hours=hours)
    return make_appointment(cabin, service, start, ends_at=end, blocked_until=end, note="in the way")


# ---- what is said of each date -----------------------------------------------------------------------


def test_the_dates_are_in_order_each_with_its_state(
    desk: Client, held: Appointment, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    taken(cabin, service, FRIDAY + 3 * WEEK)
    found = weeks(desk, sent(held, fatima))
    assert list(found) == ["12-25", "01-01", "01-08"]
    assert {day: week.reason for day, week in found.items()} == {
        "12-25": "jour férié",
        "01-01": "jour férié",
        "01-08": "complet",
    }
    assert all(week.chosen == "" for week in found.values())
    page = desk.post(reverse("desk-weeks"), sent(held, fatima)).content.decode()
    assert "vendredi 25 décembre, 14:00" in page.lower()
    assert "3 dates restent à régler" in page


def test_a_date_that_is_possible_has_nothing_to_choose(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    found = weeks(desk, sent(keep(service, site, FRIDAY - 3 * WEEK), fatima))
    assert [week.options for week in found.values()] == [(), (), ()]


def test_near_a_full_date_are_times_of_that_day_then_the_same_hour_of_other_days(
    desk: Client, held: Appointment, fatima: Resident, cabin: Cabin, service: Service, site: Site
) -> None:
    taken(cabin, service, FRIDAY + 3 * WEEK)
    full = weeks(desk, sent(held, fatima))["01-08"]
    on = FRIDAY + 3 * WEEK
    assert values(full) == [
        "skip",
        "end",
        at_site(site, on.replace(hour=15)),
        at_site(site, on.replace(hour=15, minute=15)),
        at_site(site, on.replace(hour=15, minute=30)),
        at_site(site, on - timedelta(days=2)),
        at_site(site, on - timedelta(days=1)),
    ]
    assert full.proposed and full.proposed.value == at_site(site, on.replace(hour=15))


def test_on_a_holiday_the_same_hour_of_the_days_before_is_proposed(
    desk: Client, held: Appointment, fatima: Resident, site: Site
) -> None:
    holiday = weeks(desk, sent(held, fatima))["12-25"]
    eve = FRIDAY + WEEK - timedelta(days=1)
    assert values(holiday) == ["skip", "end", at_site(site, eve - timedelta(days=1)), at_site(site, eve)]
    assert holiday.proposed and holiday.proposed.value == at_site(site, eve)


def test_other_times_are_of_the_place_that_was_asked_for(
    desk: Client, commune: Commune, held: Appointment, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    other = make_site(commune, name="Verlaine", short_name="Verlaine")
    make_cabin(other)
    taken(cabin, service, FRIDAY + 3 * WEEK)
    at_once = at_site(other, FRIDAY + 3 * WEEK)
    assert at_once in values(weeks(desk, sent(held, fatima))["01-08"])
    assert at_once not in values(weeks(desk, sent(held, fatima, site=held.site_id))["01-08"])


def test_where_no_time_is_near_a_week_more_is_proposed_if_that_is_possible(
    desk: Client, site: Site, cabin: Cabin, service: Service, fatima: Resident
) -> None:
    site.opening_hours = "Fr 14:00-15:00; PH off"
    site.save()
    held = keep(service, site)
    found = weeks(desk, sent(held, fatima, times=3))
    assert [week.proposed.value for week in found.values() if week.proposed] == ["end", "end"]
    site.closures.create(starts_at=FRIDAY + 4 * WEEK, ends_at=FRIDAY + 30 * WEEK)
    found = weeks(desk, sent(held, fatima, times=3))
    assert [week.proposed.value for week in found.values() if week.proposed] == ["end", "skip"]


def test_what_is_proposed_is_taken_by_one_press_and_nothing_is_booked(
    desk: Client, held: Appointment, fatima: Resident, site: Site
) -> None:
    found = weeks(desk, sent(held, fatima, take="1"))
    eve = FRIDAY + WEEK - timedelta(days=1)
    assert found["12-25"].chosen == at_site(site, eve)
    assert found["01-01"].chosen == at_site(site, eve + WEEK)
    assert not booked()


def test_what_is_chosen_stays_where_what_is_proposed_is_taken(
    desk: Client, held: Appointment, fatima: Resident
) -> None:
    found = weeks(desk, sent(held, fatima, take="1", **{CHRISTMAS: "skip"}))
    assert found["12-25"].chosen == "skip"
    assert found["01-01"].chosen.startswith(f"{held.site_id}@")


def test_a_week_more_is_listed_and_may_be_impossible_too(
    desk: Client, held: Appointment, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    taken(cabin, service, FRIDAY + 4 * WEEK)
    found = weeks(desk, sent(held, fatima, **{CHRISTMAS: "end", NEW_YEAR: "skip"}))
    assert list(found) == ["12-25", "01-01", "01-08", "01-15"]
    assert found["01-15"].is_open
    found = weeks(desk, sent(held, fatima, **{CHRISTMAS: "end", NEW_YEAR: "skip", "week-2027-01-15": "end"}))
    assert list(found)[-1] == "01-22"


def test_the_list_needs_few_queries(
    desk: Client, held: Appointment, fatima: Resident, django_assert_num_queries: Any
) -> None:
    more = {CHRISTMAS: "end", NEW_YEAR: "end"}
    for times in (3, 12):
        with django_assert_num_queries(11):
            desk.post(reverse("desk-weeks"), sent(held, fatima, times=times, **more), headers=HTMX)


# ---- what is booked ----------------------------------------------------------------------------------


def test_all_that_was_chosen_is_booked(
    desk: Client, held: Appointment, fatima: Resident, site: Site, commune: Commune
) -> None:
    other = make_site(commune)
    make_cabin(other)
    eve = FRIDAY + WEEK - timedelta(days=1)
    chosen = {CHRISTMAS: at_site(other, eve), NEW_YEAR: "end"}
    response = desk.post(reverse("desk-confirm"), sent(held, fatima, note="RIB", **chosen))
    assert response.status_code == 302
    assert booked() == [FRIDAY, eve, FRIDAY + 3 * WEEK, FRIDAY + 4 * WEEK]
    assert {each.note for each in Appointment.objects.all()} == {"RIB"}
    assert Appointment.objects.get(starts_at=eve).site == other


def test_an_open_date_keeps_all_from_being_booked_and_has_its_error_beside_it(
    desk: Client, held: Appointment, fatima: Resident
) -> None:
    response = desk.post(reverse("desk-confirm"), sent(held, fatima, note="RIB", **{CHRISTMAS: "skip"}))
    page = response.content.decode()
    assert response.status_code == 409
    assert booked() == []
    assert f'aria-describedby="{NEW_YEAR}-error"' in page
    assert f'id="{NEW_YEAR}-error"' in page
    assert f'id="{CHRISTMAS}-error"' not in page
    assert f'href="#{NEW_YEAR}-0"' in page
    assert f'id="{NEW_YEAR}-0"' in page
    assert 'value="RIB"' in page
    by_day = {week.name: week for week in response.context["weeks"].following}
    assert by_day[CHRISTMAS].chosen == "skip"


def test_a_time_lost_in_between_comes_back_with_the_list_and_what_else_was_chosen(
    desk: Client, held: Appointment, fatima: Resident, site: Site, cabin: Cabin, service: Service
) -> None:
    eve = FRIDAY + WEEK - timedelta(days=1)
    chosen = {CHRISTMAS: at_site(site, eve), NEW_YEAR: "skip"}
    taken(cabin, service, eve)  # meanwhile, by somebody else
    response = desk.post(reverse("desk-confirm"), sent(held, fatima, **chosen))
    assert response.status_code == 409
    assert booked() == []
    by_name = {week.name: week for week in response.context["weeks"].following}
    assert by_name[CHRISTMAS].chosen == ""
    assert "vient d’être pris" in by_name[CHRISTMAS].error
    assert by_name[NEW_YEAR].chosen == "skip"
    again = by_name[CHRISTMAS].proposed
    assert again and again.value != chosen[CHRISTMAS]
    desk.post(reverse("desk-confirm"), sent(held, fatima, **{**chosen, CHRISTMAS: again.value}))
    assert len(booked()) == 3


def test_a_usual_date_lost_in_between_is_marked(
    desk: Client, held: Appointment, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    chosen = {CHRISTMAS: "skip", NEW_YEAR: "skip"}
    taken(cabin, service, FRIDAY + 3 * WEEK)
    response = desk.post(reverse("desk-confirm"), sent(held, fatima, **chosen))
    assert response.status_code == 409
    marked = [week.start for week in response.context["weeks"].following if week.error]
    assert marked == [FRIDAY + 3 * WEEK]
    assert booked() == []


def test_a_date_that_is_free_again_can_still_be_skipped_or_taken(
    desk: Client, held: Appointment, fatima: Resident, cabin: Cabin, service: Service, site: Site
) -> None:
    day = "week-2027-01-08"
    again = weeks(desk, sent(held, fatima, **{day: "skip"}))["01-08"]
    assert (again.reason, again.chosen) == ("de nouveau libre", "skip")
    assert values(again) == ["skip", "end", at_site(site, FRIDAY + 3 * WEEK)]
    chosen = {CHRISTMAS: "skip", NEW_YEAR: "skip", day: "skip"}
    desk.post(reverse("desk-confirm"), sent(held, fatima, **chosen))
    assert booked() == [FRIDAY]


def test_a_date_beside_another_visit_is_booked_when_that_is_chosen(
    desk: Client, held: Appointment, fatima: Resident, commune: Commune, service: Service
) -> None:
    elsewhere = make_cabin(make_site(commune))
    start = FRIDAY + 3 * WEEK
    other = make_appointment(elsewhere, service, start, resident=fatima, note="in the way")
    chosen = {CHRISTMAS: "skip", NEW_YEAR: "skip"}
    found = weeks(desk, sent(held, fatima, **chosen))["01-08"]
    assert (found.reason, [each.id for each in found.others]) == (
        "autre rendez-vous de cette personne",
        [other.pk],
    )
    assert values(found)[-1] == f"keep:{other.pk}"
    assert desk.post(reverse("desk-confirm"), sent(held, fatima, **chosen)).status_code == 409
    kept = {**chosen, "week-2027-01-08": f"keep:{other.pk}"}
    assert desk.post(reverse("desk-confirm"), sent(held, fatima, **kept)).status_code == 302
    assert booked() == [FRIDAY, start]


def test_somebody_new_is_written_down_with_the_series_or_not_at_all(desk: Client, held: Appointment) -> None:
    new = {
        "first_name": "Jeanne",
        "last_name": "Lefèvre",
        "reach_by": "none",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": "",
    }
    data = {"hold": held.pk, "service": held.service_id, "helper": "0", "times": 2, **new}
    response = desk.post(reverse("desk-confirm"), data)
    assert response.status_code == 409
    assert 'value="Lefèvre"' in response.content.decode()
    assert not Resident.objects.exists()
    listed = desk.post(reverse("desk-weeks"), data)
    assert 'value="Lefèvre"' in listed.content.decode()
    desk.post(reverse("desk-confirm"), {**data, CHRISTMAS: "end"})
    desk.post(reverse("desk-confirm"), {**data, CHRISTMAS: "end", NEW_YEAR: "end"})
    assert Resident.objects.get().last_name == "Lefèvre"
    assert booked() == [FRIDAY, FRIDAY + 3 * WEEK]


@pytest.mark.parametrize(
    "text", ["x", "keep:", "keep:²", "1@", "1@2027-99-01T10:00Z", "9" * 40, "1@0001-01-01T00:00Z"]
)
def test_what_cannot_be_read_books_nothing(
    desk: Client, held: Appointment, fatima: Resident, text: str
) -> None:
    chosen = {CHRISTMAS: "skip", NEW_YEAR: "skip", "week-2027-01-08": text}
    assert desk.post(reverse("desk-confirm"), sent(held, fatima, **chosen)).status_code == 422
    assert booked() == []
    assert desk.post(reverse("desk-weeks"), sent(held, fatima, **chosen)).status_code == 200


def test_a_place_of_another_commune_or_another_week_books_nothing(
    desk: Client, charlie: Agent, held: Appointment, fatima: Resident, site: Site
) -> None:
    stranger = make_site(charlie.memberships.get().commune)
    make_cabin(stranger)
    for slot in (at_site(stranger, FRIDAY + 3 * WEEK), at_site(site, FRIDAY + 5 * WEEK)):
        chosen = {CHRISTMAS: "skip", NEW_YEAR: "skip", "week-2027-01-08": slot}
        assert desk.post(reverse("desk-confirm"), sent(held, fatima, **chosen)).status_code == 422
    assert booked() == []


@pytest.mark.parametrize(
    ("field", "text"), [("hold", "x"), ("hold", "9" * 30), ("times", "99"), ("times", "²")]
)
def test_without_a_kept_time_or_a_number_of_weeks_there_is_no_list(
    desk: Client, held: Appointment, fatima: Resident, field: str, text: str
) -> None:
    for headers in ({}, HTMX):
        response = desk.post(reverse("desk-weeks"), sent(held, fatima, **{field: text}), headers=headers)
        assert response.status_code == 200
        assert CHRISTMAS not in response.content.decode()


def test_another_commune_sees_no_dates(
    client: Client, charlie: Agent, held: Appointment, fatima: Resident
) -> None:
    client.force_login(charlie)
    page = client.post(reverse("desk-weeks"), sent(held, fatima)).content.decode()
    assert CHRISTMAS not in page
    assert fatima.last_name not in page
