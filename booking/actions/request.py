"""What somebody asks for when they book: one object, made at the edge (page, API, screen) and handed down."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from agents.models import Agent
from booking.actions.overlap import Accepted
from booking.actions.residents import NewResident
from booking.engine.timeline import TICK_MINUTES, ceil_tick, minutes_to_ticks, tick_start
from booking.enums import Origin
from booking.free.slots import SlotCheck, check_slot
from booking.models import Appointment, Resident
from communes.enums import HelperPolicy
from communes.models import Cabin, Service, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRequest:
    """A service at a site, from one instant on, and for whom.

    `helper`: only one whom the resident chose by name. `cabin`: the one that the desk prefers, if it can take
    the visit. `resident`: a NewResident is recorded with the appointment. `duration_min`: another length than
    what the service and the number of people give. `public`: the lead times of the service apply, and a
    service that only the desk books is refused. `moving`: the appointment that would go there. `beside`: the
    resident's other visits at that time that are accepted. `once`: the same as what a program has booked
    within the last minute is refused. `kept`: appointments that make no room for it.
    """

    service: Service
    site: Site
    start: datetime
    with_helper: bool
    helper: Agent | None = None
    cabin: Cabin | None = None
    resident: Resident | NewResident | None = None
    party_size: int = 1
    duration_min: int | None = None
    note: str = ""
    origin: Origin = Origin.DESK
    follow_up_of: Appointment | None = None
    public: bool = False
    moving: Appointment | None = None
    beside: Accepted = False
    once: bool = False
    kept: Collection[int] = ()

    @classmethod
    def as_booked(cls, appointment: Appointment) -> Self:
        """The time, cabin and helper that an appointment has, or had."""
        return cls(
            service=appointment.service,
            site=appointment.site,
            start=appointment.starts_at,
            with_helper=appointment.with_helper,
            helper=appointment.helper if appointment.helper_chosen else None,
            resident=appointment.resident,
            party_size=appointment.party_size,
            duration_min=appointment.duration_min,
            moving=appointment,
        )

    @property
    def known_resident(self) -> Resident | None:
        return self.resident if isinstance(self.resident, Resident) else None

    @property
    def newcomer(self) -> NewResident | None:
        return self.resident if isinstance(self.resident, NewResident) else None

    @property
    def attended(self) -> bool:
        """Whether a helper takes part."""
        return HelperPolicy(self.service.helper_policy).attended(self.with_helper)

    @property
    def chosen_helper(self) -> Agent | None:
        return self.helper if self.attended else None

    @property
    def stays(self) -> bool:
        """Whether the appointment that moves keeps its site and its time: it then prefers its own cabin."""
        moving = self.moving
        return moving is not None and (moving.site_id, moving.starts_at) == (self.site.pk, self.start)

    @property
    def minutes(self) -> int:
        return self.duration_min or minutes_for(self.service, self.party_size)

    @property
    def ends_at(self) -> datetime:
        """The end of the visit; a length that is not a multiple of five minutes is rounded up."""
        return tick_start(ceil_tick(self.start) + minutes_to_ticks(self.minutes))

    @property
    def blocked_until(self) -> datetime:
        return self.ends_at + turnaround(self.service)

    def check(self, now: datetime) -> SlotCheck:
        """Look in the database who could take it; at most four queries."""
        return check_slot(
            service=self.service,
            site=self.site,
            start=self.start,
            with_helper=self.attended,
            helper_id=self.helper.pk if self.helper else None,
            resident=self.known_resident,
            duration_min=self.minutes,
            public=self.public,
            moving=self.moving,
            kept=self.kept,
            now=now,
        )


def minutes_for(service: Service, party_size: int) -> int:
    """How long a visit of several people takes: half as long again for each one more, in fives of minutes."""
    if party_size == 1:
        return service.duration_min
    longer = service.duration_min + (party_size - 1) * -(-service.duration_min // 2)
    return minutes_to_ticks(longer) * TICK_MINUTES


def turnaround(service: Service) -> timedelta:
    """The time after a visit in which its cabin is made ready, rounded up to five minutes."""
    return timedelta(minutes=TICK_MINUTES * minutes_to_ticks(service.turnaround_min))
