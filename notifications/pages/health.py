"""What a monitor asks: is the worker alive, and does everything leave in time?"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

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
    health = look(now=now)
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
        senders = alarms.exclude(commune=None).values("commune").distinct().count()
    except DatabaseError:
        return Health("failing", "unreachable")
    overdue = int((now - oldest).total_seconds()) if oldest else None
    late = overdue is not None and overdue > OVERDUE.total_seconds()
    alive = age is not None and age <= STALE.total_seconds()
    is_ok = alive and not late and not account
    return Health("ok" if is_ok else "degraded", "ok", age, overdue, account, senders)
