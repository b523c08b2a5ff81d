"""Helpers learn which appointments others gave them, took from them, moved or cancelled.

This reads the log of appointments (`booking/log.py`), so it does not matter how the change was made: at the
desk, over the API, by an exchange that made room, by placing again. An appointment of a later day is told
only if it changes hands. On the day itself everything is told: the helper has already looked at their day.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, groupby
from typing import Any, Self
from zoneinfo import ZoneInfo

from booking import log
from booking.actions.base import action, plain
from booking.enums import CALLED_OFF, ActorKind, Status
from booking.models import Appointment, AppointmentEvent
from planning.actions.news import tell
from planning.models import UNDO_FOR, HelperNews, NewsKind

READER = "planning"
BATCH = 100
AT_ONCE = 1000

NOBODYS = (Status.HELD, Status.LAPSED, Status.CANCELLED)
"""With these an appointment is not, or no longer, somebody's work. One that can still be cancelled without
anybody having been told counts as it did before."""


@dataclass(frozen=True, slots=True)
class Work:
    """Whose work an appointment is, and when; nobody's without a helper."""

    helper_id: int | None
    starts_at: datetime
    is_booked: bool

    @classmethod
    def after(cls, appointment: Appointment) -> Self:
        booked = appointment.status not in NOBODYS
        return cls(appointment.helper_id, appointment.starts_at, booked)

    @classmethod
    def before(cls, appointment: Appointment, events: Iterable[AppointmentEvent]) -> Self:
        """What it was before these events, which come oldest first."""
        was: dict[str, Any] = {}
        for event in events:
            for name, (value, _now) in event.changes.items():
                was.setdefault(name, value)
        status, start = was.get("status", appointment.status), was.get("starts_at")
        helper_id = was.get("helper", appointment.helper_id)
        starts_at = datetime.fromisoformat(start) if start else appointment.starts_at
        return cls(helper_id, starts_at, status is not None and status not in NOBODYS)

    def of(self, helper_id: int | None) -> datetime | None:
        """When it begins, if it is this helper's work."""
        return self.starts_at if self.is_booked and self.helper_id == helper_id else None


def tell_of_visits(*, now: datetime) -> int:
    """Read what the log has new, and tell the helpers concerned. Returns how many events were read."""
    ids = dict.fromkeys(log.unread(READER).values_list("appointment_id", flat=True)[:AT_ONCE])
    return sum(_tell_of(batch, now=now) for batch in batched(ids, BATCH))


@action
def _tell_of(ids: Collection[int], *, now: datetime) -> int:
    """Appointments that others are changing are left to the next minute."""
    rows = Appointment.objects.select_for_update(of=("self",), skip_locked=True).select_related("commune")
    found = {row.pk: row for row in rows.filter(pk__in=ids).order_by("pk")}
    events = list(log.unread(READER).filter(appointment__in=found).order_by("appointment_id", "at", "id"))
    for pk, of_one in groupby(events, key=lambda event: event.appointment_id):
        _tell_of_one(found[pk], list(of_one), now)
    log.mark_read(READER, events)
    return len(events)


def _tell_of_one(appointment: Appointment, events: list[AppointmentEvent], now: datetime) -> None:
    before, after = Work.before(appointment, events), Work.after(appointment)
    last = next((event for event in reversed(events) if _changes_work(event)), None)
    if last is None or last.actor == ActorKind.SCREEN:
        return  # who comes without an appointment, or touches the screen, is announced there
    changes_hands = before.is_booked and after.is_booked and before.helper_id != after.helper_id
    concerned = {each for each in (before.helper_id, after.helper_id) if each is not None}
    for helper_id in concerned - {last.agent_id}:
        was, starts_at = before.of(helper_id), after.of(helper_id)
        if was == starts_at or max(filter(None, (was, starts_at))) <= now:
            continue
        earlier = _not_yet_read(helper_id, appointment, now)
        on_the_day = any(_is_today(each, now, appointment.commune.tz) for each in (was, starts_at) if each)
        if earlier or changes_hands or on_the_day:
            _tell(helper_id, appointment, earlier, was, starts_at, now)


def _changes_work(event: AppointmentEvent) -> bool:
    if "helper" in event.changes or "starts_at" in event.changes:
        return True
    before, after = event.changes.get("status", (None, None))
    return (before in NOBODYS) != (after in NOBODYS)


def _is_today(at: datetime, now: datetime, tz: ZoneInfo) -> bool:
    return at.astimezone(tz).date() == now.astimezone(tz).date()


def _not_yet_read(helper_id: int, appointment: Appointment, now: datetime) -> HelperNews | None:
    """What this helper was told of this appointment a moment ago, and has neither read nor been mailed."""
    told = HelperNews.objects.filter(agent=helper_id, commune=appointment.commune_id, kind=NewsKind.VISIT)
    recent = told.filter(at__gt=now - UNDO_FOR, read_at=None)
    return recent.filter(detail__appointment=appointment.pk).first()


def _tell(
    helper_id: int,
    appointment: Appointment,
    earlier: HelperNews | None,
    was: datetime | None,
    starts_at: datetime | None,
    now: datetime,
) -> None:
    """Write the news in the place of the earlier one: there and back again is no news."""
    detail = {"appointment": appointment.pk, "was": plain(was), "starts_at": plain(starts_at)}
    if starts_at is None:
        detail["is_cancelled"] = appointment.status in CALLED_OFF
    if earlier is not None:
        detail["was"] = earlier.detail.get("was")
        earlier.delete()
    if detail["was"] != detail["starts_at"]:
        tell([helper_id], appointment.commune, NewsKind.VISIT, detail, now=now)
