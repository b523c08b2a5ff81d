"""« Rendez-vous à replacer »: proposals for appointments that have lost their helper, cabin or site.

First choice is another helper or cabin at the same time, if needed by exchanging with other appointments
at the site; then the nearest other time; then the desk's call list. The preview runs the real actions in
one transaction and rolls it back. So it shows exactly what would happen, even if one proposal depends on
another.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from django.db import transaction

from agents.models import Agent
from booking import actions
from booking.actions.altering import ALONE as ALTER_ALONE
from booking.actions.base import action
from booking.engine.assignment import ExchangePlan as Room
from booking.engine.snapshot import Offer
from booking.enums import EventKind, Reason, Status
from booking.errors import NotOffered, ResidentBusy, SlotTaken, StatusRefused, TooLate
from booking.free.slots import check_slot, find_slots
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent
from communes.enums import HelperPolicy
from communes.models import Commune
from core.edits import RecordGone
from planning.orphans import Orphan, orphans
from planning.proposals import (
    ALONE,
    CALL,
    Exchange,
    Kept,
    Proposal,
    Remedy,
    ReplacementPlan,
    as_they_end,
    passed_over,
    with_names,
)

SEARCH_DAYS = 14
NOTICE = timedelta(hours=3)
"""A new time is at least this long from now, so that the resident can be told."""
LETTER = timedelta(days=7)
"""As long for whom a letter alone reaches: to write it, and three delivery days with a Sunday and a holiday.
They must also know before the time that they expect."""
TRIES = 3
AT_ONCE = 15
"""One plan takes at most this many appointments, because each needs its own search in one transaction. A
helper who is away for months loses hundreds; the rest are planned once these are settled."""
OTHER_SITE_COSTS = timedelta(hours=2)
OTHER_DAY_COSTS = timedelta(hours=4)
"""The cost of another day, in hours: the next day at the same hour costs as much as four hours later the
same day."""

_REFUSALS = (SlotTaken, NotOffered, StatusRefused, ResidentBusy, TooLate)

NO_WISHES: Mapping[int, str] = MappingProxyType({})


@dataclass
class _Run:
    """One plan on its way. Those set `aside` are left alone, also where another one needs room."""

    by: Actor
    now: datetime
    to_call: Collection[int]
    aside: Collection[int]
    wishes: Mapping[int, str]
    last_event: int = field(default=0)
    """The last event of an exchange that a proposal has taken as its own."""


@action
def plan_replacements(
    *,
    commune: Commune,
    by: Agent,
    now: datetime,
    aside: Collection[int] = (),
    wishes: Mapping[int, str] = NO_WISHES,
    expected: str = "",
) -> ReplacementPlan:
    """Plan for the orphans of the coming weeks, except those set `aside`; at most `AT_ONCE` of them.

    `wishes`: by appointment, what an agent has chosen instead of the first proposal.

    The plan is carried out, all or nothing, only if its digest is `expected`. Otherwise nothing is
    changed.
    """
    with transaction.atomic():
        lost = orphans(commune, now)
        rows = Appointment.objects.filter(pk__in=[each.appointment.pk for each in lost])
        to_call = actions.to_be_called(rows)
        first = _most_pressing([each for each in lost if each.appointment.pk not in aside], to_call)
        run = _Run(Actor.agent(by), now, to_call, aside, wishes, _last_event(commune))
        proposals = as_they_end([_settle(each, run) for each in first[:AT_ONCE]])
        digest = sha256("\n".join(each.mark for each in proposals).encode()).hexdigest()[:32]
        applied = expected == digest
        if not applied:
            transaction.set_rollback(True)
    set_aside = [each for each in lost if each.appointment.pk in aside]
    later = len(first) - len(proposals)
    called = frozenset(to_call) & {each.appointment.pk for each in set_aside}
    return ReplacementPlan(with_names(proposals), set_aside, digest, applied, later, called)


def _most_pressing(lost: list[Orphan], to_call: Collection[int]) -> list[Orphan]:
    """In order of time, but last those for which the plan can probably do nothing.

    These are already on the call list, or nobody can be called; the others must not wait for them.
    """

    def is_left_to_people(orphan: Orphan) -> bool:
        row = orphan.appointment
        is_limited = row.resident is not None and row.resident.is_limited
        nobody_to_call = row.resident_id is None or is_limited or row.status != Status.BOOKED
        return row.pk in to_call or nobody_to_call

    return sorted(lost, key=lambda orphan: (is_left_to_people(orphan), orphan.appointment.starts_at))


def clear_possible_again(*, now: datetime, commune_id: int | None = None) -> int:
    """Take off the call list the appointments that can take place again (the helper is back, the site is
    open), in one commune or in all; returns how many."""
    coming = Appointment.objects.filter(starts_at__gt=now)
    asked = actions.to_be_called(coming if commune_id is None else coming.filter(commune=commune_id))
    rows = Appointment.objects.filter(pk__in=asked).select_related("commune")
    lost = {
        orphan.appointment.pk for commune in {row.commune for row in rows} for orphan in orphans(commune, now)
    }
    possible = [row for row in rows if row.pk not in lost]
    for row in possible:
        actions.clear_impossible(appointment=row, by=Actor.system(), now=now)
    return len(possible)


def _settle(orphan: Orphan, run: _Run) -> Proposal:
    row = orphan.appointment
    wish = run.wishes.get(row.pk, "")
    kept = _kept(row)
    if wish == CALL:
        return _as_it_is(orphan, _call(orphan, run), Kept.CHOSEN, wish)
    if wish == ALONE:
        placed = _alone(orphan, run)
    else:
        over = passed_over(wish)
        placed = _same_time(orphan, run) if not over else None
        if over and _could_keep_its_time(orphan, run):
            over -= 1
        if not placed and not kept:
            placed = _other_time(orphan, run, NOTICE, over)
        elif not placed and kept == Kept.LETTER and row.starts_at >= run.now + LETTER:
            placed = _other_time(orphan, run, LETTER, over)
    if placed is None:
        return _as_it_is(orphan, _call(orphan, run), kept, wish)
    if placed.how != Remedy.OTHER_TIME and row.pk in run.to_call:
        actions.clear_impossible(appointment=_fresh(row.pk), by=run.by, now=run.now)
    return replace(placed, wish=wish)


def _could_keep_its_time(orphan: Orphan, run: _Run) -> bool:
    with transaction.atomic():
        placed = _same_time(orphan, run)
        transaction.set_rollback(True)
    return placed is not None


def _alone(orphan: Orphan, run: _Run) -> Proposal | None:
    row = _fresh(orphan.appointment.pk)
    if not row.with_helper or row.service.helper_policy != HelperPolicy.OPTIONAL:
        return None
    with suppress(*_REFUSALS):
        actions.alter(appointment=row, wanted={"helper": ALTER_ALONE}, kept=run.aside, by=run.by, now=run.now)
        others = _exchanged(row, run)
        return Proposal(orphan, Remedy.ALONE, row.starts_at, row.site_id, row.cabin_id, None, others)
    return None


def _call(orphan: Orphan, run: _Run) -> Remedy:
    row = _fresh(orphan.appointment.pk)
    if row.resident is None or row.resident.is_limited or row.status != Status.BOOKED:
        return Remedy.BY_HAND
    if row.pk in run.to_call:
        return Remedy.CALLED
    actions.mark_impossible(appointment=row, reason=orphan.why.reason, by=run.by, now=run.now)
    return Remedy.CALL


def _fresh(pk: int) -> Appointment:
    """A separate copy: actions change the object they are given, and may be rolled back."""
    related = ("commune", "site", "service", "cabin", "helper", "resident")
    row = Appointment.objects.select_related(*related).filter(pk=pk).first()
    if row is None:  # the person was erased a moment ago
        raise RecordGone
    return row


def _as_it_is(orphan: Orphan, how: Remedy, kept: Kept | None, wish: str) -> Proposal:
    row = orphan.appointment
    place = row.site_id, row.cabin_id, row.helper_id
    return Proposal(orphan, how, row.starts_at, *place, kept=kept, wish=wish)


def _same_time(orphan: Orphan, run: _Run) -> Proposal | None:
    row = _fresh(orphan.appointment.pk)
    case = check_slot(
        service=row.service,
        site=row.site,
        start=row.starts_at,
        with_helper=row.with_helper,
        now=run.now,
        resident=row.resident,
        duration_min=row.duration_min,
        moving=row,
        kept=run.aside,
    )
    found = case.candidates
    if found:
        cabin_id = row.cabin_id if row.cabin_id in found.cabins else found.cabins[0]
        helper_id = _keep_or_first(row.helper_id, found.helpers)
        others: list[actions.Reassignment] = []
    else:
        room = case.room
        if not isinstance(room, Room):
            return None
        cabin_id, helper_id = room.cabin_id, room.helper_id
        others = _making(room)
    moves = [actions.Reassignment(row, cabin_id=cabin_id, helper_id=helper_id), *others]
    try:
        actions.reassign(moves=moves, reason=orphan.why.reason, by=run.by, now=run.now)
    except _REFUSALS:
        return None
    exchanged = tuple(
        Exchange(
            move.appointment.pk,
            move.cabin_id or move.appointment.cabin_id,
            move.helper_id or move.appointment.helper_id,
            other_helper=move.helper_id is not None,
        )
        for move in others
    )
    site_id = row.site_id
    return Proposal(orphan, Remedy.SAME_TIME, row.starts_at, site_id, cabin_id, helper_id, exchanged)


def _keep_or_first(own: int | None, found: tuple[int, ...]) -> int | None:
    return own if own in found else next(iter(found), None)


def _making(room: Room) -> list[actions.Reassignment]:
    """The other appointments that get another cabin or helper to make room."""
    ids = {*room.cabins, *room.helpers}
    return [
        actions.Reassignment(_fresh(pk), cabin_id=room.cabins.get(pk), helper_id=room.helpers.get(pk))
        for pk in sorted(ids)
    ]


def _other_time(orphan: Orphan, run: _Run, notice: timedelta, over: int) -> Proposal | None:
    row = orphan.appointment
    commune = row.commune
    today, on = commune.local(run.now).date(), commune.local(row.starts_at).date()
    first = max(today, on - timedelta(days=SEARCH_DAYS // 2))
    found = find_slots(
        commune=commune,
        service=row.service,
        with_helper=row.with_helper,
        start=first,
        end=first + timedelta(days=SEARCH_DAYS),
        now=run.now,
        duration_min=row.duration_min,
        moving=row,
        kept=run.aside,
    )
    sites = {site.pk: site for site in found.sites}
    offers = _nearest(_without_their_visits(found.offers, row), row, run.now + notice)
    if over:
        offers = _apart(offers, row)[over:]
    for offer in offers[:TRIES]:
        moved = _fresh(row.pk)
        with suppress(*_REFUSALS):
            actions.reschedule(
                appointment=moved,
                site=sites[offer.site_id],
                start=offer.start,
                with_helper=row.with_helper,
                reason=orphan.why.reason,
                kept=run.aside,
                by=run.by,
                now=run.now,
            )
            place = moved.site_id, moved.cabin_id, moved.helper_id
            return Proposal(orphan, Remedy.OTHER_TIME, moved.starts_at, *place, _exchanged(row, run))
    return None


def _without_their_visits(offers: Iterable[Offer], row: Appointment) -> list[Offer]:
    """The offers at which the resident is not expected at another visit."""
    found = list(offers)
    if row.resident is None or not found:
        return found
    until = max(offer.end for offer in found)
    others = actions.visits_at(row.resident, found[0].start, until, besides=row.pk)
    return [each for each in found if not any(o.start < each.end and each.start < o.end for o in others)]


def _apart(offers: list[Offer], row: Appointment) -> list[Offer]:
    """Of each half-day at each site the first alone: a quarter of an hour later is no other proposal."""
    local = row.commune.local
    first: dict[tuple[object, ...], Offer] = {}
    for offer in offers:
        start = local(offer.start)
        first.setdefault((start.date(), start.hour < 12, offer.site_id), offer)
    return list(first.values())


def _kept(row: Appointment) -> Kept | None:
    """Why a person must decide about another time; LETTER only where the time is too short for one."""
    if row.status != Status.BOOKED:
        return Kept.HERE
    if row.resident is not None and row.resident.is_limited:
        return Kept.LIMITED
    if row.service.hour_set_elsewhere:
        return Kept.HOUR
    if row.resident is not None and row.resident.has_only_letters(row.resident.phones.all()):
        return Kept.LETTER
    return None


def _last_event(commune: Commune) -> int:
    events = AppointmentEvent.objects.filter(appointment__commune=commune).order_by("-id")
    return events.values_list("id", flat=True).first() or 0


def _exchanged(row: Appointment, run: _Run) -> tuple[Exchange, ...]:
    """The appointments that made room for the last move: this transaction has just logged them."""
    events = AppointmentEvent.objects.filter(
        pk__gt=run.last_event,
        appointment__commune=row.commune_id,
        kind=EventKind.REASSIGNED,
        reason=Reason.EXCHANGE,
        agent=run.by.agent_id,
        at=run.now,
    ).select_related("appointment")
    found = list(events.order_by("id"))
    run.last_event = max((event.pk for event in found), default=run.last_event)
    return tuple(
        Exchange(
            event.appointment_id,
            event.appointment.cabin_id,
            event.appointment.helper_id,
            other_helper="helper" in event.changes,
        )
        for event in found
    )


def _nearest(offers: Iterable[Offer], row: Appointment, earliest: datetime) -> list[Offer]:
    """The offers that change least for the resident (hour, day, site) first; none before `earliest`."""
    local = row.commune.local
    was = local(row.starts_at)

    def trouble(offer: Offer) -> tuple[timedelta, int]:
        start = local(offer.start)
        days = abs((start.date() - was.date()).days)
        hours = abs(timedelta(minutes=(start.hour - was.hour) * 60 + start.minute - was.minute))
        elsewhere = OTHER_SITE_COSTS if offer.site_id != row.site_id else timedelta()
        return days * OTHER_DAY_COSTS + hours + elsewhere, offer.tick

    return sorted((offer for offer in offers if offer.start >= earliest), key=trouble)
