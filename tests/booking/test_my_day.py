"""« Ma journée »: a helper's visits, free stretches, and the few things they press."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership
from booking.enums import Origin, Outcome, Status
from booking.models import Appointment
from booking.pages.my_day import SHORTEST_GAP, free_stretches
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import (
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")

DAY = "/ma-journee/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visit(commune: Commune, cabin: Cabin, service: Service, bob: Agent, site: Site) -> Appointment:
    """Fatima, at 10:30, in Bob's morning."""
    make_shift(bob, site, at(9), at(12))
    resident = make_resident(commune, "+33639981234", languages=["fr", "ar"], needs=["wheelchair"])
    return make_appointment(cabin, service, at(10, 30), helper=bob, resident=resident)


@pytest.fixture
def page(client: Client, bob: Agent) -> Client:
    client.force_login(bob)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def press(page: Client, visit: Appointment, what: str, **data: Any) -> Appointment:
    response = page.post(f"{DAY}{visit.pk}/{what}/", data)
    assert response.status_code == 302, response.content
    visit.refresh_from_db()
    return visit


# ---- what is shown -----------------------------------------------------------------------------


def test_the_day_tells_hours_visits_and_free_stretches(page: Client, visit: Appointment) -> None:
    shown = text(page.get(DAY))
    assert "9:00–12:00" in shown
    assert "Fatima Bensaïd" in shown
    entries = page.get(DAY).context["day"].entries
    assert [type(entry).__name__ for entry in entries] == ["FreeTime", "HelperVisit", "FreeTime"]
    assert [entry.starts_at for entry in entries] == [at(9), at(10, 30), at(11, 15)]


def test_the_visit_of_the_moment_is_named_in_full_and_the_others_short(
    page: Client, commune: Commune, visit: Appointment, cabin: Cabin, service: Service, bob: Agent
) -> None:
    later = make_resident(commune, first_name="Georges", last_name="Lemaire")
    make_appointment(cabin, service, at(14), helper=bob, resident=later)
    shown = text(page.get(DAY))
    assert "Fatima Bensaïd" in shown
    assert "Georges L." in shown
    assert "Lemaire" not in shown


def test_what_helps_the_visit_is_said(page: Client, visit: Appointment, service: Service) -> None:
    Service.objects.update(what_to_bring="numéro CAF")
    Appointment.objects.update(note="tensiomètre prêt")
    shown = text(page.get(DAY))
    for words in ("numéro CAF", "tensiomètre prêt", 'href="tel:+33639981234"'):
        assert words in shown
    (entry,) = [each for each in page.get(DAY).context["day"].entries if hasattr(each, "appointment")]
    assert len(entry.languages) == 1, "French goes without saying"


def test_who_does_not_want_to_be_called_has_no_call_button(page: Client, visit: Appointment) -> None:
    assert visit.resident
    visit.resident.phones.update(may_call=False)
    assert "tel:" not in text(page.get(DAY))


