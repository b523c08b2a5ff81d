"""What an agent notes after a call that they made by hand, and its undo.

A result belongs to the person called, so it closes all the lines of theirs that the agent saw.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from agents.models import Agent
from booking.actions import book_hold, release_hold
from booking.actions.base import action
from booking.log import Actor, look_again
from booking.models import Appointment, ResidentPhone
from notifications import histories
from notifications.actions.call_claims import end_claims
from notifications.actions.suppressions import suppress, take_back
from notifications.enums import CallOutcome, Channel, DeskReason, MessageKind, State, StopReason
from notifications.errors import AlreadyDone, NotTheirs
from notifications.models import CallResult, Message
from notifications.next_looks import look_now
from notifications.plan.calling import RETRY_AFTER, THINKING, retry_at
from notifications.plan.hours import CallHours

NEED_MORE = (MessageKind.IMPOSSIBLE, MessageKind.OFFER)
"""Not done with being told: the person must choose another time, or answer."""


@action
def note_told(*, lines: Sequence[Message], by: Agent, now: datetime) -> CallResult:
    """Note that the person knows what these lines say. Raises AlreadyDone if a colleague noted it first."""
    said = [each for each in lines if each.kind not in NEED_MORE]
    if lines and not said:  # from a page of before: they know it, and have not said what they want
        return wants_to_think(lines=lines, by=by, now=now)
    told = waiting(said, now=now)
    _update(told, state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now)
    return record(CallOutcome.TOLD, told, by=by, now=now)


@action
def wants_to_think(*, lines: Sequence[Message], by: Agent, now: datetime) -> CallResult:
    """Note that the person knows what these lines say, and has not chosen yet. What needs their answer stays,
    with a time to call again. Raises AlreadyDone."""
    found = waiting(lines, now=now)
    left = [each for each in found if each.kind in NEED_MORE]
    said = [each for each in found if each.kind not in NEED_MORE]
    _update(said, state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now)
    if not left:
        return record(CallOutcome.TOLD, found, by=by, now=now)
    again = _call_again(left, by=by, now=now, after=THINKING)
    return record(CallOutcome.THINKS, found, by=by, now=now, retry_at=again.isoformat())


@action
def no_more_messages(*, lines: Sequence[Message], number: str, by: Agent, now: datetime) -> CallResult:
    """Note that the person of these lines wants no automatic messages to this number: they said so to the
    agent, or the agent read it in what they wrote. Raises AlreadyDone."""
    found = waiting(lines, now=now)
    said = [each for each in found if each.kind not in NEED_MORE]
    _update(found, handled_by=by)
    _update(said, state=State.TOLD, sent_at=now, delivered_at=now)
    is_news = suppress(commune=found[0].commune, number=number, reason=StopReason.DESK, now=now)
    return record(CallOutcome.STOPS, found, by=by, now=now, stopped=number if is_news else "")


@action
def no_answer(*, lines: Sequence[Message], by: Agent, now: datetime) -> CallResult:
    """Count a call that nobody answered. The lines stay where they are, with a time to call again."""
    tried = waiting(lines, now=now)
    again = _call_again(tried, by=by, now=now, after=RETRY_AFTER)
    return record(CallOutcome.NO_ANSWER, tried, by=by, now=now, retry_at=again.isoformat())


def _call_again(lines: Sequence[Message], *, by: Agent, now: datetime, after: timedelta) -> datetime:
    """Count a call about these lines, and say when the next one is to be."""
    first = min(each.know_by or each.expires_at for each in lines)
    again = retry_at(histories.calendar(lines[0].commune), now, first, _hours(lines[0]), after)
    _update(lines, attempts=F("attempts") + 1, claimed_at=now, handled_by=by, retry_at=again)
    return again


def _hours(line: Message) -> CallHours:
    phone = ResidentPhone.objects.filter(resident=line.resident_id, number=line.recipient).first()
    return CallHours(phone.call_from, phone.call_until) if phone else CallHours()


@action
def wrong_number(*, lines: Sequence[Message], number: str, by: Agent, now: datetime) -> CallResult:
    """Note that the number is no longer the resident's. Their lines move to their next number, if any."""
    dialled = waiting([each for each in lines if each.recipient == number], now=now)
    residents = {each.resident_id for each in dialled}
    phones = ResidentPhone.objects.filter(resident__in=residents, number=number, may_call=True)
    ended = list(phones.values_list("pk", flat=True))
    ResidentPhone.objects.filter(pk__in=ended).update(may_call=False)
    for line in dialled:
        _call_another_number(line, by, now)
    return record(CallOutcome.WRONG_NUMBER, dialled, by=by, now=now, phones=ended)


def _call_another_number(line: Message, by: Agent, now: datetime) -> None:
    other = ResidentPhone.objects.filter(resident=line.resident_id, may_call=True).order_by("id").first()
    recipient = other.number if other else f"resident:{line.resident_id}"
    if line.resident_id is None:
        # Nobody is known behind this number, so there is nobody left to call.
        _update([line], state=State.EXPIRED, handled_by=by)
        return
    why = line.why if other else DeskReason.NO_PHONE
    try:
        with transaction.atomic():
            _update([line], recipient=recipient, claimed_at=now, handled_by=by, why=why, retry_at=None)
    except IntegrityError:
        # Another line already asks to call that number about the same thing.
        _update([line], state=State.EXPIRED, handled_by=by)


