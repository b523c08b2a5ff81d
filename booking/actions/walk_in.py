"""Visits without an appointment."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.on_duty import present_until
from booking.actions.base import action, created, in_our_words, insert
from booking.actions.claiming import claim_resident
from booking.actions.extending import blocked_until, clock
from booking.actions.holds import lapse_in_the_way
from booking.actions.overlap import refuse_overlap
from booking.actions.placing import check_bookable, check_sound, check_still_bookable
from booking.actions.request import BookingRequest, turnaround
from booking.actions.residents import record
from booking.engine.gaps import SHORTEST_MIN
from booking.enums import EventKind, Status
from booking.errors import CabinBusy, HelperBusy, NotOffered
from booking.log import Actor, write
from booking.models import Appointment
from communes.actions import bump_sites
from communes.incidents import broken_equipment
from communes.models import Cabin, Service


@action
def start_walk_in(*, request: BookingRequest, by: Actor, now: datetime) -> Appointment:
    """Begin a visit now in the cabin of the request, until its usual length is over, the next appointment
    needs the cabin or the helper, or the cabin is retired. The start of the request does not matter.

    If no helper is named, the one who is free the longest is taken among those on duty at the site with the
    skill; the visit then ends before that helper leaves.
    Raises CabinBusy or HelperBusy (`details["until"]`: the instant of the conflict, where known),
    NotOffered and TooLong, ResidentBusy when the resident has another visit at that time.
    """
    service, cabin = request.service, request.cabin
    check_bookable(service, public=False)
    check_sound(request)
    if cabin is None or not cabin.works_at(now) or not set(service.equipment_needed) <= set(cabin.equipment):
        raise NotOffered(_("This cabin cannot be used for this service."))
    starts_at = now.replace(second=0, microsecond=0)
    length = request.duration_min or service.duration_min
    bump_sites([cabin.site_id])
    check_still_bookable(service, public=False)
    cabin = Cabin.objects.select_related("site__commune").filter(pk=cabin.pk).first()
    if cabin is None or not cabin.works_at(now):
        raise NotOffered(_("This cabin cannot be used for this service."))
    needed = frozenset(service.equipment_needed)
    if needed and needed & broken_equipment([cabin.pk]).get(cabin.pk, frozenset()):
        raise NotOffered(_("What this service needs does not work in this cabin at the moment."))
    request = replace(request, start=starts_at, duration_min=length)
    lapse_in_the_way(cabin.site, starts_at, request.blocked_until, now=now)
    limit = _sooner(_cabin_free_until(cabin, starts_at), cabin.retired_at)
    shortest = timedelta(minutes=min(SHORTEST_MIN, length))
    asked = starts_at + timedelta(minutes=length)
    stay = None
    if request.attended:
        stay = _helper_on_the_spot(service, cabin, request.helper, starts_at)
        limit = _sooner(limit, stay.needed_at)
        if stay.off_at is not None:
            asked = min(asked, stay.off_at)
            if asked - starts_at < shortest:
                raise HelperBusy(_("No helper is free now."))
    ends_at = _latest_end(service, asked, limit)
    if limit is not None and ends_at - starts_at < shortest:
        text = _("The next appointment is at %(time)s: there is not enough time before.")
        if limit == cabin.retired_at:
            text = _("The cabin is retired at %(time)s: there is not enough time before.")
        raise CabinBusy(text % {"time": clock(cabin.site.commune, limit)}, until=limit)
    who = request.known_resident
    if who is not None:
        who = claim_resident(who, cabin.site.commune_id)
        refuse_overlap(who, starts_at, ends_at, accepted=request.beside)
    appointment = Appointment(
        commune_id=cabin.site.commune_id,
        site=cabin.site,
        cabin=cabin,
        service=service,
        helper_id=stay.helper_id if stay else None,
        with_helper=request.attended,
        resident=record(request.newcomer, now=now) if request.newcomer else who,
        party_size=request.party_size,
        status=Status.IN_SESSION,
        starts_at=starts_at,
        ends_at=ends_at,
        blocked_until=blocked_until(service, ends_at),
        origin=request.origin,
        is_walk_in=True,
        arrived_at=now,
        started_at=now,
        created_at=now,
    )
    with in_our_words():
        insert(appointment)
    write(appointment=appointment, kind=EventKind.STARTED, at=now, by=by, changes=created(appointment))
    return appointment


def _cabin_free_until(cabin: Cabin, at: datetime) -> datetime | None:
    """The start of the cabin's next appointment, or None; raises CabinBusy if the cabin is taken now."""
    rows = Appointment.objects.live().filter(cabin=cabin)
    if rows.filter(status=Status.IN_SESSION).exists():
        raise CabinBusy
    if kept := rows.filter(starts_at__lte=at, blocked_until__gt=at).first():
        text = _("This cabin is kept until %(time)s for an appointment.")
        raise CabinBusy(
            text % {"time": clock(cabin.site.commune, kept.blocked_until)}, until=kept.blocked_until
        )
    return _next_start(rows, at)


@dataclass(frozen=True, slots=True)
class _Stay:
    """A helper who is free now: when their next appointment in any commune needs them (None: no other), and
    when their shift ends (None: not looked at, because the helper was named)."""

    helper_id: int
    needed_at: datetime | None
    off_at: datetime | None = None


def _helper_on_the_spot(service: Service, cabin: Cabin, helper: Agent | None, at: datetime) -> _Stay:
    """The helper for a visit that begins at `at`. At most three queries, however many are on duty."""
    theirs = Appointment.objects.live().filter(helper=OuterRef("pk"))
    taken = theirs.filter(Q(status=Status.IN_SESSION) | Q(starts_at__lte=at, blocked_until__gt=at))
    to_come = theirs.filter(starts_at__gt=at).order_by("starts_at").values("starts_at")
    helpers = Agent.objects.filter(memberships__commune=cabin.site.commune_id, memberships__is_helper=True)
    free = helpers.filter(~Exists(taken)).annotate(needed_at=Subquery(to_come[:1]))
    if helper is not None:
        for needed_at in free.filter(pk=helper.pk).values_list("needed_at", flat=True):
            return _Stay(helper.pk, needed_at)
        raise HelperBusy
    off = {pk: until for pk, until in present_until(cabin.site_id, at).items() if until > at}
    able = free.filter(memberships__skills=service, pk__in=off).values_list("pk", "needed_at")
    stays = [_Stay(pk, needed_at, off[pk]) for pk, needed_at in able.distinct().order_by("pk")]
    if not stays:
        raise HelperBusy(_("No helper is free now."))
    break_after = turnaround(service)

    def lasts_until(stay: _Stay) -> float:
        until = _sooner(stay.needed_at - break_after if stay.needed_at else None, stay.off_at)
        return until.timestamp() if until else float("inf")

    return max(stays, key=lasts_until)


def _next_start(rows: QuerySet[Appointment], after: datetime) -> datetime | None:
    return rows.filter(starts_at__gt=after).order_by("starts_at").values_list("starts_at", flat=True).first()


def _latest_end(service: Service, asked: datetime, limit: datetime | None) -> datetime:
    if limit is None or blocked_until(service, asked) <= limit:
        return asked
    return limit - turnaround(service)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)
