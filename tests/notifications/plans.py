"""Cases for the pure plan."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from booking.enums import EventKind, Status
from notifications.enums import Channel, MessageKind, State
from notifications.plan.case import Attempt, Case, Change, Owed, Phone, Reach, Rules
from notifications.plan.decide import plan
from notifications.plan.hours import Calendar
from tests.factories import PARIS, TUESDAY, at

MOBILE = "+33639981234"
LANDLINE = "+33261910042"
CALENDAR = Calendar(PARIS, "76498")
SITE = 7
OTHER_SITE = 8
FRIDAY = at(10, 30, day=27)
NOW = TUESDAY


def mobile(**fields: Any) -> Phone:
    return Phone(fields.pop("number", MOBILE), is_mobile=True, **fields)


def landline(**fields: Any) -> Phone:
    return Phone(fields.pop("number", LANDLINE), is_mobile=False, **fields)


def reach(*phones: Phone, **fields: Any) -> Reach:
    return Reach(resident_id=1, phones=phones, **fields)


def rules(**fields: Any) -> Rules:
    return Rules(**{"calendar": CALENDAR, **fields})


def booked(
    start: datetime, who: Reach | None, *, on: datetime = TUESDAY, by_agent: bool = True, **fields: Any
) -> Case:
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
    return Case(**values)


def offered(start: datetime, who: Reach | None, *, until: datetime, on: datetime, **fields: Any) -> Case:
    """A freed time, held for someone on the waiting list."""
    held = Change(1, EventKind.HELD, on, stands=(start, SITE))
    values = {"status": Status.HELD, "is_offer": True, "held_until": until, "changes": (held,), **fields}
    return booked(start, who, **values)


def after(case: Case, kind: EventKind, when: datetime, **fields: Any) -> Case:
    """The case after another event; `start` and `site_id` say where it moves to."""
    by = {name: fields.pop(name) for name in ("by_agent", "by_resident") if name in fields}
    status = {
        EventKind.CANCELLED: Status.CANCELLED,
        EventKind.NO_SHOW: Status.NO_SHOW,
        EventKind.LAPSED: Status.LAPSED,
    }.get(kind, Status.BOOKED)
    case = replace(case, **{"status": status, **fields})
    change = Change(len(case.changes) + 1, kind, when, stands=case.now_told, **by)
    return replace(case, changes=(*case.changes, change))


def written(case: Case, now: datetime) -> Case:
    """The case after the plan of that moment has been written down; nothing has left yet."""
    answer = plan(case, now)
    kept = [replace(each, state=State.EXPIRED) if each.id in answer.stale else each for each in case.attempts]
    keys = {(each.cause, each.recipient, each.kind, each.step) for each in kept}
    new = [owed for owed in answer.owed if (owed.cause, owed.recipient, owed.kind, owed.step) not in keys]
    if not new and not answer.stale:
        return case
    return replace(
        case, attempts=(*kept, *(_row(owed, case, len(kept) + n, now) for n, owed in enumerate(new, 1)))
    )


def _row(owed: Owed, case: Case, pk: int, now: datetime) -> Attempt:
    return Attempt(
        id=pk,
        cause=owed.cause,
        audience=owed.audience,
        recipient=owed.recipient,
        kind=owed.kind,
        step=owed.step,
        channel=owed.channel,
        state=State.OWED,
        due_at=owed.due_at,
        at=now,
        told=case.now_told,
    )


def sent(case: Case, now: datetime, state: State = State.DELIVERED, failure: str = "") -> Case:
    """The case after what is owed and due has left, with that result."""
    case = written(case, now)
    attempts = [
        replace(each, state=state, failure=failure, at=now)
        if each.state == State.OWED and each.channel != Channel.DESK and each.due_at <= now
        else each
        for each in case.attempts
    ]
    return replace(case, attempts=tuple(attempts))


def told_of(start: datetime = FRIDAY, who: Reach | None = None, **fields: Any) -> Case:
    """Booked two weeks before, and told so."""
    return sent(booked(start, who or reach(mobile()), on=at(10, day=10), **fields), at(10, day=10))


def owed(case: Case, now: datetime) -> list[tuple[MessageKind, Channel]]:
    return [(each.kind, each.channel) for each in plan(case, now).owed]
