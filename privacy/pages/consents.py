"""What a person has agreed to, and what ends with each withdrawal."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.enums import ReachBy
from booking.models import Appointment, Resident
from core.phones import format_national
from notifications.actions.person import told_to_contact
from notifications.enums import AUTOMATIC, Audience, State
from notifications.models import Message
from notifications.suppressions import suppressed
from privacy.enums import Consent


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """`noted`: what is kept or done because of it; empty if there is nothing to withdraw. `effects`: what
    changes with its withdrawal. `again`: where it can be given again."""

    what: Consent
    noted: list[str]
    effects: list[str]
    again: str


def consents_of(resident: Resident, *, now: datetime) -> list[GivenConsent]:
    return [_calls(resident), _messages(resident), _contact(resident), _needs(resident, now)]


def _calls(resident: Resident) -> GivenConsent:
    called = [each.number for each in resident.phones.all() if each.may_call]
    only = _("They are told by e-mail.") if resident.email else _("They are told at the desk, or by letter.")
    return GivenConsent(
        Consent.CALLS,
        [format_national(number) for number in called],
        [_("Nobody calls or texts any of their numbers any more, the desk neither."), only],
        _("on the record: “may we call or text?” of each number"),
    )


def _messages(resident: Resident) -> GivenConsent:
    numbers = [each.number for each in resident.phones.all()]
    stopped = suppressed((resident.commune_id, number) for number in numbers)
    free = [number for number in numbers if (resident.commune_id, number) not in stopped]
    ways = [format_national(number) for number in free] + ([resident.email] if resident.email else [])
    if resident.reach_by == ReachBy.NONE:
        ways = []
    waiting = Message.objects.filter(
        resident=resident, audience=Audience.RESIDENT, channel__in=AUTOMATIC, state=State.PENDING
    ).count()
    text = ngettext(
        "%(n)s message that waits does not leave any more.",
        "%(n)s messages that wait do not leave any more.",
        waiting,
    )
    effects = [_("No reminder, no change, no offer leaves by itself: the desk calls, from its call list.")]
    if waiting:
        effects.append(text % {"n": waiting})
    if resident.contact_is_told:
        effects.append(_("Their contact person is still told: that is another consent."))
    return GivenConsent(
        Consent.MESSAGES, ways, effects, _("on the record: the preferred way, and the button of each number")
    )


def _contact(resident: Resident) -> GivenConsent:
    noted = [
        each
        for each in (
            resident.contact_name,
            resident.contact_relation,
            format_national(resident.contact_phone),
        )
        if each
    ]
    told = told_to_contact(resident).count()
    effects = [_("Name, link and number are deleted, also from the history of the record.")]
    if told:
        text = ngettext(
            "%(n)s message to that person is deleted, at the provider too if it can be asked.",
            "%(n)s messages to that person are deleted, at the provider too if it can be asked.",
            told,
        )
        effects.append(text % {"n": told})
    effects.append(_("That person is told nothing more, not even of coming appointments."))
    return GivenConsent(Consent.CONTACT, noted, effects, _("on the record: “Contact person”"))


def _needs(resident: Resident, now: datetime) -> GivenConsent:
    notes = Appointment.objects.filter(resident=resident).exclude(note="")
    noted = list(resident.need_labels)
    if count := notes.count():
        noted.append(
            ngettext("%(n)s note on an appointment", "%(n)s notes on appointments", count) % {"n": count}
        )
    effects = [_("What helps the visit is deleted, also from the history of the record.")]
    coming = notes.filter(starts_at__gt=now).count()
    if coming:
        text = ngettext(
            "The note of %(n)s coming appointment is deleted, with what was to be prepared.",
            "The notes of %(n)s coming appointments are deleted, with what was to be prepared.",
            coming,
        )
        effects.append(text % {"n": coming})
    return GivenConsent(Consent.NEEDS, noted, effects, _("on the record: “What helps”"))
