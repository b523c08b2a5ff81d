"""Calendar feeds for calendar programs, and external calendars that make agents absent."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Absence, Agent
from communes.models import Commune, Site


class CalendarFeed(models.Model):
    """The calendar feed of one agent or of one site. Only the hash of its secret URL is kept: the URL is
    shown once, and a lost one is replaced."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="calendar_feeds")
    agent = models.ForeignKey(
        Agent, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    site = models.ForeignKey(
        Site, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="calendar_feed_of_an_agent_or_a_site",
                condition=Q(agent__isnull=False, site=None) | Q(agent=None, site__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["commune", "agent"],
                condition=Q(agent__isnull=False),
                name="calendar_feed_once_per_agent",
                violation_error_message=_("There is already a feed."),
            ),
            models.UniqueConstraint(
                fields=["site"], condition=Q(site__isnull=False), name="calendar_feed_once_per_site"
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"

    @staticmethod
    def hash(token: str) -> str:
        """Tokens are 256 random bits: a plain SHA-256 leaves nothing to guess."""
        return hashlib.sha256(token.encode()).hexdigest()


NOT_AGAIN_WITHIN = timedelta(minutes=10)
COSTLY = ("too_much", "too_many", "too_many_a_day", "too_many_together", "too_slow")
COSTLY_AGAIN_AFTER = timedelta(hours=1)
"""Calendars that take seconds to read and will probably fail again are tried less often, to give others
their turn."""
ASKED_AGAIN_AFTER = timedelta(minutes=2)
FORGOTTEN_AFTER = timedelta(hours=1)
"""The worker reads each quarter of an hour: if it missed four times, something is wrong."""


class ExternalCalendarQuerySet(models.QuerySet["ExternalCalendar"]):
    def due(self, now: datetime, *, since: datetime | None = None) -> Self:
        """The calendars to read again, the one not tried for longest first; one tried lately is left out,
        however many tasks ask.

        `since` is the start of the pass that reads them: calendars that it has already tried are left out.
        """
        began = since or now
        recent = Q(tried_at__gt=began - NOT_AGAIN_WITHIN, tried_at__lte=now)
        costly = Q(problem__in=COSTLY, tried_at__gt=began - COSTLY_AGAIN_AFTER, tried_at__lte=now)
        longest_ago_first = F("tried_at").asc(nulls_first=True)
        return self.exclude(url="").exclude(recent).exclude(costly).order_by(longest_ago_first, "id")

    def asked_for(self, now: datetime) -> Self:
        """The calendars that may be read at an agent's request: each at most once in two minutes."""
        return self.exclude(url="").exclude(tried_at__gt=now - ASKED_AGAIN_AFTER, tried_at__lte=now)


class ExternalCalendar(models.Model):
    """An agent's other calendar, at an address or (`url` empty) from a file: the agent is absent when it says
    busy. No title is stored, except of the first events that could not be understood (`left_out_first`), for
    the agent who mends them; they go with the next reading."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="external_calendars")
    url = models.URLField(_("address"), max_length=500, blank=True, help_text=_("Empty: from a file."))
    file_name = models.CharField(_("name of the file"), max_length=100, blank=True)
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was last read with success."))
    problem = models.CharField(max_length=30, blank=True, help_text=_("Why the last try failed: a code."))
    left_out = models.PositiveIntegerField(_("events that could not be understood"), default=0)
    left_out_first = models.JSONField(
        default=list, blank=True, help_text=_("Line, title, day and reason of each.")
    )

    objects = ExternalCalendarQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "url"],
                condition=~Q(url=""),
                name="external_calendar_once",
                violation_error_message=_("This calendar is already there."),
            )
        ]

    def __str__(self) -> str:
        return f"calendar {self.pk}"

    def trouble(self, now: datetime) -> str:
        """The code of the problem, or "" if there is none."""
        if self.problem or not self.url:
            return self.problem
        return "forgotten" if (self.tried_at or self.created_at) < now - FORGOTTEN_AFTER else ""


UPLOAD_KEPT_FOR = timedelta(hours=1)


class CalendarUploadQuerySet(models.QuerySet["CalendarUpload"]):
    def expired(self, now: datetime) -> Self:
        return self.filter(uploaded_at__lte=now - UPLOAD_KEPT_FOR)


class CalendarUpload(models.Model):
    """A calendar file that waits for the worker. It is deleted when it has been read, or after an hour."""

    calendar = models.OneToOneField(ExternalCalendar, on_delete=models.CASCADE, related_name="upload")
    body = models.BinaryField()
    uploaded_at = models.DateTimeField()

    objects = CalendarUploadQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class ExternalBusy(models.Model):
    """Links a busy span of an external calendar to the absence made from it."""

    calendar = models.ForeignKey(ExternalCalendar, on_delete=models.CASCADE, related_name="busy")
    absence = models.OneToOneField(Absence, on_delete=models.CASCADE, related_name="external_busy")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"busy {self.pk}"


UNDO_FOR = timedelta(minutes=10)
"""How long a publication can be undone; helpers are written to only after that."""


class RotaPublicationQuerySet(models.QuerySet["RotaPublication"]):
    def standing(self) -> Self:
        return self.filter(undone_at=None)

    def undoable(self, now: datetime) -> Self:
        return self.standing().filter(at__gt=now - UNDO_FOR)


class RotaPublication(models.Model):
    """One publishing of the usual weeks of a commune, up to the day `until` included; the latest one says how
    far the rota goes.

    `changes` lists what it did, for its undo: pattern, day, and the shift before and after (agent, site,
    from, until; None: no shift).
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="rota_publications")
    until = models.DateField(_("last day"))
    at = models.DateTimeField()
    by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="+")
    changes = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = RotaPublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["commune", "-at"], name="rota_publication_latest")]

    def __str__(self) -> str:
        return f"rota of {self.commune_id} until {self.until}"


class NewsKind(models.TextChoices):
    PUBLISHED = "published", _("shifts published")
    SHIFT = "shift", _("shift changed")
    ABSENCE = "absence", _("absence answered")
    VISIT = "visit", _("visit received")
    ROTA_ENDS = "rota_ends", _("published weeks end")
    LEAVING = "leaving", _("last day")


def news_kind_choices() -> list[tuple[str, Any]]:
    return list(NewsKind.choices)


class HelperNews(models.Model):
    """What changed for an agent through somebody else: shown on their page until they have read it, and
    mailed once from `mail_at` if they chose that. `detail` has codes, ids and instants, no names, no words.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="news")
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=news_kind_choices)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()
    mail_at = models.DateTimeField(null=True, blank=True, help_text=_("Empty: not to be mailed, or mailed."))
    read_at = models.DateTimeField(null=True, blank=True)
    publication = models.ForeignKey(
        RotaPublication, on_delete=models.CASCADE, null=True, blank=True, related_name="news"
    )

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["agent", "commune"], condition=Q(read_at=None), name="helper_news_unread"),
            models.Index(fields=["mail_at"], condition=Q(mail_at__isnull=False), name="helper_news_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.agent_id}"
