"""What figures need to know of places and cabins on a day, as it was then; and what was published."""

from typing import Any, Never

from django.db import models
from django.db.models import F, Q

from communes.models import Commune
from reporting.constraints import NeverChanges
from reporting.errors import AlreadyPublished


class CabinDay(models.Model):
    """One day of one cabin: how long its place was open by the hours, closures and states of that day.

    It is written in the night after it, and never again: hours that are edited later change nothing.

    Place and cabin are their ids and names of then, without a reference. Minutes are of the commune's day,
    which has 1380 or 1500 when clocks change.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="cabin_days")
    day_on = models.DateField()
    site_ref = models.BigIntegerField()
    site_name = models.CharField(max_length=120)
    cabin_ref = models.BigIntegerField()
    cabin_name = models.CharField(max_length=120)
    open_min = models.PositiveSmallIntegerField(help_text="Open by the hours, and not closed.")
    closed_min = models.PositiveSmallIntegerField(help_text="Open by the hours, but closed.")
    out_min = models.PositiveSmallIntegerField(help_text="Of the open minutes: the cabin was out of order.")
    booked_min = models.PositiveSmallIntegerField(
        null=True, help_text="Of appointments and visits of that day; empty: not known."
    )

    class Meta:
        ordering = ["day_on", "site_ref", "cabin_ref"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "cabin_ref", "day_on"], name="cabin_day_once"),
            models.CheckConstraint(
                name="cabin_day_adds_up", condition=models.Q(out_min__lte=models.F("open_min"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cabin_ref} {self.day_on}"


class PublishedPlace(models.Model):
    """Since which month the visits of a place are published. That is decided when the place is made, whatever
    comes of it: a publication that began with the first visit would tell that there was none before."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="published_places")
    site_ref = models.BigIntegerField()
    site_name = models.CharField(max_length=120)
    since_on = models.DateField(help_text="The first of the month.")

    class Meta:
        ordering = ["site_name", "id"]
        constraints = [models.UniqueConstraint(fields=["commune", "site_ref"], name="published_place_once")]

    def __str__(self) -> str:
        return f"{self.site_ref} {self.since_on}"


class PublishedQuerySet(models.QuerySet[Any]):
    """Nothing that was published is deleted, but by erasing its commune."""

    def update(self, **_values: Any) -> Never:
        raise AlreadyPublished

    def delete(self) -> Never:
        raise AlreadyPublished


class Edition(models.Model):
    """One closing of the publication: of one month and, if it is a December, of its year. It is made once."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="editions")
    month_on = models.DateField(help_text="The first of the month.")
    closed_on = models.DateField(help_text="The day on which it was closed.")

    objects = PublishedQuerySet.as_manager()

    class Meta:
        ordering = ["month_on"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "month_on"], name="edition_once"),
            NeverChanges(name="edition_never_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.commune_id} {self.month_on}"


class PublishedNumber(models.Model):
    """A number of visits that is public: of one place, in some months that stand together, or in one category
    of one table of a year (`booking.categories`). Places have the name of the day on which it was closed."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="numbers")
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="published_numbers")
    site_ref = models.BigIntegerField()
    site_name = models.CharField(max_length=120)
    first_on = models.DateField(help_text="The first day.")
    last_on = models.DateField(help_text="The last day, included.")
    table = models.CharField(max_length=15, blank=True, help_text="Empty: all visits.")
    category = models.CharField(max_length=20, blank=True)
    number = models.PositiveIntegerField()

    objects = PublishedQuerySet.as_manager()

    class Meta:
        ordering = ["site_name", "site_ref", "first_on", "table", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "site_ref", "table", "category", "first_on"],
                name="published_number_from_once",
            ),
            models.UniqueConstraint(
                fields=["commune", "site_ref", "table", "category", "last_on"],
                name="published_number_until_once",
            ),
            models.CheckConstraint(name="published_number_is_of_eleven", condition=Q(number__gte=11)),
            models.CheckConstraint(name="published_number_has_days", condition=Q(last_on__gt=F("first_on"))),
            NeverChanges(name="published_number_never_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.site_ref} {self.first_on} {self.table} {self.category}: {self.number}"
