"""What was said with the resident about whom everything is kept: messages, answers, calls."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from booking.models import Appointment, IdempotencyRecord, Resident
from communes.models import ApiKey
from notifications.enums import (
    Audience,
    CallOutcome,
    Channel,
    DeskReason,
    Failure,
    InboundOutcome,
    MessageKind,
    State,
)
from notifications.models import CallClaim, CallResult, InboundMessage, Message
from tests.factories import TUESDAY
from tests.privacy.marks import Marks

if TYPE_CHECKING:
    from tests.privacy.everything import Everything


class Carrier(Protocol):
    """A fake provider that takes messages (`tests.notifications.fake_twilio`)."""

    def take(self, resource: str, params: dict[str, str], /) -> Any: ...


def write_messages(here: "Everything", who: Resident, number: str, about: Appointment, at: datetime) -> None:
    """One message in each state by each way that can have it, one to the contact person, and answers."""
    for step, state in enumerate(State):
        ways = (Channel.DESK,) if state == State.TOLD else (Channel.SMS, Channel.VOICE, Channel.EMAIL)
        for way in ways:
            recipient = who.email if way == Channel.EMAIL and who.email else number
            write_message(
                here, at, way, state, resident=who, appointment=about, recipient=recipient, step=step
            )
    write_message(here, at, Channel.SMS, State.SENT, resident=who, recipient=number, kind=MessageKind.ANSWER)
    if who.contact_phone:
        to_contact: dict[str, Any] = {"audience": Audience.CONTACT, "recipient": who.contact_phone}
        write_message(here, at, Channel.SMS, State.DELIVERED, resident=who, appointment=about, **to_contact)
    for outcome in InboundOutcome:
        write_answer(here, number, at, resident=who, appointment=about, outcome=outcome)
    key = ApiKey.objects.create(commune=here.commune, name="Site web", key_hash=f"{who.pk}", created_at=at)
    IdempotencyRecord.objects.create(
        api_key=key, key_hash="-", body_hash=here.mine.word("body"), appointment=about
    )


def write_message(
    here: "Everything", at: datetime, channel: Channel, state: State, *, marks: Marks | None = None, **of: Any
) -> Message:
    n = next(here.serial)
    text = (marks or here.mine).word("message")
    has_left = state not in (State.PENDING, State.EXPIRED, State.TOLD)
    values: dict[str, Any] = {
        "commune": here.commune,
        "cause": f"everything:{n}",
        "kind": MessageKind.REMINDER,
        "language": "fr",
        "why": DeskReason.NOT_REACHED if channel == Channel.DESK else "",
        "failure": Failure.NO_ANSWER if state == State.FAILED else "",
        "error_code": (marks or here.mine).word("error") if state == State.FAILED else "",
        "sent_at": at if state in (State.SENT, State.DELIVERED, State.TOLD) else None,
        "delivered_at": at if state in (State.DELIVERED, State.TOLD) else None,
        "failed_at": at if state == State.FAILED else None,
        "handled_by": here.desk if channel == Channel.DESK else None,
        "due_at": at,
        "expires_at": at + timedelta(days=400 if channel == Channel.DESK else 1),
        "created_at": at,
        "provider_id": _taken(here, of["recipient"], text) if has_left and channel != Channel.DESK else "",
        **of,
    }
    return Message.objects.create(channel=channel, state=state, text=text, **values)


def write_answer(
    here: "Everything", number: str, at: datetime, *, marks: Marks | None = None, **of: Any
) -> None:
    text = (marks or here.mine).word("answer")
    InboundMessage.objects.create(
        commune=here.commune,
        provider_id=_taken(here, number, text),
        sender=number,
        text=text,
        received_at=at + timedelta(minutes=next(here.serial)),
        **of,
    )


def _taken(here: "Everything", number: str, text: str) -> str:
    """The provider's id of it; the provider has it too, if there is one."""
    if here.carrier is not None:
        return str(here.carrier.take("Messages", {"To": number, "Body": text}).sid)
    return f"SM{next(here.serial):032d}"


def write_calls(here: "Everything", who: Resident, number: str, about: Appointment, at: datetime) -> None:
    """A line of the call list; somebody is calling; results of calls, one with what its undo puts back."""
    line = write_message(
        here, at, Channel.DESK, State.PENDING, resident=who, appointment=about, recipient=number
    )
    CallClaim.objects.create(
        resident=who, agent=here.desk, since=TUESDAY, until=TUESDAY + timedelta(minutes=9)
    )
    before = {"lines": [{"id": line.pk, "recipient": number, "why": ""}], "stopped": number}
    for outcome in (CallOutcome.STOPS, CallOutcome.NO_ANSWER):
        CallResult.objects.create(
            commune=here.commune,
            resident=who,
            appointment=about,
            outcome=outcome,
            at=at,
            by=here.desk,
            before=before,
        )
