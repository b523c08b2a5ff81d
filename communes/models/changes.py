"""The log of what is set up: who changed what, when, from what to what."""

from django.conf import settings
from django.db import models

from communes.enums import (
    Choices,
    SetupChangeKind,
)
from communes.models.commune import Commune
from communes.models.places import Site


def setup_change_kind_choices() -> Choices:
    return SetupChangeKind.choices


class SetupChange(models.Model):
    """What was done to a place or a cabin: by whom, when, and its values before and after.

    `record` is the name that `core.edits.record_name` gives it, `name` what it was called then: the entry
    outlives both. `site`: the place on whose page it is shown. `values`: by field, the plain value before and
    after.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="setup_changes")
    site = models.ForeignKey(Site, on_delete=models.SET_NULL, null=True, related_name="+")
    record = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=setup_change_kind_choices)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["site", "at"], name="setup_change_of_site")]

    def __str__(self) -> str:
        return f"{self.record} {self.kind}"
