"""The waiting list: residents who found no suitable time, and the offers made to them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.enums import OfferAnswer, WaitingState
from booking.models.appointments import Appointment
from booking.models.residents import Resident
from communes.enums import Choices
from communes.models import Commune, Service, Site


def waiting_state_choices() -> Choices:
    return WaitingState.choices


def offer_answer_choices() -> Choices:
    return OfferAnswer.choices


class WaitingEntry(models.Model):
    """A resident who found no suitable time, and is offered freed times.

    `half_days` are numbers: twice the weekday (Monday is 0), plus one for the afternoon. An empty list
    means any half-day, and no sites means any site. `declined` are stretches of starts that were free when
    they joined and did not suit them: site id, first and last start in ticks (`booking.engine.timeline`).
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="waiting_entries")
    resident = models.ForeignKey(Resident, on_delete=models.CASCADE, related_name="waiting_entries")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    with_helper = models.BooleanField(_("with a helper"), default=False)
    party_size = models.PositiveSmallIntegerField(
        _("number of people"), default=1, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    sites = models.ManyToManyField(Site, blank=True, related_name="+", verbose_name=_("sites"))
    half_days = models.JSONField(_("days and half-days"), default=list, blank=True)
    from_on = models.DateField(_("not before"), null=True, blank=True)
    until_on = models.DateField(_("not after"))
    declined = models.JSONField(_("free times that did not suit"), default=list, blank=True)
    state = models.CharField(max_length=10, choices=waiting_state_choices, default=WaitingState.WAITING)
    unanswered = models.PositiveSmallIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField()

    class Meta:
        ordering = ["joined_at", "id"]
        indexes = [
            models.Index(
                fields=["commune", "joined_at"],
                condition=Q(state=WaitingState.WAITING),
                name="waiting_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"waiting {self.pk}"


class WaitingSearch(models.Model):
    """When free times were last looked for on behalf of those who wait in a commune, and the digest of all
    that the search depended on: as long as that is the same, there is nothing new to find."""

    commune = models.OneToOneField(
        Commune, on_delete=models.CASCADE, primary_key=True, related_name="waiting_search"
    )
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"search of {self.pk}"


class WaitingOffer(models.Model):
    """A freed time, held for a resident who waits. The same time is offered to one resident only once."""

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="waiting_offer")
    answer = models.CharField(max_length=10, choices=offer_answer_choices, default=OfferAnswer.PENDING)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return f"offer {self.pk}"
