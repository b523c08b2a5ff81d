"""The waiting list: a resident who found no time that suits is offered a freed one; one at a time, in order.

An offer is a hold of half an hour whose origin is the waiting list; `notifications` reads it in the log and
sends the message. When it lapses, the worker offers the time to the next resident.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from logging import getLogger
from typing import Any, Self

from django.db.models import QuerySet

from booking.actions.base import action
from booking.actions.bookings import hold
from booking.actions.claiming import claim_resident
from booking.actions.offers import OPEN
from booking.actions.request import BookingRequest, minutes_for
from booking.engine.snapshot import Offer
from booking.engine.timeline import minutes_to_ticks
from booking.enums import OfferAnswer, Origin, Status, WaitingState
from booking.errors import (
    NotOffered,
    ResidentInvalid,
    ResidentLimited,
    SlotTaken,
    StatusRefused,
    WaitingRefused,
)
from booking.free.slots import WEEKS_AHEAD, find_slots
from booking.log import Actor
from booking.models import Appointment, Resident, WaitingEntry, WaitingOffer, WaitingSearch
from communes.enums import HelperPolicy
from communes.models import Commune, Service, Site
from communes.opening.holidays import is_public_holiday
from core.edits import RecordGone

logger = getLogger(__name__)

BEFORE_THE_SLOT = timedelta(hours=1)
"""An offer ends at least so long before the slot: the resident must be able to come."""
SHORTEST_OFFER = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=15)
"""The times are searched again after so long even if nothing is known to have changed: a helper whom another
commune shares may have become free there."""
_SUNDAY = 6
NOON = 12
TO_ANSWER = timedelta(minutes=30)
"""Offers are sent when people may be texted or called, with so much time left to answer before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRequest:
    """What somebody waits for: a time of the service, on local days from `from_on` to `until_on`.

    `half_days` (0: Monday morning … 13: Sunday afternoon) and `sites`: those that suit, all if empty.
    """

    resident: Resident
    service: Service
    with_helper: bool
    until_on: date
    from_on: date | None = None
    half_days: Collection[int] = ()
    sites: Collection[Site] = ()
    party_size: int = 1

    @classmethod
    def of(cls, entry: WaitingEntry) -> Self:
        """What an entry of the list asks for."""
        return cls(
            resident=entry.resident,
            service=entry.service,
            with_helper=entry.with_helper,
            until_on=entry.until_on,
            from_on=entry.from_on,
            half_days=entry.half_days,
            sites=entry.sites.all(),
            party_size=entry.party_size,
        )


def free_now(*, request: WaitingRequest, besides: Appointment | None = None, now: datetime) -> list[Offer]:
    """What they would be offered if they were on the list, in order: the desk says it while they are there.
    The time `besides`, which the agent has kept for them, counts as free. Raises WaitingRefused,
    ResidentLimited. Four queries."""
    _check_request(request, now)
    commune = request.resident.commune
    elsewhere = _expected(commune, [request.resident.pk], now).get(request.resident.pk, [])
    suits = _suitability(request, commune=commune, elsewhere=elsewhere, now=now)
    look = _Look(commune, now, besides=besides)
    return [offer for offer in look.offers(request) if suits(offer)]


@action
def join_waiting_list(
    *, request: WaitingRequest, declined: Iterable[Offer] = (), now: datetime
) -> WaitingEntry:
    """Put someone on the list. Asking again for the same service replaces what they asked before, and
    keeps their turn. `declined`: what is free now and does not suit them (`free_now`); it is not offered to
    them. Raises WaitingRefused."""
    service, commune = request.service, request.resident.commune
    _check_request(request, now)
    resident = claim_resident(request.resident, commune.pk)
    present = WaitingEntry.objects.filter(state__in=OPEN, resident=resident, service=service).first()
    entry = present or WaitingEntry(commune=commune, resident=resident, service=service, joined_at=now)
    entry.with_helper = HelperPolicy(service.helper_policy).attended(request.with_helper)
    entry.party_size = request.party_size
    entry.half_days = sorted(set(request.half_days))
    entry.from_on, entry.until_on = request.from_on, request.until_on
    entry.declined = _stretches(declined, service.start_step_min)
    entry.unanswered = 0
    if entry.state == WaitingState.SILENT:
        entry.state = WaitingState.WAITING
    entry.save()
    entry.sites.set(request.sites)
    return entry


def _stretches(offers: Iterable[Offer], step_min: int) -> list[list[int]]:
    """Starts as `WaitingEntry.declined`: those of a site that follow each other are one stretch. What begins
    between two of them, after a visit booked since, was free as well."""
    step = minutes_to_ticks(step_min)
    stretches: list[list[int]] = []
    for site_id, tick in sorted((offer.site_id, offer.tick) for offer in offers):
        if stretches and stretches[-1][0] == site_id and tick - stretches[-1][2] <= step:
            stretches[-1][2] = tick
        else:
            stretches.append([site_id, tick, tick])
    return stretches


