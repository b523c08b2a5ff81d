"""« Je suis là »: each situation has its own clear answer."""

import json
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import give_to, mark_no_show, merge_residents
from booking.enums import ActorKind, EventKind, Status
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent
from communes.models import Cabin, Closure, Commune, Service
from kiosk.day import board_day
from kiosk.models import Screen
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_appointment, make_resident
from tests.kiosk.conftest import make_screen

pytestmark = pytest.mark.django_db


@pytest.fixture
def appointment(commune: Commune, cabin: Cabin, service: Service, bob: object) -> Appointment:
    """Fatima Bensaïd at 10:30 in the cabin of the hall, with Bob."""
    resident = make_resident(commune, "+33639981234")
    return make_appointment(cabin, service, at(10, 30), resident=resident, helper=bob, number="482913")


def key(kiosk: Client, number: str) -> str:
    return kiosk.post(reverse("screen-arrival-number"), {"number": number}).content.decode()


def sealed(page: str, name: str = "who") -> str:
    return page.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0]


def status(appointment: Appointment) -> str:
    appointment.refresh_from_db()
    return appointment.status


def test_the_one_expected_is_asked_by_name(kiosk: Client, appointment: Appointment) -> None:
    page = kiosk.get(reverse("screen-arrival")).content.decode()
    assert "Fatima B." in page
    assert "Bensaïd" not in page


def test_yes_notes_the_arrival_with_its_event(kiosk: Client, appointment: Appointment) -> None:
    page = kiosk.get(reverse("screen-arrival")).content.decode()
    answer = kiosk.post(reverse("screen-arrival-confirm"), {"who": sealed(page)}).content.decode()
    assert "Votre arrivée est notée" in answer
    assert status(appointment) == Status.ARRIVED
    event = AppointmentEvent.objects.get(appointment=appointment)
    assert (event.kind, event.actor) == (EventKind.ARRIVED, ActorKind.SCREEN)


