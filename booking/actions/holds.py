"""How long a hold lasts, and how it ends: released by the agent or the resident, or run out."""

from datetime import datetime, timedelta

from django.db.models import Q

from agents.models import Membership
from booking.actions.base import action, change, lock, require
from booking.actions.grace import make_final
from booking.actions.offers import settle_offer
from booking.enums import EventKind, OfferAnswer, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from communes.actions import bump_sites
from communes.models import Site
from core.edits import RecordGone, read_again

HOLD_LASTS = timedelta(minutes=10)


@action
def release_hold(*, appointment: Appointment, by: Actor, now: datetime) -> Appointment:
    """Release a held time before it runs out."""
    lock(appointment)
    require(appointment, Status.HELD)
    release(appointment, by=by, now=now)
    return appointment


def release(appointment: Appointment, *, by: Actor, now: datetime) -> None:
    """`release_hold` of a locked appointment."""
    change(appointment, kind=EventKind.LAPSED, to=Status.LAPSED, reason=Reason.RELEASED, by=by, now=now)
    settle_offer(appointment, OfferAnswer.DECLINED)


def release_unanswered(appointment: Appointment, *, by: Actor, now: datetime) -> None:
    """`release`, for whom nothing may be held any more: an offer was neither taken nor declined by them."""
    change(appointment, kind=EventKind.LAPSED, to=Status.LAPSED, reason=Reason.RELEASED, by=by, now=now)
    settle_offer(appointment, OfferAnswer.WITHDRAWN)


def lapse_holds(*, now: datetime) -> int:
    """End the holds whose time ran out, each in a transaction of its own; return how many."""
    expired = Appointment.objects.filter(status=Status.HELD, held_until__lte=now).order_by("id")
    return sum(_lapse(appointment, now) for appointment in expired)


@action
def _lapse(appointment: Appointment, now: datetime) -> bool:
    bump_sites([appointment.site_id])
    rows = Appointment.objects.select_related("commune").select_for_update(of=("self",))
    try:
        read_again(appointment, rows)
    except RecordGone:
        return False
    if appointment.status != Status.HELD or still_held(appointment, now):
        return False
    let_lapse(appointment, now)
    return True


def let_lapse(appointment: Appointment, now: datetime) -> None:
    """End a locked hold whose time ran out."""
    change(
        appointment,
        kind=EventKind.LAPSED,
        to=Status.LAPSED,
        reason=Reason.EXPIRED,
        by=Actor.system(),
        now=now,
    )
    settle_offer(appointment, OfferAnswer.LAPSED)


def still_held(appointment: Appointment, now: datetime) -> bool:
    return (
        appointment.status == Status.HELD
        and appointment.held_until is not None
        and appointment.held_until > now
    )


def lapse_in_the_way(site: Site, start: datetime, until: datetime, *, now: datetime) -> bool:
    """End the expired holds that keep a cabin of the site, or a helper of its commune, during
    `[start, until)`, and make final the cancellations there whose grace is over. Returns whether there were
    any. The caller has claimed the site."""
    helpers = Membership.objects.filter(commune=site.commune_id, is_helper=True)
    expired = (
        Appointment.objects.lapsed(now)
        .filter(Q(site=site.pk) | Q(helper__in=helpers.values("agent")))
        .overlapping(start, until)
        .order_by("id")
        .select_related("commune")
    )
    rows = list(expired.select_for_update(of=("self",)))
    bump_sites({row.site_id for row in rows} - {site.pk})
    for appointment in rows:
        end = let_lapse if appointment.status == Status.HELD else make_final
        end(appointment, now)
    return bool(rows)