def _check_request(request: WaitingRequest, now: datetime) -> None:
    service, commune = request.service, request.resident.commune
    strangers = [site for site in request.sites if site.commune_id != commune.pk]
    if request.resident.is_limited:
        raise ResidentLimited
    if service.commune_id != commune.pk or strangers or not service.is_active:
        raise WaitingRefused
    if request.until_on < commune.local(now).date():
        raise WaitingRefused
    if request.from_on is not None and request.from_on > request.until_on:
        raise WaitingRefused
    if not set(request.half_days) <= set(range(14)):
        raise WaitingRefused


@action
def leave_waiting_list(*, entry: WaitingEntry) -> WaitingEntry:
    """Take someone off the list; an offer already made to them stays valid until it lapses."""
    if not WaitingEntry.objects.filter(pk=entry.pk, state__in=OPEN).update(state=WaitingState.LEFT):
        raise StatusRefused
    entry.state = WaitingState.LEFT
    return entry


def offer_freed_times(*, now: datetime, commune_id: int | None = None) -> int:
    """Offer what is free to those who wait, in one commune or in all, in order; how many were offered
    something. A commune may have set that its desk does this alone.

    Each person has at most one offer at a time, and each time is offered to one person at a time. Where
    nothing has changed since the last look, the times are not searched again. Nobody is offered a time of a
    service whose hour is agreed with another organisation: an agent calls there first.
    """
    waiting = _waiting()
    if commune_id is not None:
        waiting = waiting.filter(commune=commune_id)
    communes = Commune.objects.filter(offers_freed_times=True, pk__in=waiting.values("commune"))
    return sum(_offer_in(commune, now) for commune in communes.order_by("pk") if _may_ask(commune, now))


def _waiting() -> QuerySet[WaitingEntry]:
    """Those who may be offered a time by a message; nobody whose record is limited: they keep their turn."""
    return WaitingEntry.objects.filter(
        state=WaitingState.WAITING,
        service__hour_set_elsewhere=False,
        service__is_active=True,
        resident__limited_at=None,
    )


def _may_ask(commune: Commune, now: datetime) -> bool:
    local = commune.local(now)
    calling_day = local.weekday() != _SUNDAY and not is_public_holiday(commune.insee_code, local.date())
    last = (datetime.combine(local, commune.reminders_until) - TO_ANSWER).time()
    return calling_day and commune.reminders_from <= local.time() < last


def _offer_in(commune: Commune, now: datetime) -> int:
    today = commune.local(now).date()
    digest = _digest(commune, today, now)
    if WaitingSearch.objects.filter(commune=commune, digest=digest, at__gt=now - LOOK_AGAIN).exists():
        return 0
    entries = (
        _waiting()
        .filter(commune=commune, until_on__gte=today)
        .select_related("resident", "service")
        .prefetch_related("sites", "offers__appointment__commune")
        .order_by("joined_at", "id")
    )
    look = _Look(commune, now)
    waiting = list(entries)
    offered = {entry.pk for entry in waiting if _offer_to(entry, look, _is_other_half_day)}
    # Whoever did not take a time makes way for the next person, before they are offered another near it.
    offered |= {
        entry.pk for entry in waiting if entry.pk not in offered and _offer_to(entry, look, _is_apart)
    }
    WaitingSearch.objects.update_or_create(commune=commune, defaults={"digest": digest, "at": now})
    return len(offered)


def _digest(commune: Commune, today: date, now: datetime) -> str:
    """A digest of what decides who is offered what: the versions of the sites, which grow whenever something
    there is booked, freed or closed, what has run out since, who waits for what, and how far ahead is
    searched."""
    run_out = Appointment.objects.lapsed(now).filter(commune=commune).order_by("pk").values_list("pk")
    sites = commune.sites.order_by("pk").values_list("pk", "version", "is_active")
    entries = _waiting().filter(commune=commune).order_by("pk")
    wishes = entries.values_list(
        "pk", "until_on", "from_on", "half_days", "with_helper", "party_size", "declined"
    )
    wanted = WaitingEntry.sites.through.objects.filter(waitingentry__in=entries.values("pk")).order_by("pk")
    places = wanted.values_list("waitingentry", "site")
    return sha256(repr([today, *sites, *run_out, *wishes, *places]).encode()).hexdigest()


