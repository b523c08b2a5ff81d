"""What each change of an appointment caused: its messages under it, in the order of what happened."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import Reason
from booking.log import Actor
from booking.models import Appointment
from core.roles import Role
from notifications.enums import MessageKind, State
from notifications.models import Message
from notifications.pages.journal import journal_of
from tests.factories import TUESDAY, at, make_agent, make_shift
from tests.notifications.announced_changes import Town
from tests.notifications.conftest import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]


def told(appointment: Appointment) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each entry of the story: what happened, and to whom it was told how."""
    appointment.refresh_from_db()
    story = journal_of(appointment, now=TUESDAY).story
    return [(entry.what, [(line.whom, line.message.kind) for line in entry.messages]) for entry in story]


def move(town: Town, **how: Any) -> None:
    by = Actor.agent(town.bob)
    start = at(14, day=27)
    actions.reschedule(appointment=town.visit, site=town.site, start=start, by=by, now=TUESDAY, **how)
    run()


def test_each_message_stands_under_the_change_that_caused_it() -> None:
    town = Town()
    move(town, reason=Reason.HELPER_ABSENT)
    both = [("Fatima", MessageKind.CHANGE), ("Karim", MessageKind.CHANGE)]
    first = [("Fatima", MessageKind.CONFIRMATION), ("Karim", MessageKind.CONFIRMATION)]
    story = [(what, sorted(lines)) for what, lines in told(town.visit)]
    assert story == [("déplacé", both), ("réservé", first)]


def test_a_change_of_which_nobody_is_told_says_so(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    actions.alter(appointment=town.visit, wanted={"note": "RIB"}, by=Actor.agent(town.bob), now=TUESDAY)
    address = reverse("appointment-messages", args=[town.visit.pk])
    says = "aucun message : ni le jour, ni l’heure, ni le lieu ne changent"
    assert says not in page(client, address), "it is not settled yet"
    run()
    assert says in page(client, address)


def test_a_reminder_is_an_entry_of_its_own() -> None:
    town = Town()
    run(at(10, day=25) + timedelta(minutes=1))
    reminders = [("Fatima", MessageKind.REMINDER), ("Karim", MessageKind.REMINDER)]
    assert [sorted(lines) for what, lines in told(town.visit) if what == "rappel"] == [reminders]
    assert told(town.visit)[-1][0] == "réservé"


def test_a_resident_who_answers_by_text_message_is_said_to_have(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    client.post(reverse("simulator-reply"), {"number": "+33639981234", "text": "1"})
    story = journal_of(town.visit, now=TUESDAY).story
    (confirmed,) = (entry for entry in story if entry.event and entry.event.kind == "confirmed")
    assert confirmed.who.endswith("par SMS")


def test_a_second_attempt_says_so(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    first = Message.objects.filter(appointment=town.visit).earliest("pk")
    Message.objects.filter(pk=first.pk).update(state=State.FAILED, failure="transient")
    again = {each.attname: getattr(first, each.attname) for each in Message._meta.concrete_fields}
    Message.objects.create(**{**again, "id": None, "step": 1, "state": State.DELIVERED})
    assert "essai n° 2" in page(client, reverse("appointment-messages", args=[town.visit.pk]))


def test_a_long_story_costs_as_many_queries_as_a_short_one(django_assert_max_num_queries: Any) -> None:
    town = Town()
    town.booked(town.fatima, at(9, day=27), number="111111")
    for n in range(30):
        asked = {"party": n % 2 + 1, "note": str(n)}
        actions.alter(appointment=town.visit, wanted=asked, by=Actor.agent(town.bob), now=TUESDAY)
    template = Message.objects.filter(appointment=town.visit).earliest("pk")
    values = {each.attname: getattr(template, each.attname) for each in Message._meta.concrete_fields}
    for event in town.visit.events.all():
        Message.objects.create(**{**values, "id": None, "cause": f"event:{event.pk}", "step": 7})
    run()
    visit = _stored(town.visit)
    with django_assert_max_num_queries(14):
        journal = journal_of(visit, now=TUESDAY)
        assert sum(bool(line.whom and line.state) for entry in journal.story for line in entry.messages) > 30


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def _stored(appointment: Appointment) -> Appointment:
    return Appointment.objects.select_related("commune", "resident").get(pk=appointment.pk)


def test_an_agent_who_is_gone_leaves_the_story(client: Client) -> None:
    town = Town()
    client.force_login(town.bob)
    former = Agent.objects.create(username="parti", first_name="Paul")
    actions.alter(appointment=town.visit, wanted={"note": "x"}, by=Actor.agent(former), now=TUESDAY)
    former.delete()
    address = reverse("appointment-messages", args=[town.visit.pk])
    assert "un agent dont le compte n’existe plus" in page(client, address)


def test_a_message_that_still_waits_names_the_helper_who_is_asked_for_now() -> None:
    town = Town()
    night = at(22)
    carla = make_agent(town.commune, Role.HELPER, skills=[town.service], first_name="Carla")
    make_shift(carla, town.site, at(9, day=27), at(17, day=27))
    asked = actions.BookingRequest(
        service=town.service,
        site=town.site,
        start=at(15, day=27),
        with_helper=True,
        helper=town.bob,
        resident=town.fatima,
    )
    booked = actions.book(request=asked, by=Actor.agent(town.bob), now=night)
    run(night)
    waiting = Message.objects.filter(appointment=booked, state=State.PENDING)
    assert [("avec Bob" in each.text) for each in waiting] == [True, True]
    actions.alter(appointment=booked, wanted={"helper": f"c{carla.pk}"}, by=Actor.agent(town.bob), now=night)
    run(night)
    assert [("avec Carla" in each.text) for each in waiting.all()] == [True, True]
    run(at(8, day=25))
    left = Message.objects.filter(appointment=booked, kind=MessageKind.CONFIRMATION)
    assert [("avec Carla" in each.text, each.state) for each in left] == [(True, State.DELIVERED)] * 2
