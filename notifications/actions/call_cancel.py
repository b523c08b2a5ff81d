"""Cancelling an appointment while talking to its resident, from the call list, and its undo.

It is done at once. The resident is told by the agent's own voice, which is written down as a message like any
other: so the plan owes them nothing more, while a contact person still gets their message.
"""

from datetime import datetime

from agents.models import Agent
from booking.actions import cancel, restore
from booking.actions.base import action
from booking.enums import AskedBy, EventKind, Reason
from booking.log import Actor
from booking.models import Appointment
from communes.models import Commune
from notifications import writing
from notifications.actions.calls import put_back_lines, record
from notifications.enums import Audience, CallOutcome, Channel, DeskReason, MessageKind, State
from notifications.errors import AlreadyDone
from notifications.models import CallResult, Message
from notifications.next_looks import look_now
from notifications.plan.history import DESK_STEP
from notifications.plan.hours import Urgency

ANSWERED_BY_IT = (MessageKind.CALL_BACK, MessageKind.IMPOSSIBLE)
"""Lines that cancelling settles as told. The others are only no longer true."""


@action
def cancel_on_the_phone(
    *,
    appointment: Appointment,
    reason: Reason,
    asked_by: AskedBy,
    told_at: str,
    by: Agent,
    now: datetime,
) -> CallResult:
    """Cancel an appointment of somebody on the call list. `told_at`: the number at which the agent is talking
    to them; empty if they have no phone, so that a letter may be needed. Raises StatusRefused if it is
    cancelled already, was moved or given to somebody else."""
    cancel(appointment=appointment, reason=reason, asked_by=asked_by, by=Actor.agent(by), now=now)
    lines = waiting_about(appointment)
    look_now(lines, now=now)
    answered = [each.pk for each in lines if each.kind in ANSWERED_BY_IT]
    untrue = [each.pk for each in lines if each.kind not in ANSWERED_BY_IT]
    Message.objects.filter(pk__in=answered).update(
        state=State.TOLD, handled_by=by, sent_at=now, delivered_at=now
    )
    Message.objects.filter(pk__in=untrue).update(state=State.EXPIRED, handled_by=by)
    told = _told_by_voice(appointment, told_at, by, now) if told_at else None
    return record(
        CallOutcome.CANCELLED,
        lines,
        by=by,
        now=now,
        appointment=appointment,
        told=told.pk if told else None,
        reason=reason,
    )


def waiting_about(appointment: Appointment) -> list[Message]:
    """The lines of the call list about this appointment, locked. Not those that ask to correct a number."""
    rows = Message.objects.filter(
        appointment=appointment, channel=Channel.DESK, state=State.PENDING, audience=Audience.RESIDENT
    ).exclude(why=DeskReason.WRONG_NUMBER)
    related = rows.select_related("commune", "appointment", "resident__merged_into")
    return list(related.select_for_update(of=("self",)).order_by("pk"))


def _told_by_voice(appointment: Appointment, number: str, by: Agent, now: datetime) -> Message:
    event = appointment.events.filter(kind=EventKind.CANCELLED).latest("id")
    commune: Commune = appointment.commune
    text = writing.write(
        MessageKind.CANCELLATION,
        writing.about(commune, appointment.site, appointment.starts_at, number=appointment.number),
        commune=commune,
        channel=Channel.DESK,
        audience=Audience.RESIDENT,
        languages=(),
        wordings=writing.wordings_of([commune.pk]),
    )
    return Message.objects.create(
        commune=commune,
        appointment=appointment,
        resident=appointment.resident,
        cause=f"event:{event.pk}",
        audience=Audience.RESIDENT,
        recipient=number,
        kind=MessageKind.CANCELLATION,
        step=DESK_STEP,
        channel=Channel.DESK,
        language=text.language,
        text=text.text,
        segments=0,
        told_start=appointment.starts_at,
        told_site=appointment.site,
        urgency=Urgency.NOW,
        state=State.TOLD,
        due_at=now,
        expires_at=appointment.starts_at,
        sent_at=now,
        delivered_at=now,
        handled_by=by,
        created_at=now,
    )


@action
def undo_cancelling(*, result: CallResult, by: Agent, now: datetime) -> Appointment:
    """« Rétablir »: the appointment stands again and its lines wait as before. Raises SlotTaken if its time
    is somebody else's now, TooLate if it is over, AlreadyDone if it was restored already."""
    if result.appointment is None:
        raise AlreadyDone
    appointment = restore(appointment=result.appointment, reason=Reason.MISTAKE, by=Actor.agent(by), now=now)
    put_back_lines(result, now=now)
    # What was said was a mistake: it counts as never told.
    Message.objects.filter(pk=result.before["told"], state=State.TOLD).update(
        state=State.EXPIRED, sent_at=None, delivered_at=None
    )
    return appointment
