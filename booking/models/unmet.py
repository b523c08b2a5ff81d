"""What people asked for at the desk and did not get: without a name."""

import uuid

from django.db import models
from django.db.models import Q

from booking.enums import UnmetWhy
from communes.enums import Choices
from communes.models import Commune, theme_choices


def unmet_why_choices() -> Choices:
    return UnmetWhy.choices


class UnmetRequest(models.Model):
    """One day on which somebody at the desk wanted to come, and what stood against it.

    A request is one conversation about one service; it has a row for each day that was looked at, and the
    first of them has `is_first`: requests are counted by it, days by rows. A request for something that is
    not offered has `service_ref` 0, and the day of the conversation as the day wanted.

    It names nobody, and its id is random. Place and service are ids and names of then, without a reference;
    `site_ref` 0: any place would do. `talk` is a keyed hash of the conversation and the service: it counts
    once, and can be taken back, until the day is closed; then it is emptied.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    talk = models.CharField(max_length=64, blank=True, editable=False)
    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="unmet_requests")
    asked_on = models.DateField(help_text="The day of the conversation, on the commune's calendar.")
    wanted_on = models.DateField()
    half = models.CharField(max_length=2, blank=True, help_text="am or pm; empty: both would do.")
    service_ref = models.BigIntegerField()
    service_name = models.CharField(max_length=120, blank=True)
    theme = models.CharField(max_length=40, choices=theme_choices, blank=True)
    site_ref = models.BigIntegerField()
    site_name = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=12, choices=unmet_why_choices)
    lacked_helper = models.BooleanField(help_text="A cabin was free that day: a helper alone was missing.")
    is_first = models.BooleanField()

    class Meta:
        ordering = ["asked_on", "id"]
        indexes = [models.Index(fields=["commune", "asked_on"], name="unmet_request_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["talk", "wanted_on"], condition=~Q(talk=""), name="unmet_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_on} {self.why}"
