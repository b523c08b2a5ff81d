"""Which messages are needed for an appointment: to whom, by which contact way, when. Pure; computed anew at
every sweep.

Nothing here stores a schedule. The appointment, its log and the messages so far show what the person
believes. They must be told the difference between that and what is true. So after a move the old time is
never sent; a cancellation that was undone before it left is never sent, and one that has left is corrected.

A *topic* is one thing to tell one person. The messages tried for it are its *chain*. When the last one has
failed, the next contact way follows: text message, phone call, later calls, the desk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.enums import Status
from notifications.enums import TELLING, Channel, DeskReason, MessageKind, State
from notifications.plan.escalation import WRITTEN, ContactWay
from notifications.plan.handed_on import said_of_it, said_to_be_an_error
from notifications.plan.history import (
    DESK_STEP,
    STEPS_PER_CHAIN,
    TOO_LATE_STEP,
    AppointmentHistory,
    MessagePlan,
    PlannedMessage,
    SendAttempt,
)
from notifications.plan.hours import next_time
from notifications.plan.never_left import is_too_late, never_left
from notifications.plan.retries import next_try
from notifications.plan.topic import Topic
from notifications.plan.topics import topics

SOON = timedelta(minutes=30)
MAY_TAKE = timedelta(minutes=5)
"""After a change at the last moment: how long a message may take to arrive before the desk is asked to
call."""


def plan_everyone(history: AppointmentHistory, now: datetime) -> list[tuple[AppointmentHistory, MessagePlan]]:
    """The plan for the person who has the appointment, then for each who had it before, the last one first.

    Texts do not name the recipient. If a phone is told of the appointment for one person, that need not be
    corrected on the same phone for another. So each plan takes account of the plans before it.
    """
    answer = plan(history, now)
    answers, said = [(history, answer)], said_of_it(history, answer)
    for each in history.formers:
        former = replace(each, shared=said)
        answer = plan(former, now)
        answers.append((former, answer))
        said |= said_to_be_an_error(former, answer)
    return answers


def plan(history: AppointmentHistory, now: datetime) -> MessagePlan:
    """The plan for one person. In the grace of a cancellation nothing is added and nothing dropped: what
    waits may still be true, should the appointment come back. While their record is limited nothing is added,
    and what waits is taken back, but for calls that they asked for."""
    if history.is_limited:
        return MessagePlan(taken_back=tuple(_waiting(history)))
    if history.status == Status.CANCELLING and not history.is_former:
        return MessagePlan()
    found = list(topics(history))
    current = [topic for topic in found if topic.expires_at > now]
    steps = [_steps(topic, _chain(topic, history.attempts), history, now) for topic in current]
    too_late = list(never_left(found, history, now))
    steps += [_Steps(_for_desk_to_say(topic, history, now)) for topic in too_late]
    return MessagePlan(
        planned=tuple(planned for step in steps for planned in step.planned),
        later=tuple(step.later for step in steps if step.later),
        stale=tuple(_stale(history, current, too_late)),
        again_at=min((step.again_at for step in steps if step.again_at), default=None),
    )


def may_still_leave(
    kind: MessageKind,
    told: tuple[datetime, int] | None,
    *,
    status: Status,
    start: datetime,
    site_id: int,
    is_theirs: bool = True,
) -> bool:
    """The last check before a message leaves: whether what it says is still true. `is_theirs`: the
    appointment still belongs to the person whom the message is to."""
    if kind in (MessageKind.ANSWER, MessageKind.CALL_BACK):
        return True
    if kind == MessageKind.NOT_YOURS or not is_theirs:
        return kind == MessageKind.NOT_YOURS and not is_theirs
    standing = {
        MessageKind.CANCELLATION: Status.CANCELLED,
        MessageKind.PHONE_CANCEL: Status.CANCELLED,
        MessageKind.MISSED: Status.NO_SHOW,
        MessageKind.OFFER: Status.HELD,
    }.get(kind, Status.BOOKED)
    return status == standing and told == (start, site_id)


def _waiting(history: AppointmentHistory) -> Iterator[int]:
    for each in history.attempts:
        if each.state == State.PENDING and each.kind != MessageKind.CALL_BACK:
            yield each.id


def _chain(topic: Topic, attempts: Sequence[SendAttempt]) -> list[SendAttempt]:
    return sorted((each for each in attempts if topic.holds(each)), key=lambda each: each.step)


def _stale(history: AppointmentHistory, current: Sequence[Topic], too_late: Sequence[Topic]) -> list[int]:
    """The ids of pending messages, to send or for the desk to say, that are no longer true or needed."""
    return [
        each.id
        for each in history.attempts
        if each.state == State.PENDING
        and each.kind not in (MessageKind.ANSWER, MessageKind.CALL_BACK)
        and not any(_keeps(topic, each, history) for topic in current)
        and not (is_too_late(each) and any(topic.holds(each) for topic in too_late))
    ]


def _keeps(topic: Topic, pending: SendAttempt, history: AppointmentHistory) -> bool:
    is_wanted = not topic.is_known or pending.channel in WRITTEN
    return topic.holds(pending) and is_wanted and not _is_settled(_chain(topic, history.attempts))


def _is_settled(chain: Sequence[SendAttempt]) -> bool:
    return any(each.settled for each in chain)


@dataclass(frozen=True, slots=True)
class _Steps:
    """For one topic: what to write down now, what will follow a failed attempt if nothing happens before,
    and when the answer may change by the passing of time alone."""

    planned: Sequence[PlannedMessage] = ()
    later: PlannedMessage | None = None
    again_at: datetime | None = None


def _steps(topic: Topic, chain: list[SendAttempt], history: AppointmentHistory, now: datetime) -> _Steps:
    if _is_settled(chain) or any(each.channel == Channel.DESK for each in chain):
        return _Steps()
    desk_from = _desk_from(topic)
    if not chain:
        return _Steps(_first(topic, history, now), again_at=_after(now, topic.first_due, desk_from))
    if _is_soon(topic, now):
        return _Steps(_to_desk(topic, DeskReason.SOON, now))
    if chain[-1].is_unreported_call:
        return _Steps(_to_desk(topic, DeskReason.NOT_KNOWN, now))
    if chain[-1].state != State.FAILED:
        stuck = chain[-1].state == State.PENDING and chain[-1].channel in history.rules.stopped
        if stuck and now >= topic.expires_at - SOON:
            return _Steps(_to_desk(topic, DeskReason.SOON, now))
        return _Steps(again_at=_after(now, desk_from, topic.expires_at - SOON if stuck else None))
    following = next_try(chain, topic.ways, history.rules.calendar, topic.urgency, now)
    if following is None:
        return _Steps(again_at=_after(now, desk_from))
    if following.way.channel == Channel.DESK or following.due_at >= desk_from:
        return _Steps(_to_desk(topic, DeskReason.NOT_REACHED, now))
    planned = _planned_message(topic, following.way, len(chain), following.due_at)
    if following.due_at > now:
        return _Steps(later=planned, again_at=_after(now, following.due_at, desk_from))
    return _Steps([planned], again_at=_after(now, desk_from))


def _after(now: datetime, *instants: datetime | None) -> datetime | None:
    """The earliest of these instants that is after `now`."""
    return min((each for each in instants if each is not None and each > now), default=None)


def _first(topic: Topic, history: AppointmentHistory, now: datetime) -> list[PlannedMessage]:
    """The first attempt. News is written down at once even if it can leave only in the morning, so that
    agents see that it will leave. A reminder is written down when it is due, since much may change before."""
    way = topic.ways[0]
    if topic.kind not in TELLING and now < topic.first_due:
        return []
    if way.channel == Channel.DESK:
        return _to_desk(topic, DeskReason(way.why), now)
    due = next_time(history.rules.calendar, max(topic.first_due, now), topic.urgency, way.hours)
    if due is None or due >= topic.expires_at:
        return _to_desk(topic, DeskReason.NOT_REACHED, now) if topic.kind in TELLING else []
    return [_planned_message(topic, way, 0, due)]


def _is_soon(topic: Topic, now: datetime) -> bool:
    """Whether the news has not arrived, and the person would come, or miss the appointment, within half an
    hour."""
    return topic.kind in TELLING and now >= _desk_from(topic)


def _desk_from(topic: Topic) -> datetime:
    return max(topic.comes_at - SOON, topic.first_due + MAY_TAKE)


def _to_desk(topic: Topic, why: DeskReason, now: datetime) -> list[PlannedMessage]:
    """Put this on the call list; nothing for a contact person, whom the desk does not call."""
    way = topic.ways[-1]
    if way.channel != Channel.DESK:
        return []
    # Another reason to have the desk call says more than NOT_REACHED, so it is kept.
    reason = why if way.why == DeskReason.NOT_REACHED else DeskReason(way.why)
    return [_planned_message(topic, way, DESK_STEP, now, reason)]


def _for_desk_to_say(topic: Topic, history: AppointmentHistory, now: datetime) -> Sequence[PlannedMessage]:
    """The line of the call list about something that could not leave in time."""
    way = topic.ways[-1]
    if way.channel != Channel.DESK or any(
        topic.holds(each) and is_too_late(each) for each in history.attempts
    ):
        return ()
    return [_planned_message(topic, way, TOO_LATE_STEP, now, DeskReason.TOO_LATE)]


def _planned_message(
    topic: Topic, way: ContactWay, nth: int, due: datetime, why: DeskReason | str = ""
) -> PlannedMessage:
    return PlannedMessage(
        cause=topic.cause,
        audience=topic.audience,
        recipient=way.recipient,
        kind=topic.kind,
        step=topic.index * STEPS_PER_CHAIN + nth,
        channel=way.channel,
        due_at=due,
        expires_at=topic.expires_at,
        urgency=topic.urgency,
        why=why,
        expected_at=topic.expected_at,
        told=topic.told,
        was=topic.was,
        know_by=topic.know_by,
    )
