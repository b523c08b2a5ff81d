"""Messages owed and sent. These rows are the truth; the queue only rings."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models import Appointment, Resident
from communes.models import Commune
from notifications.enums import Channel, Kind, State


def kind_choices() -> list[tuple[str, str]]:
    return list(Kind.choices)


def channel_choices() -> list[tuple[str, str]]:
    return list(Channel.choices)


def state_choices() -> list[tuple[str, str]]:
    return list(State.choices)


class MessageQuerySet(models.QuerySet["Message"]):
    def to_call_back(self) -> Self:
        """What the desk must say itself, since no automatic way reaches the person."""
        return self.filter(channel=Channel.DESK, state=State.OWED)


class Message(models.Model):
    """One thing to tell one recipient, by one channel.

    `cause` names what made it owed (`event:12`); with `recipient`, `kind` and `step` it is unique, so that
    whatever runs twice, nobody is told twice. `step` says which reminder or attempt this is.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="messages")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    resident = models.ForeignKey(
        Resident, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    cause = models.CharField(max_length=40)
    recipient = models.CharField(max_length=120, help_text=_("E.164 number, e-mail address, or resident:id"))
    kind = models.CharField(max_length=15, choices=kind_choices)
    step = models.PositiveSmallIntegerField(default=0)
    channel = models.CharField(max_length=10, choices=channel_choices)
    text = models.TextField(help_text=_("What was really sent."))
    segments = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=state_choices, default=State.OWED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=64, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="message_due"),
            models.Index(fields=["appointment", "created_at"], name="message_by_appointment"),
            models.Index(fields=["commune", "created_at"], name="message_by_commune"),
            models.Index(fields=["provider_id"], name="message_by_provider_id"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "recipient", "kind", "step"], name="message_owed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Heartbeat(models.Model):
    """When the sweep last went through; the worker restarts its cluster when it goes stale."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
