"""An agent's other calendar makes them unavailable: when it says busy, and nothing of what for."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from logging import getLogger
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.db import transaction
from icalendar import Calendar

from agents.actions import declare_absence, lock_agents, remove_absence
from agents.enums import AbsenceKind
from agents.models import Absence, Agent
from communes.localtime import Span, merged
from planning.errors import CalendarRefused
from planning.fetching import MOST_BYTES, Limits, fetch
from planning.models import ExternalBusy, ExternalCalendar

logger = getLogger(__name__)

AHEAD_DAYS = 120
MOST_EVENTS = 2000
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
"""No busy time repeats like this; unfolding it would only take our own."""


def busy_spans(body: bytes, *, first: date, days: int, tz: ZoneInfo) -> list[Span]:
    """The busy stretches of a calendar over some local days, merged; raises CalendarRefused.

    Whole days last from midnight to midnight, times without a zone are those of `tz`. What is cancelled
    or marked as free does not count.
    """
    if len(body) > MOST_BYTES:
        raise CalendarRefused("too_large")
    try:
        calendar = Calendar.from_ical(body)
        events = list(calendar.walk("VEVENT"))
        if len(events) > MOST_EVENTS or any(_repeats_too_often(event) for event in events):
            raise CalendarRefused("too_large")
        found = recurring_ical_events.of(calendar).between(first, first + timedelta(days=days))
        spans = [_span(event, tz) for event in found if _is_busy(event)]
        begin = datetime.combine(first, time(), tz)
        end = datetime.combine(first + timedelta(days=days), time(), tz)
        return merged((max(start, begin), min(stop, end)) for start, stop in spans)
    except CalendarRefused:
        raise
    except Exception:  # noqa: BLE001 the libraries raise what they will, and may quote a title in it
        raise CalendarRefused("not_a_calendar") from None


def _repeats_too_often(event: Any) -> bool:
    rules = event.get("rrule")
    rows = rules if isinstance(rules, list) else [rules] if rules else []
    return any(set(map(str, row.get("FREQ", []))) & _TOO_OFTEN for row in rows)


def _is_busy(event: Any) -> bool:
    return str(event.get("transp", "OPAQUE")) != "TRANSPARENT" and str(event.get("status", "")) != "CANCELLED"


def _span(event: Any, tz: ZoneInfo) -> Span:
    start, end = event.start, event.end
    return _instant(start, tz), _instant(end, tz)


def _instant(value: date | datetime, tz: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), tz)
    return value if value.tzinfo is not None else value.replace(tzinfo=tz)


def read_calendar(calendar: ExternalCalendar, body: bytes, *, tz: ZoneInfo, now: datetime) -> int:
    """Make the agent unavailable as the calendar says from today on; the number of stretches.

    What it said before and no longer says is taken back. Raises CalendarRefused, changing nothing.
    """
    spans = busy_spans(body, first=now.astimezone(tz).date(), days=AHEAD_DAYS, tz=tz)
    with transaction.atomic():
        lock_agents([calendar.agent_id])
        _replace(calendar, spans)
        ExternalCalendar.objects.filter(pk=calendar.pk).update(tried_at=now, read_at=now, problem="")
    return len(spans)


def _replace(calendar: ExternalCalendar, spans: Iterable[Span]) -> None:
    """Only the difference is written: an unchanged calendar wakes no screen."""
    wanted = set(spans)
    kept = Absence.objects.filter(external_busy__calendar=calendar).select_related("agent")
    for absence in kept:
        span = (absence.starts_at, absence.ends_at)
        if span in wanted:
            wanted.discard(span)
        else:
            remove_absence(absence=absence)
    for start, end in sorted(wanted):
        absence = declare_absence(
            agent=calendar.agent, commune=None, starts_at=start, ends_at=end, kind=AbsenceKind.OTHER, by=None
        )
        ExternalBusy.objects.get_or_create(absence=absence, defaults={"calendar": calendar})


def refresh(calendar: ExternalCalendar, *, now: datetime, limits: Limits | None = None) -> bool:
    """Fetch and read. A failure is kept beside the calendar, for its agent to see; what was known stays."""
    try:
        body = fetch(calendar.url, limits or Limits())
        read_calendar(calendar, body, tz=zone_of(calendar.agent), now=now)
    except CalendarRefused as refused:
        logger.warning("calendar %s not read: %s", calendar.pk, refused.problem)
        problem = refused.problem
    except Exception as error:  # noqa: BLE001 one strange calendar must not keep the others from being read
        # Only the kind of it is told: its text, or a traceback, could quote what stands in the calendar.
        logger.error("calendar %s not read: %s", calendar.pk, type(error).__name__)
        problem = "not_read"
    else:
        return True
    ExternalCalendar.objects.filter(pk=calendar.pk).update(tried_at=now, problem=problem)
    return False


@transaction.atomic
def forget(calendar: ExternalCalendar) -> None:
    """Stop following a calendar: what it said no longer counts."""
    _replace(calendar, [])
    calendar.delete()


def zone_of(agent: Agent) -> ZoneInfo:
    """That of the agent's (first) commune: for whole days and times without a zone."""
    membership = agent.memberships.select_related("commune").order_by("id").first()
    return membership.commune.tz if membership else ZoneInfo("Europe/Paris")
