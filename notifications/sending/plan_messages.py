"""First half of a sweep: writes down the messages that the plan asks for."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import batched

from django.db.models import QuerySet

from booking import log
from booking.actions import note_told
from booking.actions.base import action
from booking.models import Appointment, AppointmentEvent
from communes.models import Commune
from notifications import histories, next_looks, writing
from notifications.actions.answers import ask_call_back
from notifications.alarms import CurrentAlarms
from notifications.enums import AUTOMATIC, Audience, Channel, DeskReason, Failure, MessageKind, State
from notifications.models import Message
from notifications.plan.decide import SOON, plan_everyone
from notifications.plan.history import AppointmentHistory, PlannedMessage
from notifications.remindable import remindable
from notifications.sending.settle_lines import settle_lines
from notifications.texts import NAMING
from notifications.writing import Surroundings, Wordings

logger = logging.getLogger(__name__)

READER = "notifications"
BATCH = 100
EVENTS_AT_ONCE = 1000


def plan_messages(*, now: datetime, stop_at: float, thorough: bool = True) -> int:
    """Write the messages that the plan asks for, and end those that are no longer needed.

    `thorough` also looks at all coming appointments for reminders, which no event announces. Stops at
    `stop_at` (of `time.monotonic()`); the next sweep does the rest. Returns how many messages were written.
    """
    expire(now=now)
    written = 0
    seen: set[int] = set()
    for source in sources(now, thorough=thorough):
        for batch in batched((pk for pk in source if pk not in seen), BATCH):
            seen.update(batch)
            written += plan_appointments(batch, now=now)
            if time.monotonic() >= stop_at:
                return written
    return written


def sources(now: datetime, *, thorough: bool) -> Iterator[Iterable[int]]:
    """Ids of the appointments that may need a message, most urgent first."""
    yield _with_events()
    yield next_looks.due(now, EVENTS_AT_ONCE)
    yield _failed()
    yield _stuck(now)
    if thorough:
        yield remindable(Commune.objects.all(), now=now)


@action
def expire(*, now: datetime) -> int:
    """Expire what is too late: nothing about an appointment is sent after it began. Whether the desk must
    still say it, the plan decides (`plan/never_left.py`)."""
    over = Message.objects.filter(state=State.PENDING, expires_at__lte=now)
    next_looks.look_now(over.filter(channel__in=AUTOMATIC, audience=Audience.RESIDENT), now=now)
    _read_by_a_human(over, now)
    return over.update(state=State.EXPIRED)


def _with_events() -> Iterable[int]:
    unread = log.unread(READER).values_list("appointment_id", flat=True)[:EVENTS_AT_ONCE]
    return list(dict.fromkeys(unread))


def _failed() -> Iterable[int]:
    return _appointments(Message.objects.filter(state=State.FAILED, followed_up=False))


def _stuck(now: datetime) -> Iterable[int]:
    """Appointments whose message an alarm stops, when waiting longer would soon be too late."""
    stops = CurrentAlarms.at(now)
    if not stops.alarms:
        return []
    planned = Message.objects.filter(state=State.PENDING, channel__in=AUTOMATIC, expires_at__lte=now + SOON)
    return _appointments(planned.filter(stops.waiting()))


def _appointments(messages: QuerySet[Message]) -> Iterable[int]:
    found = messages.filter(appointment__isnull=False).values_list("appointment_id", flat=True)
    return list(dict.fromkeys(found[:EVENTS_AT_ONCE]))


@action
def plan_appointments(ids: Collection[int], *, now: datetime) -> int:
    """Plan for these appointments, write new messages and end stale ones. Rows locked by others are left
    to the next sweep: waiting for them could deadlock with an action that locks several."""
    appointments = list(
        Appointment.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("commune", "site", "resident", "helper")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    next_looks.forget([each.pk for each in appointments])
    events = list(log.unread(READER).filter(appointment__in=[each.pk for each in appointments]))
    _write_anew({event.appointment_id for event in events if _names_another_helper(event)})
    wordings = writing.wordings_of(each.commune_id for each in appointments)
    planned: list[tuple[PlannedMessage, Appointment, AppointmentHistory]] = []
    stale: list[int] = []
    taken_back: list[int] = []
    again: dict[int, datetime | None] = {}
    by_appointment = histories.load_histories(appointments)
    note_told((each, by_appointment[each.pk].told_by) for each in appointments if each.pk in by_appointment)
    for pk, history in by_appointment.items():
        appointment = next(each for each in appointments if each.pk == pk)
        answers = plan_everyone(history, now)
        for each, answer in answers:
            planned += [(message, appointment, each) for message in answer.planned]
            stale += answer.stale
            taken_back += answer.taken_back
        again[pk] = min((answer.again_at for _, answer in answers if answer.again_at), default=None)
    around = writing.surroundings(
        (
            (appointment.commune_id, message.recipient, whose.reach.resident_id)
            for message, appointment, whose in planned
            if whose.reach
        ),
        now=now,
    )
    rows = [row_for(message, about, wordings, around, now, whose=whose) for message, about, whose in planned]
    # Only failures that the plan has seen: another message may have failed since.
    seen = [each for history in by_appointment.values() for each in (history, *history.formers)]
    failed = [each for history in seen for each in history.attempts if each.state == State.FAILED]
    followed = Message.objects.filter(pk__in=[each.id for each in failed], followed_up=False)
    if any(each.kind == MessageKind.ANSWER for each in failed):
        _read_by_a_human(followed, now)
    settle_lines(events, stale)
    Message.objects.filter(pk__in=stale, state=State.PENDING).update(state=State.EXPIRED)
    _take_back(taken_back, now)
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    if failed:
        followed.update(followed_up=True)
    next_looks.plan_next(again)
    log.mark_read(READER, events)
    return len(rows)


def _take_back(ids: Collection[int], now: datetime) -> None:
    """Have these pending messages not leave, so that the plan can write them anew: those that were never
    tried go, the others stay as a try that came to nothing. A human reads what we would have asked about."""
    if not ids:
        return
    rows = Message.objects.filter(pk__in=ids, state=State.PENDING)
    _read_by_a_human(rows, now)
    rows.filter(attempts=0).delete()
    rows.update(state=State.FAILED, failure=Failure.LIMITED, claim="", failed_at=now, followed_up=True)


def _names_another_helper(event: AppointmentEvent) -> bool:
    pairs = (event.changes.get(name) for name in ("helper", "helper_chosen"))
    return any(pair and pair[0] is not None and pair[0] != pair[1] for pair in pairs)


def _write_anew(ids: Collection[int]) -> None:
    """Drop what has been written and not been tried yet, if it may name the helper whom the resident asked
    for: the plan writes it again, with who it is now."""
    if ids:
        waiting = Message.objects.filter(appointment__in=ids, state=State.PENDING, attempts=0)
        waiting.filter(channel__in=AUTOMATIC, kind__in=NAMING).delete()


def _read_by_a_human(answers: QuerySet[Message], now: datetime) -> None:
    """Put on the call list what people wrote and we did not understand, where our question back failed.
    This happens if « CANCEL » made the provider refuse all further messages, or if it could not leave in
    time."""
    unasked = answers.filter(kind=MessageKind.ANSWER, asks=True)
    for answer in unasked.select_related("commune", "resident", "appointment__site", "inbound"):
        ask_call_back(
            commune=answer.commune,
            number=answer.recipient,
            why=DeskReason.UNCLEAR,
            appointment=answer.appointment,
            resident=answer.resident,
            inbound=answer.inbound,
            now=now,
        )


def row_for(
    planned: PlannedMessage,
    appointment: Appointment,
    wordings: Wordings,
    around: Surroundings,
    now: datetime,
    *,
    whose: AppointmentHistory,
) -> Message:
    text = writing.text_of_planned(planned, appointment, wordings, around, whose=whose)
    told_start, told_site_id = planned.told or (appointment.starts_at, appointment.site_id)
    return Message(
        commune_id=appointment.commune_id,
        appointment=appointment,
        resident_id=whose.reach.resident_id if whose.reach else None,
        cause=planned.cause,
        audience=planned.audience,
        recipient=planned.recipient,
        kind=planned.kind,
        step=planned.step,
        channel=planned.channel,
        language=text.language,
        text=text.text,
        segments=text.segments.count if planned.channel == Channel.SMS else 0,
        asks=text.asks,
        told_start=told_start,
        told_site_id=told_site_id,
        urgency=planned.urgency,
        due_at=planned.due_at,
        expires_at=planned.expires_at,
        why=planned.why,
        know_by=planned.know_by if planned.channel == Channel.DESK else None,
        created_at=now,
    )
