"""Builds appointment histories for the tests of the pure plan."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from booking.enums import EventKind, Status
from notifications.enums import Channel, MessageKind, State
from notifications.plan.decide import plan
from notifications.plan.history import (
    AppointmentHistory,
    Change,
    MessageRules,
    PlannedMessage,
    Reach,
    ReachablePhone,
    SendAttempt,
)
from notifications.plan.hours import Calendar
from tests.factories import PARIS, TUESDAY, at

MOBILE = "+33639981234"
LANDLINE = "+33261910042"
CALENDAR = Calendar(PARIS, "76498")
SITE = 7
OTHER_SITE = 8
FRIDAY = at(10, 30, day=27)
NOW = TUESDAY


def mobile(**fields: Any) -> ReachablePhone:
    return ReachablePhone(fields.pop("number", MOBILE), is_mobile=True, **fields)


def landline(**fields: Any) -> ReachablePhone:
    return ReachablePhone(fields.pop("number", LANDLINE), is_mobile=False, **fields)


def reach(*phones: ReachablePhone, **fields: Any) -> Reach:
    return Reach(resident_id=1, phones=phones, **fields)


def rules(**fields: Any) -> MessageRules:
    return MessageRules(**{"calendar": CALENDAR, **fields})


def booked(
    start: datetime, who: Reach | None, *, on: datetime = TUESDAY, by_agent: bool = True, **fields: Any
) -> AppointmentHistory:
    change = Change(1, EventKind.BOOKED, on, by_agent=by_agent, stands=(start, SITE))
    values = {
        "status": Status.BOOKED,
        "start": start,
        "site_id": SITE,
        "reach": who,
        "rules": rules(),
        "changes": (change,),
        **fields,
    }
    return AppointmentHistory(**values)


def offered(
    start: datetime, who: Reach | None, *, until: datetime, on: datetime, **fields: Any
) -> AppointmentHistory:
    """A freed time, held for someone on the waiting list."""
    held = Change(1, EventKind.HELD, on, stands=(start, SITE))
    values = {"status": Status.HELD, "is_offer": True, "held_until": until, "changes": (held,), **fields}
    return booked(start, who, **values)


def after(history: AppointmentHistory, kind: EventKind, when: datetime, **fields: Any) -> AppointmentHistory:
    """The case after another event; `start` and `site_id` say where it moves to."""
    by = {name: fields.pop(name) for name in ("by_agent", "by_resident", "reason") if name in fields}
    status = {
        EventKind.CANCELLED: Status.CANCELLED,
        EventKind.NO_SHOW: Status.NO_SHOW,
        EventKind.LAPSED: Status.LAPSED,
    }.get(kind, Status.BOOKED)
    history = replace(history, **{"status": status, **fields})
    change = Change(len(history.changes) + 1, kind, when, stands=history.now_told, **by)
    return replace(history, changes=(*history.changes, change))


def written(history: AppointmentHistory, now: datetime) -> AppointmentHistory:
    """The case after the plan of that moment has been written down; nothing has left yet."""
    answer = plan(history, now)
    kept = [
        replace(each, state=State.EXPIRED) if each.id in answer.stale else each for each in history.attempts
    ]
    keys = {(each.cause, each.recipient, each.kind, each.step) for each in kept}
    new = [
        planned
        for planned in answer.planned
        if (planned.cause, planned.recipient, planned.kind, planned.step) not in keys
    ]
    if not new and not answer.stale:
        return history
    return replace(
        history,
        attempts=(*kept, *(_row(planned, history, len(kept) + n, now) for n, planned in enumerate(new, 1))),
    )


def _row(planned: PlannedMessage, history: AppointmentHistory, pk: int, now: datetime) -> SendAttempt:
    return SendAttempt(
        id=pk,
        cause=planned.cause,
        audience=planned.audience,
        recipient=planned.recipient,
        kind=planned.kind,
        step=planned.step,
        channel=planned.channel,
        state=State.PENDING,
        due_at=planned.due_at,
        at=now,
        told=history.now_told,
    )


def sent(
    history: AppointmentHistory, now: datetime, state: State = State.DELIVERED, failure: str = ""
) -> AppointmentHistory:
    """The case after what is owed and due has left, with that result."""
    history = written(history, now)
    attempts = [
        replace(each, state=state, failure=failure, at=now)
        if each.state == State.PENDING and each.channel != Channel.DESK and each.due_at <= now
        else each
        for each in history.attempts
    ]
    return replace(history, attempts=tuple(attempts))


def told_of(start: datetime = FRIDAY, who: Reach | None = None, **fields: Any) -> AppointmentHistory:
    """Booked two weeks before, and told so."""
    return sent(booked(start, who or reach(mobile()), on=at(10, day=10), **fields), at(10, day=10))


def planned(history: AppointmentHistory, now: datetime) -> list[tuple[MessageKind, Channel]]:
    return [(each.kind, each.channel) for each in plan(history, now).planned]
