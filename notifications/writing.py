"""Writes the exact texts, the same way for messages that are sent and for the previews at the desk."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from booking.enums import Status
from booking.models import Appointment, Resident
from communes.models import Commune, Site
from core.insee import phone_region
from core.phones import format_national
from notifications import histories, texts
from notifications.enums import Audience, Channel, DeskReason, MessageKind
from notifications.models import CommuneText
from notifications.plan.escalation import contact_ways
from notifications.plan.history import AppointmentHistory, PlannedMessage
from notifications.texts import About, ComposedText

type Wordings = Mapping[tuple[int, str, str], str]
"""The communes' own texts, by commune id, kind and language."""


def wordings_of(commune_ids: Iterable[int]) -> Wordings:
    return {
        (row.commune_id, row.kind, row.language): row.template
        for row in CommuneText.objects.filter(commune__in=set(commune_ids))
    }


def about(
    commune: Commune,
    site: Site,
    start: datetime,
    *,
    number: str = "",
    until: datetime | None = None,
    who: str = "",
    must_say_number: bool = False,
    helper: str = "",
    for_whom: str = "",
    was: datetime | None = None,
) -> About:
    return About(
        commune=commune.name,
        phone=_national(site.phone or commune.public_phone, commune),
        time_zone=commune.tz,
        start=start,
        place=site.short_name,
        number=number,
        until=until,
        who=who,
        must_say_number=must_say_number,
        helper=helper,
        for_whom=for_whom,
        was=was,
    )


def about_nothing(commune: Commune, now: datetime) -> About:
    """For a text that concerns no appointment."""
    return About(commune.name, _national(commune.public_phone, commune), commune.tz, now, "")


def _national(number: str, commune: Commune) -> str:
    return format_national(number, phone_region(commune.insee_code)) if number else ""


def write(
    kind: MessageKind,
    told: About,
    *,
    commune: Commune,
    channel: Channel,
    audience: Audience,
    languages: Iterable[str],
    wordings: Wordings,
) -> ComposedText:
    """The text of one message. For a call this is the text shown in the list of messages; what is said is
    in `texts/spoken.py`. A text for the desk is in the desk's language."""
    language = (
        "fr" if channel == Channel.DESK or audience == Audience.CONTACT else texts.language_for(languages)
    )
    return texts.compose(
        kind,
        told,
        channel=channel,
        language=language,
        two_way=histories.text_sender(commune).two_way and audience == Audience.RESIDENT,
        template=wordings.get((commune.pk, kind, language), ""),
        to_contact=audience == Audience.CONTACT,
    )


def why_silent(history: AppointmentHistory) -> DeskReason | str:
    """Why the resident of this history cannot be reached automatically; empty if they can."""
    if history.reach is None:
        return ""
    first = contact_ways(history.reach, history.rules)[0]
    return DeskReason(first.why) if first.channel == Channel.DESK and first.why else ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a text must tell apart: phones of several residents, and residents with several appointments."""

    shared: Collection[tuple[int, str]] = ()
    """Commune id and number of phones that several residents give."""
    with_several: Collection[int] = ()
    """Ids of residents who have several coming appointments."""


def surroundings(planned: Iterable[tuple[int, str, int]], *, now: datetime) -> Surroundings:
    """Of messages, each as commune id, recipient and resident id; three queries."""
    each = list(planned)
    numbers, residents = {recipient for _, recipient, _ in each}, {pk for _, _, pk in each}
    if not each:
        return Surroundings()
    named = Resident.objects.current().exclude(first_name="", last_name="")
    named = named.filter(commune__in={pk for pk, _, _ in each})
    owners: dict[tuple[int, str], set[int]] = defaultdict(set)
    for field in ("phones__number", "contact_phone"):
        rows = named.filter(**{f"{field}__in": numbers}).values_list("commune_id", field, "pk")
        for commune_id, number, pk in rows:
            owners[commune_id, number].add(pk)
    coming = Appointment.objects.filter(resident__in=residents, status=Status.BOOKED, starts_at__gt=now)
    counted = coming.order_by().values("resident").annotate(n=Count("pk")).filter(n__gt=1)
    return Surroundings(
        {line for line, people in owners.items() if len(people) > 1},
        set(counted.values_list("resident", flat=True)),
    )


def text_of_planned(
    planned: PlannedMessage,
    appointment: Appointment,
    wordings: Wordings,
    around: Surroundings,
    *,
    whose: AppointmentHistory,
) -> ComposedText:
    """The text of a message about an appointment (with commune, site and resident loaded) to the person of
    the history, who may be someone who had the appointment before."""
    assert whose.reach is not None
    resident, start, site = appointment.resident, appointment.starts_at, appointment.site
    if resident is None or resident.pk != whose.reach.resident_id:
        resident = Resident.objects.get(pk=whose.reach.resident_id)
    if planned.told is not None:
        start, site = planned.told[0], Site.objects.get(pk=planned.told[1])
    return write(
        planned.kind,
        about(
            appointment.commune,
            site,
            start,
            number=appointment.number,
            until=planned.expected_at or appointment.held_until,
            who=str(resident),
            must_say_number=resident.is_nameless,
            helper=asked_for(appointment),
            for_whom=_for_whom(planned, resident, around),
            was=planned.was if resident.pk in around.with_several else None,
        ),
        commune=appointment.commune,
        channel=planned.channel,
        audience=planned.audience,
        languages=resident.languages,
        wordings=wordings,
    )


def asked_for(appointment: Appointment) -> str:
    """The first name of the helper, if the resident asked for them by name."""
    return appointment.helper.first_name if appointment.helper and appointment.helper_chosen else ""


def _for_whom(planned: PlannedMessage, resident: Resident, around: Surroundings) -> str:
    is_shared = (resident.commune_id, planned.recipient) in around.shared
    return resident.screen_name if planned.channel == Channel.SMS and is_shared else ""
