"""What residents answer, by a reply or by a key: one definition for both."""

from datetime import datetime, timedelta

from django.db import transaction

from booking.actions import book_hold, cancel, confirm, is_offer_over, note_late_answer, release_hold
from booking.enums import Reason, Status
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.errors import PermanenceError
from communes.models import Commune
from notifications.enums import Audience, Channel, InboundOutcome, Kind, Why
from notifications.hours import Urgency
from notifications.models import InboundMessage, Message
from notifications.texts import About, compose

CALL_BACK_WITHIN = timedelta(days=2)


def take_answer(
    *, appointment: Appointment, told: tuple[datetime, int] | None, yes: bool, now: datetime
) -> InboundOutcome | None:
    """Confirm or cancel that appointment, or take or leave that offer, as the resident says.

    None, and nothing changed, if it is not any more what they were asked about (`told`: the time and
    the site), or if it is too late. For an offer that is over the outcome says so.
    """
    if is_offer_over(appointment, now):
        return _too_late(appointment, yes=yes)
    if told != (appointment.starts_at, appointment.site_id) or appointment.starts_at <= now:
        return None
    by = Actor.resident()
    try:
        with transaction.atomic():
            if appointment.status == Status.HELD:
                if yes:
                    book_hold(appointment=appointment, resident=appointment.resident, by=by, now=now)
                    return InboundOutcome.ACCEPTED
                release_hold(appointment=appointment, by=by, now=now)
                return InboundOutcome.DECLINED
            if yes:
                confirm(appointment=appointment, by=by, now=now)
                return InboundOutcome.CONFIRMED
            cancel(appointment=appointment, reason=Reason.RESIDENT_ASKED, by=by, now=now)
            return InboundOutcome.CANCELLED
    except PermanenceError:
        appointment.refresh_from_db()
        return _too_late(appointment, yes=yes) if is_offer_over(appointment, now) else None


def _too_late(appointment: Appointment, *, yes: bool) -> InboundOutcome:
    waits = note_late_answer(appointment=appointment)
    if not yes:
        return InboundOutcome.DECLINED
    return InboundOutcome.GONE_WAITS if waits else InboundOutcome.GONE


def ask_call_back(
    *,
    commune: Commune,
    number: str,
    cause: str,
    why: Why,
    now: datetime,
    appointment: Appointment | None = None,
    resident: Resident | None = None,
    inbound: InboundMessage | None = None,
    told: About | None = None,
) -> None:
    """Put someone on the call list because they asked, or because what they wrote needs a human."""
    text = inbound.text if inbound and inbound.text else ""
    if not text and told:
        text = compose(Kind.CALL_BACK, told, channel=Channel.DESK).text
    until = now + CALL_BACK_WITHIN
    Message.objects.bulk_create(
        [
            Message(
                commune=commune,
                appointment=appointment,
                resident=resident,
                cause=cause,
                audience=Audience.RESIDENT,
                recipient=number,
                kind=Kind.CALL_BACK,
                channel=Channel.DESK,
                text=text,
                segments=0,
                told_start=appointment.starts_at if appointment else None,
                told_site=appointment.site if appointment else None,
                urgency=Urgency.NOW,
                due_at=now,
                expires_at=max(until, appointment.starts_at) if appointment else until,
                why=why,
                inbound=inbound,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
