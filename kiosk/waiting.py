"""Residents who have arrived and wait for a helper: which agents are rung for them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from agents.models import Membership
from booking.actions import say_coming
from booking.enums import EventKind, Origin, Status
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent
from communes.models import Site
from core.days import day_span
from core.roles import Role
from kiosk.board.types import BoardVisit, Wait
from kiosk.board.waits import RINGS_DESK, RINGS_HELPER, wait_of
from kiosk.day import board_day


@dataclass(frozen=True, slots=True)
class Waiting:
    """A resident who waits, for an agent who is rung. `ring` differs if the agent is to be rung anew."""

    appointment: Appointment
    wait: Wait

    @property
    def name(self) -> str:
        """Empty for a walk-in without a name."""
        return self.appointment.number_for_name or str(self.appointment.resident or "")

    @property
    def short_name(self) -> str:
        """First name and initial, for the title of a tab."""
        resident = self.appointment.resident
        return self.appointment.number_for_name or (resident.screen_name if resident else "")

    @property
    def is_gentle(self) -> bool:
        """Their helper alone is rung, with a sound if they want one; the desk follows if nobody answers."""
        return self.wait == Wait.HELPER

    @property
    def ring(self) -> str:
        return f"{self.appointment.pk}-{self.wait}"


def waiting_for(membership: Membership, now: datetime) -> list[Waiting]:
    """Those for whom this agent is rung: a helper for their own residents while they are on duty, the desk
    and managers for all whom no helper has answered. Those who came first are first."""
    commune = membership.commune
    start, end = day_span(commune.local(now).date(), commune.tz)
    begun = Q(status=Status.IN_SESSION, is_walk_in=True, origin=Origin.SCREEN)
    rows = Appointment.objects.filter(Q(status=Status.ARRIVED) | begun, commune=commune, with_helper=True)
    rows = rows.filter(starts_at__lt=end, ends_at__gt=start).order_by("arrived_at", "id")
    # A screen without network told of it when the appointment was over: whoever came has gone.
    told_after = AppointmentEvent.objects.filter(
        appointment=OuterRef("pk"), kind=EventKind.ARRIVED, at__gte=OuterRef("ends_at")
    )
    rows = rows.exclude(Exists(told_after), arrived_at__lt=F("ends_at"))
    is_desk = bool(membership.roles & {Role.DESK, Role.MANAGER})
    if not is_desk:
        rows = rows.filter(helper=membership.agent_id)
    found = list(rows.select_related("site__commune", "cabin", "resident"))
    waits: dict[int, tuple[BoardVisit, Wait | None]] = {}
    for site in {row.site_id: row.site for row in found}.values():
        waits |= _waits_at(site, now)
    told = []
    for row in found:
        visit, wait = waits.get(row.pk, (None, None))
        is_theirs = row.helper_id == membership.agent_id and visit is not None and visit.helper_is_here
        if wait and ((is_desk and wait in RINGS_DESK) or (is_theirs and wait in RINGS_HELPER)):
            told.append(Waiting(row, wait))
    return told


def _waits_at(site: Site, now: datetime) -> dict[int, tuple[BoardVisit, Wait | None]]:
    day = board_day(site, now)
    return {visit.id: (visit, wait_of(day, visit, now)) for visit in day.visits}


def wait_at(site: Site, appointment: Appointment, now: datetime) -> Wait | None:
    """What the resident of this appointment waits for, read anew."""
    return _waits_at(site, now).get(appointment.pk, (None, None))[1]


def come_for(*, appointment: Appointment, membership: Membership, now: datetime) -> bool:
    """Note that this agent comes. False if a colleague was faster or nobody waits any more."""
    return say_coming(appointment=appointment, by=Actor.agent(membership.agent), now=now)