@dataclass
class _Look:
    """The free times, searched once for all who want the same, and again after a time was given away."""

    commune: Commune
    now: datetime
    seen: dict[tuple[int, bool, int], list[Offer]] = field(default_factory=dict)
    besides: Appointment | None = None

    @cached_property
    def expected(self) -> dict[int, list[tuple[datetime, datetime]]]:
        waiting = _waiting().filter(commune=self.commune)
        return _expected(self.commune, waiting.values("resident"), self.now)

    def offers(self, wish: WaitingRequest) -> list[Offer]:
        key = wish.service.pk, wish.with_helper, wish.party_size
        if key not in self.seen:
            today = self.commune.local(self.now).date()
            found = find_slots(
                commune=self.commune,
                service=wish.service,
                with_helper=wish.with_helper,
                duration_min=minutes_for(wish.service, wish.party_size),
                start=today,
                end=today + timedelta(weeks=WEEKS_AHEAD),
                moving=self.besides,
                now=self.now,
            )
            self.seen[key] = list(found.offers)
        return self.seen[key]


def _expected(
    commune: Commune, residents: Iterable[int] | QuerySet[WaitingEntry, Any], now: datetime
) -> dict[int, list[tuple[datetime, datetime]]]:
    """Resident id → when these are expected elsewhere, or have another offer: they are not offered such a
    time."""
    theirs = Appointment.objects.filter(commune=commune, ends_at__gt=now, resident__in=residents)
    held = theirs.occupying(now).filter(status=Status.HELD, origin=Origin.WAITING_LIST)
    spans: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for pk, start, end in (theirs.expected() | held).values_list("resident", "starts_at", "ends_at"):
        spans[pk].append((start, end))
    return spans


def _offer_to(entry: WaitingEntry, look: _Look, is_news: Callable[[Offer, Appointment], bool]) -> bool:
    """Offer them the first time that suits them, is none that they declined, and is news beside each one that
    they were offered at that site. Says whether there was one."""
    wish = WaitingRequest.of(entry)
    suits = _suitability(
        wish, commune=look.commune, elsewhere=look.expected.get(entry.resident_id, []), now=look.now
    )
    known = [each.appointment for each in entry.offers.all() if each.answer != OfferAnswer.WITHDRAWN]

    def is_new(offer: Offer) -> bool:
        there = [each for each in known if each.site_id == offer.site_id]
        return all(is_news(offer, each) for each in there) and not _is_declined(entry, offer)

    for _ in range(2):  # once more when someone was faster
        offer = next((each for each in look.offers(wish) if suits(each) and is_new(each)), None)
        if offer is None:
            return False
        try:
            _hold_for(entry, offer, look.now)
        except (SlotTaken, NotOffered):
            look.seen.clear()
        except (StatusRefused, ResidentInvalid, ResidentLimited, RecordGone):
            return False
        else:
            look.seen.clear()
            look.expected.setdefault(entry.resident_id, []).append((offer.start, offer.end))
            logger.info("waiting entry %s has an offer", entry.pk)
            return True
    return False


def _is_apart(offer: Offer, known: Appointment) -> bool:
    """A quarter of an hour later is the same gap: it is no news to whoever did not take the first."""
    return offer.end <= known.starts_at or known.ends_at <= offer.start


def _is_other_half_day(offer: Offer, known: Appointment) -> bool:
    local = known.commune.local
    one, other = local(offer.start), local(known.starts_at)
    return (one.date(), one.hour >= NOON) != (other.date(), other.hour >= NOON)


def _is_declined(entry: WaitingEntry, offer: Offer) -> bool:
    return any(site == offer.site_id and first <= offer.tick <= last for site, first, last in entry.declined)


def _suitability(
    wish: WaitingRequest, *, commune: Commune, elsewhere: Sequence[tuple[datetime, datetime]], now: datetime
) -> Callable[[Offer], bool]:
    sites = {site.pk for site in wish.sites}
    soonest = now + SHORTEST_OFFER + BEFORE_THE_SLOT

    def suits(offer: Offer) -> bool:
        local = commune.local(offer.start)
        half_day = 2 * local.weekday() + (local.hour >= NOON)
        return (
            offer.start >= soonest
            and (not sites or offer.site_id in sites)
            and (not wish.half_days or half_day in wish.half_days)
            and (wish.from_on is None or wish.from_on <= local.date())
            and local.date() <= wish.until_on
            and not any(start < offer.end and offer.start < end for start, end in elsewhere)
        )

    return suits


@action
def _hold_for(entry: WaitingEntry, offer: Offer, now: datetime) -> None:
    row = WaitingEntry.objects.filter(pk=entry.pk, state=WaitingState.WAITING)
    request = BookingRequest(
        service=entry.service,
        site=Site.objects.select_related("commune").get(pk=offer.site_id),
        start=offer.start,
        with_helper=entry.with_helper,
        resident=entry.resident,
        party_size=entry.party_size,
        origin=Origin.WAITING_LIST,
    )
    lasts = timedelta(minutes=request.site.commune.offer_lasts_min)
    until = min(now + lasts, offer.start - BEFORE_THE_SLOT)
    held = hold(request=request, until=until, by=Actor.system(), now=now)
    if not row.update(state=WaitingState.OFFERED):
        raise StatusRefused
    WaitingOffer.objects.create(entry=entry, appointment=held, made_at=now)
