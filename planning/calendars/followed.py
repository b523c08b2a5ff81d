"""The external calendars of an agent, as their page shows them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils.functional import Promise

from agents.models import Agent
from planning.errors import LEFT_OUT, PROBLEMS
from planning.models import UPLOAD_KEPT_FOR, CalendarUpload, ExternalCalendar

SOON = timedelta(minutes=5)
"""Reading takes seconds, and waiting in the queue about a minute."""


@dataclass(frozen=True)
class LeftOutEvent:
    """An event that could not be understood: its title, its day, where it begins in a file, and why."""

    title: str
    on: date | None
    line: int | None
    why: str | Promise


@dataclass(frozen=True)
class Followed:
    """One calendar on the page. `busy`: how many busy spans are still to end; `busy_on`: the last instant
    of the latest. `left_out`: the first events that could not be understood; `more_left_out`: how many
    others there are."""

    calendar: ExternalCalendar
    is_being_read: bool
    is_late: bool
    problem: str | Promise
    busy: int
    busy_on: datetime | None
    name: str
    left_out: tuple[LeftOutEvent, ...]
    more_left_out: int


def calendars_of(agent: Agent, *, now: datetime) -> list[Followed]:
    coming = Q(busy__absence__ends_at__gt=now)
    upload = CalendarUpload.objects.filter(calendar=OuterRef("pk"))
    rows = ExternalCalendar.objects.filter(agent=agent).annotate(
        coming=Count("busy", filter=coming),
        coming_until=Max("busy__absence__ends_at", filter=coming),
        uploaded_at=Subquery(upload.values("uploaded_at")[:1]),
    )
    return [
        _followed(
            row,
            uploaded_at=getattr(row, "uploaded_at", None),
            busy=getattr(row, "coming", 0),
            on=_before(getattr(row, "coming_until", None)),
            now=now,
        )
        for row in rows
    ]


def _followed(
    calendar: ExternalCalendar,
    *,
    uploaded_at: datetime | None,
    busy: int,
    on: datetime | None,
    now: datetime,
) -> Followed:
    first = _left_out(calendar)
    told = (calendar.url or calendar.file_name, first, calendar.left_out - len(first))
    is_new = bool(calendar.url) and calendar.tried_at is None
    waits_since = uploaded_at or (calendar.created_at if is_new else None)
    if waits_since is not None and now - waits_since < UPLOAD_KEPT_FOR:
        return Followed(calendar, True, now - waits_since > SOON, "", busy, on, *told)
    problem = "expired" if uploaded_at is not None else calendar.trouble(now)
    return Followed(calendar, False, False, PROBLEMS.get(problem, ""), busy, on, *told)


def _left_out(calendar: ExternalCalendar) -> tuple[LeftOutEvent, ...]:
    """Lines are only of use in a file that the agent has."""
    return tuple(
        LeftOutEvent(
            title=title,
            on=date.fromisoformat(on) if on else None,
            line=None if calendar.url else line,
            why=LEFT_OUT.get(why, LEFT_OUT["unclear"]),
        )
        for line, title, on, why in calendar.left_out_first
    )


def _before(end: datetime | None) -> datetime | None:
    """The last instant before `end`: a whole day that ends at midnight must not count as the next day."""
    return end - timedelta(microseconds=1) if end is not None else None
