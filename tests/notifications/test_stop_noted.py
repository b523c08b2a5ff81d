"""STOP as the desk notes it on the call list, and takes it back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.models import Resident
from communes.models import Commune
from notifications.actions import lift, no_more_messages, suppress, undo_result
from notifications.actions.answers import ask_call_back
from notifications.enums import Channel, DeskReason, StopReason
from notifications.models import InboundMessage, Message
from tests.edits import forms_of
from tests.factories import TUESDAY, make_resident
from tests.notifications.conftest import has_stopped

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")

ASKED, WROTE = "+33639981111", "+33639982222"
LATER = TUESDAY + timedelta(minutes=1)


@pytest.fixture
def two_numbers(commune: Commune) -> Resident:
    """Asked on one phone to be called, and wrote from the other what may be a STOP."""
    who = make_resident(commune, ASKED, WROTE)
    ask_call_back(commune=commune, number=ASKED, why=DeskReason.ASKED, resident=who, now=TUESDAY)
    writes(who)
    return who


def writes(who: Resident, number: str = WROTE) -> Message:
    inbound = InboundMessage.objects.create(
        commune=who.commune, sender=number, text="stop pubs svp", received_at=TUESDAY, resident=who
    )
    ask_call_back(
        commune=who.commune,
        number=number,
        why=DeskReason.WRITTEN,
        resident=who,
        inbound=inbound,
        now=TUESDAY,
    )
    return Message.objects.get(inbound=inbound)


def test_it_is_the_number_that_wrote_which_gets_no_more_messages(
    client: Client, alice: Agent, commune: Commune, two_numbers: Resident
) -> None:
    client.force_login(alice)
    forms = forms_of(client.get(reverse("call-list")))
    form = next(each for each in forms if each.data.get("number") == [WROTE])

    client.post(form.action, {**form.sent, "outcome": "stops"})

    assert has_stopped(WROTE, commune)
    assert not has_stopped(ASKED, commune)


def test_a_number_of_none_of_the_lines_is_not_noted(
    client: Client, alice: Agent, commune: Commune, two_numbers: Resident
) -> None:
    client.force_login(alice)
    line = Message.objects.filter(channel=Channel.DESK).latest("pk")
    for number in ("+33639983333", "x"):
        sent = {"line": line.pk, "outcome": "stops", "number": number}
        assert client.post(reverse("call-outcome", args=[line.pk]), sent).status_code == 404


def test_what_the_number_says_since_is_not_taken_back_with_the_note(alice: Agent, commune: Commune) -> None:
    line = writes(make_resident(commune, WROTE))
    noted = no_more_messages(lines=[line], number=WROTE, by=alice, now=TUESDAY)
    suppress(commune=commune, number=WROTE, reason=StopReason.REPLY, now=LATER)

    undo_result(result=noted, now=LATER)

    assert has_stopped(WROTE, commune)


def test_another_note_made_since_is_not_taken_back_either(alice: Agent, commune: Commune) -> None:
    line = writes(make_resident(commune, WROTE))
    noted = no_more_messages(lines=[line], number=WROTE, by=alice, now=TUESDAY)
    lift(commune=commune, number=WROTE)
    suppress(commune=commune, number=WROTE, reason=StopReason.DESK, now=LATER)

    undo_result(result=noted, now=LATER)

    assert has_stopped(WROTE, commune)


def test_the_note_of_the_desk_does_not_stand_above_what_the_number_said(commune: Commune) -> None:
    suppress(commune=commune, number=WROTE, reason=StopReason.REPLY, now=TUESDAY)
    suppress(commune=commune, number=WROTE, reason=StopReason.DESK, now=LATER)
    assert commune.suppressions.get().reason == StopReason.REPLY
