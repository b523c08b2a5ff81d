"""The screens at cabins and in halls."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.models import Appointment
from communes.enums import Choices
from communes.models import Cabin, Commune, Incident, Site
from kiosk.enums import TO_SCREEN, CommandKind, Face, ScreenColours


def face_choices() -> Choices:
    return Face.choices


def theme_choices() -> Choices:
    return ScreenColours.choices


def command_choices() -> Choices:
    return CommandKind.choices


ONLINE_FOR = timedelta(seconds=75)
"""A screen reports at least every 30 s, so it has missed two reports and a little more."""


def online_at(now: datetime) -> Q:
    """As `Screen.is_online` says it."""
    return Q(last_seen_at__gt=now - ONLINE_FOR, last_seen_at__lt=now + ONLINE_FOR)


class ScreenQuerySet(models.QuerySet["Screen"]):
    def paired(self) -> Self:
        """Screens whose token is still valid."""
        return self.filter(revoked_at=None, site__is_active=True)

    def silent(self, now: datetime) -> Self:
        """Those that were online once and are not."""
        return self.exclude(last_seen_at=None).exclude(online_at(now))


class Screen(models.Model):
    """A paired screen. It keeps a random token; only its hash is stored here. The token gives access to
    its site only."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="screens")
    cabin = models.ForeignKey(
        Cabin,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="screens",
        help_text=_("Empty: the screen of a hall, for all cabins of the site."),
    )
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    paired_at = models.DateTimeField()
    paired_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    version_shown = models.BigIntegerField(null=True, blank=True, help_text="The board it fetched last.")
    page_release = models.CharField(max_length=12, blank=True, help_text="Of the page that it runs.")
    page_opened_at = models.DateTimeField(null=True, blank=True, help_text="Since when it runs.")
    browser = models.CharField(max_length=30, blank=True, help_text="Name and version.")
    window_size = models.CharField(max_length=11, blank=True, help_text="In CSS pixels: 1920x1080.")
    clock_drift_s = models.IntegerField(
        null=True, blank=True, help_text="Seconds by which its machine's clock is behind (negative: ahead)."
    )
    last_error = models.CharField(max_length=70, blank=True, help_text="Of its scripts: kind, file, line.")
    last_error_at = models.DateTimeField(null=True, blank=True, help_text="When it was told first.")
    theme = models.CharField(_("colours"), max_length=10, choices=theme_choices, default=ScreenColours.DARK)
    plays_sound = models.BooleanField(_("a soft sound when someone is expected"), default=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ScreenQuerySet.as_manager()

    class Meta:
        ordering = ["site_id", "id"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(32)

    @staticmethod
    def hash(token: str) -> str:
        """A token has 256 random bits and cannot be guessed, so a plain SHA-256 is enough."""
        return hashlib.sha256(token.encode()).hexdigest()

    def is_online(self, now: datetime) -> bool:
        """A sign of life that is still to come was noted while the server's clock was wrong: it says
        nothing."""
        return self.last_seen_at is not None and abs(now - self.last_seen_at) < ONLINE_FOR

    def is_gone(self, now: datetime) -> bool:
        """Whether nobody expects it to show anything: revoked, or of a retired place or cabin."""
        is_retired = self.cabin is not None and self.cabin.is_retired(now)
        return self.revoked_at is not None or not self.site.is_active or is_retired


class PairingCode(models.Model):
    """A code shown by a screen that waits to be paired: six characters, valid for ten minutes."""

    code = models.CharField(max_length=6, unique=True)
    claim_hash = models.CharField(
        max_length=64, unique=True, help_text="Hash of the waiting screen's secret."
    )
    seen_at = models.DateTimeField(help_text="When the waiting screen asked last.")
    expires_at = models.DateTimeField()
    screen = models.OneToOneField(Screen, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"pairing {self.pk}"


class SpentToken(models.Model):
    """The token of a device that another one has replaced. It is never paired again."""

    screen = models.ForeignKey(Screen, on_delete=models.CASCADE, related_name="spent_tokens")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    spent_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"spent token {self.pk}"


class ScreenCommandQuerySet(models.QuerySet["ScreenCommand"]):
    def open(self, now: datetime) -> Self:
        """Those that the page has still to carry out, and messages that it shows."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), ended_at=None, kind__in=TO_SCREEN)


class ScreenCommand(models.Model):
    """What an agent did to a screen, or wants it to do.

    The page carries out the kinds of `TO_SCREEN`, each once, and says so (`done_at`): for a message, since
    when it is shown. What nobody has carried out by `expires_at` never will be; a message is then shown no
    longer. The server itself does the others at once.
    `ended_at`: done, taken back or replaced by another one; `ended_by`: who took it back.
    """

    screen = models.ForeignKey(Screen, on_delete=models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=10, choices=command_choices)
    text = models.CharField(_("message"), max_length=140, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ScreenCommandQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["screen", "asked_at"], name="command_by_screen")]
        constraints = [
            models.UniqueConstraint(
                fields=["screen", "kind"], condition=Q(ended_at=None), name="command_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"command {self.pk} {self.kind}"

    @property
    def is_to_screen(self) -> bool:
        return self.kind in TO_SCREEN

    def is_open(self, now: datetime) -> bool:
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)

    def over_at(self, now: datetime) -> datetime | None:
        """When it ended or expired; None: it is open."""
        if self.ended_at is not None:
            return self.ended_at
        return self.expires_at if not self.is_open(now) else None


class PageRelease(models.Model):
    """A release of the page of screens, and since when the server has served it (the last time, if it went
    back to an earlier one): a screen with another release is late since then."""

    code = models.CharField(max_length=12, unique=True)
    served_from = models.DateTimeField()

    class Meta:
        ordering = ["served_from", "id"]

    def __str__(self) -> str:
        return self.code


class ScreenOutage(models.Model):
    """A screen gave no sign of life (`kiosk.outages`). It began with the last sign, or when screens could be
    heard again after the server itself was away; `ended_at`: with the next sign, or when it was revoked.
    `incident`: the fault that was told of it, if it lasted through opening hours."""

    screen = models.ForeignKey(Screen, on_delete=models.CASCADE, related_name="outages")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    incident = models.ForeignKey(
        Incident, on_delete=models.SET_NULL, null=True, blank=True, related_name="outages"
    )

    class Meta:
        ordering = ["began_at", "id"]
        indexes = [models.Index(fields=["screen", "began_at"], name="outage_by_screen")]
        constraints = [
            models.UniqueConstraint(fields=["screen"], condition=Q(ended_at=None), name="outage_open_once"),
            models.CheckConstraint(
                name="outage_times_in_order", condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"outage {self.pk}"


class ScreenWatch(models.Model):
    """One row: when the worker looked at the screens last, and since when it has done so without a break.
    What was silent while nobody could hear it is no outage."""

    looked_at = models.DateTimeField()
    steady_since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.looked_at:%Y-%m-%d %H:%M}"


class DigestSent(models.Model):
    """A technician was mailed the outages of this day, so that they are mailed once."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()

    class Meta:
        ordering = ["on", "id"]
        constraints = [models.UniqueConstraint(fields=["agent", "on"], name="digest_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.on}"


class HelpCallQuerySet(models.QuerySet["HelpCall"]):
    def open(self) -> Self:
        return self.filter(answered_at=None, withdrawn_at=None)


class HelpCall(models.Model):
    """Someone pressed « Appeler un agent » on a screen."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="help_calls")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="help_calls")
    cabin = models.ForeignKey(
        Cabin, on_delete=models.CASCADE, null=True, blank=True, related_name="help_calls"
    )
    screen = models.ForeignKey(
        Screen, on_delete=models.SET_NULL, null=True, blank=True, related_name="help_calls"
    )
    called_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="The resident needs no one any more."
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = HelpCallQuerySet.as_manager()

    class Meta:
        ordering = ["-called_at", "-id"]
        indexes = [models.Index(fields=["commune", "answered_at"], name="help_call_open")]

    def __str__(self) -> str:
        return f"help call {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.withdrawn_at is None


class WrongEntry(models.Model):
    """A pairing code typed by an agent, or an appointment number keyed on a screen, that does not exist.

    These rows limit guessing in all web processes together. Writing a new one deletes those older than an
    hour.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    screen = models.ForeignKey(
        Screen, on_delete=models.CASCADE, null=True, blank=True, related_name="wrong_entries"
    )
    at = models.DateTimeField()
    is_late = models.BooleanField(
        default=False, help_text="Keyed while the screen had no network, and reported later."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="wrong_entry_by_one",
                condition=Q(agent__isnull=False, screen=None) | Q(agent=None, screen__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"wrong entry {self.pk}"


class Press(models.Model):
    """A button pressed on a screen, by the key that its page gave it, so that it counts once
    (`presses.once`). Writing a new one deletes those older than an hour."""

    screen = models.ForeignKey(Screen, on_delete=models.CASCADE, related_name="presses")
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    appointment = models.ForeignKey(
        Appointment,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="What it began, booked, ended or made longer.",
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["screen", "key"], name="press_once")]

    def __str__(self) -> str:
        return f"press {self.pk}"


class FaceCount(models.Model):
    """« Avez-vous pu faire votre démarche ? »: how often each face was pressed, per site and month; no
    names."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="face_counts")
    month_on = models.DateField(help_text="The first of the month.")
    face = models.CharField(max_length=10, choices=face_choices)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["month_on", "id"]
        constraints = [models.UniqueConstraint(fields=["site", "month_on", "face"], name="face_count_once")]

    def __str__(self) -> str:
        return f"{self.month_on} {self.face} {self.count}"
