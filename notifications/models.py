"""Messages planned and sent. These rows decide what is sent; the task queue only triggers the work."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Commune, Site
from notifications.enums import (
    AUTOMATIC,
    LEFT,
    RANK,
    WHATEVER_COMES,
    Audience,
    CallOutcome,
    Channel,
    DeskReason,
    Failure,
    InboundOutcome,
    MessageKind,
    State,
    StopReason,
    failure_label,
)


def kind_choices() -> list[tuple[str, Any]]:
    return list(MessageKind.choices)


def audience_choices() -> list[tuple[str, Any]]:
    return list(Audience.choices)


def channel_choices() -> list[tuple[str, Any]]:
    return list(Channel.choices)


def state_choices() -> list[tuple[str, Any]]:
    return list(State.choices)


def failure_choices() -> list[tuple[str, Any]]:
    return list(Failure.choices)


def why_choices() -> list[tuple[str, Any]]:
    return list(DeskReason.choices)


def stop_reason_choices() -> list[tuple[str, Any]]:
    return list(StopReason.choices)


def inbound_outcome_choices() -> list[tuple[str, Any]]:
    return list(InboundOutcome.choices)


def call_outcome_choices() -> list[tuple[str, Any]]:
    return list(CallOutcome.choices)


class MessageQuerySet(models.QuerySet["Message"]):
    def to_call_back(self, now: datetime) -> Self:
        """The lines of the call list: what the desk must tell people itself. Of somebody whose record is
        limited, only that they asked to be called."""
        is_used = Q(resident=None) | Q(resident__limited_at=None) | Q(kind=MessageKind.CALL_BACK)
        lines = self.filter(is_used, channel=Channel.DESK, state=State.PENDING, expires_at__gt=now)
        return lines.unpaused()

    def unpaused(self) -> Self:
        """Without what waits because the appointment is in the grace of a cancellation: it may come back,
        and then what waited is true again."""
        in_grace = Appointment.objects.filter(pk=OuterRef("appointment"), status=Status.CANCELLING)
        return self.filter(Q(kind__in=WHATEVER_COMES) | ~Exists(in_grace))

    def below(self, state: State) -> Self:
        """Those whose state may still become `state`; a provider's reports come in any order."""
        return self.filter(state__in=[lower for lower, rank in RANK.items() if rank < RANK[state]])

    def left(self) -> Self:
        """What the recipients know, or may know."""
        return self.filter(state__in=LEFT)


