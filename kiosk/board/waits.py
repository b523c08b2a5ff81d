"""Who has been told of a resident who waits, and what the screen may therefore promise. Pure.

It follows from the appointment alone: when the resident came, when an agent said that they come, whether the
helper is there. The agents' pages ring by the same answer (`kiosk/waiting.py`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from booking.enums import Status
from kiosk.board.types import BoardDay, BoardVisit, Wait

DESK_AFTER = timedelta(minutes=3)
"""If the helper has not answered by then, the desk is rung too."""

RECEPTION_AFTER = timedelta(minutes=6)
"""If nobody has answered by then, the screen names the reception."""

EARLY = timedelta(minutes=30)
"""How long before the time of an appointment its resident is expected at the earliest: so nobody waits an
hour in a corridor, and an arrival noted hours before keeps no cabin."""

CALLED_FOR = timedelta(minutes=15)
"""How long a session that a walk-in began on a screen calls its helper: by then somebody has come or gone."""


RINGS_DESK = (Wait.DESK, Wait.RECEPTION)
RINGS_HELPER = (Wait.HELPER, *RINGS_DESK)


def wait_of(day: BoardDay, visit: BoardVisit, now: datetime) -> Wait | None:
    """None if nobody waits: the resident has not come, came hours early, or the session runs. A session with
    a helper that a walk-in began on a screen runs before the helper is there: its resident waits too."""
    if visit.arrived_at is None or now < visit.starts_at - EARLY:
        return None
    if visit.status == Status.IN_SESSION:
        calls = visit.calls_helper and not visit.said_coming and now < visit.arrived_at + CALLED_FOR
        return _helper_wait(visit, now) if calls else None
    if visit.status != Status.ARRIVED:
        return None
    if visit.with_helper:
        return _helper_wait(visit, now)
    return Wait.TURN if day.may_begin(visit, now) else Wait.CABIN


def _helper_wait(visit: BoardVisit, now: datetime) -> Wait:
    since, begins = _rung_at(visit), _begins(visit)
    if visit.said_coming:
        return Wait.COMING if now < max(visit.said_coming, begins) + RECEPTION_AFTER else Wait.RECEPTION
    if visit.begins_late(now):
        return Wait.LATE_HELPER
    # Whoever came early is not sent away before their time.
    if now >= max(since + RECEPTION_AFTER, begins):
        return Wait.RECEPTION
    return Wait.HELPER if visit.helper_is_here and now < since + DESK_AFTER else Wait.DESK


def wait_changes_at(visit: BoardVisit) -> Iterator[datetime]:
    """The instants at which `wait_of` may answer otherwise."""
    yield visit.starts_at - EARLY
    if visit.arrived_at is not None:
        since, begins = _rung_at(visit), _begins(visit)
        yield from (begins, since + DESK_AFTER, since + RECEPTION_AFTER, visit.arrived_at + CALLED_FOR)
        if visit.said_coming:
            yield max(visit.said_coming, begins) + RECEPTION_AFTER


def _rung_at(visit: BoardVisit) -> datetime:
    """From when somebody is told: once the resident is there, at the earliest half an hour before the time,
    and not before a late helper said to be there."""
    instants = (visit.arrived_at, visit.starts_at - EARLY, visit.expected_at)
    return max(instant for instant in instants if instant)


def _begins(visit: BoardVisit) -> datetime:
    return max(visit.starts_at, visit.expected_at or visit.starts_at)