def test_nobody_is_named_before_the_time(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    set_clock(at(10, 5))
    assert "Fatima" not in kiosk.get(reverse("screen-arrival")).content.decode()


def test_the_number_does_as_well_spaces_or_not(kiosk: Client, appointment: Appointment) -> None:
    assert 'data-verdict="welcome"' in key(kiosk, "482 913")
    assert status(appointment) == Status.ARRIVED


@pytest.mark.parametrize(
    ("now", "verdict", "words"),
    [
        (at(9, 45), "too_early", "votre rendez-vous est à 10 h 30"),
        (at(10, 1), "welcome", "Votre arrivée est notée"),
        (at(10, 34), "welcome", "Votre arrivée est notée"),
        (at(10, 42), "late", "il y a 12 minutes"),
        (at(11, 20), "passed", "était prévu à 10 h 30"),
        (at(10, 30, day=23), "other_day", "mardi 24 novembre à 10 h 30"),
        (at(10, 30, day=23), "other_day", "Votre rendez-vous est le mardi 24 novembre"),
        (at(10, 30, day=26), "other_day", "Votre rendez-vous était le mardi 24 novembre à 10 h 30"),
    ],
)
def test_each_time_has_its_answer(
    now: datetime,
    verdict: str,
    words: str,
    kiosk: Client,
    appointment: Appointment,
    set_clock: SetClock,
) -> None:
    set_clock(now)
    page = key(kiosk, "482913").replace("\N{NO-BREAK SPACE}", " ")
    assert f'data-verdict="{verdict}"' in page
    assert words in page
    expected = Status.ARRIVED if verdict in {"welcome", "late"} else Status.BOOKED
    assert status(appointment) == expected


def test_a_cancelled_appointment_says_so(kiosk: Client, appointment: Appointment) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(status=Status.CANCELLED)
    assert 'data-verdict="cancelled"' in key(kiosk, "482913")


def test_a_closure_since_says_so(kiosk: Client, appointment: Appointment) -> None:
    Closure.objects.create(site=appointment.site, starts_at=at(8), ends_at=at(18))
    assert 'data-verdict="not_served"' in key(kiosk, "482913")
    assert status(appointment) == Status.BOOKED


def test_another_cabin_of_the_site_is_shown_the_way_and_told(
    kiosk: Client, appointment: Appointment, upstairs: Cabin
) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(cabin=upstairs)
    page = key(kiosk, "482913")
    assert 'data-verdict="other_cabin"' in page
    assert "En haut de l’escalier" in page
    assert status(appointment) == Status.ARRIVED


def test_without_helper_the_arrival_is_said_at_the_right_cabin(
    kiosk: Client, screen: Screen, service: Service, upstairs: Cabin
) -> None:
    alone = make_appointment(upstairs, service, at(10, 30), number="111111")
    key(kiosk, "111111")
    assert status(alone) == Status.BOOKED
    _, there = make_screen(screen.site, upstairs)
    page = there.post(reverse("screen-arrival-number"), {"number": "111111"}).content.decode()
    assert "Installez-vous" in page
    assert status(alone) == Status.IN_SESSION


def test_without_helper_one_waits_while_someone_else_is_in(
    kiosk: Client, cabin: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(9, 30), status=Status.IN_SESSION)
    alone = make_appointment(cabin, service, at(10, 30), number="111111")
    assert "pas encore libre" in key(kiosk, "111111")
    assert status(alone) == Status.ARRIVED


def test_what_the_desk_has_just_cancelled_is_neither_shown_nor_expected(
    kiosk: Client, appointment: Appointment, screen: Screen
) -> None:
    Appointment.objects.update(status=Status.CANCELLING, cancel_at=at(10, 5))
    assert "Fatima" not in kiosk.get(reverse("screen-arrival")).content.decode()
    assert board_day(screen.site, TUESDAY).visits == []
    assert 'data-verdict="cancelled"' in key(kiosk, "482913")
    assert status(appointment) == Status.CANCELLING
    assert not AppointmentEvent.objects.exists()


def test_saying_it_twice_changes_nothing(kiosk: Client, appointment: Appointment) -> None:
    key(kiosk, "482913")
    assert 'data-verdict="already"' in key(kiosk, "482913")
    assert AppointmentEvent.objects.filter(appointment=appointment).count() == 1


def test_a_mistake_is_undone_for_thirty_seconds(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    page = key(kiosk, "482913")
    kiosk.post(reverse("screen-arrival-undo"), {"undo": sealed(page, "undo")})
    assert status(appointment) == Status.BOOKED


def test_a_started_session_is_undone_too(kiosk: Client, cabin: Cabin, service: Service) -> None:
    alone = make_appointment(cabin, service, at(10, 30), number="111111")
    page = key(kiosk, "111111")
    assert status(alone) == Status.IN_SESSION
    kiosk.post(reverse("screen-arrival-undo"), {"undo": sealed(page, "undo")})
    assert status(alone) == Status.BOOKED


def test_what_another_screen_was_asked_answers_nothing_here(
    kiosk: Client, screen: Screen, appointment: Appointment
) -> None:
    page = kiosk.get(reverse("screen-arrival")).content.decode()
    _, other = make_screen(screen.site, screen.cabin)
    other.post(reverse("screen-arrival-confirm"), {"who": sealed(page)})
    kiosk.post(reverse("screen-arrival-confirm"), {"who": "1:made-up:signature"})
    assert status(appointment) == Status.BOOKED


def test_who_was_moved_to_another_site_meanwhile_is_told_so(
    kiosk: Client, appointment: Appointment, elsewhere: Cabin
) -> None:
    page = kiosk.get(reverse("screen-arrival")).content.decode()
    Appointment.objects.filter(pk=appointment.pk).update(cabin=elsewhere, site=elsewhere.site)
    answer = kiosk.post(reverse("screen-arrival-confirm"), {"who": sealed(page)}).content.decode()
    assert "Ce rendez-vous ne peut pas avoir lieu ici" in answer
    assert "Appeler un agent" in answer
    assert status(appointment) == Status.BOOKED


def test_a_yes_of_the_one_who_was_asked_is_not_the_yes_of_who_has_it_now(
    kiosk: Client, commune: Commune, appointment: Appointment
) -> None:
    page = kiosk.get(reverse("screen-arrival")).content.decode()
    zoe = make_resident(commune, "+33639984107", first_name="Zoé")
    give_to(appointment=appointment, resident=zoe, by=Actor.system(), now=TUESDAY)
    answer = kiosk.post(reverse("screen-arrival-confirm"), {"who": sealed(page)}).content.decode()
    assert "Votre arrivée est notée" not in answer
    assert "Zoé" not in answer
    assert status(appointment) == Status.BOOKED


def test_a_merged_record_is_the_one_who_was_asked(
    kiosk: Client, commune: Commune, appointment: Appointment
) -> None:
    page = kiosk.get(reverse("screen-arrival")).content.decode()
    keep, duplicate = make_resident(commune, "+33639984107", first_name="Fatma"), appointment.resident
    assert duplicate is not None
    merge_residents(keep=keep, duplicate=duplicate, by=Actor.system(), now=TUESDAY)
    kiosk.post(reverse("screen-arrival-confirm"), {"who": sealed(page)})
    assert status(appointment) == Status.ARRIVED


def test_a_number_of_another_site_is_unknown(kiosk: Client, service: Service, elsewhere: Cabin) -> None:
    make_appointment(elsewhere, service, at(10, 30), number="777777")
    other, unknown = key(kiosk, "777777"), key(kiosk, "000000")
    assert "data-verdict" not in other
    assert other.replace("Vous pouvez réessayer 4 fois", "") == unknown.replace(
        "Vous pouvez réessayer 3 fois", ""
    )


def test_after_five_wrong_numbers_even_the_right_one_needs_an_agent(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    pages = [key(kiosk, f"00000{n}") for n in range(5)]
    assert "Vous pouvez réessayer une fois." in pages[3]
    assert "Appeler un agent" in pages[4]
    assert 'name="number"' not in pages[4]
    key(kiosk, "482913")
    assert status(appointment) == Status.BOOKED
    set_clock(at(10, 36))
    key(kiosk, "482913")
    assert status(appointment) == Status.ARRIVED


def test_who_keys_their_number_at_last_leaves_all_attempts_to_the_next(
    kiosk: Client, appointment: Appointment
) -> None:
    for n in range(4):
        key(kiosk, f"00000{n}")
    key(kiosk, "482913")
    assert "Vous pouvez réessayer 4 fois" in key(kiosk, "000005")


@pytest.mark.parametrize("valid", ["arrived", "undone", "too early"])
def test_a_number_that_is_known_gives_no_more_guesses_each_time_it_is_keyed(
    valid: str, kiosk: Client, appointment: Appointment, cabin: Cabin, service: Service
) -> None:
    """Whoever has one would try all others between."""
    if valid == "too early":
        make_appointment(cabin, service, at(16), number="160000")
    guesses = []
    for n in range(8):
        guesses.append(key(kiosk, f"00000{n}"))
        page = key(kiosk, "160000" if valid == "too early" else "482913")
        if valid == "undone" and 'name="undo"' in page:
            kiosk.post(reverse("screen-arrival-undo"), {"undo": sealed(page, "undo")})
    assert 'name="number"' not in guesses[-1]
    assert sum('name="number"' in page for page in guesses) <= 5


def test_what_is_keyed_while_it_is_locked_makes_the_wait_no_longer(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    for now in (at(10, 24), at(10, 30)):
        set_clock(now)
        for n in range(6):
            key(kiosk, f"00000{n}")
    set_clock(at(10, 35))
    key(kiosk, "482913")
    assert status(appointment) == Status.ARRIVED


def test_posting_needs_the_token_of_the_page(screen: Screen, appointment: Appointment) -> None:
    from kiosk.requests import COOKIE

    token = Screen.new_token()
    Screen.objects.filter(pk=screen.pk).update(token_hash=Screen.hash(token))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[COOKIE] = token
    assert strict.post(reverse("screen-arrival-number"), {"number": "482913"}).status_code == 403
    csrf = strict.get("/ecran/").content.decode().split('data-csrf="')[1].split('"')[0]
    url = reverse("screen-arrival-number")
    assert strict.post(url, {"number": "482913"}, headers={"X-CSRFToken": csrf}).status_code == 200


# ---- told late, by a screen that had no network ----


def tell(kiosk: Client, *arrivals: dict[str, object]) -> dict[str, str]:
    response = kiosk.post(reverse("screen-arrivals"), json.dumps(arrivals), content_type="application/json")
    assert response.status_code == 200
    return response.json()


def kept(number: str, when: datetime, name: str = "a") -> dict[str, object]:
    return {"key": name, "number": number, "at": round(when.timestamp() * 1000)}


def test_wrong_numbers_told_late_lock_no_right_one_out(kiosk: Client, appointment: Appointment) -> None:
    wrong = [kept(f"00000{n}", at(10, 20), name=f"wrong {n}") for n in range(6)]
    told = tell(kiosk, *wrong, kept("482913", at(10, 22), name="right"))
    assert told.pop("right") == "welcome"
    assert set(told.values()) == {"appointment_number_unknown"}


def test_nor_a_right_one_that_is_keyed_at_once(kiosk: Client, appointment: Appointment) -> None:
    tell(kiosk, *(kept(f"00000{n}", at(10, 20), name=f"wrong {n}") for n in range(6)))
    assert 'data-verdict="welcome"' in key(kiosk, "482913")


def test_a_locked_keypad_does_not_refuse_what_is_told_late(kiosk: Client, appointment: Appointment) -> None:
    for n in range(6):
        key(kiosk, f"00000{n}")
    assert tell(kiosk, kept("482913", at(10, 22))) == {"a": "welcome"}


def test_numbers_told_late_cannot_be_tried_for_ever(kiosk: Client, appointment: Appointment) -> None:
    tell(kiosk, *(kept(f"{n:06d}", at(10, 20), name=str(n)) for n in range(50)))
    assert tell(kiosk, kept("482913", at(10, 22))) == {"a": "appointment_number_too_many"}


def test_an_arrival_told_late_counts_from_when_it_was_made(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    set_clock(at(11, 30))
    assert tell(kiosk, kept("482913", at(10, 26))) == {"a": "welcome"}
    assert status(appointment) == Status.ARRIVED
    assert appointment.arrived_at == at(10, 26)


def test_no_session_begins_for_who_was_told_of_after_its_end(
    kiosk: Client, cabin: Cabin, service: Service, set_clock: SetClock
) -> None:
    alone = make_appointment(cabin, service, at(10, 30), number="111111")
    set_clock(at(11, 30))
    for _ in range(2):
        tell(kiosk, kept("111111", at(10, 26)))
        assert status(alone) == Status.ARRIVED


def test_telling_it_twice_changes_nothing(kiosk: Client, appointment: Appointment) -> None:
    tell(kiosk, kept("482913", at(10, 22)))
    assert tell(kiosk, kept("482913", at(10, 22))) == {"a": "already"}
    assert AppointmentEvent.objects.filter(appointment=appointment).count() == 1


def test_what_was_taken_back_is_so_where_only_the_answer_was_lost(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    key(kiosk, "482913")
    assert status(appointment) == Status.ARRIVED
    set_clock(at(10, 40))
    for _ in range(2):
        assert tell(kiosk, {**kept("482913", at(10, 24)), "undone": True}) == {"a": "undone"}
        assert status(appointment) == Status.BOOKED


def test_what_was_taken_back_leaves_what_somebody_else_noted(
    kiosk: Client, appointment: Appointment, set_clock: SetClock
) -> None:
    key(kiosk, "482913")
    set_clock(at(10, 40))
    assert tell(kiosk, {**kept("482913", at(10, 26)), "undone": True}) == {"a": "undone"}
    assert status(appointment) == Status.ARRIVED


def test_what_is_told_from_another_day_or_from_the_future_is_dropped(
    kiosk: Client, appointment: Appointment
) -> None:
    told = tell(
        kiosk, kept("482913", at(10, day=23)), kept("482913", at(12), "b"), kept("000000", TUESDAY, "c")
    )
    assert told == {"a": "too_old", "b": "too_old", "c": "appointment_number_unknown"}


@pytest.mark.parametrize("body", ["", "{}", "[1]", "[{}]", "null"])
def test_nonsense_is_refused(body: str, kiosk: Client) -> None:
    response = kiosk.post(reverse("screen-arrivals"), body, content_type="application/json")
    assert response.status_code in {200, 422}
    assert response.status_code == 422 or response.json() == {}


def test_who_came_while_the_screen_had_no_network_was_not_absent(
    kiosk: Client, appointment: Appointment, set_clock: SetClock, bob: Agent
) -> None:
    set_clock(at(10, 50))
    mark_no_show(appointment=appointment, by=Actor.agent(bob), now=at(10, 50))
    assert tell(kiosk, kept("482913", at(10, 26))) == {"a": "welcome"}
    assert status(appointment) == Status.ARRIVED
    assert appointment.arrived_at == at(10, 26)


@pytest.mark.parametrize("spoilt", [{}, {"at": "soon"}, {"at": None}, {"at": 1e300}, {"at": [1]}])
def test_an_arrival_that_cannot_be_read_does_not_hold_up_the_others(
    spoilt: dict[str, object], kiosk: Client, appointment: Appointment
) -> None:
    told = tell(kiosk, {"key": "b", "number": "482913", **spoilt}, kept("482913", at(10, 22)))
    assert told == {"b": "unreadable", "a": "welcome"}


def test_a_number_with_a_figure_too_many_is_not_cut_to_somebody_elses(
    kiosk: Client, appointment: Appointment
) -> None:
    page = key(kiosk, f"{appointment.number}7")
    assert "six chiffres" in page
    assert status(appointment) == Status.BOOKED
