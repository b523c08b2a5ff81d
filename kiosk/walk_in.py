"""« Utiliser la cabine »: what can begin now, and what can be booked for later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from booking.actions import BookingRequest, book, leave_number, start_walk_in
from booking.enums import Origin, Status
from booking.errors import NotOffered
from booking.free.slots import find_first, find_slots
from booking.log import Actor
from booking.models import Appointment
from communes.enums import Booker, HelperPolicy
from communes.incidents import broken_equipment
from communes.models import Cabin, Service
from kiosk.board.layout import WALK_IN_MIN, board
from kiosk.board.types import BoardDay
from kiosk.errors import ServiceNotPossible
from kiosk.helpers_here import HelperHere, helped_until, helpers_here
from kiosk.models import Screen

_ENOUGH = timedelta(minutes=WALK_IN_MIN)
TIMES_OFFERED = 3
BOOKINGS_PER_HOUR = 6
"""Bookings on a screen are anonymous, so a site accepts no more than this many in an hour."""

NUMBER_TAKEN_FOR = timedelta(minutes=10)
"""How long after booking on a screen the resident may leave a phone number there."""


@dataclass(frozen=True, slots=True)
class PossibleSession:
    """A session that can begin now: for `minutes`, of those until the cabin or the helper is needed."""

    minutes: int


@dataclass(frozen=True, slots=True)
class WalkInService:
    """A service, and whether it can begin now: in which cabin, with a helper or without, for how long."""

    service: Service
    cabin: Cabin | None = None
    alone: PossibleSession | None = None
    helped: PossibleSession | None = None
    free_until: datetime | None = None
    """As the board says it of the cabin."""

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


class FreeCabin(NamedTuple):
    """With its closing, when its next appointment begins or it is retired, and until when the board says that
    it is free."""

    cabin: Cabin
    closes: datetime
    needed_at: datetime | None
    free_until: datetime | None


@dataclass(frozen=True, slots=True)
class LaterTime:
    start: datetime
    with_helper: bool


def choices(screen: Screen, day: BoardDay, now: datetime) -> list[WalkInService]:
    """The services offered in a cabin of this screen; those that can begin now come first. None before the
    commune is open."""
    if screen.site.commune.opened_at is None:
        return []
    services = Service.objects.active().filter(commune=screen.site.commune_id, booker=Booker.EVERYONE)
    free = _free_cabins(screen, day, now)
    helpers = helpers_here(screen.site, now)
    suited = [service for service in services if _ever_possible(service, screen)]
    broken = broken_equipment([cabin.pk for cabin, *_ in free])
    found = [_choice(service, free, helpers, broken, now) for service in suited]
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
    is_open = screen.site.commune.opened_at is not None
    if not is_open or service.booker != Booker.EVERYONE or lately.count() >= BOOKINGS_PER_HOUR:
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
    free: Iterable[FreeCabin],
    helpers: Iterable[HelperHere],
    broken: Mapping[int, frozenset[str]],
    now: datetime,
) -> WalkInService:
    needed = set(service.equipment_needed)
    turnaround = timedelta(minutes=service.turnaround_min)
    helper_until = helped_until(helpers, service.pk, turnaround)
    for cabin, closes, taken, free_until in free:
        if not needed <= set(cabin.equipment) - broken.get(cabin.pk, frozenset()):
            continue
        until = min(closes, taken - turnaround) if taken else closes
        alone = helped = None
        if service.helper_policy != HelperPolicy.REQUIRED:
            alone = _stretch(service, until, now)
        if service.helper_policy != HelperPolicy.NONE and helper_until is not None:
            helped = _stretch(service, min(until, helper_until), now)
        if alone or helped:
            return WalkInService(service, cabin, alone, helped, free_until)
    return WalkInService(service)


def _stretch(service: Service, until: datetime, now: datetime) -> PossibleSession | None:
    if until - now < _ENOUGH:
        return None
    # The session counts from the beginning of the present minute.
    length = until - now.replace(second=0, microsecond=0)
    return PossibleSession(min(service.duration_min, length // timedelta(minutes=1)))


def _ever_possible(service: Service, screen: Screen) -> bool:
    """False if the screen's own cabin lacks equipment for the service: it will lack it later too."""
    return screen.cabin is None or set(service.equipment_needed) <= set(screen.cabin.equipment)


def _free_cabins(screen: Screen, day: BoardDay, now: datetime) -> list[FreeCabin]:
    """The cabins free now, those with the least equipment first."""
    closes = day.closes_at(now)
    cards = board(day, screen.cabin_id, now).cards
    usable = {card.cabin.id: card.until for card in cards if card.is_usable}
    if closes is None or not usable:
        return []
    cabins = sorted(Cabin.objects.filter(pk__in=usable), key=lambda cabin: (len(cabin.equipment), cabin.pk))
    return [FreeCabin(cabin, closes, _needed_at(day, cabin, now), usable[cabin.pk]) for cabin in cabins]


def _needed_at(day: BoardDay, cabin: Cabin, now: datetime) -> datetime | None:
    starts = [
        visit.starts_at
        for visit in day.visits
        if visit.cabin_id == cabin.pk and visit.is_expected and visit.starts_at > now
    ]
    return min([*starts, *filter(None, [cabin.retired_at])], default=None)
