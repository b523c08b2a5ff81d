"""Whom a helper's pages tell that somebody has arrived: their own residents, by whomever it was noted."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.actions import BookingRequest, check_in, start_walk_in, undo_check_in
from booking.enums import Origin
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from core.roles import Role
from tests.clocks import SetClock
from tests.factories import at, make_agent, make_appointment, make_resident, make_shift
from tests.kiosk.test_help import heard, pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def helped(commune: Commune, cabin: Cabin, service: Service, bob: Agent) -> Appointment:
    """Fatima Bensaïd at 10:30 in the cabin of the hall, with Bob, who is there."""
    make_shift(bob, cabin.site, at(9), at(12))
    return make_appointment(
        cabin, service, at(10, 30), resident=make_resident(commune), helper=bob, number="482913"
    )


def signals(agent: Agent) -> list[str]:
    """The keys of the arrivals that this agent's pages signal."""
    return re.findall(r'data-signal="(arrival-\d+)"', fragment(agent))


def fragment(agent: Agent) -> str:
    return pages_of(agent).get(reverse("help-calls")).content.decode()


def test_an_arrival_that_the_desk_notes_is_signalled_to_its_helper_alone(
    kiosk: Client, helped: Appointment, commune: Commune, bob: Agent, alice: Agent
) -> None:
    colleague = make_agent(commune, Role.HELPER)
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))

    assert len(signals(bob)) == 1
    assert signals(bob) == signals(bob)
    assert 'data-title="Fatima B. est là"' in fragment(bob)
    assert "Bensaïd" not in re.findall(r"<div hidden.*?</div>", fragment(bob), re.DOTALL)[0]
    assert (signals(alice), signals(colleague)) == ([], [])


def test_an_arrival_keyed_on_the_screen_and_one_hours_early_are_signalled(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    kiosk.post(reverse("screen-arrival-confirm"), {"appointment": helped.pk})
    kiosk.post(reverse("screen-arrival-number"), {"number": "482913"})
    assert len(signals(bob)) == 1
    helped.refresh_from_db()
    undo_check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 25))
    assert signals(bob) == []
    set_clock(at(8, 15))
    helped.refresh_from_db()
    check_in(appointment=helped, by=Actor.agent(alice), now=at(8, 15))
    assert len(signals(bob)) == 1
    assert not heard(bob)


LATE = "Fatima B. : arrivée à 10 h 24"


def told_late(kiosk: Client, agent: Agent) -> str:
    """The screen had no network at 10:24, when its resident came; what the agent's pages then signal."""
    kept = [{"key": "kept", "number": "482913", "at": at(10, 24).timestamp() * 1000}]
    kiosk.post(reverse("screen-arrivals"), json.dumps(kept), content_type="application/json")
    return fragment(agent).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_an_arrival_that_a_screen_tells_late_is_signalled_with_its_hour_and_rings(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    set_clock(at(10, 50))
    assert f'data-title="{LATE}"' in told_late(kiosk, bob)
    assert len(signals(bob)) == 1
    assert heard(bob)
    assert heard(alice)  # nobody has answered for 26 minutes


def test_who_came_and_went_before_the_screen_could_tell_is_news_and_rings_nobody(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    set_clock(at(11, 40))
    told = told_late(kiosk, bob)
    assert f'data-title="{LATE}"' in told
    assert "est là" not in told
    assert not heard(bob)
    assert not heard(alice)


def test_an_arrival_that_was_taken_back_before_the_screen_could_tell_is_none(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent, set_clock: SetClock
) -> None:
    set_clock(at(10, 50))
    kept = [{"key": "kept", "number": "482913", "at": at(10, 24).timestamp() * 1000, "undone": True}]
    kiosk.post(reverse("screen-arrivals"), json.dumps(kept), content_type="application/json")
    assert signals(bob) == []
    assert not heard(bob)
    assert not heard(alice)


def test_an_arrival_that_is_undone_and_noted_again_is_a_new_one(
    kiosk: Client, helped: Appointment, bob: Agent, alice: Agent
) -> None:
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    first = signals(bob)
    undo_check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 25))
    helped.refresh_from_db()
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 26))
    assert len(first) == len(signals(bob)) == 1
    assert first != signals(bob)


def test_what_the_helper_noted_is_no_news_to_them(kiosk: Client, helped: Appointment, bob: Agent) -> None:
    check_in(appointment=helped, by=Actor.agent(bob), now=at(10, 24))
    assert signals(bob) == []
    assert "data-say" not in fragment(bob)


def test_a_walk_in_that_wants_a_helper_is_signalled_to_the_one_it_got(
    kiosk: Client, cabin: Cabin, service: Service, bob: Agent, alice: Agent
) -> None:
    make_shift(bob, cabin.site, at(9), at(12))
    request = BookingRequest(
        service=service,
        site=cabin.site,
        start=at(10, 24),
        with_helper=True,
        helper=bob,
        cabin=cabin,
        origin=Origin.SCREEN,
    )
    start_walk_in(request=request, by=Actor.screen(), now=at(10, 24))
    assert len(signals(bob)) == 1
    assert 'data-title="Quelqu’un est là"' in fragment(bob)
    assert signals(alice) == []


def test_a_signal_of_another_commune_or_yesterday_is_none(
    kiosk: Client, helped: Appointment, bob: Agent, charlie: Agent, alice: Agent, set_clock: SetClock
) -> None:
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    assert signals(charlie) == []
    set_clock(at(9, day=25))
    assert signals(bob) == []


def test_the_choice_of_a_sound_stays_with_the_agent(kiosk: Client, bob: Agent) -> None:
    page = pages_of(bob)
    assert 'data-sound=""' in page.get("/ma-journee/").content.decode()
    answer = page.post(reverse("account-sound"), {"wanted": "1"}, headers={"HX-Request": "true"})
    assert 'data-sound="1"' in answer.content.decode()
    assert 'data-sound="1"' in pages_of(bob).get("/ma-journee/").content.decode()
    assert page.post(reverse("account-sound"), {"wanted": "0"})["Location"] == reverse("my-day")
    bob.refresh_from_db()
    assert not bob.wants_sound


def test_nothing_in_the_fragment_is_an_alert_of_its_own(
    kiosk: Client, helped: Appointment, alice: Agent, bob: Agent
) -> None:
    """It is fetched again every fifteen seconds; signals.js says each once in a region that stays."""
    kiosk.post(reverse("screen-help"))
    check_in(appointment=helped, by=Actor.agent(alice), now=at(10, 24))
    for agent in (alice, bob):
        assert not re.search(r'role="(alert|status)"|aria-live', fragment(agent))
