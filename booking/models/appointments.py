"""Appointments, the log of their changes, and helpers' delays."""

from datetime import datetime
from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.constraints import NoOverlap
from booking.engine.timeline import TICK_MINUTES
from booking.enums import (
    CALLED_OFF,
    EXPECTED,
    LIVE,
    ActorKind,
    AskedBy,
    EventKind,
    Origin,
    Outcome,
    Reason,
    Status,
    ToldBy,
)
from booking.models.residents import Resident
from booking.ticks import CeilTick, FloorTick
from communes.enums import Choices
from communes.models import ApiKey, Cabin, Commune, Service, Site

LONGEST_DAYS = 2
"""The longest time for which an appointment occupies its cabin and helper (the longest service for six
people takes 30 hours)."""
MOST_PEOPLE = 6
"""So many people can come to one visit."""


def status_choices() -> Choices:
    return Status.choices


def event_kind_choices() -> Choices:
    return EventKind.choices


def actor_kind_choices() -> Choices:
    return ActorKind.choices


def reason_choices() -> Choices:
    return Reason.choices


def asked_by_choices() -> Choices:
    return AskedBy.choices


def outcome_choices() -> Choices:
    return Outcome.choices


def origin_choices() -> Choices:
    return Origin.choices


def told_by_choices() -> Choices:
    return ToldBy.choices


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def live(self) -> Self:
        """Appointments that occupy their cabin and helper. An expired hold still does, until the worker
        marks it as lapsed, and so does one whose cancellation has just become final."""
        return self.filter(status__in=LIVE)

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(starts_at__lt=end, blocked_until__gt=start)

    def occupying(self, now: datetime) -> Self:
        """Appointments whose time cannot be booked by others: live, and neither an expired hold nor one
        whose grace after a cancellation is over."""
        return self.live().exclude(
            Q(status=Status.HELD, held_until__lte=now) | Q(status=Status.CANCELLING, cancel_at__lte=now)
        )

    def lapsed(self, now: datetime) -> Self:
        """Appointments that still keep a time which others may book: the rest of `live()`."""
        return self.filter(
            Q(status=Status.HELD, held_until__lte=now) | Q(status=Status.CANCELLING, cancel_at__lte=now)
        )

    def expected(self) -> Self:
        """Appointments to which their resident is expected: not held, over or cancelled."""
        return self.filter(status__in=EXPECTED)

    def visible(self) -> Self:
        """Appointments that agents see: all except holds and lapsed holds."""
        return self.exclude(status__in=(Status.HELD, Status.LAPSED))


