"""Finding a place: which cabin and helper can take an appointment, and keeping them.

The pure rules choose (`booking.engine.assignment`), before anything is locked; the site is then taken, and
looked at again if it changed in between. The database has the last word: when it refuses a cabin
or a helper that has just been taken, the next equally good one is tried; when nobody is free,
others are asked to make room (`booking.actions.reallocation`); only then is the time lost.
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
from booking.actions.holds import lapse_in_the_way
from booking.actions.reallocation import Allocation, exchange
from booking.engine.assignment import ExchangePlan
from booking.engine.availability import search
from booking.engine.snapshot import Offer
from booking.engine.timeline import TICK_MINUTES, ceil_tick, minutes_to_ticks, tick_start
from booking.enums import WhyEmpty
from booking.errors import NotOffered, SlotTaken
from booking.free.slots import SlotCheck, check_slot, find_slots
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.actions import bump_sites, bump_unchanged_site
from communes.enums import Booker, HelperPolicy
from communes.models import Cabin, Service, Site

LOOKS = 3
"""How often we look again when everything found free was taken in the meantime."""

ALTERNATIVES = 5
_DAYS_BEFORE, _DAYS_AFTER = 3, 11


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, at one instant. `moving` is the appointment that would go there.

    `stay`: it would rather keep its cabin; a helper it has is always preferred. `cabin`: the desk would
    rather have this one, if it can take the visit.
    """

    service: Service
    site: Site
    start: datetime
    with_helper: bool
    helper: Agent | None = None
    cabin: Cabin | None = None
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

    def check(self, now: datetime) -> SlotCheck:
        return check_slot(
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


type Write = Callable[[Allocation], object]
"""Writes; where it raises IntegrityError, the transaction is still good."""


class AllocationFailed(SlotTaken):
    """A time that someone else has; knows what was wanted, so that others can be proposed."""

    def __init__(self, wanted: Wanted, check: SlotCheck) -> None:
        super().__init__()
        self.wanted = wanted
        self.check = check


def minutes_for(service: Service, party_size: int) -> int:
    """How long a visit of several people takes: half as long again for each one more."""
    return service.duration_min + (party_size - 1) * -(-service.duration_min // 2)


def turnaround(service: Service) -> timedelta:
    return timedelta(minutes=TICK_MINUTES * minutes_to_ticks(service.turnaround_min))


def check_bookable(service: Service, *, public: bool) -> None:
    """Whether the service is offered at all; raises NotOffered."""
    if not service.is_active or (public and service.booker != Booker.EVERYONE):
        raise NotOffered


def look(wanted: Wanted, *, now: datetime) -> SlotCheck:
    """See who could take it. Raises NotOffered (`details["why"]`) where nobody at all could, SlotTaken
    where others have it.

    Nothing need be locked: most of those who come too late learn it here, without waiting for anyone.
    """
    if wanted.site.commune_id != wanted.service.commune_id or wanted.start != _on_a_tick(wanted.start):
        raise NotOffered
    check = wanted.check(now)
    refusal = check.candidates.refusal
    if refusal not in (None, WhyEmpty.FULL):
        raise NotOffered(refusal.label, why=refusal)
    if refusal is WhyEmpty.FULL and not isinstance(check.room, ExchangePlan):
        raise AllocationFailed(wanted, check)
    return check


def claim_site(wanted: Wanted, check: SlotCheck, *, now: datetime) -> SlotCheck:
    """Take the site for this transaction, and look again if anything changed there since `check`."""
    if bump_unchanged_site(wanted.site.pk, check.version):
        return check
    bump_sites([wanted.site.pk])
    return look(wanted, now=now)


def allocate(wanted: Wanted, check: SlotCheck, attempt: Write, *, by: Actor, now: datetime) -> None:
    """Try the candidates, best first, until the database accepts one.

    The caller has taken the site. Raises as `look` does.
    """
    for _ in range(LOOKS):
        if check.candidates:
            allocated = _try_each(wanted, check, attempt, now=now)
        else:
            allocated = _try_exchange(wanted, check, attempt, by=by, now=now)
        if allocated:
            return
        check = look(wanted, now=now)
    raise AllocationFailed(wanted, check)


def _on_a_tick(at: datetime) -> datetime:
    return tick_start(ceil_tick(at))


def _try_each(wanted: Wanted, check: SlotCheck, attempt: Write, *, now: datetime) -> bool:
    cabins, helpers = list(check.candidates.cabins), list(check.candidates.helpers)
    if wanted.cabin is not None:
        _put_first(cabins, wanted.cabin.pk)
    if wanted.moving is not None:
        if wanted.stay:
            _put_first(cabins, wanted.moving.cabin_id)
        _put_first(helpers, wanted.moving.helper_id)
    while cabins and (helpers or not wanted.attended):
        allocation = Allocation(cabins[0], helpers[0] if wanted.attended else None)
        refused = _refusal(wanted, allocation, attempt, now=now)
        if refused is None:
            return True
        (cabins if refused == base.CABIN_FREE else helpers).pop(0)
    return False


def _put_first(ids: list[int], wanted: int | None) -> None:
    if wanted in ids:
        ids.remove(wanted)
        ids.insert(0, wanted)


def _try_exchange(wanted: Wanted, check: SlotCheck, attempt: Write, *, by: Actor, now: datetime) -> bool:
    plan = check.room
    if not isinstance(plan, ExchangePlan):
        return False

    @transaction.atomic
    def make_room_and_attempt(allocation: Allocation) -> None:
        exchange(cabins=plan.cabins, helpers=plan.helpers, by=by, now=now)
        attempt(allocation)

    allocation = Allocation(plan.cabin_id, plan.helper_id)
    return _refusal(wanted, allocation, make_room_and_attempt, now=now) is None


def _refusal(wanted: Wanted, allocation: Allocation, attempt: Write, *, now: datetime) -> str | None:
    """The constraint by which someone was faster, or None when the place is won. A hold that has expired
    is nobody: those in the way lapse."""
    refused = _refused(allocation, attempt)
    if refused and lapse_in_the_way(wanted.site, wanted.start, wanted.blocked_until, now=now):
        refused = _refused(allocation, attempt)
    return refused


def _refused(allocation: Allocation, attempt: Write) -> str | None:
    try:
        attempt(allocation)
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
        except AllocationFailed as failed:
            failed.details["alternatives"] = alternatives(failed.wanted, failed.check)
            raise

    return run


def alternatives(wanted: Wanted, check: SlotCheck) -> list[Offer]:
    """The nearest other starts: that day at that site as just seen, else at any site within days."""
    tick = ceil_tick(wanted.start)
    nearest = _nearest(search(check.snapshot, check.need), tick, wanted.site.pk)
    if len(nearest) < ALTERNATIVES:
        nearest = _nearest(_around(wanted, check.snapshot.now), tick, wanted.site.pk)
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