class Message(models.Model):
    """One thing to tell one recipient, by one channel.

    `cause` names why the message is needed (`event:12`, `inbound:7`). It is unique together with `recipient`,
    `kind` and `step`, so that nobody is told twice even if something runs twice. `step` counts the attempts,
    and tells for a reminder which one it is: see `plan/history.py`.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="messages")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    resident = models.ForeignKey(
        Resident, on_delete=models.CASCADE, null=True, blank=True, related_name="messages"
    )
    cause = models.CharField(max_length=40)
    audience = models.CharField(max_length=10, choices=audience_choices, default=Audience.RESIDENT)
    recipient = models.CharField(max_length=254, help_text=_("E.164 number, e-mail address, or resident:id"))
    kind = models.CharField(max_length=15, choices=kind_choices)
    step = models.PositiveSmallIntegerField(default=0)
    channel = models.CharField(max_length=10, choices=channel_choices)
    language = models.CharField(max_length=2, default="fr")
    text = models.TextField(help_text=_("What was really sent."))
    segments = models.PositiveSmallIntegerField(default=1)
    asks = models.BooleanField(default=False, help_text=_("Asks whether the person comes."))
    told_start = models.DateTimeField(null=True, blank=True)
    told_site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    urgency = models.PositiveSmallIntegerField(default=1, help_text=_("0 leaves before 1, 1 before 2."))
    state = models.CharField(max_length=10, choices=state_choices, default=State.PENDING)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=32, blank=True, help_text=_("Which run of the sweep has it."))
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, help_text=_("When the provider said so."))
    provider_id = models.CharField(max_length=64, blank=True)
    kept_by_provider = models.BooleanField(
        default=True, help_text=_("The provider has not been asked yet to delete what it keeps of it.")
    )
    error_code = models.CharField(max_length=40, blank=True, help_text=_("The provider's."))
    failure = models.CharField(max_length=10, choices=failure_choices, blank=True)
    followed_up = models.BooleanField(default=False, help_text=_("What its failure led to is decided."))
    why = models.CharField(max_length=15, choices=why_choices, blank=True)
    times_asked = models.PositiveSmallIntegerField(
        default=1, help_text=_("How often someone asked to be called before they were.")
    )
    asked_at = models.DateTimeField(null=True, blank=True, help_text=_("When they last asked."))
    inbound = models.ForeignKey(
        "InboundMessage", on_delete=models.CASCADE, null=True, blank=True, related_name="answers"
    )
    know_by = models.DateTimeField(null=True, blank=True, help_text=_("When the person must know it."))
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the desk calls again after no answer.")
    )
    handled_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["urgency", "due_at"],
                condition=Q(state=State.PENDING, channel__in=AUTOMATIC),
                name="message_due",
            ),
            models.Index(
                fields=["claimed_at"],
                condition=Q(state__in=(State.SENDING, State.UNKNOWN)),
                name="message_in_doubt",
            ),
            models.Index(
                fields=["channel", "sent_at"],
                condition=Q(state=State.SENT, failure="", channel__in=(Channel.SMS, Channel.VOICE)),
                name="message_unreported",
            ),
            models.Index(
                fields=["commune", "expires_at"],
                condition=Q(state=State.PENDING, channel=Channel.DESK),
                name="message_to_call",
            ),
            models.Index(
                fields=["appointment"],
                condition=Q(state=State.FAILED, followed_up=False),
                name="message_to_follow_up",
            ),
            models.Index(
                fields=["commune", "failed_at"],
                condition=Q(state=State.FAILED, failure=Failure.PATH),
                name="message_path_failed",
            ),
            models.Index(fields=["claim"], condition=~Q(claim=""), name="message_claimed"),
            models.Index(fields=["due_at"], name="message_by_due"),
            models.Index(fields=["told_start"], name="message_told_start"),
            models.Index(fields=["appointment", "created_at"], name="message_by_appointment"),
            models.Index(fields=["resident", "created_at"], name="message_by_resident"),
            models.Index(fields=["commune", "created_at"], name="message_by_commune"),
            models.Index(fields=["recipient", "created_at"], name="message_by_recipient"),
            models.Index(fields=["provider_id"], name="message_by_provider_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["cause", "recipient", "kind", "step"], name="message_owed_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def failure_label(self) -> str:
        return failure_label(self.failure, self.channel)

    @property
    def why_not_arrived(self) -> str:
        """Why this or an earlier try has not arrived, or is not known to have; empty if nothing is wrong."""
        told = self.state in (State.FAILED, State.PENDING) or self.is_unreported
        return self.failure_label if told else ""

    @property
    def is_unreported(self) -> bool:
        """It was sent, and nobody knows whether it arrived."""
        return self.state == State.SENT and self.failure == Failure.UNREPORTED


class CallClaim(models.Model):
    """An agent is calling this person now, so that no colleague calls at the same time. It ends with the
    result of the call, when the agent leaves the list, or at `until`."""

    resident = models.OneToOneField(
        Resident, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    line = models.OneToOneField(
        Message,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The oldest line of somebody who is not in the records."),
    )
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(resident__isnull=False) ^ Q(line__isnull=False), name="call_claim_of_one_person"
            )
        ]

    def __str__(self) -> str:
        return f"call claim {self.pk}"


class CallResult(models.Model):
    """What came of a call by the desk, or of another step that took lines off the call list. Shown for the
    day, with its undo."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="call_results")
    resident = models.ForeignKey(
        Resident, on_delete=models.CASCADE, null=True, blank=True, related_name="call_results"
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=15, choices=call_outcome_choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    before = models.JSONField(default=dict, help_text=_("What the undo puts back."))
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["commune", "at"], name="call_result_by_day")]

    def __str__(self) -> str:
        return f"call result {self.pk} {self.outcome}"

    @property
    def is_cancelled_here(self) -> bool:
        """Cancelled from the call list, so its undo also makes the lines wait again."""
        return "told" in self.before

    @property
    def can_be_undone(self) -> bool:
        undoable = (
            CallOutcome.TOLD,
            CallOutcome.THINKS,
            CallOutcome.STOPS,
            CallOutcome.NO_ANSWER,
            CallOutcome.WRONG_NUMBER,
        )
        return self.undone_at is None and (self.outcome in undoable or self.is_cancelled_here)