@action
def take_offer(*, line: Message, by: Agent, now: datetime) -> CallResult:
    """The person takes the time that was offered: it is booked."""
    place = offered(line)
    book_hold(appointment=place, resident=place.resident, by=Actor.agent(by), now=now)
    told = waiting([line], now=now)
    _update(told, state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now)
    return record(CallOutcome.TAKES, told, by=by, now=now, appointment=place)


@action
def decline_offer(*, line: Message, by: Agent, now: datetime) -> CallResult:
    """The person does not want it: the next one on the waiting list is asked."""
    place = offered(line)
    release_hold(appointment=place, by=Actor.agent(by), now=now)
    told = waiting([line], now=now)
    _update(told, state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now)
    return record(CallOutcome.DECLINES, told, by=by, now=now, appointment=place)


def offered(line: Message) -> Appointment:
    """The time that this line offers; NotTheirs if it is no offer."""
    if line.appointment is None or line.kind != MessageKind.OFFER:
        raise NotTheirs
    return line.appointment


# ---- what all results share --------------------------------------------------------------------------


def waiting(lines: Sequence[Message], *, now: datetime) -> list[Message]:
    """Those of these lines that still wait, locked; AlreadyDone if none does. The appointments are locked
    first, and the sweep looks at them again."""
    look_now(lines, now=now)
    rows = Message.objects.filter(
        pk__in=[each.pk for each in lines], channel=Channel.DESK, state=State.PENDING
    )
    found = list(
        rows.select_for_update(of=("self",)).select_related("commune", "resident__merged_into").order_by("pk")
    )
    if not found:
        raise AlreadyDone
    return found


def _update(lines: Sequence[Message], **values: Any) -> None:
    Message.objects.filter(pk__in=[each.pk for each in lines]).update(**values)


def record(
    outcome: CallOutcome,
    lines: Sequence[Message],
    *,
    by: Agent,
    now: datetime,
    appointment: Appointment | None = None,
    **undo: Any,
) -> CallResult:
    """Keep what came of a call, with what these lines (read before they were changed) were. Whoever else
    was calling need not go on: the claim ends."""
    end_claims(lines)
    found = [each.resident for each in lines] + [appointment.resident if appointment else None]
    resident = next((each for each in found if each), None)
    return CallResult.objects.create(
        commune_id=(lines[0] if appointment is None else appointment).commune_id,
        resident=resident.merged_into or resident if resident else None,
        appointment=appointment,
        outcome=outcome,
        at=now,
        by=by,
        before={"lines": [_as_it_was(each) for each in lines], **undo},
    )


def _as_it_was(line: Message) -> dict[str, Any]:
    return {
        "id": line.pk,
        "state": line.state,
        "recipient": line.recipient,
        "why": line.why,
        "attempts": line.attempts,
        "claimed_at": line.claimed_at.isoformat() if line.claimed_at else None,
        "retry_at": line.retry_at.isoformat() if line.retry_at else None,
        "handled_by_id": line.handled_by_id,
    }


# ---- undo --------------------------------------------------------------------------------------------


@action
def undo_result(*, result: CallResult, now: datetime) -> None:
    """Take back a result: its lines wait again as before, and what reaches the person again leaves. Raises
    AlreadyDone if it was undone already, or if the lines have gone on since."""
    put_back_lines(result, now=now)
    match result.outcome:
        case CallOutcome.WRONG_NUMBER:
            ResidentPhone.objects.filter(pk__in=result.before["phones"]).update(may_call=True)
        case CallOutcome.STOPS if result.before["stopped"]:
            take_back(commune=result.commune, number=result.before["stopped"], noted_at=result.at)
        case _:
            return
    coming = Appointment.objects.live().filter(resident=result.resident, starts_at__gt=now)
    look_again(list(coming.values_list("pk", flat=True)), now=now)


AS_LEFT: Mapping[str, tuple[State, ...]] = {
    CallOutcome.TOLD: (State.TOLD,),
    CallOutcome.THINKS: (State.TOLD, State.PENDING),
    CallOutcome.STOPS: (State.TOLD, State.PENDING),
    CallOutcome.NO_ANSWER: (State.PENDING,),
    CallOutcome.WRONG_NUMBER: (State.PENDING, State.EXPIRED),
    CallOutcome.CANCELLED: (State.TOLD, State.EXPIRED),
}
"""By outcome that can be undone: the states of its lines if nothing has happened to them since."""


def put_back_lines(result: CallResult, *, now: datetime) -> None:
    """Make the lines of a result wait again, and mark the result as undone."""
    states = AS_LEFT.get(result.outcome)
    before = result.before["lines"]
    ids = [each["id"] for each in before]
    about = Message.objects.filter(pk__in=ids, appointment__isnull=False)
    look_again(list(about.values_list("appointment_id", flat=True)), now=now)
    mine = CallResult.objects.filter(pk=result.pk, undone_at=None)
    if states is None or not mine.update(undone_at=now):
        raise AlreadyDone
    left = Message.objects.filter(pk__in=ids, handled_by=result.by_id, state__in=states)
    if result.outcome in (CallOutcome.NO_ANSWER, CallOutcome.THINKS):
        # Of what is still open: nobody has called again since.
        left = left.filter(Q(claimed_at=result.at) | Q(state=State.TOLD))
    found = set(left.values_list("pk", flat=True))
    if not found and ids:
        raise AlreadyDone
    for each in before:
        if each["id"] in found:
            values = {name: value for name, value in each.items() if name != "id"}
            Message.objects.filter(pk=each["id"]).update(**values, sent_at=None, delivered_at=None)
