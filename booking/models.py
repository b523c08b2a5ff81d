"""Residents, their appointments, and the log of every change."""

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
from booking.enums import (
    LIVE,
    ActorKind,
    EventKind,
    Language,
    Need,
    OfferAnswer,
    Origin,
    Outcome,
    PhoneOwner,
    ReachBy,
    Reason,
    Status,
    WaitingState,
)
from booking.ticks import CeilTick, FloorTick
from booking.timeline import TICK_MINUTES
from communes.enums import Choices
from communes.models import ApiKey, Cabin, Commune, Service, Site

LONGEST_DAYS = 2
"""No appointment keeps its cabin and its helper for longer (the longest service for six takes 30 hours)."""


def status_choices() -> Choices:
    return Status.choices


def event_kind_choices() -> Choices:
    return EventKind.choices


def actor_kind_choices() -> Choices:
    return ActorKind.choices


def reason_choices() -> Choices:
    return Reason.choices


def outcome_choices() -> Choices:
    return Outcome.choices


def origin_choices() -> Choices:
    return Origin.choices


def reach_by_choices() -> Choices:
    return ReachBy.choices


def phone_owner_choices() -> Choices:
    return PhoneOwner.choices


class ResidentQuerySet(models.QuerySet["Resident"]):
    def current(self) -> Self:
        """Without those merged into another."""
        return self.filter(merged_into=None)


