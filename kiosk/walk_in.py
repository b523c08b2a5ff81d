"""« Utiliser la cabine »: what can begin now, and what can be booked for later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from agents.models import Membership
from agents.on_duty import present_until
from booking.actions import BookingRequest, book, leave_number, start_walk_in
from booking.enums import Origin, Status
from booking.errors import NotOffered
from booking.free.slots import find_first, find_slots
from booking.log import Actor
from booking.models import Appointment
from communes.enums import Booker, HelperPolicy
from communes.models import Cabin, Service
from kiosk.board.layout import WALK_IN_MIN, board
from kiosk.board.types import BoardDay
from kiosk.errors import ServiceNotPossible
from kiosk.models import Screen

_ENOUGH = timedelta(minutes=WALK_IN_MIN)
TIMES_OFFERED = 3
BOOKINGS_PER_HOUR = 6
"""Bookings on a screen are anonymous, so a site accepts no more than this many in an hour."""

NUMBER_TAKEN_FOR = timedelta(minutes=10)
"""How long after booking on a screen the resident may leave a phone number there."""


@dataclass(frozen=True, slots=True)
class PossibleSession:
    """A session that can begin now: for `minutes`, in a cabin that is free `until` then."""

    minutes: int
    until: datetime


@dataclass(frozen=True, slots=True)
class WalkInService:
    """A service, and whether it can begin now: in which cabin, with a helper or without, for how long."""

    service: Service
    cabin: Cabin | None = None
    alone: PossibleSession | None = None
    helped: PossibleSession | None = None

    @property
    def is_possible(self) -> bool:
        return bool(self.alone or self.helped)

    @property
    def longest(self) -> PossibleSession | None:
        return self.alone or self.helped

    @property
    def minutes(self) -> int:
        return self.longest.minutes if self.longest else 0

    @property
    def helped_is_shorter(self) -> bool:
        return bool(self.alone and self.helped and self.helped.minutes < self.alone.minutes)

    @property
    def is_short(self) -> bool:
        return self.minutes < self.service.duration_min


@dataclass(frozen=True, slots=True)
class _OnDuty:
    """A helper who is present now: the ids of services that they can help with, when they leave, and when
    their next appointment begins, or began if it still occupies them."""

    skills: set[int]
    off_at: datetime
    needed_at: datetime | None

    def until(self, turnaround: timedelta) -> datetime:
        """Until when they can be with someone; in the past if they are busy."""
        return min(self.off_at, self.needed_at - turnaround) if self.needed_at else self.off_at


@dataclass(frozen=True, slots=True)
class LaterTime:
    start: datetime
    with_helper: bool


def choices(screen: Screen, day: BoardDay, now: datetime) -> list[WalkInService]:
    """The services offered in a cabin of this screen; those that can begin now come first."""
    services = Service.objects.active().filter(commune=screen.site.commune_id, booker=Booker.EVERYONE)
    free = _free_cabins(screen, day, now)
    helpers = _helpers_on_duty(screen, now)
    suited = [service for service in services if _ever_possible(service, screen)]
    found = [_choice(service, free, helpers, now) for service in suited]
    return sorted(found, key=lambda choice: not choice.is_possible)


def next_times(screen: Screen, choice: WalkInService, now: datetime) -> list[LaterTime]:
    """The next times that can be booked at this site: in the coming week, else the very first one. If the
    service can begin now but only without a helper, times with a helper are offered."""
    service = choice.service
    if choice.helped or (choice.alone and service.helper_policy == HelperPolicy.NONE):
        return []
    with_helper = bool(choice.alone) or service.helper_policy == HelperPolicy.REQUIRED
    commune = screen.site.commune
    today = commune.local(now).date()
    found = find_slots(
        commune=commune,
        service=service,
        with_helper=with_helper,
        start=today,
        end=today + timedelta(days=7),
        now=now,
        site_ids=[screen.site_id],
        exchange=False,
    )
    starts = [offer.start for offer in found.offers][:TIMES_OFFERED]
    if not starts:
        first = find_first(
            commune=commune, service=service, with_helper=with_helper, now=now, site_ids=[screen.site_id]
        )
        starts = [first.start] if first else []
    return [LaterTime(start, with_helper) for start in starts]


def begin(choice: WalkInService, *, with_helper: bool, now: datetime) -> Appointment:
    """Start the session. Raises ServiceNotPossible, CabinBusy or HelperBusy if it is too late for that."""
    stretch = choice.helped if with_helper else choice.alone
    if choice.cabin is None or stretch is None:
        raise ServiceNotPossible
    request = BookingRequest(
        service=choice.service,
        site=choice.cabin.site,
        start=now,
        with_helper=with_helper,
        cabin=choice.cabin,
        duration_min=stretch.minutes,
        origin=Origin.SCREEN,
    )
    return start_walk_in(request=request, by=Actor.screen(), now=now)


def book_later(
    screen: Screen, service: Service, *, start: datetime, with_helper: bool, now: datetime
) -> Appointment:
    """Book without a name: the resident has only the appointment's number. Raises as `book` does."""
    lately = Appointment.objects.filter(
        site=screen.site_id, origin=Origin.SCREEN, is_walk_in=False, created_at__gt=now - timedelta(hours=1)
    )
    if lately.count() >= BOOKINGS_PER_HOUR or service.booker != Booker.EVERYONE:
        raise NotOffered
    request = BookingRequest(
        service=service, site=screen.site, start=start, with_helper=with_helper, origin=Origin.SCREEN
    )
    return book(request=request, by=Actor.screen(), now=now)