class Appointment(models.Model):
    """A resident (or a walk-in) in a cabin, with or without a helper, over `[starts_at, ends_at)`.

    The cabin and the helper are occupied until `blocked_until`: the end plus the turnaround, rounded up to
    a tick of five minutes.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="appointments")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="appointments")
    cabin = models.ForeignKey(Cabin, on_delete=models.PROTECT, related_name="appointments")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    helper = models.ForeignKey(
        Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    with_helper = models.BooleanField(_("with a helper"), default=False)
    helper_chosen = models.BooleanField(
        _("the resident chose this helper"), default=False, help_text=_("Never exchanged for another.")
    )
    resident = models.ForeignKey(
        Resident, on_delete=models.SET_NULL, null=True, blank=True, related_name="appointments"
    )
    party_size = models.PositiveSmallIntegerField(
        _("number of people"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)]
    )
    number = models.CharField(_("appointment number"), max_length=6, validators=[RegexValidator(r"^\d{6}$")])
    status = models.CharField(max_length=12, choices=status_choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked_until = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=10, choices=origin_choices, default=Origin.DESK)
    is_walk_in = models.BooleanField(default=False)
    note = models.CharField(_("to prepare or bring"), max_length=200, blank=True)
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    coming_at = models.DateTimeField(
        null=True, blank=True, help_text="An agent has said that they come for the resident who waits."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=15, choices=outcome_choices, blank=True)
    told_by = models.CharField(
        max_length=5, choices=told_by_choices, blank=True, help_text="How the latest message arrived."
    )
    created_at = models.DateTimeField()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["commune", "starts_at"], name="appointment_by_commune"),
            models.Index(fields=["site", "starts_at"], name="appointment_by_site"),
            models.Index(fields=["resident", "starts_at"], name="appointment_by_resident"),
            models.Index(fields=["helper", "starts_at"], name="appointment_by_helper"),
            # The index holds the columns that filter rows, so that unwanted rows are not read
            # (booking/free/loading.py).
            models.Index(
                fields=["commune", "blocked_until", "starts_at"],
                condition=Q(status__in=LIVE),
                name="appointment_live_by_commune",
            ),
            models.Index(
                fields=["helper", "blocked_until", "starts_at", "commune"],
                condition=Q(status__in=LIVE),
                name="appointment_live_by_helper",
            ),
            models.Index(
                fields=["cabin", "blocked_until"],
                condition=Q(status__in=LIVE),
                name="appointment_live_by_cabin",
            ),
            models.Index(fields=["held_until"], condition=Q(status=Status.HELD), name="appointment_holds"),
            models.Index(
                fields=["cancel_at"], condition=Q(status=Status.CANCELLING), name="appointment_cancelling"
            ),
        ]
        constraints = [
            NoOverlap(
                name="appointment_cabin_free",
                resource="cabin",
                violation_error_message=_("The cabin is already taken at that time."),
            ),
            NoOverlap(
                name="appointment_helper_free",
                resource="helper",
                violation_error_message=_("The helper is already taken at that time."),
            ),
            models.UniqueConstraint(
                fields=["cabin"],
                condition=Q(status=Status.IN_SESSION),
                name="appointment_one_session_per_cabin",
                violation_error_message=_("Another session is still running in this cabin."),
            ),
            models.UniqueConstraint(
                fields=["helper"],
                condition=Q(status=Status.IN_SESSION, helper__isnull=False),
                name="appointment_one_session_per_helper",
                violation_error_message=_("This helper is still in another session."),
            ),
            models.UniqueConstraint(
                fields=["commune", "number"],
                condition=Q(status__in=LIVE),
                name="appointment_number_unique_while_live",
                violation_error_message=_("This appointment number is already used."),
            ),
            models.CheckConstraint(
                name="appointment_times_in_order",
                condition=Q(ends_at__gt=F("starts_at")) & Q(blocked_until__gte=F("ends_at")),
                violation_error_message=_("The end must come after the beginning."),
            ),
            # So a search for a time window need not read further than two days around it
            # (booking/free/loading.py).
            models.CheckConstraint(
                name="appointment_two_days_at_most",
                condition=LessThanOrEqual(
                    CeilTick("blocked_until") - FloorTick("starts_at"), LONGEST_DAYS * 24 * 60 // TICK_MINUTES
                ),
                violation_error_message=_("An appointment cannot last longer than two days."),
            ),
            models.CheckConstraint(
                name="appointment_hold_has_an_end",
                condition=~Q(status=Status.HELD) | Q(held_until__isnull=False),
                violation_error_message=_("A hold must end."),
            ),
            models.CheckConstraint(
                name="appointment_grace_has_an_end",
                condition=~Q(status=Status.CANCELLING) | Q(cancel_at__isnull=False),
                violation_error_message=_("A grace must end."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_expected(self) -> bool:
        return self.status in EXPECTED

    @property
    def is_called_off(self) -> bool:
        """Whether it is cancelled, be it still in its grace."""
        return self.status in CALLED_OFF

    @property
    def duration_min(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def spaced_number(self) -> str:
        """« 482 913 »: groups of three digits are easier to say and to type."""
        return f"{self.number[:3]}\N{NO-BREAK SPACE}{self.number[3:]}"

    @property
    def number_for_name(self) -> str:
        """« n° 482 913 », which stands for the name where the resident's record is limited; else ""."""
        if self.resident is None or not self.resident.is_limited:
            return ""
        return self.number_words

    @property
    def number_words(self) -> str:
        """« n° 482 913 », as a person without a name says it."""
        return gettext("no. %(number)s") % {"number": self.spaced_number}

    @property
    def shown(self) -> str:
        """The resident's id, the start (seconds since 1970), and whether it is in the grace of a
        cancellation, as a page with a button shows them: see `require_as_shown`."""
        grace = "/cancelling" if self.status == Status.CANCELLING else ""
        return f"{self.resident_id or ''}/{int(self.starts_at.timestamp())}{grace}"


class AppointmentEvent(models.Model):
    """One change of an appointment. It is the audit trail, and apps above `booking` read it.

    `changes` maps a field to `[before, after]`: instants as text, rows as their ids; of a note only whether
    there was one and whether there is one. Reasons are codes.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=15, choices=event_kind_choices)
    at = models.DateTimeField()
    actor = models.CharField(max_length=10, choices=actor_kind_choices)
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=20, choices=reason_choices, blank=True)
    asked_by = models.CharField(max_length=15, choices=asked_by_choices, blank=True)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["appointment", "at"], name="event_by_appointment")]

    def __str__(self) -> str:
        return f"{self.kind} {self.appointment_id}"


class UnreadEvent(models.Model):
    """An event that a reader of the log has not yet marked as read.

    It is written with the event and deleted by the reader: commit order is not id order, so no reader
    keeps an id cursor.
    """

    reader = models.CharField(max_length=20)
    event = models.ForeignKey(AppointmentEvent, on_delete=models.CASCADE, related_name="unread")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["reader", "event"], name="unread_event_once")]

    def __str__(self) -> str:
        return f"{self.reader} {self.event_id}"


class IdempotencyRecord(models.Model):
    """A booking made over the API with an idempotency key: the same request again books nothing more."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["api_key", "key_hash"], name="booked_call_once")]

    def __str__(self) -> str:
        return f"call {self.pk}"


class Delay(models.Model):
    """A helper has announced that they will be present only at `until_at`. It applies to that day; a later
    announcement replaces it."""

    helper = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="delay")
    until_at = models.DateTimeField()
    said_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.helper_id} {self.until_at:%Y-%m-%d %H:%M}"