def test_the_state_of_each_visit_is_told(
    page: Client, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> None:
    make_appointment(cabin, service, at(8), helper=bob, status=Status.DONE, outcome=Outcome.SOLVED)
    make_appointment(cabin, service, at(9), helper=bob, status=Status.NO_SHOW)
    make_appointment(cabin, service, at(9, 55), helper=bob, confirmed_at=at(8))
    make_appointment(
        make_cabin(cabin.site), service, at(11), helper=bob, status=Status.ARRIVED, arrived_at=at(9, 58)
    )
    entries = page.get(DAY).context["day"].entries
    states = [(e.appointment.status, e.is_now, e.is_late) for e in entries if hasattr(e, "appointment")]
    assert states == [
        ("done", False, False),
        ("no_show", False, False),
        ("booked", False, True),
        ("arrived", True, False),
    ]
    assert "9:58" in text(page.get(DAY))


def test_colleagues_do_not_see_it(client: Client, commune: Commune, visit: Appointment) -> None:
    client.force_login(make_agent(commune, Role.HELPER))
    assert "Fatima" not in text(client.get(DAY))
    for what in ("commencer", "terminer", "absence", "suite", "prolonger"):
        assert client.post(f"{DAY}{visit.pk}/{what}/").status_code == 404
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_holds_and_lapsed_holds_are_not_shown(page: Client, visit: Appointment) -> None:
    Appointment.objects.update(status=Status.HELD, held_until=at(11))
    assert not page.get(DAY).context["day"].has_visits


def test_a_visit_in_another_commune_shows_its_hours_and_nothing_of_whom(
    page: Client, bob: Agent, visit: Appointment
) -> None:
    other = make_commune(name="Sotteville")
    Membership.objects.create(agent=bob, commune=other, is_helper=True)
    resident = make_resident(other, first_name="Zoé", last_name="Martin")
    there = make_appointment(
        make_cabin(make_site(other)), make_service(other), at(15), helper=bob, resident=resident
    )
    shown = text(page.get(DAY))
    assert "Sotteville" in shown and "15:00" in shown
    assert "Zoé" not in shown
    assert page.post(f"{DAY}{there.pk}/absence/").status_code == 404


def test_nor_do_they_see_those_of_a_commune_they_have_left(page: Client, bob: Agent, site: Site) -> None:
    other = make_commune(name="Sotteville")
    make_appointment(make_cabin(make_site(other)), make_service(other), at(15), helper=bob)
    assert "Sotteville" not in text(page.get(DAY))


def test_a_day_without_anyone_says_so(page: Client, bob: Agent, site: Site) -> None:
    assert not page.get(DAY).context["day"].has_visits
    assert 'class="empty"' in text(page.get(DAY))


def test_days_are_leafed_through(page: Client, visit: Appointment) -> None:
    day = page.get(DAY).context["day"]
    assert (day.before.day, day.on.day, day.after.day) == (23, 24, 25)
    assert not page.get(DAY, {"day": "2026-11-25"}).context["day"].has_visits


@pytest.mark.parametrize("day", ["", "hier", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_makes_no_sense_is_today(page: Client, day: str) -> None:
    assert page.get(DAY, {"day": day}).context["day"].on.isoformat() == "2026-11-24"


def test_an_absence_is_said_and_takes_the_free_stretches(
    page: Client, visit: Appointment, bob: Agent, commune: Commune
) -> None:
    Absence.objects.create(
        agent=bob, commune=commune, starts_at=at(0), ends_at=at(0, day=25), kind=AbsenceKind.SICK
    )
    day = page.get(DAY).context["day"]
    assert day.is_away
    assert [type(entry).__name__ for entry in day.entries] == ["HelperVisit"]


def test_the_list_is_sent_again_only_when_it_has_changed(page: Client, visit: Appointment) -> None:
    seen = page.get(DAY).context["seen"]
    assert page.get(DAY, {"seen": seen}, headers=HTMX).status_code == 204
    press(page, visit, "arrivee")
    response = page.get(DAY, {"seen": seen}, headers=HTMX)
    assert response.status_code == 200
    assert "<html" not in text(response) and "10:00" in text(response)
    assert page.get(DAY, {"seen": response.context["seen"]}, headers=HTMX).status_code == 204


@pytest.mark.parametrize("visits", [1, 12])
def test_the_day_takes_as_many_queries_whatever_the_number_of_visits(
    page: Client, commune: Commune, cabin: Cabin, bob: Agent, visits: int, django_assert_num_queries: Any
) -> None:
    service = make_service(commune, duration_min=20, turnaround_min=5)
    for n in range(visits):
        resident = make_resident(commune, "+33639981234", "+33261910001")
        make_appointment(cabin, service, at(8) + n * timedelta(minutes=25), helper=bob, resident=resident)
    make_shift(bob, cabin.site, at(8), at(12))
    page.get(DAY)
    # session, agent; visits, phones, shifts, absences, delay; sessions without a note
    with django_assert_num_queries(10):
        page.get(DAY)


# ---- what is pressed -----------------------------------------------------------------------------


def test_a_visit_from_arrival_to_its_end_and_all_the_way_back(page: Client, visit: Appointment) -> None:
    steps = [
        ("arrivee", {}, Status.ARRIVED),
        ("arrivee/annuler", {}, Status.BOOKED),
        ("arrivee", {}, Status.ARRIVED),
        ("commencer", {}, Status.IN_SESSION),
        ("commencer/annuler", {}, Status.ARRIVED),
        ("commencer", {}, Status.IN_SESSION),
        ("terminer", {"outcome": "papers_missing"}, Status.DONE),
        ("terminer/annuler", {}, Status.IN_SESSION),
        ("terminer", {"outcome": "solved"}, Status.DONE),
    ]
    for what, data, status in steps:
        assert press(page, visit, what, **data).status == status
    assert visit.outcome == Outcome.SOLVED
    assert visit.events.count() == len(steps)
    assert {event.agent for event in visit.events.all()} == {visit.helper}


def test_who_did_not_come_is_noted_once_the_time_has_come(
    page: Client, visit: Appointment, cabin: Cabin, service: Service, bob: Agent
) -> None:
    assert press(page, visit, "absence").status == Status.BOOKED
    early = make_appointment(cabin, service, at(9), helper=bob, ends_at=at(9, 45))
    assert press(page, early, "absence").status == Status.NO_SHOW
    assert press(page, early, "absence/annuler").status == Status.BOOKED


def test_a_press_on_a_page_that_is_no_longer_true_changes_nothing_and_says_so(
    page: Client, visit: Appointment
) -> None:
    Appointment.objects.update(status=Status.CANCELLED)
    response = page.post(f"{DAY}{visit.pk}/commencer/", follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_how_it_ended_is_asked_by_large_buttons(page: Client, visit: Appointment) -> None:
    press(page, visit, "commencer")
    response = page.get(f"{DAY}{visit.pk}/terminer/")
    assert text(response).count('name="outcome"') == len(Outcome)
    assert page.post(f"{DAY}{visit.pk}/terminer/", {"outcome": "lune"}).status_code == 422
    visit.refresh_from_db()
    assert visit.status == Status.IN_SESSION


def test_a_session_is_given_more_time_until_the_next_visit(
    page: Client, visit: Appointment, cabin: Cabin, service: Service, bob: Agent
) -> None:
    press(page, visit, "commencer")
    ends = visit.ends_at
    assert press(page, visit, "prolonger", minutes="10").ends_at == ends + timedelta(minutes=10)
    make_appointment(cabin, service, at(11, 40), helper=bob)
    assert press(page, visit, "prolonger", minutes="30").ends_at == ends + timedelta(minutes=10)
    assert press(page, visit, "prolonger", minutes="999").ends_at == ends + timedelta(minutes=10)


def test_the_next_appointment_is_one_press_with_the_same_helper(
    page: Client, visit: Appointment, bob: Agent, site: Site
) -> None:
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    press(page, visit, "commencer")
    press(page, visit, "terminer", outcome="partly")
    address = f"{DAY}{visit.pk}/suite/"
    (day,) = page.get(address).context["offered"].days
    assert day.on.day == 26
    time = day.times[0]
    response = page.post(address, {"slot": time.value, "note": "RIB"})
    assert response["Location"] == address
    booked = Appointment.objects.get(follow_up_of=visit)
    assert (booked.starts_at, booked.helper, booked.resident) == (time.start, bob, visit.resident)
    assert (booked.service, booked.origin, booked.note) == (visit.service, Origin.HELPER, "RIB")
    assert f"/rendez-vous/{booked.pk}/fiche/" in text(page.get(address))


def test_a_time_that_has_just_gone_is_refused_with_a_word(
    page: Client, visit: Appointment, bob: Agent, site: Site, cabin: Cabin, service: Service
) -> None:
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    press(page, visit, "commencer")
    press(page, visit, "terminer", outcome="partly")
    address = f"{DAY}{visit.pk}/suite/"
    time = page.get(address).context["offered"].days[0].times[0]
    make_appointment(cabin, service, time.start, helper=bob)
    response = page.post(address, {"slot": time.value})
    assert response.status_code == 422
    assert response.context["form"].errors["slot"]
    assert not Appointment.objects.filter(follow_up_of=visit).exists()


def test_the_next_visit_of_several_people_is_offered_as_long_as_it_takes(
    page: Client, visit: Appointment, bob: Agent, site: Site
) -> None:
    """Three people need 95 minutes: a free hour is none for them."""
    Appointment.objects.filter(pk=visit.pk).update(party_size=3, status=Status.DONE)
    make_shift(bob, site, at(14, day=25), at(15, day=25))
    make_shift(bob, site, at(14, day=26), at(16, day=26))
    shown = page.get(f"{DAY}{visit.pk}/suite/").context["offered"]
    assert [day.on.day for day in shown.days] == [26]


@pytest.mark.parametrize("slot", ["", "x", "1@", "999999@2026-11-26T09:00Z", f"{10**30}@2026-11-26T09:00Z"])
def test_a_time_that_makes_no_sense_books_nothing(page: Client, visit: Appointment, slot: str) -> None:
    press(page, visit, "commencer")
    press(page, visit, "terminer", outcome="partly")
    assert page.post(f"{DAY}{visit.pk}/suite/", {"slot": slot}).status_code in {404, 422}
    assert Appointment.objects.count() == 1


def test_extending_says_until_when_before_it_is_pressed(page: Client, visit: Appointment) -> None:
    press(page, visit, "commencer")
    assert "11:25" in text(page.get(DAY)) and "11:45" in text(page.get(DAY))


def test_no_more_time_is_offered_than_there_is(
    page: Client, visit: Appointment, cabin: Cabin, service: Service, bob: Agent
) -> None:
    press(page, visit, "commencer")
    following = make_appointment(cabin, service, at(11, 40), helper=bob)
    shown = page.get(DAY).context["day"].entries
    assert [
        minutes for entry in shown if getattr(entry, "is_now", False) for minutes, _ in entry.extensions
    ] == [10]
    Appointment.objects.filter(pk=following.pk).update(starts_at=at(11, 25))
    assert "commencer/annuler" in text(page.get(DAY)) and "prolonger" not in text(page.get(DAY))


def test_the_note_for_the_next_visit_can_be_mended(
    page: Client, visit: Appointment, bob: Agent, cabin: Cabin, service: Service
) -> None:
    following = make_appointment(cabin, service, at(9, day=26), helper=bob, resident=visit.resident)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.DONE, outcome=Outcome.PAPERS_MISSING)
    address = f"{DAY}{visit.pk}/suite/"
    assert f'action="{DAY}{following.pk}/note/"' in text(page.get(address))
    response = send_edit(page, f"{DAY}{following.pk}/note/", {"note": "RIB", "after": visit.pk}, on=address)
    assert response["Location"] == address
    assert 'value="RIB"' in text(page.get(address))


def test_who_comes_back_brings_word_of_how_it_ended_last_time(
    page: Client, visit: Appointment, bob: Agent, cabin: Cabin, service: Service
) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status=Status.DONE, outcome=Outcome.PAPERS_MISSING)
    make_appointment(cabin, service, at(11, 30), helper=bob, resident=visit.resident, follow_up_of=visit)
    assert str(Outcome.PAPERS_MISSING.label) in text(page.get(DAY)).split(f'id="visit-{visit.pk}"')[1]


# ---- late ----------------------------------------------------------------------------------------


def test_a_delay_is_said_with_one_press_and_ends_with_another(page: Client, visit: Appointment) -> None:
    day = page.get(DAY).context["day"]
    assert day.late_choices == [(10, at(10, 40)), (15, at(10, 45)), (20, at(10, 50)), (30, at(11))]
    assert page.post(f"{DAY}retard/", {"until": "10:45"})["Location"] == DAY
    shown = page.get(DAY).context["day"]
    assert shown.delay.until_at == at(10, 45)
    assert [e.begins_late for e in shown.entries if hasattr(e, "appointment")] == [at(10, 45)]
    assert page.post(f"{DAY}retard/fin/")["Location"] == DAY
    assert page.get(DAY).context["day"].delay is None


@pytest.mark.parametrize("until", ["", "bientôt", "25:00", "09:00", "10:30"])
def test_a_time_that_makes_nobody_wait_is_refused_next_to_the_field(
    page: Client, visit: Appointment, until: str
) -> None:
    response = page.post(f"{DAY}retard/", {"until": until})
    assert response.status_code == 422
    assert 'id="id_until_error"' in text(response)
    assert page.get(DAY).context["day"].delay is None


def test_without_a_visit_to_come_there_is_nothing_to_be_late_for(page: Client, bob: Agent) -> None:
    assert "retard" not in text(page.get(DAY))
    assert page.post(f"{DAY}retard/", {"until": "10:45"}).status_code == 422


def test_who_comes_for_a_late_helper_is_not_late(
    page: Client, visit: Appointment, set_clock: SetClock
) -> None:
    page.post(f"{DAY}retard/", {"until": "11:00"})
    set_clock(at(10, 50))
    (entry,) = [e for e in page.get(DAY).context["day"].entries if hasattr(e, "appointment")]
    assert not entry.is_late
    set_clock(at(11, 6))
    (entry,) = [e for e in page.get(DAY).context["day"].entries if hasattr(e, "appointment")]
    assert entry.is_late and entry.begins_late is None


# ---- free stretches, on their own ---------------------------------------------------------------------

minutes = st.integers(0, 600)
spans = st.lists(
    st.tuples(minutes, st.integers(1, 200)).map(
        lambda pair: (at(8) + timedelta(minutes=pair[0]), at(8) + timedelta(minutes=sum(pair)))
    ),
    max_size=6,
)


def minutes_of(stretches: list[tuple[datetime, datetime]]) -> set[int]:
    return {
        minute
        for start, end in stretches
        for minute in range(
            int((start - at(8)).total_seconds() // 60), int((end - at(8)).total_seconds() // 60)
        )
    }


@given(spans, spans)
def test_free_stretches_are_the_minutes_of_shifts_that_nothing_takes(
    shifts: list[tuple[datetime, datetime]], busy: list[tuple[datetime, datetime]]
) -> None:
    apart: list[tuple[datetime, datetime]] = []
    for start, end in sorted(shifts):  # a helper's shifts never overlap
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    found = free_stretches(apart, busy)
    assert found == sorted(found)
    assert all(end - start >= SHORTEST_GAP for start, end in found)
    wanted = minutes_of(apart) - minutes_of(busy)
    assert minutes_of(found) <= wanted
    runs: list[list[int]] = []
    for shift in apart:
        for minute in sorted(minutes_of([shift]) & wanted):
            if runs and runs[-1][-1] == minute - 1 and minute != min(minutes_of([shift])):
                runs[-1].append(minute)
            else:
                runs.append([minute])
    assert wanted - minutes_of(found) == {m for run in runs if len(run) < 15 for m in run}
