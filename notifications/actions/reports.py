"""What the provider reports about a message, in whatever order it comes."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from booking.models import Resident, ResidentPhone
from notifications.enums import Failure, State
from notifications.models import Message


@transaction.atomic
def report(
    *, message_id: int, provider_id: str, state: State, code: str = "", failure: str = "", now: datetime
) -> bool:
    """Move a message forward; False if that is no news. A report may come before the reply to our own
    request, so it also settles what was in doubt. A report about another try of ours is none of this row's.
    """
    rows = Message.objects.filter(Q(provider_id="") | Q(provider_id=provider_id), pk=message_id)
    rows = rows.exclude(state__in=(State.OWED, State.EXPIRED, State.TOLD))
    rows.filter(provider_id="").update(provider_id=provider_id)
    rows.filter(sent_at=None).update(sent_at=now)
    values: dict[str, object] = {"state": state, "claim": "", "error_code": code, "failure": failure}
    if state == State.DELIVERED:
        values["delivered_at"] = now
    if failure == Failure.STOPPED:
        stop_numbers(list(rows.values_list("recipient", flat=True)), now=now)
    return bool(rows.below(state).update(**values))


def stop_numbers(numbers: Iterable[str], *, now: datetime) -> int:
    """No automated message to these numbers any more, whoever has them, a contact person too."""
    numbers = list(numbers)
    contacts = Resident.objects.filter(contact_phone__in=numbers, contact_stopped_at=None)
    stopped = contacts.update(contact_stopped_at=now)
    return stopped + ResidentPhone.objects.filter(number__in=numbers, stopped_at=None).update(stopped_at=now)


def resume_number(number: str) -> None:
    """Automated messages are welcome there again."""
    ResidentPhone.objects.filter(number=number).update(stopped_at=None)
    Resident.objects.filter(contact_phone=number).update(contact_stopped_at=None)
