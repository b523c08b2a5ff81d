"""The desk's call list as tests use it: its cards, and what an agent presses."""

from typing import Any

from django.test import Client
from django.urls import reverse

from booking.models import Appointment
from notifications.enums import Channel
from notifications.models import CallResult, Message
from notifications.pages.call_cards import CallCard
from tests.notifications.test_pages import words


def cards(client: Client) -> list[CallCard]:
    page = client.get(reverse("call-list"))
    return [card for _, found in page.context["groups"] for card in found]


def note(client: Client, *lines: Message, outcome: str, **more: Any) -> str:
    """Note an outcome on the card of the first line, and read the page that follows."""
    values = {"outcome": outcome, "line": [each.pk for each in lines], **more}
    return words(client.post(reverse("call-outcome", args=[lines[0].pk]), values, follow=True))


def cancel_on_list(client: Client, appointment: Appointment, reason: str = "cannot_come") -> str:
    address = reverse("call-cancel", args=[appointment.pk])
    return words(client.post(address, {"reason": reason, "asked_by": "resident"}, follow=True))


def undo(client: Client, result: CallResult | None = None) -> str:
    pk = (result or CallResult.objects.get()).pk
    return words(client.post(reverse("call-undo", args=[pk]), follow=True))


def listed() -> list[Message]:
    """The lines that wait, oldest first."""
    return list(Message.objects.filter(channel=Channel.DESK, state="owed").order_by("pk"))
