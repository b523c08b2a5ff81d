"""The screens at cabins and in halls."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from communes.enums import Choices
from communes.models import Cabin, Commune, Site
from kiosk.enums import Face, ScreenColours


def face_choices() -> Choices:
    return Face.choices


def theme_choices() -> Choices:
    return ScreenColours.choices


ONLINE_FOR = timedelta(seconds=75)
"""A screen reports at least every 30 s, so it has missed two reports and a little more."""


class ScreenQuerySet(models.QuerySet["Screen"]):
    def paired(self) -> Self:
        """Screens whose token is still valid."""
        return self.filter(revoked_at=None, site__is_active=True)


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
        return self.last_seen_at is not None and now - self.last_seen_at < ONLINE_FOR


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
