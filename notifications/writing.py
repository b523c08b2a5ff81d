"""Writes the exact texts, the same way for messages that are sent and for the previews at the desk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.enums import EventKind, Status
from booking.models import Appointment, Resident, ResidentPhone
from communes.models import Commune, Site
from core.insee import phone_region
from core.phones import format_national
from notifications import histories, texts
from notifications.enums import Audience, Channel, DeskReason, MessageKind
from notifications.models import CommuneText
from notifications.plan.decide import plan
from notifications.plan.escalation import contact_ways
from notifications.plan.history import AppointmentHistory, Change, PlannedMessage
from notifications.suppressions import suppressed
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


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent if the appointment were made now. Without a channel nothing is sent: the agent
    tells the person."""

    channel: Channel | None
    recipient: str
    text: ComposedText
    why: DeskReason | str = ""
    due_at: datetime | None = None

    leaves_later: bool = False
    """Not sent now, because no message may leave at this hour."""

    @property
    def is_automatic(self) -> bool:
        return self.channel is not None and self.channel != Channel.DESK


def preview(
    *,
    site: Site,
    start: datetime,
    resident: Resident,
    commune: Commune,
    kind: MessageKind,
    now: datetime,
    phones: Sequence[ResidentPhone] | None = None,
) -> Preview:
    """What the resident will receive, as the plan decides it and with the exact text. `phones`: those of
    someone who is not in the records yet."""
    if phones is None:
        phones = list(resident.phones.order_by("id"))
    change = Change(0, _EVENTS[kind], now, by_agent=True, stands=(start, site.pk))
    history = AppointmentHistory(
        status=Status.CANCELLED if kind == MessageKind.CANCELLATION else Status.BOOKED,
        start=start,
        site_id=site.pk,
        reach=histories.reach(resident, phones, suppressed(histories.numbers_of(resident, phones))),
        rules=histories.rules_by_commune({commune.pk: commune})[commune.pk],
        changes=(change,),
    )
    return _preview(history, kind, about(commune, site, start), commune, resident, now)


def preview_move(*, appointment: Appointment, site: Site, start: datetime, now: datetime) -> Preview:
    """The same for moving an appointment. Someone who was not told the old time is told the new one as if
    it were the first."""
    history = histories.load_histories([appointment])[appointment.pk]
    moved = Change(_UNWRITTEN, EventKind.MOVED, now, by_agent=True, stands=(start, site.pk))
    history = replace(history, start=start, site_id=site.pk, changes=(*history.changes, moved))
    told = about(appointment.commune, site, start, number=appointment.number)
    return _preview(history, MessageKind.CHANGE, told, appointment.commune, appointment.resident, now)


_UNWRITTEN = 2**62
_EVENTS = {
    MessageKind.CONFIRMATION: EventKind.BOOKED,
    MessageKind.CHANGE: EventKind.MOVED,
    MessageKind.CANCELLATION: EventKind.CANCELLED,
}


def _preview(
    history: AppointmentHistory,
    kind: MessageKind,
    told: About,
    commune: Commune,
    resident: Resident | None,
    now: datetime,
) -> Preview:
    planned = next((each for each in plan(history, now).planned if each.audience == Audience.RESIDENT), None)
    channel = planned.channel if planned else None
    text = write(
        planned.kind if planned else kind,
        told,
        commune=commune,
        channel=channel or Channel.DESK,
        audience=Audience.RESIDENT,
        languages=resident.languages if resident else (),
        wordings=wordings_of([commune.pk]),
    )
    if planned is None:
        return Preview(None, "", text, why_silent(history))
    return Preview(channel, planned.recipient, text, planned.why, planned.due_at, planned.due_at > now)


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
