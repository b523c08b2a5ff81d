"""Helpers learn which appointments others gave them, took from them, moved or cancelled, whatever the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from agents.actions.accounts import choose_news
from agents.models import Agent
from booking import actions, log
from booking.actions.reassigning import Reassignment
from booking.actions.request import BookingRequest
from booking.enums import ActorKind, AskedBy, EventKind, Reason
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from planning.actions.visit_news import READER, tell_of_visits
from planning.models import HelperNews
from planning.tasks import each_minute, send_news
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_cabin, make_resident, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

GRACE = timedelta(minutes=5)


@pytest.fixture
def camille(commune: Commune, service: Service, site: Site) -> Agent:
    helper = make_agent(commune, Role.HELPER, skills=[service])
    make_shift(helper, site, at(8), at(18))
    make_shift(helper, site, at(8, day=25), at(18, day=25))
    return helper


@pytest.fixture
def visit(commune: Commune, cabin: Cabin, service: Service, bob: Agent, site: Site) -> Appointment:
    """Bob's, tomorrow at nine."""
    make_shift(bob, site, at(8), at(18))
    make_shift(bob, site, at(8, day=25), at(18, day=25))
    make_cabin(site)
    resident = make_resident(commune, "+33639981234")
    return make_appointment(cabin, service, at(9, day=25), helper=bob, resident=resident)


def told(client: Client, agent: Agent, now: datetime = TUESDAY) -> list[str]:
    tell_of_visits(now=now)
    client.force_login(agent)
    news = client.get("/equipe/nouvelles/").context["news"]
    return [line.replace("\xa0", " ") for item in news for line in item.lines]


def hand_over(visit: Appointment, to: Agent, by: Agent) -> None:
    moves = [Reassignment(visit, helper_id=to.pk)]
    (row,) = actions.reassign(moves=moves, by=Actor.agent(by), now=TUESDAY)
    visit.helper_id = row.helper_id


def move(visit: Appointment, start: datetime, by: Agent) -> None:
    how: dict[str, Any] = {"site": visit.site, "by": Actor.agent(by), "now": TUESDAY}
    actions.reschedule(appointment=visit, start=start, **how)


def cancel(visit: Appointment, by: Agent) -> None:
    how: dict[str, Any] = {"reason": Reason.RESIDENT_ASKED, "asked_by": AskedBy.RESIDENT}
    actions.cancel_with_grace(appointment=visit, by=Actor.agent(by), now=TUESDAY, **how)


def test_who_receives_an_appointment_and_who_loses_it_are_both_told(
    client: Client, alice: Agent, bob: Agent, camille: Agent, visit: Appointment
) -> None:
    hand_over(visit, camille, by=alice)
    assert told(client, camille) == ["Rendez-vous reçu : mercredi 25 novembre à 9 h."]
    assert told(client, bob) == ["Rendez-vous confié à quelqu’un d’autre : mercredi 25 novembre à 9 h."]
    assert "Fatima" not in str(HelperNews.objects.values())
    client.post("/equipe/nouvelles/lues/")
    assert told(client, bob) == [], "nothing is told twice"


def test_who_takes_an_appointment_over_is_not_told(
    client: Client, bob: Agent, camille: Agent, visit: Appointment
) -> None:
    hand_over(visit, camille, by=camille)
    assert told(client, camille) == []
    assert len(told(client, bob)) == 1


def test_there_and_back_again_is_no_news_also_when_a_minute_lies_between(
    client: Client, alice: Agent, bob: Agent, camille: Agent, visit: Appointment
) -> None:
    hand_over(visit, camille, by=alice)
    assert len(told(client, camille)) == 1
    hand_over(visit, bob, by=alice)
    assert told(client, camille) == told(client, bob) == []


