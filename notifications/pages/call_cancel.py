"""The second step of cancelling on the phone: the reasons, and who will be told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from booking.enums import EventKind, Reason, Status
from booking.models import Appointment
from notifications import histories, writing
from notifications.enums import Audience, Channel, DeskReason, MessageKind, State
from notifications.pages.call_cards import CallCard, CallTopic
from notifications.plan.decide import plan
from notifications.plan.history import DESK_STEP, Change, SendAttempt
from notifications.writing import Preview

ASKED = (Reason.RESIDENT_ASKED, Reason.MISTAKE, Reason.NONE)
CANNOT_BE = {
    DeskReason.HELPER_ABSENT: Reason.HELPER_ABSENT,
    DeskReason.SITE_CLOSED: Reason.SITE_CLOSED,
    DeskReason.CABIN_DOWN: Reason.CABIN_OUT_OF_ORDER,
}
"""Why an appointment that could not take place is cancelled, unless the agent says otherwise."""


@dataclass(frozen=True)
class CancelStep:
    """What an agent reads and chooses before an appointment on the call list is cancelled."""

    card: CallCard
    appointment: Appointment
    reasons: tuple[Reason, ...]
    """The first one is chosen unless the agent takes another."""
    sends: tuple[tuple[bool, Preview], ...]
    """The messages that leave, each with whether it is to the contact person."""

    @property
    def stays(self) -> list[Appointment]:
        """The person's other coming appointments, which stay."""
        topics = (topic.appointment for topic in self.card.topics if topic.can_change)
        return [each for each in topics if each is not None and each.pk != self.appointment.pk]


def open_step(cards: Iterable[CallCard], pk: int | None, *, now: datetime) -> CancelStep | None:
    """The step for this appointment, if it is on a card and can still be cancelled."""
    for card in cards:
        for topic in card.topics:
            if topic.appointment and topic.appointment.pk == pk and topic.can_change:
                return _step(card, topic, topic.appointment, now)
    return None


def _step(card: CallCard, topic: CallTopic, found: Appointment, now: datetime) -> CancelStep:
    appointment = Appointment.objects.select_related("commune", "site", "resident").get(pk=found.pk)
    sends = cancelling_sends(appointment, told_at=card.told_at, now=now)
    return CancelStep(card, appointment, reasons_for(topic), tuple(sends))


def reasons_for(topic: CallTopic) -> tuple[Reason, ...]:
    """The reasons among which the agent chooses, the likeliest first."""
    own = [CANNOT_BE[DeskReason(each.message.why)] for each in topic.lines if each.message.why in CANNOT_BE]
    return tuple(dict.fromkeys([*own, *ASKED]))


def cancelling_sends(appointment: Appointment, *, told_at: str, now: datetime) -> list[tuple[bool, Preview]]:
    """The messages that leave when this appointment (with commune, site and resident) is cancelled on the
    phone, each with whether it is to the contact person. `told_at`: the number at which the agent talks to
    the resident; empty if they have none."""
    history = histories.load_histories([appointment])[appointment.pk]
    event = Change(
        _UNWRITTEN, EventKind.CANCELLED, now, by_agent=True, by_resident=True, stands=history.now_told
    )
    said = SendAttempt(
        id=_UNWRITTEN,
        cause=event.cause,
        audience=Audience.RESIDENT,
        recipient=told_at,
        kind=MessageKind.CANCELLATION,
        step=DESK_STEP,
        channel=Channel.DESK,
        state=State.TOLD,
        due_at=now,
        at=now,
        told=history.now_told,
    )
    history = replace(
        history,
        status=Status.CANCELLED,
        changes=(*history.changes, event),
        attempts=(*history.attempts, said) if told_at else history.attempts,
    )
    wordings = writing.wordings_of([appointment.commune_id])
    previews = []
    for planned in plan(history, now).planned:
        text = writing.text_of_planned(planned, appointment, wordings, whose=history)
        shown = Preview(
            planned.channel, planned.recipient, text, planned.why, planned.due_at, planned.due_at > now
        )
        previews.append((planned.audience == Audience.CONTACT, shown))
    return previews


_UNWRITTEN = 2**62
