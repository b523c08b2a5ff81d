"""« Aujourd’hui »: the axis of each place, the moment, and placing someone in a gap."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from agents.models import Absence, Agent
from booking import actions
from booking.enums import Status
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.pages.axis import BlockKind
from booking.pages.today import Lane
from communes.actions import bump_sites
from communes.enums import HelperPolicy
from communes.models import Cabin, Closure, Commune, Service, Site
from core.roles import Role
from tests.clocks import SetClock
from tests.factories import (
    PARIS,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")

DAY, LIST, PLACE = "/aujourdhui/", "/aujourdhui/liste/", "/aujourdhui/placer/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def lanes(page: Client, **query: str) -> tuple[list[Lane], list[Lane]]:
    (site_day,) = page.get(DAY, query).context["day"].sites
    return site_day.cabins, site_day.helpers


def told(lane: Lane) -> list[tuple[str, str, str]]:
    def clock(moment: datetime) -> str:
        return f"{moment.astimezone(PARIS):%H:%M}"

    return [(clock(c.block.starts_at), clock(c.block.ends_at), str(c.block.kind)) for c in lane.cells]


# ---- the axis --------------------------------------------------------------------------------------


def test_a_cabin_has_its_visits_what_is_free_and_when_it_is_closed(
    page: Client, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(10, 30), status=Status.ARRIVED, arrived_at=at(9, 55))
    ((lane,), _) = lanes(page)
    assert told(lane) == [
        ("09:00", "10:00", BlockKind.REST),
        ("10:00", "10:30", BlockKind.GAP),
        ("10:30", "11:15", BlockKind.VISIT),
        ("11:15", "11:25", BlockKind.READYING),
        ("11:25", "12:00", BlockKind.REST),  # too short for the 45 minutes of the only service
        ("12:00", "14:00", BlockKind.CLOSED),
        ("14:00", "17:00", BlockKind.GAP),
    ]


def test_a_helper_has_shifts_absences_and_visits(
    page: Client, cabin: Cabin, service: Service, site: Site, bob: Agent
) -> None:
    make_shift(bob, site, at(9), at(16))
    Absence.objects.create(agent=bob, starts_at=at(14), ends_at=at(15))
    make_appointment(cabin, service, at(11), helper=bob)
    elsewhere = make_site(site.commune, name="Ailleurs")
    make_appointment(make_cabin(elsewhere), service, at(15, 30), helper=bob)
    (day, _) = page.get(DAY).context["day"].sites
    (lane,) = day.helpers
    assert told(lane) == [
        ("09:00", "10:00", BlockKind.REST),
        ("10:00", "11:00", BlockKind.GAP),
        ("11:00", "11:45", BlockKind.VISIT),
        ("11:45", "11:55", BlockKind.READYING),
        ("11:55", "12:00", BlockKind.REST),
        ("12:00", "14:00", BlockKind.CLOSED),
        ("14:00", "15:00", BlockKind.ABSENT),
        ("15:00", "15:30", BlockKind.REST),
        ("15:30", "16:00", BlockKind.ELSEWHERE),
        ("16:00", "17:00", BlockKind.OFF),
    ]


def test_a_session_beyond_its_time_lasts_until_now_and_nothing_begins_there(
    page: Client, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(9), ends_at=at(9, 45), status=Status.IN_SESSION, started_at=at(9))
    ((lane,), _) = lanes(page)
    assert told(lane)[:2] == [("09:00", "10:05", BlockKind.VISIT), ("10:05", "12:00", BlockKind.GAP)]
    moment = page.get(DAY).context["day"].moment
    assert [visit.over_min for visit in moment.in_session] == [15]
    assert moment.free == []


def test_a_session_begun_before_its_hour_is_where_it_really_began(
    page: Client, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(10, 15), status=Status.IN_SESSION, started_at=at(9, 50))
    ((lane,), _) = lanes(page)
    assert told(lane)[:3] == [
        ("09:00", "09:50", BlockKind.REST),
        ("09:50", "11:00", BlockKind.VISIT),
        ("11:00", "11:10", BlockKind.READYING),
    ]


def test_a_session_that_ended_before_its_hour_stays_on_the_axis(
    page: Client, cabin: Cabin, service: Service
) -> None:
    done = make_appointment(
        cabin, service, at(10, 15), status=Status.DONE, started_at=at(9, 40), ended_at=at(9, 55)
    )
    ((lane,), _) = lanes(page)
    assert told(lane)[:3] == [
        ("09:00", "09:40", BlockKind.REST),
        ("09:40", "09:55", BlockKind.TRACE),
        ("09:55", "10:00", BlockKind.REST),
    ]
    assert lane.cells[1].visit and lane.cells[1].visit.appointment == done


def test_who_did_not_come_is_shown_until_someone_took_the_place(
    page: Client, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(9), status=Status.NO_SHOW)
    make_appointment(
        cabin, service, at(9, 20), ends_at=at(9, 40), status=Status.DONE, ended_at=at(9, 37), is_walk_in=True
    )
    make_appointment(cabin, service, at(9, 50), ends_at=at(10, 20), status=Status.IN_SESSION)
    ((lane,), _) = lanes(page)
    assert told(lane)[:5] == [
        ("09:00", "09:45", BlockKind.TRACE),
        ("09:45", "09:50", BlockKind.REST),
        ("09:50", "10:20", BlockKind.VISIT),
        ("10:20", "10:30", BlockKind.READYING),
        ("10:30", "12:00", BlockKind.GAP),
    ]


def test_a_time_that_is_being_booked_is_taken_and_leads_nowhere(
    page: Client, cabin: Cabin, service: Service
) -> None:
    held = make_appointment(cabin, service, at(14), status=Status.HELD, held_until=at(10, 5))
    ((lane,), _) = lanes(page)
    assert ("14:00", "14:45", BlockKind.VISIT) in told(lane)
    shown = text(page.get(DAY))
    assert "réservation en cours" in shown
    assert f"/rendez-vous/{held.pk}/" not in shown


def test_out_of_order_and_closed_say_so(page: Client, cabin: Cabin, site: Site, service: Service) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(in_order=False)
    Closure.objects.create(site=site, starts_at=at(14), ends_at=at(15))
    ((lane,), _) = lanes(page)
    assert told(lane) == [
        ("09:00", "12:00", BlockKind.OUT_OF_ORDER),
        ("12:00", "15:00", BlockKind.CLOSED),
        ("15:00", "17:00", BlockKind.OUT_OF_ORDER),
    ]
    assert "hors service" in text(page.get(DAY))


def test_a_cabin_that_is_out_of_order_until_some_time_has_gaps_from_then(
    page: Client, cabin: Cabin, service: Service
) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(in_order=False, out_until=at(15))
    ((lane,), _) = lanes(page)
    assert told(lane)[-2:] == [("14:00", "15:00", BlockKind.OUT_OF_ORDER), ("15:00", "17:00", BlockKind.GAP)]
    assert "jusqu’au 24 nov. à 15:00" in text(page.get(DAY))


def test_all_places_share_one_axis_and_the_place_chosen_is_kept(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    early = make_site(commune, name="Verlaine", short_name="Verlaine", opening_hours="Mo-Fr 08:00-11:00")
    make_cabin(early)
    day = page.get(DAY).context["day"]
    assert (len(day.sites), day.ticks) == (2, 9 * 12)
    one = page.get(DAY, {"site": early.pk}).context["day"]
    assert [each.site for each in one.sites] == [early]
    assert [each.site for each in page.get(DAY).context["day"].sites] == [early]
    assert [each.site for each in page.get(LIST).context["lists"]] == [early]
    assert len(page.get(DAY, {"site": ""}).context["day"].sites) == 2
    assert len(page.get(DAY).context["day"].sites) == 2


def test_another_day_has_no_moment_and_a_day_of_rest_says_closed(
    page: Client, cabin: Cabin, service: Service
) -> None:
    sunday = page.get(DAY, {"day": "2026-11-29"})
    assert sunday.context["day"].moment is None
    assert "Fermé ce jour-là" in text(sunday)
    past = page.get(DAY, {"day": "2026-11-23"}).context["day"].sites[0].cabins[0]
    assert {cell.block.kind for cell in past.cells} == {BlockKind.REST, BlockKind.CLOSED}


def test_the_same_day_is_not_sent_twice(page: Client, cabin: Cabin, service: Service) -> None:
    refresh = page.get(DAY).context["refresh"]
    assert page.get(f"{DAY}?{refresh}", headers=HTMX).status_code == 204
    make_appointment(cabin, service, at(10, 30), resident=make_resident(cabin.site.commune))
    bump_sites([cabin.site_id])
    again = page.get(f"{DAY}?{refresh}", headers=HTMX)
    assert "Fatima Bensaïd" in text(again)
    assert "<html" not in text(again)


def test_a_page_left_open_overnight_becomes_that_of_the_new_day(
    page: Client, cabin: Cabin, set_clock: SetClock
) -> None:
    left_open = page.get(DAY).context["refresh"]
    chosen = page.get(DAY, {"day": "2026-11-24"}).context["refresh"]
    set_clock(at(8, 30, day=25))
    assert page.get(f"{DAY}?{left_open}", headers=HTMX)["HX-Refresh"] == "true"
    assert "HX-Refresh" not in page.get(f"{DAY}?{chosen}", headers=HTMX)


# ---- the moment ------------------------------------------------------------------------------------


def test_the_moment_tells_who_waits_who_is_late_and_what_is_free(
    page: Client, commune: Commune, site: Site, cabin: Cabin, service: Service, bob: Agent
) -> None:
    upstairs = make_cabin(site, name="Cabine de l’étage")
    make_shift(bob, site, at(9), at(12))
    waits = make_resident(commune, first_name="Aminata", last_name="Diop")
    make_appointment(cabin, service, at(10, 30), resident=waits, status=Status.ARRIVED, arrived_at=at(9, 48))
    late = make_appointment(cabin, service, at(9, 20), resident=make_resident(commune))
    make_appointment(upstairs, service, at(10, 45), resident=make_resident(commune, first_name="Georges"))
    shown = page.get(DAY)
    moment = shown.context["day"].moment
    assert [(each.appointment.resident, each.waits_min) for each in moment.waiting] == [(waits, 12)]
    assert [each.appointment for each in moment.late] == [late]
    assert [each.appointment.resident.first_name for each in moment.soon] == ["Georges"]
    assert [(lane.cabin or lane.helper, gap.ends_at) for _, lane, gap in moment.free] == [
        (upstairs, at(10, 45)),
        (bob, at(12)),
    ]
    assert "depuis 12 min" in text(shown)
    assert "rendez-vous à 9:20" in text(shown)


def test_arrivals_are_noted_from_the_day_and_lead_back_to_it(
    page: Client, cabin: Cabin, service: Service
) -> None:
    expected = make_appointment(cabin, service, at(10, 15))
    assert f"/rendez-vous/{expected.pk}/arrivee/" in text(page.get(DAY))
    response = page.post(f"/rendez-vous/{expected.pk}/arrivee/", {"back": "today"})
    assert response["Location"] == DAY
    expected.refresh_from_db()
    assert expected.status == Status.ARRIVED


# ---- the list --------------------------------------------------------------------------------------


def test_the_list_of_tomorrow_has_names_phones_and_helpers(
    page: Client, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> None:
    assert f"{LIST}?day=2026-11-25" in text(page.get(DAY))
    resident = make_resident(commune, "+33639981234")
    tomorrow = make_appointment(cabin, service, at(14, day=25), helper=bob, resident=resident)
    make_appointment(cabin, service, at(9, day=25), resident=resident, status=Status.CANCELLED)
    shown = page.get(LIST, {"day": "2026-11-25"})
    for words in ("14:00", "Fatima Bensaïd", "06 39 98 12 34", "CAF", "Bob", "Cabine du hall"):
        assert words in text(shown)
    assert tomorrow.spaced_number.replace("\N{NO-BREAK SPACE}", " ") in text(shown)
    assert [line.appointment.starts_at for line in shown.context["lists"][0].lines] == [
        at(9, day=25),
        at(14, day=25),
    ]


def test_a_number_that_must_not_be_called_is_not_on_the_list(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    resident = make_resident(commune, "+33639981234")
    resident.phones.update(may_call=False)
    make_appointment(cabin, service, at(14), resident=resident)
    assert "06 39 98 12 34" not in text(page.get(LIST))


def test_the_visit_of_a_helper_who_is_not_on_duty_is_on_the_axis(
    client: Client, alice: Agent, bob: Agent, cabin: Cabin, service: Service
) -> None:
    """Their shift was taken away, and nobody has replaced them yet."""
    make_appointment(cabin, service, at(10, 30), helper=bob)
    client.force_login(alice)
    (site_day,) = client.get(DAY).context["day"].sites
    (lane,) = site_day.helpers
    assert [cell.visit.appointment.helper for cell in lane.cells if cell.visit] == [bob]
    assert not any(cell.gap for cell in lane.cells)


def test_a_visit_whose_helper_is_away_says_so(
    page: Client, cabin: Cabin, service: Service, site: Site, bob: Agent
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_appointment(cabin, service, at(10, 30), helper=bob)
    assert "aidant absent" not in text(page.get(DAY))
    Absence.objects.create(agent=bob, starts_at=at(11), ends_at=at(12))
    assert text(page.get(DAY)).count("aidant absent") == 3, "in the moment, and on the lines of both"


def test_a_late_helper_is_announced_and_who_comes_for_them_is_not_late(
    client: Client,
    commune: Commune,
    alice: Agent,
    bob: Agent,
    cabin: Cabin,
    service: Service,
    set_clock: SetClock,
) -> None:
    make_appointment(cabin, service, at(10, 30), helper=bob, resident=make_resident(commune))
    actions.announce_delay(helper=bob, commune=commune, until=at(10, 50), by=Actor.agent(bob), now=at(10, 20))
    client.force_login(alice)
    set_clock(at(10, 40))
    response = client.get(DAY)
    assert [visit.begins_late for visit in response.context["day"].moment.soon] == [at(10, 50)]
    assert response.content.decode().count("10:50") == 3, "in the moment, and on the lines of both"
    assert "arrivée prévue à 10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}50" in response.content.decode()
    set_clock(at(10, 56))
    (visit,) = client.get(DAY).context["day"].moment.late
    assert visit.begins_late is None


# ---- how much it asks of the database --------------------------------------------------------------


@pytest.mark.parametrize(("helpers", "places"), [(5, 1), (50, 8)])
def test_the_queries_do_not_grow(
    client: Client,
    commune: Commune,
    alice: Agent,
    helpers: int,
    places: int,
    django_assert_num_queries: Any,
) -> None:
    services = [make_service(commune, helper_policy=policy) for policy in HelperPolicy]
    sites = [make_site(commune) for _ in range(places)]
    for number in range(helpers):
        helper = make_agent(commune, Role.HELPER, skills=services, first_name=f"Aidant {number}")
        site = sites[number % places]
        make_shift(helper, site, at(9), at(17))
        resident = make_resident(commune, f"+3363998{number:04d}")
        make_appointment(make_cabin(site), services[0], at(10), helper=helper, resident=resident)
    client.force_login(alice)
    for address, queries in ((DAY, 14), (LIST, 7), (f"{PLACE}?{one_gap(sites[0])}", 10)):
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)


def one_gap(site: Site) -> str:
    cabin = site.cabins.all()[0]
    return urlencode({"slot": slot_value(site.pk, at(14)), "cabin": cabin.pk})


def test_a_cabin_that_is_retired_is_on_the_days_before_and_where_it_has_visits(
    page: Client, cabin: Cabin, service: Service
) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(retired_at=at(0))
    assert lanes(page)[0] == []
    make_appointment(cabin, service, at(10, 30))
    ((lane,), _) = lanes(page)
    assert BlockKind.GAP not in [kind for _, _, kind in told(lane)]


@pytest.mark.parametrize("address", ["/aujourdhui/", "/aujourdhui/liste/"])
def test_a_manager_without_a_place_is_led_to_where_one_is_added(
    client: Client, commune: Commune, alice: Agent, dana: Agent, address: str
) -> None:
    link = '<a href="/lieux/nouveau/">Ajouter un lieu</a>'
    for agent, is_led in ((dana, True), (alice, False)):
        client.force_login(agent)
        page = client.get(address).content.decode()
        assert "Aucun lieu pour l’instant." in page
        assert (link in page) == is_led
