"""The second step of cancelling on the phone: the reasons, and who will be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agents.models import Agent
from booking.enums import Reason
from booking.models import Appointment
from notifications.actions import cancel_on_the_phone
from notifications.enums import DeskReason
from notifications.pages.announced import AnnouncedMessage, announce_change
from notifications.pages.call_cards import CallCard, CallTopic

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
    sends: tuple[AnnouncedMessage, ...]
    """The messages that leave; not what the agent says to the person."""

    @property
    def stays(self) -> list[Appointment]:
        """The person's other coming appointments, which stay."""
        topics = (topic.appointment for topic in self.card.topics if topic.can_change)
        return [each for each in topics if each is not None and each.pk != self.appointment.pk]


def open_step(cards: Iterable[CallCard], pk: int | None, *, by: Agent, now: datetime) -> CancelStep | None:
    """The step for this appointment, if it is on a card and can still be cancelled."""
    for card in cards:
        for topic in card.topics:
            if topic.appointment and topic.appointment.pk == pk and topic.can_change:
                return _step(card, topic, topic.appointment, by, now)
    return None


def _step(card: CallCard, topic: CallTopic, found: Appointment, by: Agent, now: datetime) -> CancelStep:
    appointment = Appointment.objects.select_related("commune", "site", "resident").get(pk=found.pk)
    reasons = reasons_for(topic)

    def change() -> bool:
        copied = Appointment.objects.get(pk=found.pk)
        cancel_on_the_phone(appointment=copied, reason=reasons[0], told_at=card.told_at, by=by, now=now)
        return True

    announcement = announce_change(change, commune=card.commune, now=now)
    return CancelStep(card, appointment, reasons, tuple(announcement.leaving))


def reasons_for(topic: CallTopic) -> tuple[Reason, ...]:
    """The reasons among which the agent chooses, the likeliest first."""
    own = [CANNOT_BE[DeskReason(each.message.why)] for each in topic.lines if each.message.why in CANNOT_BE]
    return tuple(dict.fromkeys([*own, *ASKED]))
