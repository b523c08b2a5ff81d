"""What a monitor asks: is the worker alive, and does everything leave in time?"""

import shutil
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from booking.free.given_up import given_up_today
from core.outage import FAILURES, FEWEST_FREE_BYTES, note
from core.troubles import troubles_of
from notifications.alarms import CurrentAlarms, loud
from notifications.enums import AUTOMATIC, State
from notifications.models import Heartbeat, Message
from notifications.sending.send import quiet
from notifications.sending.sweep import HEARTBEAT

STALE = timedelta(minutes=3)
OVERDUE = timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """Ages in seconds; None where nothing can be late."""

    status: str
    database: str
    heartbeat_age_s: int | None = None
    oldest_overdue_s: int | None = None
    provider_alarm: bool = False
    """The account is refused, or the provider cannot be reached."""
    refused_senders: int = 0
    """Communes whose own sender is refused."""
    searches_given_up: int = 0
    """Searches for free times that were cut short today; the status does not depend on them."""
    free_bytes: dict[str, int | None] = field(default_factory=dict)
    """On the disk of the folder of this installation (`var`), and of the SQLite file (`database`; None for
    another database)."""
    problems: tuple[str, ...] = ()
    """`disk_full`: less than FEWEST_FREE_BYTES are left on one of them. The codes of `core/troubles.py`; the
    status does not depend on those."""

    @property
    def is_ok(self) -> bool:
        return self.status == "ok"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Standstill:
    """Why nothing leaves in time, as agents read it; durations in whole minutes of real time."""

    silent_for_min: int | None = None
    """Since when the worker has given no sign of life; None if it is alive."""
    never_started: bool = False
    late_by_min: int | None = None
    """How late the oldest message is while the worker is alive; None if none is."""


def is_silent() -> bool:
    """Whether the worker gives no sign of life; one query."""
    alive_since = datetime.now(UTC) - STALE
    return not Heartbeat.objects.filter(name=HEARTBEAT, at__gte=alive_since).exists()


def standstill(*, now: datetime) -> Standstill | None:
    """Whether the worker stands still or lags; None if all is well. What the provider refuses is told by its
    alarm."""
    health = _messages(now)
    if health.database != "ok":
        return None
    if health.heartbeat_age_s is None:
        return Standstill(never_started=True)
    if health.heartbeat_age_s > STALE.total_seconds():
        return Standstill(silent_for_min=health.heartbeat_age_s // 60)
    late_s = health.oldest_overdue_s or 0
    if late_s > OVERDUE.total_seconds() and not health.provider_alarm:
        return Standstill(late_by_min=late_s // 60)
    return None


def look(*, now: datetime) -> Health:
    found, free = _messages(now), _free_bytes()
    found = replace(found, problems=_troubles(now))
    if all(left is None or left >= FEWEST_FREE_BYTES for left in free.values()):
        return replace(found, free_bytes=free)
    status = "degraded" if found.is_ok else found.status
    return replace(found, status=status, free_bytes=free, problems=("disk_full", *found.problems))


def _troubles(now: datetime) -> tuple[str, ...]:
    try:
        return tuple(each.code for each in troubles_of(None, now))
    except FAILURES as error:
        note(error)
        return ()


def _free_bytes() -> dict[str, int | None]:
    file = Path(str(connection.settings_dict["NAME"])) if connection.vendor == "sqlite" else None
    folders = {"var": settings.VAR_DIR, "database": file.parent if file else None}
    return {each: _left(folder) if folder else None for each, folder in folders.items()}


def _left(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:  # a folder that is not there, where nothing is kept
        return None


def _messages(now: datetime) -> Health:
    try:
        beat = Heartbeat.objects.filter(name=HEARTBEAT).first()
        age = int((datetime.now(UTC) - beat.at).total_seconds()) if beat else None
        due = Message.objects.filter(
            state=State.PENDING, channel__in=AUTOMATIC, due_at__lt=now, expires_at__gt=now
        ).unpaused()
        # Messages that wait for the morning are not late.
        due = due.exclude(quiet(now))
        stops = CurrentAlarms.at(now)
        # The commune's managers know that its sender is refused; a monitor need not warn of it.
        oldest = due.exclude(stops.senders()).order_by("due_at").values_list("due_at", flat=True).first()
        alarms = loud(now)
        account = alarms.filter(commune=None).exists()
        given_up = given_up_today(now=now)
        senders = alarms.exclude(commune=None).values("commune").distinct().count()
    except FAILURES as error:
        note(error)
        return Health("failing", "unreachable")
    overdue = int((now - oldest).total_seconds()) if oldest else None
    late = overdue is not None and overdue > OVERDUE.total_seconds()
    alive = age is not None and age <= STALE.total_seconds()
    is_ok = alive and not late and not account
    return Health("ok" if is_ok else "degraded", "ok", age, overdue, account, senders, given_up)
