"""Takes off the call list what an agent or the resident has settled on another page or by phone."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from booking.enums import ActorKind, EventKind, Reason
from booking.models import AppointmentEvent
from notifications.enums import CallOutcome, Channel, DeskReason, MessageKind, State
from notifications.histories import is_asked_by_resident
from notifications.models import CallResult, Message

OUTCOMES = {
    EventKind.MOVED: CallOutcome.MOVED,
    EventKind.CANCELLED: CallOutcome.CANCELLED,
    EventKind.CONFIRMED: CallOutcome.CONFIRMED,
}


def settle_lines(events: Iterable[AppointmentEvent], stale: Collection[int]) -> None:
    """Close the calls that were asked for about an appointment which has been moved, cancelled or confirmed
    since with the person, and keep for the day what agents did that took lines off the list. `stale`: the
    ids of messages that the plan has ended because of these events; not yet changed in the database."""
    last = {each.appointment_id: each for each in events if each.kind in (*OUTCOMES, EventKind.RESTORED)}
    deciding = {pk: each for pk, each in last.items() if each.kind in OUTCOMES}
    if not deciding:
        return
    lines = Message.objects.filter(
        appointment__in=deciding, channel=Channel.DESK, state=State.PENDING
    ).exclude(why=DeskReason.WRONG_NUMBER)
    ended: dict[int, list[Message]] = defaultdict(list)
    for line in lines.select_related("resident").order_by("pk"):
        event = deciding[line.appointment_id or 0]
        if line.pk in stale or _answers(event, line):
            ended[event.appointment_id].append(line)
    for pk, closed in ended.items():
        _close(deciding[pk], closed)


def _answers(event: AppointmentEvent, line: Message) -> bool:
    """Whether this event answers what the person asked to be called about. Who asked for a call and then
    answers by themselves still wants the call, unless it was only a reply that nobody understood."""
    if line.kind != MessageKind.CALL_BACK or (line.asked_at and line.asked_at > event.at):
        return False
    if event.actor == ActorKind.AGENT:
        return event.kind == EventKind.CONFIRMED or is_asked_by_resident(event.reason, event.asked_by)
    by_themselves = event.actor == ActorKind.RESIDENT and event.reason != Reason.OTHER_PHONE
    return by_themselves and line.why == DeskReason.UNCLEAR


def _close(event: AppointmentEvent, lines: list[Message]) -> None:
    asked = [each.pk for each in lines if each.kind == MessageKind.CALL_BACK]
    if event.actor != ActorKind.AGENT:
        Message.objects.filter(pk__in=asked).update(state=State.EXPIRED)
        return
    Message.objects.filter(pk__in=asked).update(
        state=State.TOLD, handled_by=event.agent_id, sent_at=event.at, delivered_at=event.at
    )
    CallResult.objects.create(
        commune_id=lines[0].commune_id,
        resident=lines[0].resident,
        appointment_id=event.appointment_id,
        outcome=OUTCOMES[EventKind(event.kind)],
        at=event.at,
        by_id=event.agent_id,
        before={"lines": [{"id": each.pk} for each in lines]},
    )
