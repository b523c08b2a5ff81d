"""What a resident's answer changes, whether it came by text message or by a phone key."""

from datetime import datetime, timedelta

from django.db import transaction

from booking.actions import book_hold, cancel, confirm, is_offer_over, note_late_answer, release_hold
from booking.enums import Reason, Status
from booking.log import Actor
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Commune
from core.edits import RecordGone
from core.errors import PermanenceError
from notifications.enums import Audience, Channel, DeskReason, InboundOutcome, MessageKind
from notifications.models import InboundMessage, Message
from notifications.plan.hours import Urgency
from notifications.replies.reader import fold
from notifications.texts import About, compose

CALL_BACK_WITHIN = timedelta(days=14)
"""How long who asked to be called stays on the list if nobody calls: no long week-end must hide them."""
RETURNED_WITHIN = timedelta(days=1)
"""When somebody who asked to be called, about no appointment, expects the call at the latest."""
MOST_TEXT = 1600
"""The most characters that one line of the call list keeps of what someone wrote: the last ones."""
MOST_TIMES = 999


def take_answer(
    *, appointment: Appointment, told: tuple[datetime, int] | None, yes: bool, number: str, now: datetime
) -> InboundOutcome | None:
    """Confirm or cancel the appointment, or accept or decline the offer, as the person at `number` asks.

    If `number` is none of the resident's, the log says so and the plan informs the resident.

    Returns None and changes nothing if it is too late, or if the appointment no longer has the time and the
    site that the person was asked about (`told`). If an offer is over, the outcome says so.
    """
    if is_offer_over(appointment, now):
        return _too_late(appointment, yes=yes)
    if told != (appointment.starts_at, appointment.site_id) or appointment.starts_at <= now:
        return None
    by = Actor.resident()
    reason = Reason.NONE if _is_theirs(number, appointment) else Reason.OTHER_PHONE
    try:
        with transaction.atomic():
            if appointment.status == Status.HELD:
                if yes:
                    book_hold(appointment=appointment, resident=appointment.resident, by=by, now=now)
                    return InboundOutcome.ACCEPTED
                release_hold(appointment=appointment, by=by, now=now)
                return InboundOutcome.DECLINED
            if yes:
                confirm(appointment=appointment, reason=reason, by=by, now=now)
                return InboundOutcome.CONFIRMED
            cancel(appointment=appointment, reason=reason or Reason.RESIDENT_ASKED, by=by, now=now)
            return InboundOutcome.CANCELLED
    except RecordGone:
        return None
    except PermanenceError:
        appointment.refresh_from_db()
        return _too_late(appointment, yes=yes) if is_offer_over(appointment, now) else None


def _is_theirs(number: str, appointment: Appointment) -> bool:
    return ResidentPhone.objects.filter(resident=appointment.resident_id, number=number).exists()


def _too_late(appointment: Appointment, *, yes: bool) -> InboundOutcome:
    waits = note_late_answer(appointment=appointment)
    if not yes:
        return InboundOutcome.DECLINED
    return InboundOutcome.GONE_WAITS if waits else InboundOutcome.GONE


@transaction.atomic
def ask_call_back(
    *,
    commune: Commune,
    number: str,
    why: DeskReason,
    now: datetime,
    appointment: Appointment | None = None,
    resident: Resident | None = None,
    inbound: InboundMessage | None = None,
    told: About | None = None,
) -> bool:
    """Put someone on the call list because they asked, or because a human must read what they wrote.

    Returns False if the person is on the list already: their line then counts the request and keeps all their
    words. So does a line of the same number that holds the same words, whatever it is about: a phone that
    answers by itself says them to every message.
    """
    said = inbound.text if inbound else ""
    if said and (same := _line_with(said, commune, number, now)):
        _ask_again(same, inbound, said, why, now)
        return False
    cause = f"asks:{commune.pk}:{appointment.pk if appointment else 0}:{number}"[:40]
    before = Message.objects.filter(cause=cause, kind=MessageKind.CALL_BACK).order_by("-step")
    waiting = before.to_call_back(now).first()
    step = waiting.step if waiting else 1 + (before.values_list("step", flat=True).first() or 0)
    text = said
    if not text and told:
        text = compose(MessageKind.CALL_BACK, told, channel=Channel.DESK).text
    until = now + CALL_BACK_WITHIN
    line, is_new = Message.objects.select_for_update().get_or_create(
        cause=cause,
        recipient=waiting.recipient if waiting else number,
        kind=MessageKind.CALL_BACK,
        step=step,
        defaults={
            "commune": commune,
            "appointment": appointment,
            "resident": resident,
            "audience": Audience.RESIDENT,
            "channel": Channel.DESK,
            "text": text,
            "segments": 0,
            "told_start": appointment.starts_at if appointment else None,
            "told_site": appointment.site if appointment else None,
            "urgency": Urgency.NOW,
            "due_at": now,
            "expires_at": max(until, appointment.starts_at) if appointment else until,
            "why": why,
            "inbound": inbound,
            "asked_at": now,
            "know_by": appointment.starts_at if appointment else now + RETURNED_WITHIN,
            "created_at": now,
        },
    )
    if not is_new:
        _ask_again(line, inbound, text, why, now)
    return is_new


def _line_with(text: str, commune: Commune, number: str, now: datetime) -> Message | None:
    """The line of the call list on which this number has said the same before."""
    lines = Message.objects.to_call_back(now).filter(
        commune=commune, recipient=number, kind=MessageKind.CALL_BACK
    )
    waiting = lines.exclude(inbound=None).select_for_update(of=("self",)).order_by("id")
    return next((line for line in waiting if _holds(line, text)), None)


def _holds(line: Message, text: str) -> bool:
    """Whether the line has these words already, as a part of its own."""
    said = [fold(part) or part.strip() for part in line.text.split("\n")]
    new = [fold(part) or part.strip() for part in text.split("\n")]
    return any(said[i : i + len(new)] == new for i in range(len(said) - len(new) + 1))


def _ask_again(
    line: Message, inbound: InboundMessage | None, text: str, why: DeskReason, now: datetime
) -> None:
    if inbound and line.inbound_id == inbound.pk:
        return
    if text and not _holds(line, text):
        line.text = f"{line.text}\n{text}".strip()[-MOST_TEXT:]
    if inbound and inbound.text:
        line.inbound = inbound
        if line.why != DeskReason.WRONG_NUMBER:  # the most important reason: it stays
            line.why = why
    if line.expires_at < now + CALL_BACK_WITHIN / 2:
        # Not at each request: the list is sorted by this time, so someone who asks often would move down.
        line.expires_at = now + CALL_BACK_WITHIN
    line.times_asked = min(line.times_asked + 1, MOST_TIMES)
    line.asked_at = now
    line.save(update_fields=["text", "inbound", "why", "expires_at", "times_asked", "asked_at"])
