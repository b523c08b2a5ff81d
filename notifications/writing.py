"""Writes the exact texts, the same way for messages that are sent and for the previews at the desk."""

from collections.abc import Iterable, Mapping
from datetime import datetime

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
) -> About:
    return About(
        commune=commune.name,
        phone=format_national(commune.public_phone, phone_region(commune.insee_code))
        if commune.public_phone
        else "",
        time_zone=commune.tz,
        start=start,
        place=site.short_name,
        number=number,
        until=until,
        who=who,
        must_say_number=must_say_number,
    )


def about_nothing(commune: Commune, now: datetime) -> About:
    """For a text that concerns no appointment."""
    phone = format_national(commune.public_phone, phone_region(commune.insee_code))
    return About(commune.name, phone if commune.public_phone else "", commune.tz, now, "")


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


def text_of_planned(
    planned: PlannedMessage, appointment: Appointment, wordings: Wordings, *, whose: AppointmentHistory
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
        ),
        commune=appointment.commune,
        channel=planned.channel,
        audience=planned.audience,
        languages=resident.languages,
        wordings=wordings,
    )
