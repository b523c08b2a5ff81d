"""Finding a place: which cabin and helper can take an appointment, and keeping them.

The pure rules choose (`booking.assignment`); the database has the last word. When it refuses
a cabin or a helper that has just been taken, the next equally good one is tried; when nobody
is free, others are asked to make room (`booking.actions.moves`); only then is the time lost.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Self

from django.db import IntegrityError, transaction

from agents.models import Agent
from booking.actions import base
from booking.actions.base import constraint_of
from booking.actions.moves import exchange
from booking.assignment import Plan
from booking.availability import search
from booking.enums import WhyEmpty
from booking.errors import NotOffered, SlotTaken
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.slots import Case, find_slots, open_case
from booking.timeline import TICK_MINUTES, ceil_tick, minutes_to_ticks, tick_start
from booking.world import Offer
from communes.enums import Booker, HelperPolicy
from communes.models import Service, Site

LOOKS = 3
"""How often we look again when everything found free was taken in the meantime."""

ALTERNATIVES = 5
_DAYS_BEFORE, _DAYS_AFTER = 3, 11


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, at one instant. `moving` is the appointment that would go there.

    `stay`: it would rather keep its cabin; a helper it has is always preferred.
    """

    service: Service
    site: Site
    start: datetime
    with_helper: bool
    helper: Agent | None = None
    resident: Resident | None = None
    minutes: int | None = None
    public: bool = False
    moving: Appointment | None = None
    stay: bool = False

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
            stay=True,
        )

    @property
    def attended(self) -> bool:
        """The service's policy has the last word over what was asked."""
        policy = self.service.helper_policy
        return policy == HelperPolicy.REQUIRED or (policy != HelperPolicy.NONE and self.with_helper)

    @property
    def chosen_helper(self) -> Agent | None:
        return self.helper if self.attended else None

    @property
    def ends_at(self) -> datetime:
        """Lengths that are not a multiple of five minutes are rounded up."""
        length = minutes_to_ticks(self.minutes or self.service.duration_min)
        return tick_start(ceil_tick(self.start) + length)

    @property
    def blocked_until(self) -> datetime:
        return self.ends_at + turnaround(self.service)

    def open_case(self, now: datetime) -> Case:
        return open_case(
            service=self.service,
            site=self.site,
            start=self.start,
            with_helper=self.attended,
            helper_id=self.helper.pk if self.helper else None,
            resident=self.resident,
            duration_min=self.minutes,
            public=self.public,
            moving=self.moving,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Place:
    cabin_id: int
    helper_id: int | None


class Lost(SlotTaken):
    """A time that someone else has; knows what was wanted, so that others can be proposed."""

    def __init__(self, wanted: Wanted, case: Case) -> None:
        super().__init__()
        self.wanted = wanted
        self.case = case


def minutes_for(service: Service, party_size: int) -> int:
    """How long a visit of several people takes: half as long again for each one more."""
    return service.duration_min + (party_size - 1) * -(-service.duration_min // 2)


def turnaround(service: Service) -> timedelta:
    return timedelta(minutes=TICK_MINUTES * minutes_to_ticks(service.turnaround_min))


def check_bookable(service: Service, *, public: bool) -> None:
    """Whether the service is offered at all; raises NotOffered."""
    if not service.is_active or (public and service.booker != Booker.EVERYONE):
        raise NotOffered


def win(wanted: Wanted, attempt: Callable[[Place], object], *, by: Actor, now: datetime) -> Place:
    """Try the candidates, best first, until the database accepts one; `attempt` writes.

    The caller has taken the site. Raises NotOffered (`details["why"]`) where nobody at all could
    take it, SlotTaken where others have it.
    """
    if wanted.site.commune_id != wanted.service.commune_id or wanted.start != _on_a_tick(wanted.start):
        raise NotOffered
    for _ in range(LOOKS):
        case = wanted.open_case(now)
        found = case.candidates
        if found.refusal not in (None, WhyEmpty.FULL):
            assert found.refusal is not None
            raise NotOffered(found.refusal.label, why=found.refusal)
        place = (
            _try_each(wanted, list(found.cabins), list(found.helpers), attempt)
            if found
            else _try_exchange(case, attempt, by=by, now=now)
        )
        if place is not None:
            return place
        if not found:
            break
    raise Lost(wanted, case)


def _on_a_tick(at: datetime) -> datetime:
    return tick_start(ceil_tick(at))


def _try_each(
    wanted: Wanted, cabins: list[int], helpers: list[int], attempt: Callable[[Place], object]
) -> Place | None:
    if wanted.moving is not None:
        if wanted.stay:
            _put_first(cabins, wanted.moving.cabin_id)
        _put_first(helpers, wanted.moving.helper_id)
    while cabins and (helpers or not wanted.attended):
        place = Place(cabins[0], helpers[0] if wanted.attended else None)
        refused = _attempt(place, attempt)
        if refused is None:
            return place
        (cabins if refused == base.CABIN_FREE else helpers).pop(0)
    return None


def _put_first(ids: list[int], wanted: int | None) -> None:
    if wanted in ids:
        ids.remove(wanted)
        ids.insert(0, wanted)


def _try_exchange(
    case: Case, attempt: Callable[[Place], object], *, by: Actor, now: datetime
) -> Place | None:
    plan = case.make_room()
    if not isinstance(plan, Plan):
        return None
    place = Place(plan.cabin_id, plan.helper_id)

    def make_room_and_attempt(place: Place) -> None:
        exchange(cabins=plan.cabins, helpers=plan.helpers, by=by, now=now)
        attempt(place)

    return place if _attempt(place, make_room_and_attempt) is None else None


def _attempt(place: Place, attempt: Callable[[Place], object]) -> str | None:
    """The constraint by which someone was faster, or None when the place is won."""
    try:
        with transaction.atomic():
            attempt(place)
    except IntegrityError as error:
        name = constraint_of(error)
        if name in (base.CABIN_FREE, base.HELPER_FREE):
            return name
        raise
    return None


# ---- the nearest other times ---------------------------------------------------------------------


def with_alternatives[**P, R](verb: Callable[P, R]) -> Callable[P, R]:
    """Give SlotTaken its `details["alternatives"]`: the nearest other offers, read after the rollback."""

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except Lost as lost:
            lost.details["alternatives"] = alternatives(lost.wanted, lost.case)
            raise

    return run


def alternatives(wanted: Wanted, case: Case) -> list[Offer]:
    """The nearest other starts: that day at that site as just seen, else at any site within days."""
    tick = ceil_tick(wanted.start)
    nearest = _nearest(search(case.world, case.need), tick, wanted.site.pk)
    if len(nearest) < ALTERNATIVES:
        nearest = _nearest(_around(wanted, case.world.now), tick, wanted.site.pk)
    return nearest


def _around(wanted: Wanted, now: datetime) -> Iterable[Offer]:
    commune = wanted.site.commune
    on, today = commune.local(wanted.start).date(), commune.local(now).date()
    return find_slots(
        commune=commune,
        service=wanted.service,
        with_helper=wanted.attended,
        helper_id=wanted.helper.pk if wanted.helper else None,
        duration_min=wanted.minutes,
        start=max(today, on - timedelta(days=_DAYS_BEFORE)),
        end=max(today, on) + timedelta(days=_DAYS_AFTER),
        public=wanted.public,
        moving=wanted.moving,
        now=now,
    ).offers


def _nearest(offers: Iterable[Offer], tick: int, site_id: int) -> list[Offer]:
    others = [offer for offer in offers if (offer.tick, offer.site_id) != (tick, site_id)]
    return sorted(others, key=lambda each: (abs(each.tick - tick), each.site_id != site_id, each))[
        :ALTERNATIVES
    ]
