"""Communes, their sites with cabins, their services and closures, and the keys of their API."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communes.enums import (
    Accessibility,
    Booker,
    Choices,
    ClosureReason,
    Equipment,
    HelperPolicy,
    Theme,
    WheelchairAccess,
)


def theme_choices() -> Choices:
    return Theme.choices


def helper_policy_choices() -> Choices:
    return HelperPolicy.choices


def booker_choices() -> Choices:
    return Booker.choices


def closure_reason_choices() -> Choices:
    return ClosureReason.choices


def wheelchair_choices() -> Choices:
    return WheelchairAccess.choices


class Commune(models.Model):
    """A commune of the installation. Every site, resident and message belongs to one."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(unique=True)
    insee_code = models.CharField(
        _("INSEE code"), max_length=5, unique=True, validators=[RegexValidator(r"^[0-9][0-9AB][0-9]{3}$")]
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Paris")
    public_phone = models.CharField(_("phone of the mairie"), max_length=20, blank=True)
    sender = models.CharField(_("sender of text messages"), max_length=20, blank=True)
    name_shown_minutes_before = models.PositiveSmallIntegerField(
        _("minutes before the time when a screen shows the first name"),
        default=20,
        validators=[MaxValueValidator(60)],
    )
    reminder_days_before = models.PositiveSmallIntegerField(
        _("days between the reminder and the appointment"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(14)],
    )
    cancel_grace_min = models.PositiveSmallIntegerField(
        _("minutes during which a cancellation by the desk can be undone before anybody is told"),
        default=5,
        help_text=_("Until then the time stays kept and no message leaves. 0: messages leave at once."),
        validators=[MaxValueValidator(30)],
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months that personal data are kept after the last visit"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="commune_retention_at_most_12_months",
                condition=Q(retention_months__gte=1, retention_months__lte=12),
                violation_error_message=_("Personal data are kept between 1 and 12 months."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local(self, instant: datetime) -> datetime:
        """The same instant on the commune's clocks."""
        return instant.astimezone(self.tz)


class Site(models.Model):
    """A building with cabins: a town hall, a social centre. Pages for residents say « lieu »."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="sites")
    ref = models.CharField(_("identifier in the national file"), max_length=120)
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=40)
    address = models.CharField(_("address"), max_length=200, blank=True)
    address_extra = models.CharField(_("how to find it"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=5, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=500,
        blank=True,
        help_text=_("In the OpenStreetMap syntax; empty means closed."),
    )
    hours_edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    accessibility = models.JSONField(_("accessibility"), default=list, blank=True)
    wheelchair = models.CharField(
        _("access by wheelchair"), max_length=7, choices=wheelchair_choices, default=WheelchairAccess.UNKNOWN
    )
    helpers_morning = models.PositiveSmallIntegerField(
        _("helpers needed in the morning"), default=1, validators=[MaxValueValidator(20)]
    )
    helpers_afternoon = models.PositiveSmallIntegerField(
        _("helpers needed in the afternoon"), default=1, validators=[MaxValueValidator(20)]
    )
    is_active = models.BooleanField(default=True)
    version = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "ref"], name="site_ref_unique_in_commune"),
        ]

    def __str__(self) -> str:
        return self.name

    def wheelchair_values(self, cabins: Iterable["Cabin"]) -> dict[str, str]:
        """What was entered of the site and of these cabins of it, as it is edited together."""
        return {"site": self.wheelchair, **{cabin.wheelchair_name: cabin.wheelchair for cabin in cabins}}

    def wheelchair_in(self, cabins: Iterable[WheelchairAccess]) -> WheelchairAccess:
        """Whether somebody in a wheelchair can use one of these cabins of the site; of none: the site."""
        found = {self.wheelchair_of(cabin) for cabin in cabins} or {WheelchairAccess(self.wheelchair)}
        order = WheelchairAccess.YES, WheelchairAccess.UNKNOWN, WheelchairAccess.NO
        return next(each for each in order if each in found)

    def wheelchair_of(self, cabin: str) -> WheelchairAccess:
        """The same of a cabin of the site, of which this is known."""
        if WheelchairAccess.NO in (self.wheelchair, cabin):
            return WheelchairAccess.NO
        return WheelchairAccess(self.wheelchair if cabin == WheelchairAccess.UNKNOWN else cabin)

    @property
    def accessibility_labels(self) -> list[str]:
        return [str(Accessibility(code).label) for code in self.accessibility]


class Cabin(models.Model):
    """An acoustic booth at a site."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="cabins")
    name = models.CharField(_("name"), max_length=60)
    equipment = models.JSONField(_("equipment"), default=list, blank=True)
    in_order = models.BooleanField(_("in order"), default=True)
    out_until = models.DateTimeField(
        _("out of order until"), null=True, blank=True, help_text=_("Empty: nobody knows until when.")
    )
    wheelchair = models.CharField(
        _("access by wheelchair"),
        max_length=7,
        choices=wheelchair_choices,
        default=WheelchairAccess.UNKNOWN,
        help_text=_("Not known: as the place."),
    )
    directions = models.CharField(
        _("how to find it"),
        max_length=120,
        blank=True,
        help_text=_("From the entrance, in a few words: told to someone who stands at another cabin."),
    )

    class Meta:
        ordering = ["site_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="cabin_name_unique_at_site"),
            models.CheckConstraint(
                name="cabin_in_order_has_no_end",
                condition=Q(in_order=False) | Q(out_until=None),
                violation_error_message=_("Only a cabin that is out of order has an end of it."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def wheelchair_name(self) -> str:
        """The name of its access where that of its whole site is edited."""
        return f"cabin_{self.pk}"

    @property
    def order(self) -> tuple[bool, datetime | None]:
        """In order or not, and the known end of that: what is edited as one value."""
        return self.in_order, self.out_until

    def works_at(self, instant: datetime) -> bool:
        return self.in_order or (self.out_until is not None and self.out_until <= instant)

    @property
    def equipment_labels(self) -> list[str]:
        return [str(Equipment(code).label) for code in self.equipment]


class ServiceQuerySet(models.QuerySet["Service"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class Service(models.Model):
    """What a resident books an appointment for."""

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
    lead_min_hours = models.PositiveSmallIntegerField(_("hours ahead at least, for residents"), default=2)
    lead_max_days = models.PositiveSmallIntegerField(_("days ahead at most, for residents"), default=56)
    hour_set_elsewhere = models.BooleanField(
        _("The hour is agreed with another organisation"),
        default=False,
        help_text=_(
            "A doctor or an office is there at the same time. An agent decides before the appointment moves."
        ),
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

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
        ]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """A time when a site is closed although its opening hours say open."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    reason = models.CharField(
        _("reason"), max_length=10, choices=closure_reason_choices, default=ClosureReason.OTHER
    )

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["site", "ends_at"], name="closure_by_site")]
        constraints = [
            models.CheckConstraint(
                name="closure_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The end must come after the beginning."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.starts_at:%Y-%m-%d %H:%M}"


class ApiKey(models.Model):
    """A key with which another system of the commune may call the API. Only its hash is stored."""

    commune = models.ForeignKey(Commune, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=60)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash(key: str) -> str:
        """A plain SHA-256 without salt is enough: keys are 256 random bits and cannot be guessed."""
        return hashlib.sha256(key.encode()).hexdigest()
