"""What figures need to know of places and cabins on a day, as it was then."""

from django.db import models

from communes.models import Commune


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
