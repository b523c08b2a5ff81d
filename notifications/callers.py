"""Which commune a number of ours belongs to, and which residents have the number that writes or calls."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Commune, Site
from communes.open_hours import open_spans
from notifications import histories
from notifications.enums import Channel
from notifications.models import Message, MessageSettings

WITHHELD = {"+266696687", "+7378742833", "+2562533", "+8656696", "+464"}
"""What the provider gives in place of a withheld number: words such as ANONYMOUS, RESTRICTED, BLOCKED or
UNKNOWN, spelled with the keys of a phone."""
HEARD_WITHIN = timedelta(hours=1)
"""Longer than any phone call lasts."""
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")


@dataclass(frozen=True)
class Caller:
    """A number that calls or writes. Several residents may share it."""

    commune: Commune
    number: str
    residents: tuple[Resident, ...]
    answers: tuple[Commune, ...]
    """The communes that a STOP or START concerns: the one whose message they answer. If no commune that
    uses the number written to ever wrote to them: all of those."""
    sharing: tuple[Commune, ...]
    """All communes that use the number written to."""

    @property
    def can_be_called(self) -> bool:
        """False if they withheld their number."""
        return bool(_NUMBER.fullmatch(self.number)) and self.number not in WITHHELD

    @property
    def resident(self) -> Resident | None:
        return self.residents[0] if len(self.residents) == 1 else None

    def in_commune(self, commune: Commune) -> "Caller":
        """The same number, answering a message of this commune."""
        if commune == self.commune:
            return self
        residents = tuple(_known([commune], self.number))
        return replace(self, commune=commune, residents=residents, answers=(commune,))


def caller_of(*, ours: str, theirs: str) -> Caller | None:
    """Find who calls or writes to `ours`; None if that number is no commune's.

    If several communes share it, choose the one whose message or call went to `theirs` last, since the person
    answers that one; else the first that knows the caller; else the first of all.
    """
    settings = {row.commune_id: row for row in MessageSettings.objects.exclude(voice_number="")}
    communes = [
        each for each in Commune.objects.order_by("id") if ours in _numbers(each, settings.get(each.pk))
    ]
    if not communes:
        return None
    residents = tuple(_known(communes, theirs))
    told = _told_last(communes, theirs)
    commune = told or (residents[0].commune if residents else communes[0])
    return Caller(
        commune,
        theirs,
        tuple(each for each in residents if each.commune_id == commune.pk),
        (told,) if told else tuple(communes),
        tuple(communes),
    )


def _known(communes: Sequence[Commune], number: str) -> QuerySet[Resident]:
    found = Resident.objects.current().filter(commune__in=communes, phones__number=number)
    return found.select_related("commune").order_by("commune_id", "id").distinct()


def _told_last(communes: Sequence[Commune], theirs: str) -> Commune | None:
    """The one of these communes that last wrote to or called that number."""
    last = (
        Message.objects.left()
        .filter(commune__in=communes, recipient=theirs, channel__in=(Channel.SMS, Channel.VOICE))
        .order_by(Coalesce("sent_at", "claimed_at", "created_at").desc(), "-id")
        .values_list("commune_id", flat=True)
        .first()
    )
    return next((each for each in communes if each.pk == last), None)


def lines_of(commune: Commune) -> set[str]:
    """The numbers at which our machine answers for a commune, in E.164."""
    return _numbers(commune, MessageSettings.objects.filter(commune=commune).first())


def _numbers(commune: Commune, settings: MessageSettings | None) -> set[str]:
    settings = settings or MessageSettings(commune=commune)
    return {histories.text_sender(commune).text, histories.call_sender(settings).text} - {""}


def coming_by_number(commune: Commune, number: str, *, now: datetime) -> Appointment | None:
    """The commune's coming appointment that has this appointment number."""
    coming = Appointment.objects.filter(
        commune=commune, number=number, status=Status.BOOKED, is_walk_in=False, starts_at__gt=now
    )
    return coming.select_related("commune", "site", "resident").first()


def as_heard(appointment: Appointment) -> str:
    """A signed value for the address to which the caller's keys are sent: the time and the site read out.
    The signature covers the appointment's number, so it is void once the appointment has another person
    and number."""
    heard = [appointment.starts_at.isoformat(), appointment.site_id]
    return signing.dumps(heard, salt=_heard_salt(appointment), compress=False)


def what_was_heard(sealed: str, appointment: Appointment) -> tuple[datetime, int] | None:
    """The time and the site that were read out; None if the appointment has got another number since."""
    try:
        start, site_id = signing.loads(sealed, salt=_heard_salt(appointment), max_age=HEARD_WITHIN)
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(start), site_id


def _heard_salt(appointment: Appointment) -> str:
    return f"notifications.callers.{appointment.pk}.{appointment.number}"


def desk_numbers(commune: Commune, site: Site | None, *, now: datetime) -> list[str]:
    """Where an agent can be expected to pick up now, in E.164, the best first: the own phone of the place in
    question, if it is open, then that of the mairie, if some place of the commune is open. Two queries."""
    today = commune.local(now).date()
    places = commune.sites.filter(is_active=True)
    spans = open_spans(places, commune, today, today + timedelta(days=1))
    is_open = [pk for pk, each in spans.items() if any(opens <= now < closes for opens, closes in each)]
    own = [site.phone] if site and site.pk in is_open else []
    return [number for number in (*own, commune.public_phone if is_open else "") if number]
