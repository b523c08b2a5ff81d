from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MessageKind(TextChoices):
    """What a message tells."""

    CONFIRMATION = "confirmation", _("confirmation")
    REMINDER = "reminder", _("reminder")
    CHANGE = "change", _("change")
    CANCELLATION = "cancellation", _("cancellation")
    PHONE_CANCEL = "phone_cancel", _("cancellation from another phone")
    MAINTAINED = "maintained", _("takes place after all")
    NOT_YOURS = "not_yours", _("was not for them")
    LATE = "late", _("delay")
    IMPOSSIBLE = "impossible", _("cannot take place")
    OFFER = "offer", _("offer of a freed time")
    MISSED = "missed", _("we missed you")
    ANSWER = "answer", _("answer to a reply")
    CALL_BACK = "call_back", _("asks to be called")
    TEST = "test", _("test message")
    FAULT = "fault", _("fault of a cabin")


TELLING = (
    MessageKind.CONFIRMATION,
    MessageKind.CHANGE,
    MessageKind.CANCELLATION,
    MessageKind.PHONE_CANCEL,
    MessageKind.MAINTAINED,
    MessageKind.NOT_YOURS,
)
"""Kinds that tell someone when to come, or not to come. They do not wait for office hours."""


WHATEVER_COMES = (MessageKind.NOT_YOURS, MessageKind.ANSWER, MessageKind.CALL_BACK)
"""Kinds that leave whether or not the appointment takes place."""


class Audience(TextChoices):
    RESIDENT = "resident", _("resident")
    CONTACT = "contact", _("contact person")


class Direction(TextChoices):
    SENT = "sent", _("to the person")
    RECEIVED = "received", _("from the person")


class Channel(TextChoices):
    SMS = "sms", _("text message")
    VOICE = "voice", _("phone call")
    EMAIL = "email", pgettext_lazy("message", "e-mail")
    DESK = "desk", _("to be called by the desk")


AUTOMATIC = (Channel.SMS, Channel.VOICE, Channel.EMAIL)


