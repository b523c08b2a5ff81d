"""What would leave if an appointment were given to somebody else: to the one, and to the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from booking.enums import EventKind
from booking.models import Appointment, Resident
from notifications import facts, writing
from notifications.case import Case, Change, Owed
from notifications.enums import Audience
from notifications.handed_on import since_given
from notifications.plan import plan
from notifications.suppressions import suppressed
from notifications.writing import Preview, Wordings

_UNWRITTEN = 2**62


@dataclass(frozen=True, slots=True)
class Told:
    """One of the two, and the messages to them and their contact person; none: they need not be told."""

    resident: Resident
    messages: tuple[tuple[bool, Preview], ...]
    """Each with whether it is to the contact person."""


@dataclass(frozen=True, slots=True)
class Giving:
    former: Told | None
    to: Told


def preview_giving(*, appointment: Appointment, to: Resident, now: datetime) -> Giving:
    """As the plan decides it, with the very texts that leave. `appointment` comes with commune, site and
    resident."""
    case = facts.cases([appointment])[appointment.pk]
    wordings = writing.wordings_of([appointment.commune_id])
    taken = Change(_UNWRITTEN, EventKind.GIVEN, now, by_agent=True, stands=case.now_told)
    phones = list(to.phones.order_by("id"))
    reach = facts.reach(to, phones, suppressed(facts.numbers_of(to, phones)))
    before = next((each for each in case.formers if each.reach and each.reach.resident_id == to.pk), None)
    theirs = replace(
        case,
        reach=reach,
        changes=since_given((*case.changes, taken)),
        attempts=before.attempts if before else (),
        is_confirmed=False,
        formers=(),
    )
    former = None
    if appointment.resident is not None:
        messages = _messages(case.of_former(taken, reach), appointment, wordings, now)
        former = Told(appointment.resident, tuple(messages))
    return Giving(former, Told(to, tuple(_messages(theirs, appointment, wordings, now))))


def _messages(
    case: Case, appointment: Appointment, wordings: Wordings, now: datetime
) -> Iterator[tuple[bool, Preview]]:
    for owed in plan(case, now).owed:
        yield owed.audience == Audience.CONTACT, _preview(owed, case, appointment, wordings, now)


def _preview(owed: Owed, case: Case, appointment: Appointment, wordings: Wordings, now: datetime) -> Preview:
    text = writing.text_owed(owed, appointment, wordings, whose=case)
    return Preview(owed.channel, owed.recipient, text, owed.why, owed.due_at, owed.due_at > now)
