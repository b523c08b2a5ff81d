"""An agent's other calendar makes them unavailable: when it says busy, and nothing of what for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger
from time import monotonic
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
"""How long calendars are read in one go, until whatever else waits in the queue has its turn."""
MOST_CALENDARS = 5
UPLOAD_MISSED_AFTER = timedelta(minutes=2)
"""A file that still waits then is also read by the next pass: its own task was lost, or failed."""


# ---- what an agent asks for --------------------------------------------------------------------------


@transaction.atomic
def follow(*, agent: Agent, url: str, now: datetime) -> ExternalCalendar:
    """The agent's calendar at this address; "" for that of the files they send. Raises TooManyCalendars."""
    own = ExternalCalendar.objects.filter(agent=agent)
    if not own.filter(url=url).exists() and own.count() >= MOST_CALENDARS:
        raise TooManyCalendars
    calendar, _new = ExternalCalendar.objects.get_or_create(
        agent=agent, url=url, defaults={"created_at": now}
    )
    return calendar


@transaction.atomic
def keep_upload(*, agent: Agent, body: bytes, now: datetime) -> CalendarUpload:
    """Keep a file until the worker has read it; one that still waits is forgotten for it."""
    calendar = follow(agent=agent, url="", now=now)
    ExternalCalendar.objects.select_for_update().get(pk=calendar.pk)
    CalendarUpload.objects.filter(calendar=calendar).delete()
    return CalendarUpload.objects.create(calendar=calendar, body=body, uploaded_at=now)


@transaction.atomic
def forget(calendar: ExternalCalendar) -> None:
    """Stop following a calendar: what it said no longer counts, nor a file of it that waits."""
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
    """Make the agent unavailable as the calendar says from today on; the number of stretches.

    What it said before and no longer says is taken back. Raises CalendarRefused, changing nothing. A
    calendar that was forgotten meanwhile stays so, and a file that was replaced counts no longer.
    """
    first = now.astimezone(tz).date()
    spans = read_within_limits(body, first=first, days=AHEAD_DAYS, tz=tz)
    with transaction.atomic():
        if _still_wanted(calendar, upload):
            if _replace(calendar, spans):
                _check_together(calendar.agent, tz=tz, now=now)
            ExternalCalendar.objects.filter(pk=calendar.pk).update(tried_at=now, read_at=now, problem="")
    return len(spans)


def _still_wanted(calendar: ExternalCalendar, upload: CalendarUpload | None) -> bool:
    """Whether what was read of it still counts. The file is deleted; other readers of the calendar wait."""
    if not ExternalCalendar.objects.select_for_update().filter(pk=calendar.pk).exists():
        return False
    return upload is None or bool(CalendarUpload.objects.filter(pk=upload.pk).delete()[0])


def _check_together(agent: Agent, *, tz: ZoneInfo, now: datetime) -> None:
    """What all calendars of an agent say from now on has a bound: the pages of the team read it. Raises
    CalendarRefused. Asked when what was read has been written and the agent is locked, so that two
    calendars read at once cannot both be the last that fits."""
    busy = Absence.objects.filter(external_busy__calendar__agent=agent, ends_at__gt=now)
    starts = list(busy.order_by().values_list("starts_at", flat=True))
    if len(starts) > MOST_STRETCHES or most_begun_on_a_day(starts, tz) > MOST_A_DAY:
        raise CalendarRefused("too_many_together")


def _replace(calendar: ExternalCalendar, spans: Collection[Span]) -> bool:
    """Only the difference is written: an unchanged calendar wakes no screen. Whether anything was added."""
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


def read_upload(upload: CalendarUpload, *, now: datetime) -> bool:
    """Read a file that waits and delete it, also when it is refused: then the reason is kept.

    After a failure of our own it stays, to be tried again until its hour is over.
    """
    calendar = upload.calendar
    try:
        read_calendar(calendar, bytes(upload.body), tz=zone_of(calendar.agent), now=now, upload=upload)
    except CalendarRefused as refused:
        logger.warning("upload %s not read: %s", upload.pk, refused.problem)
        if refused.problem != "not_read":
            _give_up(upload, problem=refused.problem, now=now)
    except Exception as error:  # noqa: BLE001 its text could quote what stands in the calendar
        logger.error("upload %s not read: %s", upload.pk, type(error).__name__)
    else:
        return True
    return False


@transaction.atomic
def _give_up(upload: CalendarUpload, *, problem: str, now: datetime) -> None:
    if _still_wanted(upload.calendar, upload):
        ExternalCalendar.objects.filter(pk=upload.calendar_id).update(tried_at=now, problem=problem)


def drop_expired_uploads(*, now: datetime) -> None:
    """Delete the files that nobody has read within an hour, and tell their agents."""
    for upload in CalendarUpload.objects.expired(now).defer("body").select_related("calendar"):
        _give_up(upload, problem="expired", now=now)


@dataclass
class Pass:
    """How far a pass over the calendars has come."""

    read: int = 0
    tried: int = 0
    is_complete: bool = True

    def note(self, was_read: bool) -> None:
        self.tried += 1
        self.read += was_read


def read_due(*, now: datetime, started: datetime) -> Pass:
    """Read for half a minute what was due when the pass `started`, the longest untried first."""
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
    """That of the agent's (first) commune: for whole days and times without a zone."""
    membership = agent.memberships.select_related("commune").order_by("id").first()
    return membership.commune.tz if membership else ZoneInfo("Europe/Paris")
