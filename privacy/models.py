"""Requests of residents about what is kept of them: what was asked, until when, and what was done."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models import Resident
from communes.enums import Choices
from communes.models import Commune
from privacy.enums import CameBy, Refusal, RequestState, Right


def right_choices() -> Choices:
    return Right.choices


def came_by_choices() -> Choices:
    return CameBy.choices


def state_choices() -> Choices:
    return RequestState.choices


def refusal_choices() -> Choices:
    return Refusal.choices


class RightsRequest(models.Model):
    """One request of one person. It outlives their record, as the proof that it was answered: then it says no
    more who asked. What was done is told in numbers (`proof`), never in words about the person.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="rights_requests")
    resident = models.ForeignKey(
        Resident, on_delete=models.SET_NULL, null=True, blank=True, related_name="rights_requests"
    )
    right = models.CharField(_("what they ask for"), max_length=12, choices=right_choices)
    came_by = models.CharField(_("how it came"), max_length=10, choices=came_by_choices)
    asked_on = models.DateField(_("received on"))
    due_on = models.DateField(_("to be answered by"))
    """The commune's day by which the person has an answer (article 12, paragraph 3)."""
    is_extended = models.BooleanField(_("two more months, and the person was told why"), default=False)
    state = models.CharField(max_length=8, choices=state_choices, default=RequestState.OPEN)
    refusal = models.CharField(_("why not"), max_length=10, choices=refusal_choices, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    proof = models.JSONField(default=dict)
    """What was done: by table, how many rows were shown, changed or deleted; codes of choices."""

    class Meta:
        ordering = ["-asked_on", "-id"]
        indexes = [models.Index(fields=["commune", "state", "due_on"], name="rights_request_due")]
        constraints = [
            models.CheckConstraint(
                name="rights_request_closed",
                condition=Q(state=RequestState.OPEN, closed_at=None)
                | (~Q(state=RequestState.OPEN) & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="rights_request_refusal", condition=Q(refusal="") | Q(state=RequestState.REFUSED)
            ),
            models.CheckConstraint(name="rights_request_due_later", condition=Q(due_on__gte=F("asked_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.right} {self.pk}"
