"""What figures are made of: a record of each appointment that has ended, and monthly sums of older ones."""

import uuid

from django.db import models
from django.db.models import Q

from booking.enums import CancelledBy, HelpedBy, Lead, Notice
from booking.models.appointments import origin_choices, outcome_choices, status_choices, told_by_choices
from booking.models.notes import autonomy_choices
from communes.enums import Choices
from communes.models import Commune, theme_choices


def helped_by_choices() -> Choices:
    return HelpedBy.choices


def lead_choices() -> Choices:
    return Lead.choices


def notice_choices() -> Choices:
    return Notice.choices


def cancelled_by_choices() -> Choices:
    return CancelledBy.choices


class VisitRecord(models.Model):
    """How one appointment ended: a visit, an absence, a cancellation, or nobody noted it.

    It names no resident, no agent and no appointment, and its id is random. Place, cabin and service are
    their ids and names of then, without a reference, so that deleting one deletes no figure. The day and the
    half-hour are the commune's. Until its day is closed, `key` finds the record of an appointment
    (`booking.actions.records`); then it is emptied.

    Day, half-hour, cabin and service can tell who it was to somebody who knows when a person came: it is
    personal, and lives no longer than appointments do (`booking.actions.sums`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=64, blank=True, editable=False)
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="visit_records")
    day_on = models.DateField()
    half_hour = models.PositiveSmallIntegerField(help_text="Of the start: 0 for 0:00 to 0:29, up to 47.")
    site_ref = models.BigIntegerField()
    site_name = models.CharField(max_length=120)
    cabin_ref = models.BigIntegerField()
    cabin_name = models.CharField(max_length=120)
    service_ref = models.BigIntegerField()
    service_name = models.CharField(max_length=120)
    theme = models.CharField(max_length=40, choices=theme_choices)
    ended_as = models.CharField(max_length=12, choices=status_choices)
    cancelled_by = models.CharField(max_length=10, choices=cancelled_by_choices, blank=True)
    notice = models.CharField(max_length=10, choices=notice_choices, blank=True)
    booked_min = models.PositiveIntegerField(help_text="Minutes of the appointment.")
    used_min = models.PositiveIntegerField(null=True, help_text="Minutes of the session; empty: not known.")
    waited_min = models.PositiveIntegerField(
        null=True, help_text="From the hour of the appointment, or a later arrival, to the start."
    )
    helped_by = models.CharField(max_length=10, choices=helped_by_choices)
    persons = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=10, choices=origin_choices)
    is_walk_in = models.BooleanField()
    lead = models.CharField(max_length=10, choices=lead_choices)
    outcome = models.CharField(max_length=15, choices=outcome_choices, blank=True)
    told_by = models.CharField(max_length=5, choices=told_by_choices, blank=True)
    is_medical = models.BooleanField(default=False, help_text="Nothing is noted of it: it is not unknown.")
    themes_noted = models.JSONField(default=list, blank=True)
    equipment_used = models.JSONField(default=list, blank=True)
    autonomy = models.CharField(max_length=25, choices=autonomy_choices, blank=True)
    orientation = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["day_on", "half_hour", "id"]
        indexes = [
            models.Index(fields=["commune", "day_on"], name="visit_record_by_day"),
            models.Index(fields=["day_on"], condition=~Q(key=""), name="visit_record_open"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="visit_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.day_on} {self.ended_as}"


class MonthlySum(models.Model):
    """Sums over records of one month at one place, by one thing at a time: `dimension` says by what, `code`
    by which of its values (`booking.sums`). A visit of which several values of one thing are noted is in the
    sum of each: those sums are of mentions. Written when records are folded; nothing takes them back."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="monthly_sums")
    month_on = models.DateField(help_text="The first of the month.")
    site_ref = models.BigIntegerField()
    site_name = models.CharField(max_length=120)
    dimension = models.CharField(max_length=15)
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=120, blank=True, help_text="Of a service or a cabin, as of then.")
    visits = models.PositiveIntegerField(default=0, help_text="Records: visits, absences or cancellations.")
    persons = models.PositiveIntegerField(default=0)
    booked_min = models.PositiveBigIntegerField(default=0)
    used_min = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["month_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "month_on", "site_ref", "dimension", "code"], name="monthly_sum_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month_on} {self.dimension} {self.code}"
