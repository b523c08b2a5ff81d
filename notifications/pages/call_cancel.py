"""The second step of cancelling on the phone: the reasons, and who will be told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.models import Agent
from booking.enums import AskedBy, Reason
from booking.forms.cancelling import CancelForm
from booking.models import Appointment
from notifications.actions import cancel_on_the_phone
from notifications.enums import DeskReason
from notifications.pages.announced import AnnouncedMessage, announce_change
from notifications.pages.call_cards import CallCard, CallTopic

CANNOT_BE = {
    DeskReason.HELPER_ABSENT: Reason.HELPER_ABSENT,
    DeskReason.NO_HELPER: Reason.NO_HELPER,
    DeskReason.SITE_CLOSED: Reason.SITE_CLOSED,
    DeskReason.CABIN_DOWN: Reason.CABIN_OUT_OF_ORDER,
    DeskReason.FAULT: Reason.FAULT,
}
"""Why an appointment that could not take place is cancelled, unless the agent says otherwise."""


@dataclass(frozen=True)
class CancelStep:
    """What an agent reads and chooses before an appointment on the call list is cancelled."""

    card: CallCard
    appointment: Appointment
    form: CancelForm
    sends: tuple[AnnouncedMessage, ...]
    """The messages that leave; not what the agent says to the person."""

    @property
    def stays(self) -> list[Appointment]:
        """The person's other coming appointments, which stay."""
        topics = (topic.appointment for topic in self.card.topics if topic.can_change)
        return [each for each in topics if each is not None and each.pk != self.appointment.pk]


def open_step(
    cards: Iterable[CallCard],
    pk: int | None,
    *,
    sent: Mapping[str, str] | None = None,
    by: Agent,
    now: datetime,
) -> CancelStep | None:
    """The step for this appointment, if it is on a card and can still be cancelled; `sent`: its form."""
    for card in cards:
        for topic in card.topics:
            if topic.appointment and topic.appointment.pk == pk and topic.can_change:
                form = CancelForm(sent, initial=why_of(topic))
                return _step(card, form, topic.appointment, by, now)
    return None


def _step(card: CallCard, form: CancelForm, found: Appointment, by: Agent, now: datetime) -> CancelStep:
    appointment = Appointment.objects.select_related("commune", "site", "resident").get(pk=found.pk)
    why = form.why if form.is_valid() else form.initial

    def change() -> bool:
        copied = Appointment.objects.get(pk=found.pk)
        cancel_on_the_phone(appointment=copied, **why, told_at=card.told_at, by=by, now=now)
        return True

    announcement = announce_change(change, commune=card.commune, now=now)
    return CancelStep(card, appointment, form, tuple(announcement.leaving))


def why_of(topic: CallTopic) -> dict[str, Any]:
    """What the form begins with: our own reason where it could not take place, else that they cannot come."""
    own = [CANNOT_BE[DeskReason(each.message.why)] for each in topic.lines if each.message.why in CANNOT_BE]
    if own:
        return {"reason": own[0], "asked_by": AskedBy.MAIRIE}
    return {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT}