class Resident(models.Model):
    """Someone who comes to a cabin. Only what reaches them and what helps the visit is kept."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="residents")
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60)
    search_name = models.CharField(max_length=130, editable=False)
    email = models.EmailField(_("e-mail"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=250, blank=True)
    birth_year = models.PositiveSmallIntegerField(
        _("year of birth"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
    )
    languages = models.JSONField(_("languages"), default=list, blank=True)
    needs = models.JSONField(_("what helps the visit"), default=list, blank=True)
    reach_by = models.CharField(
        _("preferred way to be told"), max_length=10, choices=reach_by_choices, default=ReachBy.SMS
    )
    number_on_screen = models.BooleanField(
        _("show the appointment number on screens, not the name"), default=False
    )
    contact_name = models.CharField(_("contact person"), max_length=80, blank=True)
    contact_relation = models.CharField(_("who is"), max_length=40, blank=True)
    contact_phone = models.CharField(_("phone of the contact person"), max_length=20, blank=True)
    contact_is_told = models.BooleanField(_("tell the contact person too"), default=False)
    contact_stopped_at = models.DateTimeField(
        _("the contact person asked for no more messages"), null=True, blank=True, editable=False
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="merged", editable=False
    )
    created_at = models.DateTimeField(editable=False)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        indexes = [models.Index(fields=["commune", "search_name"], name="resident_by_name")]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or gettext("Without a name")

    @property
    def is_nameless(self) -> bool:
        """Someone who left a phone number on a screen, and nothing else."""
        return not self.search_name

    @property
    def screen_name(self) -> str:
        """First name and initial: the most that a screen may ever show."""
        initial = f" {self.last_name[0].upper()}." if self.last_name else ""
        return f"{self.first_name}{initial}" or str(self)

    @property
    def need_labels(self) -> list[str]:
        return [str(Need(code).label) for code in self.needs]

    @property
    def language_labels(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]


class ResidentPhone(models.Model):
    """A number behind which a resident can be reached; several residents may share one."""

    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(_("number"), max_length=20, help_text=_("E.164"))
    is_mobile = models.BooleanField(default=False, editable=False)
    owner = models.CharField(_("whose"), max_length=15, choices=phone_owner_choices, default=PhoneOwner.SELF)
    may_call = models.BooleanField(_("may we call or text?"), default=True)
    call_from = models.TimeField(_("from"), null=True, blank=True)
    call_until = models.TimeField(_("until"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("asked for no more messages"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["number"], name="resident_phone_by_number")]
        constraints = [
            models.UniqueConstraint(fields=["resident", "number"], name="resident_phone_once"),
        ]

    def __str__(self) -> str:
        return f"phone {self.pk}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def live(self) -> Self:
        """Those that keep their cabin and helper (an expired hold does until it is made to lapse)."""
        return self.filter(status__in=LIVE)

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(starts_at__lt=end, blocked_until__gt=start)

    def keeping(self, now: datetime) -> Self:
        """Those that keep others out of their time: live, and if held, not expired."""
        return self.live().exclude(status=Status.HELD, held_until__lte=now)

    def visible(self) -> Self:
        """Those that mean something to people: holds and lapsed holds left out."""
        return self.exclude(status__in=(Status.HELD, Status.LAPSED))


class Appointment(models.Model):
    """A resident (or a walk-in) in a cabin, with or without a helper, over `[starts_at, ends_at)`.

    The cabin and the helper are kept until `blocked_until`: the end plus the turnaround, rounded
    up to a tick of five minutes.
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
        _("number of people"), default=1, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    number = models.CharField(_("appointment number"), max_length=6, validators=[RegexValidator(r"^\d{6}$")])
    status = models.CharField(max_length=12, choices=status_choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked_until = models.DateTimeField()
    held_until = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=10, choices=origin_choices, default=Origin.DESK)
    is_walk_in = models.BooleanField(default=False)
    note = models.CharField(_("to prepare or bring"), max_length=200, blank=True)
    follow_up_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=15, choices=outcome_choices, blank=True)
    created_at = models.DateTimeField()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["commune", "starts_at"], name="appointment_by_commune"),
            models.Index(fields=["site", "starts_at"], name="appointment_by_site"),
            models.Index(fields=["resident", "starts_at"], name="appointment_by_resident"),
            models.Index(fields=["helper", "starts_at"], name="appointment_by_helper"),
            # With what decides whether a row is wanted: others need not be read (booking/loading.py).
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
            # Who looks at a window of time may stop looking two days beyond it (booking/loading.py).
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
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def duration_min(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def spaced_number(self) -> str:
        """« 482 913 »: three digits at a time are easier to say and to key."""
        return f"{self.number[:3]}\N{NO-BREAK SPACE}{self.number[3:]}"


class AppointmentEvent(models.Model):
    """One change of an appointment: the audit trail, and what the upper floor reads.

    `changes` maps a field to `[before, after]`: `status`, `starts_at`, `ends_at`, `cabin`, `helper`
    (ids), `resident`. Reasons are codes.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=15, choices=event_kind_choices)
    at = models.DateTimeField()
    actor = models.CharField(max_length=10, choices=actor_kind_choices)
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=20, choices=reason_choices, blank=True)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["appointment", "at"], name="event_by_appointment")]

    def __str__(self) -> str:
        return f"{self.kind} {self.appointment_id}"


class UnreadEvent(models.Model):
    """An event that a reader of the log has not yet marked as read.

    Written with the event, deleted by the reader: commit order is not id order, so no reader
    keeps an id cursor.
    """

    reader = models.CharField(max_length=20)
    event = models.ForeignKey(AppointmentEvent, on_delete=models.CASCADE, related_name="unread")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["reader", "event"], name="unread_event_once")]

    def __str__(self) -> str:
        return f"{self.reader} {self.event_id}"


class BookedCall(models.Model):
    """A booking over the API whose caller gave it a key, so that asking again books nothing more."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["api_key", "key_hash"], name="booked_call_once")]

    def __str__(self) -> str:
        return f"call {self.pk}"


class VisitCount(models.Model):
    """Anonymous count of ended visits: a month, a site, a service, a way to end. Survives the purge."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="visit_counts")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    month_on = models.DateField()
    ended_as = models.CharField(max_length=12, choices=status_choices)
    with_helper = models.BooleanField()
    is_walk_in = models.BooleanField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["month_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "service", "month_on", "ended_as", "with_helper", "is_walk_in"],
                name="visit_count_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month_on} {self.count}"


def waiting_state_choices() -> Choices:
    return WaitingState.choices


def offer_answer_choices() -> Choices:
    return OfferAnswer.choices


class WaitingEntry(models.Model):
    """A resident who found no time that suits, and is offered a freed one.

    `half_days` are numbers: twice the weekday (Monday is 0), plus one for the afternoon; empty means any,
    as do no sites.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="waiting_entries")
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="waiting_entries")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    with_helper = models.BooleanField(_("with a helper"), default=False)
    party_size = models.PositiveSmallIntegerField(
        _("number of people"), default=1, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    sites = models.ManyToManyField(Site, blank=True, related_name="+", verbose_name=_("sites"))
    half_days = models.JSONField(_("days and half-days"), default=list, blank=True)
    from_on = models.DateField(_("not before"), null=True, blank=True)
    until_on = models.DateField(_("not after"))
    state = models.CharField(max_length=10, choices=waiting_state_choices, default=WaitingState.WAITING)
    unanswered = models.PositiveSmallIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ["joined_at", "id"]
        indexes = [
            models.Index(
                fields=["commune", "joined_at"],
                condition=Q(state=WaitingState.WAITING),
                name="waiting_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"waiting {self.pk}"


class WaitingOffer(models.Model):
    """A freed time, held for someone who waits. The same time is offered to one person only once."""

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="waiting_offer")
    answer = models.CharField(max_length=10, choices=offer_answer_choices, default=OfferAnswer.PENDING)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return f"offer {self.pk}"


class Delay(models.Model):
    """A helper said that they are there at `until_at` only. It means something on that day; the next word
    replaces it."""

    helper = models.OneToOneField(Agent, on_delete=models.CASCADE, related_name="delay")
    until_at = models.DateTimeField()
    said_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.helper_id} {self.until_at:%Y-%m-%d %H:%M}"
