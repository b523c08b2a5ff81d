"""Who edited a record last, for a few days: what an agent reads whose own edit came second."""

from django.conf import settings
from django.db import models


class EditTrace(models.Model):
    """An edit of a record that was saved: who, when, and which of its values; never the values themselves.

    `record` is the name that `core.edits.record_name` gives it. The row outlives its record by days at most.
    """

    record = models.CharField(max_length=80)
    names = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["record", "at"], name="edit_trace_by_record"),
            models.Index(fields=["at"], name="edit_trace_by_instant"),
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.at:%Y-%m-%d %H:%M}"
