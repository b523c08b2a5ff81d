"""A commune in which the actions can be tried: its people, two days of shifts, and short verbs."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from agents.models import Agent
from booking import actions
from booking.actions import BookingRequest
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent, VisitRecord
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_service,
    make_shift,
    make_site,
)

SYSTEM = Actor.system()
DAYS = (24, 25)


@dataclass
class Town:
    """One site, one cabin, one helper (bob); `add_*` makes more."""

    commune: Commune = field(default_factory=make_commune)
    site: Site = field(init=False)
    cabin: Cabin = field(init=False)
    service: Service = field(init=False)
    bob: Agent = field(init=False)

    def __post_init__(self) -> None:
        self.site = make_site(self.commune)
        self.cabin = make_cabin(self.site)
        self.service = make_service(self.commune)
        self.bob = self.add_helper()

    def add_helper(self, *skills: Service, site: Site | None = None) -> Agent:
        """On duty on both days for as long as the site is open."""
        helper = make_agent(self.commune, Role.HELPER, skills=list(skills) or [self.service])
        for day in DAYS:
            make_shift(helper, site or self.site, at(9, day=day), at(12, day=day))
            make_shift(helper, site or self.site, at(14, day=day), at(17, day=day))
        return helper

    def add_cabin(self, **fields: Any) -> Cabin:
        return make_cabin(self.site, **fields)

    def book(self, start: Any, **fields: Any) -> Appointment:
        return asked_by_system(actions.book, **{**self._usual(start), **fields})

    def hold(self, start: Any, **fields: Any) -> Appointment:
        return asked_by_system(actions.hold, **{**self._usual(start), **fields})

    def _usual(self, start: Any) -> dict[str, Any]:
        return {"service": self.service, "site": self.site, "start": start, "with_helper": True}

    def given(self, start: Any, **fields: Any) -> Appointment:
        """A row as it stands, however it came about."""
        cabin, service = fields.pop("cabin", self.cabin), fields.pop("service", self.service)
        return make_appointment(cabin, service, start, **fields)


def asked_by_system(
    verb: Any, *, now: Any = TUESDAY, until: Any = None, visits: Any = None, **fields: Any
) -> Any:
    """`verb` with a BookingRequest of these fields."""
    more = {name: value for name, value in (("until", until), ("visits", visits)) if value is not None}
    return verb(request=BookingRequest(**fields), by=SYSTEM, now=now, **more)


def counts(**chosen: Any) -> dict[str, int]:
    """How many records there are of each end."""
    return dict(Counter(VisitRecord.objects.filter(**chosen).values_list("ended_as", flat=True)))


def told(appointment: Appointment) -> list[str]:
    """What the log tells of an appointment, in the order in which it was written."""
    return [event.kind for event in appointment.events.order_by("id")]


def last_event(appointment: Appointment) -> AppointmentEvent:
    return appointment.events.latest("id")


def do(verb: Any, appointment: Appointment, *, now: Any = TUESDAY, **how: Any) -> Appointment:
    return verb(appointment=appointment, by=SYSTEM, now=now, **how)


def fresh(appointment: Appointment) -> Appointment:
    return Appointment.objects.get(pk=appointment.pk)
