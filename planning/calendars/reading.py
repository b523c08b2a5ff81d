"""External calendars: an agent is absent when their other calendar says busy. Only the times are kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from agents.enums import AbsenceKind
from agents.models import Absence, Agent
from core.localtime import Span
from planning.actions.absences import exchange_absences
from planning.calendars.fetching import Limits, fetch
from planning.calendars.limited_reading import read_within_limits
from planning.errors import CalendarRefused, TooManyCalendars
from planning.models import CalendarUpload, ExternalBusy, ExternalCalendar
from planning.rules.busy_times import MOST_A_DAY, MOST_STRETCHES, most_begun_on_a_day

logger = getLogger(__name__)

AHEAD_DAYS = 366
PASS_SECONDS = 30.0
"""The longest time for which calendars are read before other tasks of the queue get their turn."""
MOST_CALENDARS = 5
UPLOAD_MISSED_AFTER = timedelta(minutes=2)
"""If a file still waits after this time, the next pass reads it too: its own task was lost or failed."""


# ---- what an agent asks for --------------------------------------------------------------------------


@transaction.atomic
def follow(*, agent: Agent, url: str, now: datetime) -> ExternalCalendar:
    """Follow the calendar at this URL. Raises TooManyCalendars."""
    if not ExternalCalendar.objects.filter(agent=agent, url=url).exists():
        _check_room(agent)
    calendar, _new = ExternalCalendar.objects.get_or_create(
        agent=agent, url=url, defaults={"created_at": now}
    )
    return calendar


def _check_room(agent: Agent) -> None:
    if ExternalCalendar.objects.filter(agent=agent).count() >= MOST_CALENDARS:
        raise TooManyCalendars


@transaction.atomic
def keep_upload(
    *, agent: Agent, body: bytes, now: datetime, name: str = "", instead_of: ExternalCalendar | None = None
) -> CalendarUpload:
    """Keep a file until the worker has read it: as a calendar of its own, or in the place of another file.

    What the file before said counts until the new one is read; if it still waits, it is not read any more.
    Raises TooManyCalendars.
    """
    files = ExternalCalendar.objects.select_for_update().filter(agent=agent, url="")
    calendar = files.filter(pk=instead_of.pk).first() if instead_of else None
    if calendar is None:  # its own, or its agent has stopped following the other meanwhile
        _check_room(agent)
        calendar = ExternalCalendar.objects.create(agent=agent, created_at=now)
    CalendarUpload.objects.filter(calendar=calendar).delete()
    ExternalCalendar.objects.filter(pk=calendar.pk).update(file_name=name[-100:])
    return CalendarUpload.objects.create(calendar=calendar, body=body, uploaded_at=now)


@transaction.atomic
def forget(calendar: ExternalCalendar) -> None:
    """Stop following a calendar: remove its absences, and its file that still waits."""
    ExternalCalendar.objects.select_for_update().filter(pk=calendar.pk).first()
    _replace(calendar, [])
    calendar.delete()


# ---- what the worker does ----------------------------------------------------------------------------


def read_calendar(
    calendar: ExternalCalendar,
    body: bytes,
    *,
    tz: ZoneInfo,
    now: datetime,
    upload: CalendarUpload | None = None,
) -> int:
    """Make the agent absent at the calendar's busy times from today on; returns the number of busy spans.

    Absences that the calendar no longer contains are removed. Raises CalendarRefused, and then changes
    nothing. If the agent stopped following the calendar meanwhile, or replaced the file, nothing is
    written.
    """
    first = now.astimezone(tz).date()
    found = read_within_limits(body, first=first, days=AHEAD_DAYS, tz=tz, mine=calendar.agent.email)
    with transaction.atomic():
        if _still_wanted(calendar, upload):
            if _replace(calendar, found.spans):
                _check_together(calendar.agent, tz=tz, now=now)
            ExternalCalendar.objects.filter(pk=calendar.pk).update(
                tried_at=now,
                read_at=now,
                problem="",
                left_out=found.left_out.count,
                left_out_first=found.left_out.first,
            )
    return len(found.spans)


def _still_wanted(calendar: ExternalCalendar, upload: CalendarUpload | None) -> bool:
    """Whether the result should still be written. Locks the calendar against other readers, and deletes
    the file that was read."""
    if not ExternalCalendar.objects.select_for_update().filter(pk=calendar.pk).exists():
        return False
    return upload is None or bool(CalendarUpload.objects.filter(pk=upload.pk).delete()[0])


def _check_together(agent: Agent, *, tz: ZoneInfo, now: datetime) -> None:
    """Raise CalendarRefused if all calendars of an agent together hold too many busy spans from now on,
    because the team's pages read them all. Called after the new spans are written and while the agent
    is locked: otherwise two calendars read at once could exceed the limit together."""
    busy = Absence.objects.filter(external_busy__calendar__agent=agent, ends_at__gt=now)
    starts = list(busy.order_by().values_list("starts_at", flat=True))
    if len(starts) > MOST_STRETCHES or most_begun_on_a_day(starts, tz) > MOST_A_DAY:
        raise CalendarRefused("too_many_together")


def _replace(calendar: ExternalCalendar, spans: Collection[Span]) -> bool:
    """Write only the differences: an unchanged calendar refreshes no screen. True if spans were added."""
    wanted = set(spans)
    known = {
        (absence.starts_at, absence.ends_at): absence
        for absence in Absence.objects.filter(external_busy__calendar=calendar)
    }
    ended = [absence for span, absence in known.items() if span not in wanted]
    added = exchange_absences(
        agent=calendar.agent, ended=ended, spans=wanted - known.keys(), kind=AbsenceKind.OTHER
    )
    ExternalBusy.objects.bulk_create(
        [ExternalBusy(calendar=calendar, absence=absence) for absence in added], batch_size=500
    )
    return bool(added)


def refresh(calendar: ExternalCalendar, *, now: datetime, limits: Limits | None = None) -> bool:
    """Fetch and read a calendar; True on success. A failure is stored for the agent to see, and the
    absences already known stay."""
    try:
        body = fetch(calendar.url, limits or Limits())
        read_calendar(calendar, body, tz=zone_of(calendar.agent), now=now)
    except CalendarRefused as refused:
        logger.warning("calendar %s not read: %s", calendar.pk, refused.problem)
        _note(calendar, refused, now=now)
    except Exception as error:  # noqa: BLE001 one strange calendar must not keep the others from being read
        # Log only the type of the error: its text or a traceback could quote the calendar's content.
        logger.error("calendar %s not read: %s", calendar.pk, type(error).__name__)
        _note(calendar, CalendarRefused("not_read"), now=now)
    else:
        return True
    return False


def _note(calendar: ExternalCalendar, refused: CalendarRefused, *, now: datetime) -> None:
    """Store why a calendar was not read. Which events were left out the last time stays, unless there are
    others now: what was read the last time still counts."""
    told: dict[str, Any] = {"tried_at": now, "problem": refused.problem}
    if refused.left_out:
        told |= {"left_out": refused.left_out, "left_out_first": refused.first}
    ExternalCalendar.objects.filter(pk=calendar.pk).update(**told)


def read_upload(upload: CalendarUpload, *, now: datetime) -> bool:
    """Read a waiting file and delete it; True on success. If the file is refused, the reason is stored.

    After an error of our own the file stays, and is tried again until it expires.
    """
    calendar = upload.calendar
    try:
        read_calendar(calendar, bytes(upload.body), tz=zone_of(calendar.agent), now=now, upload=upload)
    except CalendarRefused as refused:
        logger.warning("upload %s not read: %s", upload.pk, refused.problem)
        if refused.problem != "not_read":
            _give_up(upload, refused, now=now)
    except Exception as error:  # noqa: BLE001 its text could quote what stands in the calendar
        logger.error("upload %s not read: %s", upload.pk, type(error).__name__)
    else:
        return True
    return False


@transaction.atomic
def _give_up(upload: CalendarUpload, refused: CalendarRefused, *, now: datetime) -> None:
    if _still_wanted(upload.calendar, upload):
        _note(upload.calendar, refused, now=now)


def drop_expired_uploads(*, now: datetime) -> None:
    """Delete the files that were not read within an hour; their agents' pages then say so."""
    for upload in CalendarUpload.objects.expired(now).defer("body").select_related("calendar"):
        _give_up(upload, CalendarRefused("expired"), now=now)


