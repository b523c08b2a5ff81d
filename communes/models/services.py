"""What a resident books an appointment for."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communes.enums import (
    Booker,
    Choices,
    HelperPolicy,
    Theme,
)
from communes.models.commune import Commune


def theme_choices() -> Choices:
    return Theme.choices


def helper_policy_choices() -> Choices:
    return HelperPolicy.choices


def booker_choices() -> Choices:
    return Booker.choices


class ServiceQuerySet(models.QuerySet["Service"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class Service(models.Model):
    """What a resident books an appointment for.

    One that was taken from the catalogue has its key there, and the version and the values that it had then:
    what the commune has changed since is what differs from them. A retired one is kept for history alone.
    """

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="services")
    slug = models.SlugField()
    name = models.CharField(_("name"), max_length=80)
    theme = models.CharField(_("theme"), max_length=40, choices=theme_choices)
    duration_min = models.PositiveSmallIntegerField(
        _("length in minutes"), validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    turnaround_min = models.PositiveSmallIntegerField(
        _("minutes to make the cabin ready again"), default=0, validators=[MaxValueValidator(120)]
    )
    start_step_min = models.PositiveSmallIntegerField(
        _("minutes between two offered starts"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(240)],
    )
    helper_policy = models.CharField(
        _("helper"), max_length=10, choices=helper_policy_choices, default=HelperPolicy.OPTIONAL
    )
    equipment_needed = models.JSONField(_("equipment needed"), default=list, blank=True)
    what_to_bring = models.CharField(_("what to bring"), max_length=300, blank=True)
    is_medical = models.BooleanField(
        _("medical"), default=False, help_text=_("Screens show the appointment number instead of the name.")
    )
    booker = models.CharField(
        _("who may book"), max_length=10, choices=booker_choices, default=Booker.EVERYONE
    )
    lead_min_hours = models.PositiveSmallIntegerField(
        _("hours ahead at least, for residents"),
        null=True,
        blank=True,
        help_text=_("Empty: as the settings of the commune."),
    )
    lead_max_days = models.PositiveSmallIntegerField(
        _("days ahead at most, for residents"),
        null=True,
        blank=True,
        help_text=_("Empty: as the settings of the commune."),
    )
    hour_set_elsewhere = models.BooleanField(
        _("The hour is agreed with another organisation"),
        default=False,
        help_text=_(
            "A doctor or an office is there at the same time. An agent decides before the appointment moves."
        ),
    )
    names = models.JSONField(
        _("name in other languages"),
        default=dict,
        blank=True,
        help_text=_("By the code of the language. Where one is missing, screens say the French name."),
    )
    pictogram = models.CharField(_("drawing"), max_length=40, blank=True)
    catalogue_key = models.SlugField(blank=True, editable=False)
    catalogue_version = models.PositiveSmallIntegerField(default=0, editable=False)
    catalogue_values = models.JSONField(default=dict, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "slug"], name="service_slug_unique_in_commune"),
            models.CheckConstraint(
                name="service_duration_within_a_day",
                condition=Q(duration_min__gte=5, duration_min__lte=480),
                violation_error_message=_("A service takes between 5 minutes and 8 hours."),
            ),
            models.UniqueConstraint(
                name="service_once_from_catalogue",
                fields=["commune", "catalogue_key"],
                condition=~Q(catalogue_key=""),
                violation_error_message=_("This service of the catalogue is here already."),
            ),
            models.CheckConstraint(
                name="service_retired_is_not_offered",
                condition=Q(retired_at=None) | Q(is_active=False),
                violation_error_message=_("A retired service is not offered."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def lead_times(self, commune: Commune) -> tuple[int, int]:
        """For residents: hours ahead at least, days ahead at most. Its own, else those of the commune."""
        least, most = self.lead_min_hours, self.lead_max_days
        return (
            commune.lead_min_hours if least is None else least,
            commune.lead_max_days if most is None else most,
        )