def test_what_is_cancelled_after_it_was_handed_over_is_told_as_it_ended(
    client: Client, alice: Agent, bob: Agent, camille: Agent, visit: Appointment
) -> None:
    hand_over(visit, camille, by=alice)
    assert len(told(client, camille)) == 1
    actions.cancel(appointment=visit, by=Actor.agent(alice), now=TUESDAY)
    assert told(client, camille) == [], "it was never known as theirs"
    assert len(told(client, bob)) == 1


def test_what_changes_on_the_day_itself_is_told(
    client: Client, alice: Agent, bob: Agent, camille: Agent, visit: Appointment, service: Service, site: Site
) -> None:
    request = BookingRequest(service=service, site=site, start=at(14), with_helper=True, helper=bob)
    today = actions.book(request=request, by=Actor.agent(alice), now=TUESDAY)
    assert told(client, bob) == ["Rendez-vous reçu : mardi 24 novembre à 14 h."]
    client.post("/equipe/nouvelles/lues/")
    move(today, at(15), by=alice)
    moved = "Rendez-vous déplacé : mardi 24 novembre à 14 h → mardi 24 novembre à 15 h."
    assert told(client, bob) == [moved]
    client.post("/equipe/nouvelles/lues/")
    cancel(today, by=alice)
    assert told(client, bob) == [], "it can still be undone"
    actions.finish_due_cancellations(now=TUESDAY + 2 * GRACE)
    assert told(client, bob) == ["Rendez-vous annulé : mardi 24 novembre à 15 h."]


def test_a_visit_that_comes_to_today_is_told_and_one_of_a_later_day_is_not(
    client: Client, alice: Agent, bob: Agent, camille: Agent, visit: Appointment
) -> None:
    move(visit, at(10, day=25), by=alice)
    assert told(client, bob) == []
    move(visit, at(16), by=alice)
    assert told(client, bob) == [
        "Rendez-vous déplacé : mercredi 25 novembre à 10 h → mardi 24 novembre à 16 h."
    ]


def test_a_cancellation_that_is_undone_and_what_is_over_are_no_news(
    client: Client, alice: Agent, bob: Agent, cabin: Cabin, service: Service
) -> None:
    today = make_appointment(cabin, service, at(15), helper=bob)
    cancel(today, by=alice)
    assert told(client, bob) == []
    actions.restore(appointment=today, by=Actor.agent(alice), now=TUESDAY)
    assert told(client, bob) == []
    actions.cancel(appointment=today, by=Actor.agent(alice), now=TUESDAY)
    assert told(client, bob, now=at(15)) == [], "it would have begun by now"


def test_a_resident_who_comes_without_an_appointment_is_announced_on_the_screen_alone(
    client: Client, bob: Agent, visit: Appointment, service: Service, site: Site
) -> None:
    request = BookingRequest(service=service, site=site, start=at(14), with_helper=True, helper=bob)
    actions.book(request=request, by=Actor(ActorKind.SCREEN), now=TUESDAY)
    assert told(client, bob) == []
    assert not log.unread(READER).exists()


def test_each_minute_tells_and_mails_about_appointments_by_their_name(
    client: Client,
    alice: Agent,
    bob: Agent,
    camille: Agent,
    visit: Appointment,
    settings: Any,
    set_clock: SetClock,
) -> None:
    settings.SENDS_EMAIL = True
    Agent.objects.filter(pk=bob.pk).update(email="bob@example.org", email_confirmed=True)
    choose_news(agent=bob, by_email=True)
    hand_over(visit, camille, by=alice)
    each_minute.call()
    set_clock(TUESDAY + timedelta(minutes=10))
    each_minute.call()
    send_news.call(bob.pk)
    (letter,) = mail.outbox
    assert letter.subject == "Vos rendez-vous dans Permanence ont changé"
    assert "mercredi 25 novembre" in letter.body


def test_the_log_asks_the_database_once_for_all_its_readers(
    alice: Agent, visit: Appointment, django_assert_num_queries: Any
) -> None:

    with transaction.atomic(), django_assert_num_queries(2):
        log.write(appointment=visit, kind=EventKind.EDITED, at=TUESDAY, by=Actor.agent(alice))
