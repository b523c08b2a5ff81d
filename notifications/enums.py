from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """What a message tells."""

    CONFIRMATION = "confirmation", _("confirmation")
    REMINDER = "reminder", _("reminder")
    CHANGE = "change", _("change")
    CANCELLATION = "cancellation", _("cancellation")


class Channel(TextChoices):
    SMS = "sms", _("text message")
    VOICE = "voice", _("phone call")
    EMAIL = "email", _("e-mail")
    DESK = "desk", _("to be called by the desk")


class State(TextChoices):
    """States only move forward: see RANK."""

    OWED = "owed", _("to be sent")
    SENDING = "sending", _("being sent")
    UNKNOWN = "unknown", _("perhaps sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("not delivered")
    EXPIRED = "expired", _("too late to send")
    TOLD = "told", _("told by the desk")


RANK: dict[State, int] = {
    State.OWED: 0,
    State.SENDING: 1,
    State.UNKNOWN: 2,
    State.SENT: 3,
    State.DELIVERED: 5,
    State.FAILED: 4,
    State.EXPIRED: 5,
    State.TOLD: 6,
}
