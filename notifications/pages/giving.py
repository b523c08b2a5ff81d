"""A preview of what is sent if an appointment is given to somebody else, to the former and the new
resident."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from booking.enums import EventKind
from booking.models import Appointment, Resident
from notifications import histories, writing
from notifications.enums import Audience
from notifications.plan.decide import plan_everyone
from notifications.plan.handed_on import since_given
from notifications.plan.history import AppointmentHistory, Change, MessagePlan, PlannedMessage
from notifications.suppressions import suppressed
from notifications.writing import Preview, Wordings

_UNWRITTEN = 2**62


@dataclass(frozen=True, slots=True)
class PersonMessages:
    """One of these residents, with the messages to them and to their contact person. Empty: they need not
    be told."""

    resident: Resident
    messages: tuple[tuple[bool, Preview], ...]
    """Each message, with whether it is to the contact person."""


@dataclass(frozen=True, slots=True)
class GivingPreview:
    former: PersonMessages | None
    to: PersonMessages
    earlier: tuple[PersonMessages, ...] = ()
    """Residents who had it before the former one. They were not told that it was an error as long as the
    same phone was told about it for another; now they may have to be."""


def preview_giving(*, appointment: Appointment, to: Resident, now: datetime) -> GivingPreview:
    """What is sent after giving `appointment` (with commune, site and resident loaded) to `to`, as the
    plan decides it and with the exact texts."""
    wordings = writing.wordings_of([appointment.commune_id])
    told = {
        history.reach.resident_id: tuple(_messages(history, answer, appointment, wordings, now))
        for history, answer in plan_everyone(_once_given(appointment, to, now), now)
        if history.reach
    }
    former = appointment.resident
    people = Resident.objects.in_bulk(told.keys() - {to.pk, appointment.resident_id})
    return GivingPreview(
        PersonMessages(former, told[former.pk]) if former else None,
        PersonMessages(to, told[to.pk]),
        tuple(
            PersonMessages(people[pk], messages) for pk, messages in told.items() if pk in people and messages
        ),
    )


def _once_given(appointment: Appointment, to: Resident, now: datetime) -> AppointmentHistory:
    history = histories.load_histories([appointment])[appointment.pk]
    taken = Change(_UNWRITTEN, EventKind.GIVEN, now, by_agent=True, stands=history.now_told)
    phones = list(to.phones.order_by("id"))
    before = next((each for each in history.formers if each.reach and each.reach.resident_id == to.pk), None)
    formers = [each for each in history.formers if each is not before]
    if appointment.resident is not None:
        formers.insert(0, history.of_former(taken))
    return replace(
        history,
        reach=histories.reach(to, phones, suppressed(histories.numbers_of(to, phones))),
        changes=since_given((*history.changes, taken)),
        attempts=before.attempts if before else (),
        is_confirmed=False,
        formers=tuple(formers),
    )


def _messages(
    history: AppointmentHistory,
    answer: MessagePlan,
    appointment: Appointment,
    wordings: Wordings,
    now: datetime,
) -> Iterator[tuple[bool, Preview]]:
    for planned in answer.planned:
        yield planned.audience == Audience.CONTACT, _preview(planned, history, appointment, wordings, now)


def _preview(
    planned: PlannedMessage,
    history: AppointmentHistory,
    appointment: Appointment,
    wordings: Wordings,
    now: datetime,
) -> Preview:
    text = writing.text_of_planned(planned, appointment, wordings, whose=history)
    return Preview(
        planned.channel, planned.recipient, text, planned.why, planned.due_at, planned.due_at > now
    )