class InboundMessage(models.Model):
    """What someone wrote to the commune's number, or keyed in a call to it, and what followed."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="inbound_messages")
    provider_id = models.CharField(max_length=64, unique=True)
    kept_by_provider = models.BooleanField(
        default=True, help_text=_("The provider has not been asked yet to delete what it keeps of it.")
    )
    sender = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()
    resident = models.ForeignKey(
        Resident, on_delete=models.CASCADE, null=True, blank=True, related_name="inbound_messages"
    )
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="inbound_messages"
    )
    outcome = models.CharField(max_length=15, choices=inbound_outcome_choices, blank=True)
    wrong_numbers = models.PositiveSmallIntegerField(
        default=0, help_text=_("Numbers keyed in this call that are no appointment's.")
    )

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [models.Index(fields=["sender", "received_at"], name="inbound_by_sender")]

    def __str__(self) -> str:
        return f"inbound {self.pk}"


class ProviderErasure(models.Model):
    """A message or a call that the provider must delete, although our own row may be gone already."""

    commune = models.ForeignKey(
        Commune,
        on_delete=models.SET_NULL,
        null=True,
        related_name="provider_erasures",
        help_text=_("Empty: a commune that was removed from the installation."),
    )
    provider_id = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text=_("When the provider last refused."))

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Suppression(models.Model):
    """A number that wants no automatic messages from a commune, as a keyed hash (`suppressions.py`).

    It is linked to no resident: it holds for whoever has the number, and stays when a resident is deleted.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="suppressions")
    number_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=10, choices=stop_reason_choices)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class Consent(models.Model):
    """An agent noted that automatic messages are welcome again at a number: a line in the file of every
    resident who had that number then."""

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="consents")
    number = models.CharField(max_length=20, help_text=_("E.164"))
    at = models.DateTimeField()
    by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    said_by = models.ForeignKey(
        Resident, on_delete=models.SET_NULL, null=True, related_name="+", help_text=_("Whose file was open.")
    )

    def __str__(self) -> str:
        return f"consent {self.pk}"


class MessageSettings(models.Model):
    """How a commune wants its residents to be told. A commune without a row uses the defaults."""

    commune = models.OneToOneField(Commune, on_delete=models.CASCADE, related_name="message_settings")
    voice_number = models.CharField(
        _("number that calls come from"), max_length=20, blank=True, help_text=_("Empty: no automatic calls.")
    )
    remind_same_day = models.BooleanField(_("also remind on the day itself"), default=False)
    confirm_by_call = models.BooleanField(
        _("confirm by an automatic call to a landline"),
        default=False,
        help_text=_("The desk has usually just spoken to the person."),
    )
    invite_missed = models.BooleanField(_("offer another time to someone who did not come"), default=True)
    price_sms_cents = models.DecimalField(
        _("price of one text message, in cents"), max_digits=6, decimal_places=2, default=8
    )

    def __str__(self) -> str:
        return f"messages of {self.commune_id}"


class CommuneText(models.Model):
    """A commune's own wording of one kind of message in one language."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=15, choices=kind_choices)
    language = models.CharField(max_length=2)
    template = models.TextField()
    edited_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "language"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "kind", "language"], name="commune_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


class ProviderAlarm(models.Model):
    """The provider refuses one commune's sender, or (without a commune) the account. The messages that it
    concerns wait until the provider accepts one again. See `alarms/`."""

    commune = models.ForeignKey(
        Commune, on_delete=models.CASCADE, null=True, blank=True, related_name="provider_alarms"
    )
    channel = models.CharField(max_length=10, choices=channel_choices)
    code = models.CharField(max_length=40)
    since = models.DateTimeField()
    retry_at = models.DateTimeField(help_text=_("When one message may try whether it works again."))
    try_again_after = models.DurationField(default=timedelta(minutes=10))
    is_loud = models.BooleanField(default=True, help_text=_("Managers hear of it at once."))
    by_report = models.BooleanField(
        default=False, help_text=_("The message had been taken first, and failed later.")
    )
    taken_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When a message was taken since, about which a report may come.")
    )
    warned_at = models.DateTimeField(null=True, blank=True, help_text=_("When managers were written to."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=Q(commune=None), name="alarm_once_for_the_account"
            ),
            models.UniqueConstraint(
                fields=["commune", "channel"],
                condition=Q(commune__isnull=False),
                name="alarm_once_for_a_commune",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.code}"


class NextLook(models.Model):
    """When the sweep must look at an appointment's plan again although no event will announce it: time
    alone changes the plan then."""

    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="next_look_by_time")]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.at:%Y-%m-%d %H:%M}"


class WebhookReceipt(models.Model):
    """A provider's request that has been dealt with. If the provider repeats it, it changes nothing and
    gets the same answer."""

    token = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=204)
    answer = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="webhook_receipt_by_age")]

    def __str__(self) -> str:
        return self.token


class Heartbeat(models.Model):
    """Signs of life: `sweep` is when a sweep last finished, `sweep_began` when one began, `bell` is set while
    a requested sweep waits in the queue.

    All are in real time even where a pretended clock is set, because they measure how long ago something
    was.
    """

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
