"""Cases for the pure plan, and a pretended world in which messages leave, fail and arrive."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from booking.enums import EventKind, ReachBy, Status
from notifications.case import Attempt, Case, Change, Owed, Phone, Reach, Rules
from notifications.enums import LEFT, RANK, Channel, Failure, Kind, State
from notifications.hours import Calendar, Urgency, may_leave
from notifications.plan import may_still_leave, plan
from tests.factories import PARIS, TUESDAY, at

MOBILE = "+33639981234"
LANDLINE = "+33261910042"
CALENDAR = Calendar(PARIS, "76498")
SITE = 7


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
    return Case(
        **{
            "status": Status.BOOKED,
            "start": start,
            "site_id": SITE,
            "reach": who,
            "rules": rules(),
            "changes": (change,),
            **fields,
        }
    )


def told(case: Case, now: datetime, state: State = State.DELIVERED, failure: str = "") -> Case:
    """The case after what it owes at `now` has been sent, with that result."""
    answer = plan(case, now)
    new = [
        attempt_of(owed, case, len(case.attempts) + n + 1, now, state, failure)
        for n, owed in enumerate(answer.owed)
    ]
    kept = [replace(each, state=State.EXPIRED) if each.id in answer.stale else each for each in case.attempts]
    return replace(case, attempts=(*kept, *new))


def attempt_of(
    owed: Owed, case: Case, pk: int, now: datetime, state: State = State.OWED, failure: str = ""
) -> Attempt:
    return Attempt(
        id=pk,
        cause=owed.cause,
        audience=owed.audience,
        recipient=owed.recipient,
        kind=owed.kind,
        step=owed.step,
        channel=owed.channel,
        state=State.OWED if owed.channel == Channel.DESK else state,
        due_at=owed.due_at,
        at=now,
        told=case.now_told,
        failure=failure,
    )


def after(case: Case, kind: EventKind, when: datetime, **fields: Any) -> Case:
    """The case after another event; `start` and `site_id` where it moves to."""
    by = {name: fields.pop(name) for name in ("by_agent", "by_resident") if name in fields}
    status = {EventKind.CANCELLED: Status.CANCELLED, EventKind.NO_SHOW: Status.NO_SHOW}.get(
        kind, Status.BOOKED
    )
    case = replace(case, **{"status": status, **fields})
    change = Change(len(case.changes) + 1, kind, when, stands=case.now_told, **by)
    return replace(case, changes=(*case.changes, change))


def kinds(case: Case, now: datetime) -> list[tuple[Kind, Channel]]:
    return [(owed.kind, owed.channel) for owed in plan(case, now).owed]


__all__ = [
    "LEFT",
    "RANK",
    "Callable",
    "Failure",
    "Iterable",
    "at",
    "dataclass",
    "field",
    "may_leave",
    "may_still_leave",
    "timedelta",
    "Urgency",
    "ReachBy",
]