class State(TextChoices):
    """States only move forward: see RANK."""

    PENDING = "owed", _("to be sent")
    SENDING = "sending", _("being sent")
    UNKNOWN = "unknown", _("perhaps sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("not delivered")
    EXPIRED = "expired", _("too late to send")
    TOLD = "told", _("told by the desk")


RANK: dict[State, int] = {
    State.PENDING: 0,
    State.SENDING: 1,
    State.UNKNOWN: 2,
    State.SENT: 3,
    State.FAILED: 4,
    State.DELIVERED: 5,
    State.EXPIRED: 5,
    State.TOLD: 6,
}
"""The order of states. A provider's reports come in any order, so a state is replaced only by one of a
higher rank."""

LEFT = (State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED, State.TOLD)
"""The states in which the recipient knows, or may know, what the message says."""


class Failure(TextChoices):
    """What a provider's error code means. It decides what is tried next."""

    TRANSIENT = "transient", _("not reachable for now")
    NUMBER = "number", _("this number cannot receive it")
    INVALID = "invalid", _("this number does not exist")
    REPLACED = "replaced", _("the number was corrected since")
    UNREACHED = "unreached", _("phone off or out of reach")
    PATH = "path", _("not carried from this sender to this number")
    STOPPED = "stopped", _("asked for no more messages")
    BUSY = "busy", _("busy")
    NO_ANSWER = "no_answer", _("no answer")
    MACHINE = "machine", _("answering machine")
    REFUSED = "refused", _("hung up without an answer")
    SENDER = "sender", _("the commune's sender is refused: waits")
    ACCOUNT = "account", _("the provider's account is refused: waits")
    LOST = "lost", _("perhaps sent, cannot be asked")
    UNREPORTED = "unreported", _("not known whether it arrived")
    LIMITED = "limited", _("the record is limited: nothing leaves")


class ErrorScope(StrEnum):
    """How far a provider's error reaches, and so whose messages wait."""

    DESTINATION = "destination"
    """This recipient only: another contact way is tried at once."""
    PAIR = "pair"
    """This recipient only; the sender, if it happens with several recipients."""
    DOUBTFUL = "doubtful"
    """This recipient only; the account, if it happens with several recipients."""
    SENDER = "sender"
    """All messages of the commune by this channel."""
    ACCOUNT = "account"
    """All messages of the installation by this provider."""


class DeskReason(TextChoices):
    """Why the desk must call, write to or speak with the person."""

    NO_PHONE = "no_phone", _("no phone")
    NO_MOBILE = "no_mobile", _("landline only")
    MAY_NOT_CALL = "may_not_call", _("wants no automatic message")
    STOPPED = "stopped", _("wants no more automatic messages")
    NOT_REACHED = "not_reached", _("not reached")
    NOT_KNOWN = "not_known", _("not known whether the call was heard")
    SOON = "soon", _("not delivered, and it begins soon")
    HELPER_ABSENT = "helper_absent", _("helper absent")
    NO_HELPER = "no_helper", _("no helper on duty")
    SITE_CLOSED = "site_closed", _("site closed")
    CABIN_DOWN = "cabin_down", _("cabin out of order")
    FAULT = "fault", _("equipment out of order")
    ASKED = "asked", _("asks to be called")
    UNCLEAR = "unclear", _("reply not understood")
    WRITTEN = "written", _("wrote what a human must read")
    WRONG_NUMBER = "wrong_number", _("says that the number is wrong")
    TOO_LATE = "too_late", _("no message left in time")


class CallOutcome(TextChoices):
    """What came of a call by the desk, or of what an agent did meanwhile on another page."""

    TOLD = "told", _("the person knows")
    THINKS = "thinks", _("told, wants to think it over")
    NO_ANSWER = "no_answer", _("no answer")
    WRONG_NUMBER = "wrong_number", _("wrong number")
    STOPS = "stops", _("wants no more automatic messages")
    TAKES = "takes", _("takes the offered time")
    DECLINES = "declines", _("does not want the offered time")
    CANCELLED = "cancelled", _("appointment cancelled")
    MOVED = "moved", _("appointment moved")
    CONFIRMED = "confirmed", _("appointment confirmed")


_OF_ADDRESSES = {
    Failure.NUMBER: _("this address cannot receive it"),
    Failure.INVALID: _("this address does not exist"),
    Failure.REPLACED: _("the address was corrected since"),
}


def failure_label(failure: str, channel: str) -> str:
    """Why a message did not arrive, in words that fit its channel; empty if the reason is unknown."""
    if not failure:
        return ""
    known = Failure(failure)
    return str(_OF_ADDRESSES[known] if channel == Channel.EMAIL and known in _OF_ADDRESSES else known.label)


class StopReason(TextChoices):
    """How we learnt that a number wants no automatic messages."""

    REPLY = "reply", _("this number wrote STOP")
    PROVIDER = "provider", _("the phone operator refuses: this number wrote STOP there")
    WRONG_NUMBER = "wrong", _("this number wrote that it is the wrong one")
    DESK = "desk", _("noted by the desk: no more messages to this number")
    RECORDED = "recorded", _("noted before the list existed")


class InboundOutcome(TextChoices):
    """What followed from a text message, or from a key pressed in a call."""

    CONFIRMED = "confirmed", _("confirmed")
    CANCELLED = "cancelled", _("cancelled")
    ACCEPTED = "accepted", _("took the offer")
    DECLINED = "declined", _("declined the offer")
    GONE = "gone", _("wanted a place that was gone")
    GONE_WAITS = "gone_waits", _("wanted a place that was gone, keeps waiting")
    STOPPED = "stopped", _("wants no more messages")
    RESUMED = "resumed", _("wants messages again")
    HELPED = "helped", _("asked what to do")
    ASKED_BACK = "asked_back", _("not understood, asked again")
    TO_DESK = "to_desk", _("passed on to the desk")
    THANKED = "thanked", _("nothing to do")
