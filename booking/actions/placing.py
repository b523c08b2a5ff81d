"""Finding a place: which cabin and helper can take an appointment, and keeping them.

The pure rules choose (`booking.assignment`); the database has the last word. When it refuses
a cabin or a helper that has just been taken, the next equally good one is tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.actions import base
from booking.actions.base import constraint_of
from booking.assignment import Candidates
from booking.enums import WhyEmpty
from booking.errors import NotOffered, SlotTaken
from booking.models import Appointment, Resident
from booking.timeline import ceil_tick, minutes_to_ticks, tick_start
from communes.enums import HelperPolicy
from communes.models import Cabin, Service, Site


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, at one instant. `moving` is the appointment that would go there."""

    service: Service
    site: Site
    start: datetime
    with_helper: bool
    helper: Agent | None = None
    resident: Resident | None = None
    minutes: int | None = None
    public: bool = False
    moving: Appointment | None = None

    @classmethod
    def as_booked(cls, appointment: Appointment) -> Self:
        """The place that an appointment has, or had."""
        return cls(
            appointment.service,
            appointment.site,
            appointment.starts_at,
            appointment.with_helper,
            helper=appointment.helper if appointment.helper_chosen else None,
            resident=appointment.resident,
            minutes=appointment.duration_min,
            moving=appointment,
        )

    @property
    def ends_at(self) -> datetime:
        """Lengths that are not a multiple of five minutes are rounded up."""
        return tick_start(ceil_tick(self.start) + self._service_ticks)

    @property
    def blocked_until(self) -> datetime:
        return self.ends_at + timedelta(minutes=5 * minutes_to_ticks(self.service.turnaround_min))

    @property
    def _service_ticks(self) -> int:
        return minutes_to_ticks(self.minutes or self.service.duration_min)


@dataclass(frozen=True, slots=True)
class Place:
    cabin_id: int
    helper_id: int | None


def minutes_for(service: Service, party_size: int) -> int:
    """How long a visit of several people takes: half as long again for each one more."""
    return service.duration_min + (party_size - 1) * -(-service.duration_min // 2)


def check_policy(service: Service, *, with_helper: bool) -> None:
    if service.helper_policy == HelperPolicy.REQUIRED and not with_helper:
        raise NotOffered(_("This service is always with a helper."))
    if service.helper_policy == HelperPolicy.NONE and with_helper:
        raise NotOffered(_("This service is without a helper."))


def check_wanted(wanted: Wanted) -> None:
    """What no place could mend."""
    check_policy(wanted.service, with_helper=wanted.with_helper)
    if wanted.start != tick_start(ceil_tick(wanted.start)):
        raise NotOffered
    if wanted.site.commune_id != wanted.service.commune_id or not wanted.site.is_active:
        raise NotOffered


def candidates(wanted: Wanted, *, now: datetime) -> Candidates:
    if wanted.start < now:
        return Candidates(refusal=WhyEmpty.PAST)
    busy = Appointment.objects.live().overlapping(wanted.start, wanted.blocked_until)
    if wanted.moving is not None:
        busy = busy.exclude(pk=wanted.moving.pk)
    cabins = [
        cabin
        for cabin in Cabin.objects.filter(site=wanted.site, in_order=True).exclude(
            pk__in=busy.values("cabin_id")
        )
        if set(wanted.service.equipment_needed) <= set(cabin.equipment)
    ]
    cabins.sort(key=lambda cabin: (len(cabin.equipment), cabin.pk))
    helpers: list[int] = []
    if wanted.with_helper:
        able = Agent.objects.filter(
            memberships__commune=wanted.site.commune_id,
            memberships__is_helper=True,
            memberships__skills=wanted.service,
            shifts__site=wanted.site,
            shifts__starts_at__lte=wanted.start,
            shifts__ends_at__gte=wanted.ends_at,
        ).exclude(pk__in=busy.filter(helper__isnull=False).values("helper_id"))
        able = able.exclude(absences__starts_at__lt=wanted.ends_at, absences__ends_at__gt=wanted.start)
        if wanted.helper is not None:
            able = able.filter(pk=wanted.helper.pk)
        helpers = list(
            able.annotate(load=Count("appointments")).order_by("load", "pk").values_list("pk", flat=True)
        )
    full = not cabins or (wanted.with_helper and not helpers)
    return Candidates(tuple(cabin.pk for cabin in cabins), tuple(helpers), WhyEmpty.FULL if full else None)


def win(wanted: Wanted, attempt: Callable[[Place], object], *, now: datetime) -> Place:
    """Try the candidates, best first, until the database accepts one; `attempt` writes.

    Raises NotOffered (`details["why"]`) where nobody at all could take it, SlotTaken where others
    have it.
    """
    check_wanted(wanted)
    found = candidates(wanted, now=now)
    if found.refusal is not None and found.refusal != WhyEmpty.FULL:
        raise NotOffered(found.refusal.label, why=found.refusal)
    cabins, helpers = list(found.cabins), list(found.helpers)
    while cabins and (helpers or not wanted.with_helper):
        place = Place(cabins[0], helpers[0] if wanted.with_helper else None)
        try:
            with transaction.atomic():
                attempt(place)
        except IntegrityError as error:
            # Someone was faster since we looked.
            match constraint_of(error):
                case base.CABIN_FREE:
                    cabins.pop(0)
                case base.HELPER_FREE:
                    helpers.pop(0)
                case _:
                    raise
        else:
            return place
    raise SlotTaken
