"""Allocation: which cabin and helper an appointment gets.

The pure rules choose (`booking.engine.assignment`) before anything is locked. The site is then claimed, and
looked at again if it changed in between. The database has the last word: when it refuses a cabin or a helper
that has just been taken, the next best one is tried. When none is free, other appointments change their cabin
or helper to make room (`booking.actions.reallocation`). Only then does the allocation fail.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.actions import base
from booking.actions.base import constraint_of
from booking.actions.holds import lapse_in_the_way
from booking.actions.reallocation import Allocation, exchange
from booking.actions.request import BookingRequest
from booking.engine.assignment import ExchangePlan
from booking.engine.availability import search
from booking.engine.snapshot import Offer
from booking.engine.timeline import ceil_tick, tick_start
from booking.enums import WhyEmpty
from booking.errors import NotOffered, RoomNotFound, SlotTaken
from booking.free.slots import SlotCheck, find_slots
from booking.log import Actor
from booking.models import MOST_PEOPLE, Appointment
from communes.actions import bump_sites, bump_unchanged_site
from communes.enums import Booker
from communes.models import Service

LOOKS = 3
"""How many looks there are in all when everything found free was taken in the meantime."""

ALTERNATIVES = 5
_DAYS_BEFORE, _DAYS_AFTER = 3, 11


type Write = Callable[[Allocation], object]
"""Writes the appointment; when it raises IntegrityError, the transaction is still usable."""


class AllocationFailed(SlotTaken):
    """Somebody else has the time. `details["alternatives"]` are searched when they are first read, after the
    rollback: many callers never read them."""

    def __init__(self, request: BookingRequest, check: SlotCheck) -> None:
        super().__init__()
        self.request = request
        self.check = check

    @cached_property
    def details(self) -> dict[str, Any]:
        return {"alternatives": alternatives(self.request, self.check)}


class SearchEnded(AllocationFailed, RoomNotFound):
    """The same where not everything was tried."""


def check_bookable(service: Service, *, public: bool) -> None:
    """Refuse a service that is not offered: raises NotOffered."""
    if not service.is_active or (public and service.booker != Booker.EVERYONE):
        raise NotOffered


def check_sound(request: BookingRequest) -> None:
    """Refuse what no page and no caller can rightly ask for: raises NotOffered for people and things of
    different communes, and for too many people."""
    cabin, communes = request.cabin, {request.site.commune_id, request.service.commune_id}
    if request.known_resident is not None:
        communes.add(request.known_resident.commune_id)
    if len(communes) > 1 or (cabin is not None and cabin.site_id != request.site.pk):
        raise NotOffered
    if not 1 <= request.party_size <= MOST_PEOPLE:
        raise NotOffered(_("Between 1 and %(most)s people come together.") % {"most": MOST_PEOPLE})


def look(request: BookingRequest, *, now: datetime) -> SlotCheck:
    """Find the cabins and helpers that could take it. Raises NotOffered (`details["why"]`) where none could
    even if nothing were booked, SlotTaken where other appointments have them, RoomNotFound where these might
    make room all the same.

    Nothing need be locked: most of those who come too late are refused here, without waiting for a lock.
    """
    check_sound(request)
    if request.start != _on_a_tick(request.start):
        raise NotOffered
    check = request.check(now)
    refusal = check.candidates.refusal
    if refusal not in (None, WhyEmpty.FULL):
        raise NotOffered(refusal.label, why=refusal)
    if refusal is not WhyEmpty.FULL or isinstance(check.room, ExchangePlan):
        return check
    raise (SearchEnded if check.room.bound_hit else AllocationFailed)(request, check)


def claim_site(request: BookingRequest, check: SlotCheck, *, now: datetime) -> SlotCheck:
    """Lock the site for this transaction, and look again if anything changed there since `check`, or the
    service is offered no more."""
    is_new = request.moving is None
    conditions = [Exists(Service.objects.active().filter(pk=request.service.pk))] if is_new else []
    if bump_unchanged_site(request.site.pk, check.version, *conditions):
        return check
    bump_sites([request.site.pk])
    if is_new:
        check_still_bookable(request.service, public=request.public)
    return look(request, now=now)


def check_still_bookable(service: Service, *, public: bool) -> None:
    """`check_bookable` once more, of the service as it is stored now that the site is locked: it may have
    been retired or deleted since it was read."""
    row = Service.objects.filter(pk=service.pk).first()
    if row is None:
        raise NotOffered
    check_bookable(row, public=public)


def allocate(request: BookingRequest, check: SlotCheck, attempt: Write, *, by: Actor, now: datetime) -> None:
    """Try the candidates, best first, until the database accepts one.

    The caller has claimed the site. Raises as `look` does.
    """
    for _attempt in range(LOOKS):
        if check.candidates:
            allocated = _try_each(request, check, attempt, now=now)
        else:
            allocated = _try_exchange(request, check, attempt, by=by, now=now)
        if allocated:
            return
        check = look(request, now=now)
    raise AllocationFailed(request, check)


def _on_a_tick(at: datetime) -> datetime:
    return tick_start(ceil_tick(at))


def _try_each(request: BookingRequest, check: SlotCheck, attempt: Write, *, now: datetime) -> bool:
    cabins, helpers = _in_order(request, check)
    while cabins and (helpers or not request.attended):
        allocation = Allocation(cabins[0], helpers[0] if request.attended else None)
        refused = _refusal(request, allocation, attempt, now=now)
        if refused is None:
            return True
        (cabins if refused == base.CABIN_FREE else helpers).pop(0)
    return False


def expected_allocation(request: BookingRequest, check: SlotCheck) -> Allocation:
    """The cabin and the helper that `allocate` would give after this look, if nobody comes first."""
    if isinstance(check.room, ExchangePlan) and not check.candidates:
        return Allocation(check.room.cabin_id, check.room.helper_id)
    cabins, helpers = _in_order(request, check)
    return Allocation(cabins[0], helpers[0] if request.attended else None)


def _in_order(request: BookingRequest, check: SlotCheck) -> tuple[list[int], list[int]]:
    """The cabins and the helpers that could take it; first those that are preferred, or that it has."""
    cabins, helpers = list(check.candidates.cabins), list(check.candidates.helpers)
    if request.cabin is not None:
        _put_first(cabins, request.cabin.pk)
    if request.moving is not None:
        if request.stays:
            _put_first(cabins, request.moving.cabin_id)
        _put_first(helpers, request.moving.helper_id)
    return cabins, helpers


def _put_first(ids: list[int], preferred: int | None) -> None:
    if preferred in ids:
        ids.remove(preferred)
        ids.insert(0, preferred)


def _try_exchange(
    request: BookingRequest, check: SlotCheck, attempt: Write, *, by: Actor, now: datetime
) -> bool:
    plan = check.room
    if not isinstance(plan, ExchangePlan):
        return False

    @transaction.atomic
    def make_room_and_attempt(allocation: Allocation) -> None:
        exchange(cabins=plan.cabins, helpers=plan.helpers, enter=lambda: attempt(allocation), by=by, now=now)

    moved = Appointment.objects.filter(pk__in={*plan.cabins, *plan.helpers})
    allocation = Allocation(plan.cabin_id, plan.helper_id)
    return _refusal(request, allocation, make_room_and_attempt, besides=moved, now=now) is None


def _refusal(
    request: BookingRequest,
    allocation: Allocation,
    attempt: Write,
    *,
    besides: QuerySet[Appointment] | None = None,
    now: datetime,
) -> str | None:
    """The constraint that refused the cabin or the helper, or None when the write succeeded. Expired holds
    that stand in the way, also in that of appointments which move `besides`, are ended first."""
    refused = _refused(allocation, attempt)
    if refused:
        start, until = _from_first_to_last(request, besides)
        if lapse_in_the_way(request.site, start, until, now=now):
            refused = _refused(allocation, attempt)
    return refused


def _from_first_to_last(
    request: BookingRequest, besides: QuerySet[Appointment] | None
) -> tuple[datetime, datetime]:
    """The time that all of them keep busy, taken as one stretch."""
    spans = [] if besides is None else list(besides.values_list("starts_at", "blocked_until"))
    starts, ends = zip((request.start, request.blocked_until), *spans, strict=True)
    return min(starts), max(ends)


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


def alternatives(request: BookingRequest, check: SlotCheck) -> list[Offer]:
    """The nearest other starts: the same day at the same site if there are enough, else at any site from
    three days before to ten days after."""
    tick = ceil_tick(request.start)
    nearest = _nearest(search(check.snapshot, check.need), tick, request.site.pk)
    if len(nearest) < ALTERNATIVES:
        nearest = _nearest(_around(request, check.snapshot.now), tick, request.site.pk)
    return nearest


def _around(request: BookingRequest, now: datetime) -> Iterable[Offer]:
    commune = request.site.commune
    on, today = commune.local(request.start).date(), commune.local(now).date()
    return find_slots(
        commune=commune,
        service=request.service,
        with_helper=request.attended,
        helper_id=request.helper.pk if request.helper else None,
        duration_min=request.minutes,
        start=max(today, on - timedelta(days=_DAYS_BEFORE)),
        end=max(today, on) + timedelta(days=_DAYS_AFTER),
        public=request.public,
        moving=request.moving,
        now=now,
    ).offers


def _nearest(offers: Iterable[Offer], tick: int, site_id: int) -> list[Offer]:
    others = [offer for offer in offers if (offer.tick, offer.site_id) != (tick, site_id)]
    return sorted(others, key=lambda each: (abs(each.tick - tick), each.site_id != site_id, each))[
        :ALTERNATIVES
    ]
