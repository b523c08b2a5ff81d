"""More time for a session that runs, and how long it can last."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.on_duty import present_until
from booking.actions.base import action, change, lock, require
from booking.actions.holds import lapse_in_the_way
from booking.actions.request import turnaround
from booking.engine.timeline import TICK_MINUTES, minutes_to_ticks, round_up
from booking.enums import EventKind, Status
from booking.errors import CabinBusy, HelperBusy, NotOffered
from booking.log import Actor
from booking.models import LONGEST_DAYS, Appointment
from communes.models import Commune, Service
from communes.open_hours import open_spans
from core.templatetags.times import hour_in_sentence


@dataclass(frozen=True, slots=True)
class Limit:
    """What ends a session at the latest: `at` is when it happens, `latest` the end of a session that leaves
    time to make the cabin ready where somebody comes next."""

    at: datetime
    latest: datetime
    refusal: type[CabinBusy | HelperBusy | NotOffered]
    what: str | Promise
    """A sentence with the place `%(time)s`."""

    def text(self, commune: Commune) -> str:
        return str(self.what) % {"time": clock(commune, self.at)}


@action
def extend(*, appointment: Appointment, minutes: int, by: Actor, now: datetime) -> Appointment:
    """Give a running session more time: from its end, or from now when it is already over its time.

    Raises CabinBusy or HelperBusy when the next appointment needs the cabin or the helper, or the helper
    leaves, NotOffered when the site closes or the cabin is retired (`details["until"]`: how long the session
    may last; None when not a minute is left), TooLong beyond two days.
    """
    lock(appointment)
    require(appointment, Status.IN_SESSION)
    ends_at = longer_end(appointment, minutes, now)
    until = blocked_until(appointment.service, ends_at)
    lapse_in_the_way(appointment.site, appointment.starts_at, until, now=now)
    limit = session_limit(appointment, now)
    if limit is not None and ends_at > limit.latest:
        raise _refusal(limit, appointment)
    change(
        appointment,
        kind=EventKind.EXTENDED,
        ends_at=ends_at,
        unlogged={"blocked_until": until},
        by=by,
        now=now,
    )
    return appointment


def longer_end(appointment: Appointment, minutes: int, now: datetime) -> datetime:
    """The end of the session with so many minutes more; they are rounded up to five."""
    base = max(appointment.ends_at, round_up(now))
    return base + timedelta(minutes=TICK_MINUTES * minutes_to_ticks(minutes))


def possible_extensions(
    appointment: Appointment, limit: Limit | None, choices: tuple[int, ...], now: datetime
) -> list[tuple[int, datetime]]:
    """Those of the choices (minutes) that `extend` grants, each with the new end."""
    longest = appointment.starts_at + timedelta(days=LONGEST_DAYS) - turnaround(appointment.service)
    latest = min(longest, limit.latest) if limit else longest
    ends = [(minutes, longer_end(appointment, minutes, now)) for minutes in choices]
    return [(minutes, end) for minutes, end in ends if end <= latest]


def session_limit(appointment: Appointment, now: datetime) -> Limit | None:
    """What ends the session first; None if nothing does. Five queries at most."""
    return min(_limits(appointment, now), key=attrgetter("latest"), default=None)


def _limits(appointment: Appointment, now: datetime) -> Iterator[Limit]:
    since, ready = appointment.starts_at, turnaround(appointment.service)
    later = Appointment.objects.occupying(now).exclude(pk=appointment.pk).filter(starts_at__gt=since)
    starts = later.order_by("starts_at").values_list("starts_at", flat=True)
    comes_next = _("The next appointment is at %(time)s")
    if (start := starts.filter(cabin=appointment.cabin_id).first()) is not None:
        yield Limit(start, start - ready, CabinBusy, comes_next)
    if appointment.helper_id is not None:
        if (start := starts.filter(helper=appointment.helper_id).first()) is not None:
            yield Limit(start, start - ready, HelperBusy, comes_next)
        if (leaves := _leaves_at(appointment.site_id, appointment.helper_id, since)) is not None:
            yield Limit(leaves, leaves, HelperBusy, _("The helper leaves at %(time)s"))
    if (retired := appointment.cabin.retired_at) is not None and retired > since:
        yield Limit(retired, retired - ready, NotOffered, _("The cabin is retired at %(time)s"))
    if (closes := _closes_at(appointment)) is not None:
        yield Limit(closes, closes, NotOffered, _("The place closes at %(time)s"))


def _leaves_at(site_id: int, helper_id: int, since: datetime) -> datetime | None:
    """When the helper's time at the site ends, shifts that follow each other taken as one. None for somebody
    who is not on duty: whoever let them begin decided."""
    until = since
    while (later := present_until(site_id, until).get(helper_id, until)) > until:
        until = later
    return until if until > since else None


def _closes_at(appointment: Appointment) -> datetime | None:
    """The end of the opening time in which the session began; None for one that began outside of it."""
    commune, since = appointment.commune, appointment.starts_at
    first = commune.local(since).date()
    spans = open_spans([appointment.site], commune, first, first + timedelta(days=2))
    return next((end for start, end in spans[appointment.site_id] if start <= since < end), None)


def _refusal(limit: Limit, appointment: Appointment) -> CabinBusy | HelperBusy | NotOffered:
    commune = appointment.commune
    words: dict[str, Any] = {"why": limit.text(commune), "until": clock(commune, limit.latest)}
    if limit.latest <= appointment.ends_at:
        text = gettext("%(why)s: the session cannot be made longer.")
        return limit.refusal(text % words, until=None)
    text = gettext("%(why)s: the session can last until %(until)s.")
    return limit.refusal(text % words, until=limit.latest)


def blocked_until(service: Service, ends_at: datetime) -> datetime:
    return round_up(ends_at) + turnaround(service)


def clock(commune: Commune, at: datetime) -> str:
    return hour_in_sentence(commune.local(at).time())