def may_leave_number(appointment: Appointment, now: datetime) -> bool:
    """Whether someone who has just booked on a screen may leave a phone number; possible once."""
    return (
        appointment.origin == Origin.SCREEN
        and appointment.status == Status.BOOKED
        and appointment.resident_id is None
        and now < appointment.created_at + NUMBER_TAKEN_FOR
    )


def text_the_number(*, appointment: Appointment, number_e164: str, language: str, now: datetime) -> None:
    """Record the number. The confirmation that follows from this record contains the appointment's number."""
    leave_number(
        appointment=appointment,
        number_e164=number_e164,
        language=language,
        by=Actor.screen(),
        now=now,
    )


def _choice(
    service: Service,
    free: Iterable[tuple[Cabin, datetime, datetime | None]],
    helpers: Iterable[_OnDuty],
    now: datetime,
) -> WalkInService:
    needed = set(service.equipment_needed)
    turnaround = timedelta(minutes=service.turnaround_min)
    helper_until = max(
        (each.until(turnaround) for each in helpers if service.pk in each.skills), default=None
    )
    for cabin, closes, taken in free:
        if not needed <= set(cabin.equipment):
            continue
        until = min(closes, taken - turnaround) if taken else closes
        alone = helped = None
        if service.helper_policy != HelperPolicy.REQUIRED:
            alone = _stretch(service, until, now)
        if service.helper_policy != HelperPolicy.NONE and helper_until is not None:
            helped = _stretch(service, min(until, helper_until), now)
        if alone or helped:
            return WalkInService(service, cabin, alone, helped)
    return WalkInService(service)


def _stretch(service: Service, until: datetime, now: datetime) -> PossibleSession | None:
    if until - now < _ENOUGH:
        return None
    # The session counts from the beginning of the present minute.
    length = until - now.replace(second=0, microsecond=0)
    return PossibleSession(min(service.duration_min, length // timedelta(minutes=1)), until)


def _ever_possible(service: Service, screen: Screen) -> bool:
    """False if the screen's own cabin lacks equipment for the service: it will lack it later too."""
    return screen.cabin is None or set(service.equipment_needed) <= set(screen.cabin.equipment)


def _free_cabins(
    screen: Screen, day: BoardDay, now: datetime
) -> list[tuple[Cabin, datetime, datetime | None]]:
    """The cabins free now, those with the least equipment first; each with its closing and its next
    appointment."""
    closes = day.closes_at(now)
    usable = {card.cabin.id for card in board(day, screen.cabin_id, now).cards if card.is_usable}
    if closes is None or not usable:
        return []
    cabins = sorted(Cabin.objects.filter(pk__in=usable), key=lambda cabin: (len(cabin.equipment), cabin.pk))
    return [(cabin, closes, _next_start(day, cabin.pk, now)) for cabin in cabins]


def _next_start(day: BoardDay, cabin_id: int, now: datetime) -> datetime | None:
    return min(
        (
            visit.starts_at
            for visit in day.visits
            if visit.cabin_id == cabin_id and visit.is_expected and visit.starts_at > now
        ),
        default=None,
    )


def _helpers_on_duty(screen: Screen, now: datetime) -> list[_OnDuty]:
    """The helpers who are present now, with what they can do and until when; four queries."""
    off = present_until(screen.site_id, now)
    needed: dict[int, datetime] = {}
    theirs = Appointment.objects.occupying(now).filter(helper__in=off)
    taken = theirs.filter(Q(blocked_until__gt=now) | Q(status=Status.IN_SESSION))
    for agent_id, starts_at in taken.values_list("helper_id", "starts_at"):
        if agent_id is not None:
            needed[agent_id] = min(starts_at, needed.get(agent_id, starts_at))
    skilled = Membership.objects.filter(
        commune=screen.site.commune_id, is_helper=True, agent__in=off, skills__isnull=False
    ).values_list("agent_id", "skills")
    skills: dict[int, set[int]] = {}
    for agent_id, service_id in skilled:
        skills.setdefault(agent_id, set()).add(service_id)
    return [_OnDuty(skills[agent_id], off[agent_id], needed.get(agent_id)) for agent_id in skills]