@dataclass
class Pass:
    """The progress of one pass over the calendars."""

    read: int = 0
    tried: int = 0
    is_complete: bool = True

    def note(self, was_read: bool) -> None:
        self.tried += 1
        self.read += was_read


def read_due(*, now: datetime, started: datetime) -> Pass:
    """Read what was due when the pass `started`, for at most `PASS_SECONDS`; the calendar not tried for
    longest comes first."""
    deadline = monotonic() + PASS_SECONDS
    done = Pass()
    missed = CalendarUpload.objects.filter(uploaded_at__lte=started - UPLOAD_MISSED_AFTER)
    for pk in list(missed.values_list("pk", flat=True)):
        if monotonic() >= deadline:
            done.is_complete = False
            return done
        for upload in CalendarUpload.objects.filter(pk=pk).select_related("calendar__agent"):
            done.note(read_upload(upload, now=now))
    for calendar in ExternalCalendar.objects.due(now, since=started).select_related("agent"):
        if monotonic() >= deadline:
            done.is_complete = False
            return done
        done.note(refresh(calendar, now=now))
    return done


def zone_of(agent: Agent) -> ZoneInfo:
    """The time zone of the agent's (first) commune: it applies to whole days and to times without a zone."""
    membership = agent.memberships.select_related("commune").order_by("id").first()
    return membership.commune.tz if membership else ZoneInfo("Europe/Paris")
