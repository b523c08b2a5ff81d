"""A message or a call that a manager sends to their own phone, to see or hear a text as it arrives."""

from datetime import datetime, timedelta
from secrets import token_hex

from agents.models import Agent
from booking.models import Resident, ResidentPhone
from communes.models import Commune
from notifications.enums import Channel, MessageKind
from notifications.errors import NumberOfResident, TooManyTests
from notifications.models import Message
from notifications.plan.hours import Urgency
from notifications.texts import ComposedText

MOST = 5
WITHIN = timedelta(hours=1)
"""A commune sends at most MOST tests WITHIN this time: each costs money."""
LEAVES_WITHIN = timedelta(minutes=30)


def send_test(
    *,
    commune: Commune,
    number: str,
    text: ComposedText,
    by: Agent,
    now: datetime,
    channel: Channel = Channel.SMS,
) -> Message:
    """Have the next sweep send `text` to `number` (E.164), or say it in a call. It asks nothing: an answer to
    it changes nothing. Raises TooManyTests; NumberOfResident for a number in a resident's record, who would
    take it for theirs.
    """
    tests = Message.objects.filter(commune=commune, kind=MessageKind.TEST, created_at__gt=now - WITHIN)
    if tests.count() >= MOST:
        raise TooManyTests
    residents = Resident.objects.current().filter(commune=commune)
    known = ResidentPhone.objects.filter(resident__in=residents, number=number)
    if known.exists() or residents.filter(contact_phone=number).exists():
        raise NumberOfResident
    return Message.objects.create(
        commune=commune,
        cause=f"test:{token_hex(8)}",
        recipient=number,
        kind=MessageKind.TEST,
        channel=channel,
        language=text.language,
        text=text.text,
        segments=text.segments.count,
        urgency=Urgency.REPLY,
        due_at=now,
        expires_at=now + LEAVES_WITHIN,
        handled_by=by,
        created_at=now,
    )
