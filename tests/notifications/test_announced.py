"""What a page announces is what is owed: for every change of the product that makes messages leave."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking import tasks as booking_tasks
from booking.models import AppointmentEvent
from notifications.enums import MessageKind, State
from notifications.models import Message
from notifications.pages.announced import UNKNOWN_NUMBER, Announcement
from planning import tasks as planning_tasks
from tests.addresses import PATTERNS
from tests.clocks import SetClock
from tests.factories import TUESDAY, at
from tests.notifications.announced_changes import CHANGES, SILENT, WHY, Town, start_of
from tests.notifications.conftest import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated", "tuesday")]

MINUTES = 5
TELL_NOBODY = {
    "messages_are_withdrawn_after_the_confirmation_has_left",
    "whoever_is_erased_is_told_nothing",
    "a_record_is_limited_whose_visit_stays",
    "booked_for_somebody_new_without_a_phone",
    "booked_for_a_landline",
    "cancelled_of_a_landline",
    "changed_for_more_people_at_the_same_time",
    "nothing_about_messages_is_changed",
    "told_by_voice",
    "the_absence_ends_before_anybody_was_told",
    "replaced_without_a_helper",
    "restored_before_anybody_was_told",
}
"""Of these, nobody needs a message: it was just said, or there is no way."""
_NUMBER = re.compile(r"\b\d{6}\b")


@pytest.fixture
def town(simulated: None, tuesday: object) -> Town:
    return Town()


@pytest.fixture
def page(client: Client, town: Town) -> Client:
    client.force_login(town.bob)
    return client


def announced(page: Client, name: str, args: tuple[int, ...], sent: dict[str, Any]) -> Announcement:
    response = page.post(reverse(name, args=args), sent, headers={"Announce": "list"})
    assert response.status_code == 200
    found: Announcement = response.context["announcement"]
    return found


def minutes_pass(set_clock: SetClock) -> None:
    """The worker does its work of each minute, for five minutes."""
    for minute in range(MINUTES + 1):
        present = TUESDAY + timedelta(minutes=minute)
        set_clock(present)
        booking_tasks.each_minute.call()
        planning_tasks.each_minute.call()
        run(present)


def told(channel: str, recipient: str, kind: str, text: str, later: bool) -> tuple[object, ...]:
    return channel, recipient, kind, _NUMBER.sub(UNKNOWN_NUMBER, text), later


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_announced_is_owed_five_minutes_later(
    page: Client, town: Town, set_clock: SetClock, name: str
) -> None:
    address, make = CHANGES[name]
    args, sent = make(town)
    sent = {**start_of(page, address, args), **sent}
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    before = AppointmentEvent.objects.count()
    found = announced(page, address, args, sent)

    assert not found.is_refused
    assert bool(found.messages) == (name not in TELL_NOBODY)
    assert AppointmentEvent.objects.count() == before, "the rehearsal leaves nothing behind"
    page.post(reverse(address, args=args), sent)
    minutes_pass(set_clock)
    owed = Message.objects.filter(pk__gt=last)
    assert sorted(
        told(each.channel, each.recipient, each.kind, each.text, each.due_at > each.created_at)
        for each in owed
    ) == sorted(
        told(each.channel, each.recipient, each.kind, each.text, each.leaves_later) for each in found.messages
    )


def test_a_cancellation_that_is_final_only_at_night_says_that_the_message_leaves_in_the_morning(
    page: Client, town: Town, set_clock: SetClock
) -> None:
    """Messages leave until nine in the evening."""
    evening, morning = at(20, 57), at(7, day=25)
    set_clock(evening)
    sent = {"shown": town.visit.shown, **WHY}

    found = announced(page, "appointment-cancel", (town.visit.pk,), sent)
    page.post(reverse("appointment-cancel", args=[town.visit.pk]), sent)
    for minute in range(6):
        run(evening + timedelta(minutes=minute))

    assert [(each.due_at, each.leaves_later) for each in found.messages] == [(morning, True)] * 2
    owed = Message.objects.filter(kind=MessageKind.CANCELLATION)
    assert [(each.due_at, each.state) for each in owed] == [(morning, State.PENDING)] * 2


def announcing() -> set[str]:
    return {name for name, each in PATTERNS.items() if getattr(each.callback, "announces_messages", False)}


def test_every_page_that_announces_is_tried() -> None:
    tried = {address for address, _ in CHANGES.values()}
    assert announcing() == tried | SILENT.keys()
    assert not tried & SILENT.keys()
