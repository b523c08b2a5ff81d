"""Places, their cabins, and when a place is closed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communes.enums import (
    Accessibility,
    Choices,
    ClosureReason,
    Equipment,
    RoomFor,
    WheelchairAccess,
)
from communes.models.commune import Commune


def wheelchair_choices() -> Choices:
    return WheelchairAccess.choices


def closure_reason_choices() -> Choices:
    return ClosureReason.choices


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
    contact = models.CharField(
        _("contact"),
        max_length=120,
        blank=True,
        help_text=_("Whom agents ask when something is wrong there."),
    )
    maintainer = models.CharField(
        _("who repairs"),
        max_length=254,
        blank=True,
        help_text=_("An e-mail address or a mobile number: told of each confirmed fault there."),
    )
    opening_hours = models.CharField(
        _("opening hours"),
        max_length=4000,
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
    walk_ins = models.BooleanField(
        _("visits without an appointment can begin here"),
        default=True,
        help_text=_("At the screens; where the commune allows it."),
    )
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From then on it is offered to nobody, and kept for its history.")
    )
    is_active = models.BooleanField(default=True, help_text="False once it is retired.")
    version = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "ref"], name="site_ref_unique_in_commune"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def phone_to_call(self) -> str:
        """The number given to whoever comes here, in E.164: its own, else that of the mairie, else ""."""
        return self.phone or self.commune.public_phone

    @staticmethod
    def shortened(name: str) -> str:
        """A name as short as messages and lists need it."""
        return name if len(name) <= 40 else name[:40].rsplit(" ", 1)[0][:39] + "…"

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


class CabinQuerySet(models.QuerySet["Cabin"]):
    def not_retired(self, now: datetime) -> Self:
        return self.filter(Q(retired_at=None) | Q(retired_at__gt=now))


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
    room_for = models.JSONField(_("there is room for"), default=list, blank=True)
    walk_ins = models.BooleanField(
        _("visits without an appointment can begin in it"),
        default=True,
        help_text=_("At the screens; where the commune and the place allow it."),
    )
    position = models.PositiveSmallIntegerField(default=0)
    in_service_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Before that it is offered to nobody. Empty: since ever.")
    )
    retired_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From then on it is offered to nobody, and kept for its history.")
    )

    objects = CabinQuerySet.as_manager()

    class Meta:
        ordering = ["site_id", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="cabin_name_unique_at_site"),
            models.CheckConstraint(
                name="cabin_in_order_has_no_end",
                condition=Q(in_order=False) | Q(out_until=None),
                violation_error_message=_("Only a cabin that is out of order has an end of it."),
            ),
            models.CheckConstraint(
                name="cabin_retired_after_its_beginning",
                condition=Q(in_service_at=None) | Q(retired_at=None) | Q(retired_at__gt=F("in_service_at")),
                violation_error_message=_("It must be retired after the day on which it comes into service."),
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
        mended = self.in_order or (self.out_until is not None and self.out_until <= instant)
        return mended and self.is_there(instant, instant)

    def is_retired(self, instant: datetime) -> bool:
        return self.retired_at is not None and self.retired_at <= instant

    def is_there(self, start: datetime, end: datetime) -> bool:
        """Whether it is in service at some time between the two, in order or not."""
        begun = self.in_service_at is None or self.in_service_at <= start or self.in_service_at < end
        return begun and not self.is_retired(start)

    @property
    def unusable_until(self) -> datetime | None:
        """When it will next be of use, if it is not and if that is known."""
        known = self.in_order or self.out_until is not None
        return max((each for each in (self.out_until, self.in_service_at) if each and known), default=None)

    @property
    def room_for_labels(self) -> list[str]:
        return [str(RoomFor(code).label) for code in self.room_for]

    @property
    def equipment_labels(self) -> list[str]:
        return [str(Equipment(code).label) for code in self.equipment]


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
