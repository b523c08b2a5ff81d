"""Withdrawal of a consent (article 7, paragraph 3, of the GDPR): what it allowed ends at once, and what was
written down because of it is deleted. Where it was given, it can be given again: on the person's record.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from agents.models import Agent
from booking.actions import edit, update_resident
from booking.actions.base import action
from booking.actions.residents import CONTACT, PhoneInput, tell_sites
from booking.enums import ReachBy, ResidentChangeKind, Status
from booking.log import Actor
from booking.models import Appointment, Resident, ResidentChange
from core.edits import lock_row
from notifications.actions.person import forget_contact, own_addresses, stop_messages
from notifications.tasks import erase_at_providers_now
from privacy.actions.erasing import drop_copies
from privacy.actions.requests import answered_now
from privacy.enums import CameBy, Consent, Right
from privacy.models import RightsRequest


@action
def withdraw(
    *, resident: Resident, what: Consent, came_by: CameBy, by: Agent, now: datetime
) -> RightsRequest:
    """Note that the person withdraws this consent, and act on it. Again it changes nothing. Raises RecordGone
    where the record was merged or erased meanwhile."""
    tell_sites([resident])
    resident = lock_row(Resident.objects.current().select_related("commune"), resident.pk)
    actor = Actor.agent(by)
    match what:
        case Consent.CALLS:
            done = _end_calls(resident, actor, now)
        case Consent.MESSAGES:
            done = _end_messages(resident, actor, now)
        case Consent.CONTACT:
            done = _forget_contact(resident, actor, now)
        case Consent.NEEDS:
            done = _forget_needs(resident, actor, now)
    return answered_now(
        commune=resident.commune,
        right=Right.WITHDRAWAL,
        came_by=came_by,
        resident=resident,
        proof={"what": what, **done},
        by=by,
        now=now,
    )


def _write(resident: Resident, by: Actor, now: datetime, **fields: Any) -> None:
    kind = ResidentChangeKind.WITHDRAWN
    update_resident(resident=resident, kind=kind, is_asked=True, by=by, now=now, **fields)


def _end_calls(resident: Resident, by: Actor, now: datetime) -> dict[str, int]:
    phones = list(resident.phones.all())
    silent = [
        PhoneInput(
            each.number,
            owner=each.owner,
            may_call=False,
            call_from=each.call_from,
            call_until=each.call_until,
            owner_detail=each.owner_detail,
        )
        for each in phones
    ]
    _write(resident, by, now, phones=silent)
    return {"numbers": sum(each.may_call for each in phones)}


def _end_messages(resident: Resident, by: Actor, now: datetime) -> dict[str, int]:
    """By number, as STOP does; where that does not reach far enough (an e-mail address, a number that others
    have too) also in the record."""
    numbers = set(resident.phones.values_list("number", flat=True))
    if resident.email or numbers - own_addresses([resident.pk]):
        _write(resident, by, now, reach_by=ReachBy.NONE)
    return {"waiting": stop_messages(resident, now=now)}


def _forget_contact(resident: Resident, by: Actor, now: datetime) -> dict[str, int]:
    deleted = forget_contact(resident)
    blank = Resident()
    _write(resident, by, now, **{name: getattr(blank, name) for name in CONTACT})
    _forget_values(resident, CONTACT)
    return {"deleted": sum(deleted.values())}


def _forget_needs(resident: Resident, by: Actor, now: datetime) -> dict[str, int]:
    """Also the notes of visits that are over."""
    noted = Appointment.objects.filter(resident=resident).exclude(note="").order_by("pk")
    count = noted.count()
    for each in noted.filter(starts_at__gt=now).exclude(status=Status.CANCELLING):
        edit(appointment=each, note="", by=by, now=now)
    noted.update(note="")
    _write(resident, by, now, needs=[])
    _forget_values(resident, ("needs",))
    return {"notes": count}


def _forget_values(resident: Resident, names: tuple[str, ...]) -> None:
    """Take these values out of the history of the record: that they changed stays, not what they were."""
    for change in ResidentChange.objects.filter(resident=resident).select_for_update():
        left = {name: pair for name, pair in change.values.items() if name not in names}
        if left != change.values:
            ResidentChange.objects.filter(pk=change.pk).update(values=left)
    drop_copies(resident.commune)
    transaction.on_commit(erase_at_providers_now.enqueue)
