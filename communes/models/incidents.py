"""Faults of cabins: who reported them, who takes care, until when, and what was done."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communes.enums import Choices, IncidentKind, IncidentStepKind
from communes.incident_rules import WITHDRAWS, withdrawn_until


def incident_kind_choices() -> Choices:
    return IncidentKind.choices


def incident_step_choices() -> Choices:
    return IncidentStepKind.choices


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def in_use(self, now: datetime) -> Self:
        """Those of cabins that are not retired: of the others nobody is asked anything any more."""
        there = Q(cabin=None) | Q(cabin__retired_at=None) | Q(cabin__retired_at__gt=now)
        return self.filter(there, site__is_active=True)

    def withdrawing(self) -> Self:
        """The confirmed ones that keep equipment from being offered."""
        return self.open().filter(confirmed_at__isnull=False, kind__in=WITHDRAWS)

    def passed(self, now: datetime) -> Self:
        """The open ones whose expected end has passed: the agents are asked whether it works again."""
        return self.open().filter(expected_end_at__lte=now)


class Incident(models.Model):
    """Something is wrong with a cabin, or with the screen of a hall (`cabin` is then empty); pages call it a
    fault. `about` names the screen that does not answer.

    Reported by an agent, or on a screen (`opened_by` is then empty): that alone withdraws nothing. Once an
    agent has confirmed it, services that need what it withdraws are not offered in the cabin before
    `expected_end_at` (empty: nobody knows).
    """

    commune = models.ForeignKey("communes.Commune", on_delete=models.CASCADE, related_name="incidents")
    site = models.ForeignKey("communes.Site", on_delete=models.CASCADE, related_name="incidents")
    cabin = models.ForeignKey(
        "communes.Cabin", on_delete=models.CASCADE, null=True, blank=True, related_name="incidents"
    )
    about = models.CharField(max_length=60, blank=True)
    kind = models.CharField(_("what does not work"), max_length=12, choices=incident_kind_choices)
    note = models.CharField(
        _("what you see"), max_length=160, blank=True, help_text=_("For whoever repairs it. No names.")
    )
    on_screen = models.BooleanField(default=False, help_text="Reported on a screen, by whoever stood there.")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    expected_end_at = models.DateTimeField(
        _("works again from"), null=True, blank=True, help_text=_("Empty: nobody knows until when.")
    )
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When the agents were asked whether it works again."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(fields=["commune"], condition=Q(closed_at=None), name="incident_open"),
            models.Index(fields=["commune", "opened_at"], name="incident_by_commune"),
            models.Index(fields=["cabin", "opened_at"], name="incident_by_cabin"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cabin", "kind", "about"],
                condition=Q(closed_at=None, cabin__isnull=False),
                name="incident_open_once",
                violation_error_message=_("This fault is reported already."),
            ),
            models.UniqueConstraint(
                fields=["site", "kind", "about"],
                condition=Q(closed_at=None, cabin=None),
                name="incident_of_hall_open_once",
                violation_error_message=_("This fault is reported already."),
            ),
            models.CheckConstraint(
                name="incident_of_hall_is_of_its_screen",
                condition=Q(cabin__isnull=False) | Q(kind=IncidentKind.OFFLINE),
                violation_error_message=_("Only a screen that does not answer is of no cabin."),
            ),
            models.CheckConstraint(
                name="incident_end_is_confirmed",
                condition=Q(expected_end_at=None) | Q(confirmed_at__isnull=False),
                violation_error_message=_("Only a confirmed fault has an expected end."),
            ),
            models.CheckConstraint(
                name="incident_times_in_order",
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                violation_error_message=_("The end must come after the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk} {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def where(self) -> str:
        """The cabin, or the screen of the hall."""
        return self.cabin.name if self.cabin else self.about

    @property
    def withdraws(self) -> frozenset[str]:
        """The equipment that it keeps from being offered while it is confirmed and open."""
        return WITHDRAWS.get(self.kind, frozenset())

    @property
    def end(self) -> datetime | None:
        """The expected end as it is edited."""
        return self.expected_end_at

    def is_passed(self, now: datetime) -> bool:
        """Whether its expected end has passed, and nobody has said that it works again."""
        return self.is_open and self.expected_end_at is not None and self.expected_end_at <= now

    def keeps_from(self, needed: frozenset[str], at: datetime, now: datetime) -> bool:
        """Whether what needs this equipment cannot begin at `at`."""
        if self.confirmed_at is None or not self.is_open or not self.withdraws & needed:
            return False
        until = withdrawn_until(self.expected_end_at, now)
        return until is None or at < until


class IncidentStep(models.Model):
    """One thing done about a fault: the entries of its history, and what messages are owed for.

    `told_at`: when the messages about it were written down; `told_to`: how many (None: not yet, or as long as
    nobody counted).
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=incident_step_choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    expected_end_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    told_to = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], condition=Q(told_at=None), name="incident_step_untold")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind}"
