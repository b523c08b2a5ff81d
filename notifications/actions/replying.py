"""Writes down our automatic answers to text messages, for the next sweep to send."""

from datetime import datetime, timedelta

from notifications.callers import Caller
from notifications.enums import Audience, Channel, InboundOutcome, MessageKind, State
from notifications.models import InboundMessage, Message
from notifications.plan.hours import Urgency
from notifications.questions import Question
from notifications.texts import ComposedText

ANSWER_WITHIN = timedelta(hours=6)
MOST_ANSWERS = 2
"""To one number within WITHIN. A phone that answers by itself (« Je conduis… ») would otherwise talk with us
for as long as it is driven."""
WITHIN = timedelta(hours=1)
NEWS = frozenset(
    [
        InboundOutcome.CONFIRMED,
        InboundOutcome.CANCELLED,
        InboundOutcome.DECLINED,
        InboundOutcome.GONE,
        InboundOutcome.GONE_WAITS,
        InboundOutcome.STOPPED,
        InboundOutcome.RESUMED,
    ]
)
"""What a resident must learn even if it can only be told later."""


def next_answer_at(caller: Caller, *, now: datetime) -> datetime:
    """When the next answer may leave: `now`, unless MOST_ANSWERS have left within the last hour. Answers of
    all communes that share the number written to count together."""
    recent = (
        Message.objects.filter(
            commune__in=caller.sharing,
            recipient=caller.number,
            kind=MessageKind.ANSWER,
            due_at__gt=now - WITHIN,
        )
        .exclude(state=State.EXPIRED)
        .order_by("-due_at")
        .values_list("due_at", flat=True)[:MOST_ANSWERS]
    )
    due = list(recent)
    return due[-1] + WITHIN if len(due) == MOST_ANSWERS else now


def write_answer(
    text: ComposedText,
    *,
    caller: Caller,
    inbound: InboundMessage,
    outcome: InboundOutcome,
    question: Question | None,
    now: datetime,
) -> bool:
    """Answer now, or within the hour if it is news; False if no answer will leave."""
    due_at = next_answer_at(caller, now=now)
    if due_at > now and (outcome not in NEWS or _was_just_said(text, caller, now)):
        return False
    _withdraw(caller, question, now)
    row = _row(text, caller, inbound, question, due_at, now)
    row.asks = outcome == InboundOutcome.ASKED_BACK
    Message.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _was_just_said(text: ComposedText, caller: Caller, now: datetime) -> bool:
    said = Message.objects.filter(recipient=caller.number, kind=MessageKind.ANSWER, text=text.text)
    return said.filter(commune=caller.commune, due_at__gt=now - WITHIN).exists()


def _withdraw(caller: Caller, question: Question | None, now: datetime) -> None:
    """An answer that still waits for its turn is replaced by what followed: « confirmed », then
    « cancelled »."""
    if question is not None:
        Message.objects.filter(
            recipient=caller.number,
            kind=MessageKind.ANSWER,
            appointment=question.appointment,
            state=State.PENDING,
            due_at__gt=now,
        ).update(state=State.EXPIRED)


def _row(
    text: ComposedText,
    caller: Caller,
    inbound: InboundMessage,
    question: Question | None,
    due_at: datetime,
    now: datetime,
) -> Message:
    appointment = question.appointment if question else None
    return Message(
        commune=caller.commune,
        appointment=appointment,
        resident=inbound.resident,
        cause=f"inbound:{inbound.pk}",
        audience=Audience.RESIDENT,
        recipient=caller.number,
        kind=MessageKind.ANSWER,
        channel=Channel.SMS,
        language=text.language,
        text=text.text,
        segments=text.segments.count,
        told_start=appointment.starts_at if appointment else None,
        told_site=appointment.site if appointment else None,
        urgency=Urgency.REPLY,
        due_at=due_at,
        expires_at=due_at + ANSWER_WITHIN,
        inbound=inbound,
        created_at=now,
    )
