"""The part of a sweep about faults of cabins: writes down who must hear of what was done about one.

Managers and technicians of the commune hear by e-mail, or by text message where their address is not
confirmed; whoever repairs (a field of the place) by what is written there. Each hears of each step once: the
message is unique by fault, recipient and step. Whoever took the step themselves is not told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Membership, current
from booking.actions.base import action
from communes.enums import Equipment, IncidentKind, IncidentStepKind
from communes.models import Incident, IncidentStep
from core.phones import can_receive_sms
from core.roles import TOLD_OF_FAULTS, Role
from core.templatetags.times import end_in_sentence
from notifications.enums import Channel, MessageKind
from notifications.models import Message
from notifications.plan.hours import Urgency
from notifications.providers import provider_for
from notifications.texts.gsm7 import fold, measure

BATCH = 50
TOLD_WITHIN = timedelta(hours=24)
"""What could not leave by then leaves no more: the list of faults says it."""

_STEPS = {IncidentStepKind.CONFIRMED: 0, IncidentStepKind.TAKEN: 1, IncidentStepKind.CLOSED: 2}
_FIRST_CHANGE = 10
"""The number of the first change of the end; the next ones follow."""

CLOSED = _STEPS[IncidentStepKind.CLOSED]
_CAUSE = "incident:"

_NAMES = {
    IncidentKind.SCREEN: Equipment.SCREEN.label,
    IncidentKind.SCANNER: Equipment.SCANNER.label,
    IncidentKind.PRINTER: Equipment.PRINTER.label,
    IncidentKind.VIDEO: Equipment.VIDEO.label,
    IncidentKind.KIT: Equipment.MEDICAL_KIT.label,
    IncidentKind.DOOR: gettext_lazy("door"),
    IncidentKind.CLEANLINESS: gettext_lazy("cleanliness"),
    IncidentKind.OFFLINE: gettext_lazy("screen offline"),
}
"""What is wrong, without an article: for subjects."""


@dataclass(frozen=True, slots=True)
class _Recipient:
    channel: Channel
    address: str


@action
def plan_faults(*, now: datetime) -> int:
    """Write the messages owed for steps that are new, in the transaction that marks them as told. Steps that
    another sweep has locked are left to it. Returns how many were written."""
    steps = list(
        IncidentStep.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(told_at=None)
        .select_related("incident__commune", "incident__site", "incident__cabin")
        .order_by("pk")[:BATCH]
    )
    if not steps:
        return 0
    members = _members({step.incident.commune_id for step in steps}, now)
    rows: list[Message] = []
    for step in steps:
        own = list(_rows(step, members, now)) if _is_told(step, now) else []
        step.told_at, step.told_to = now, len(own)
        rows += own
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    IncidentStep.objects.bulk_update(steps, ["told_at", "told_to"])
    return len(rows)


def is_over(message: Message) -> bool:
    """Whether the fault of this message has been closed since, so that only that is still true."""
    pk = message.cause.removeprefix(_CAUSE)
    closed = Incident.objects.filter(pk=pk, closed_at__isnull=False)
    return message.step != CLOSED and closed.exists()


def _is_told(step: IncidentStep, now: datetime) -> bool:
    is_news = step.kind in (*_STEPS, IncidentStepKind.END_CHANGED) and now - step.at < TOLD_WITHIN
    if step.incident.kind == IncidentKind.OFFLINE and step.kind == IncidentStepKind.TAKEN:
        return False  # who takes care of a dark screen silences it
    return is_news and step.incident.confirmed_at is not None


def _rows(step: IncidentStep, members: Iterable[Membership], now: datetime) -> Iterable[Message]:
    incident = step.incident
    text = _text(step)
    for recipient in dict.fromkeys(_recipients(step, members)):
        is_text = recipient.channel == Channel.SMS
        said = fold(text) if is_text else text
        yield Message(
            commune=incident.commune,
            cause=f"{_CAUSE}{incident.pk}",
            recipient=recipient.address,
            kind=MessageKind.FAULT,
            step=_number(step),
            channel=recipient.channel,
            text=said,
            segments=measure(said).count if is_text else 0,
            urgency=Urgency.NOW,
            due_at=now,
            expires_at=now + TOLD_WITHIN,
            created_at=now,
        )


def _number(step: IncidentStep) -> int:
    if step.kind != IncidentStepKind.END_CHANGED:
        return _STEPS[IncidentStepKind(step.kind)]
    earlier = IncidentStep.objects.filter(incident=step.incident, kind=step.kind, pk__lt=step.pk)
    return _FIRST_CHANGE + earlier.count()


# ---- to whom ---------------------------------------------------------------------------------------


def _members(commune_ids: set[int], now: datetime) -> list[Membership]:
    rows = Membership.objects.filter(commune__in=commune_ids, agent__is_active=True)
    rows = rows.select_related("agent", "commune").order_by("pk")
    return [each for each in current(rows, lambda: now) if each.roles & TOLD_OF_FAULTS]


def _recipients(step: IncidentStep, members: Iterable[Membership]) -> Iterable[_Recipient]:
    own = [each for each in members if each.commune_id == step.incident.commune_id]
    if step.incident.kind == IncidentKind.OFFLINE:
        # Managers hear of a dark screen only where nobody else looks after them.
        own = [each for each in own if Role.TECHNICIAN in each.roles] or own
    for member in own:
        if member.agent_id != step.by_id:
            agent = member.agent
            if agent.email and agent.email_confirmed and provider_for(Channel.EMAIL):
                yield _Recipient(Channel.EMAIL, agent.email)
            elif agent.phone and can_receive_sms(agent.phone):
                yield _Recipient(Channel.SMS, agent.phone)
    maintainer = step.incident.site.maintainer
    if maintainer and step.incident.kind != IncidentKind.OFFLINE:
        yield _Recipient(Channel.EMAIL if "@" in maintainer else Channel.SMS, maintainer)


# ---- what they are told ----------------------------------------------------------------------------


def _text(step: IncidentStep) -> str:
    """In French, which agents and those who repair read."""
    incident = step.incident
    with translation.override("fr"), timezone.override(incident.commune.tz):
        words = {
            "commune": incident.commune.name,
            "place": incident.site.short_name,
            "cabin": incident.where,
            "what": incident.get_kind_display(),
            "end": end_in_sentence(step.expected_end_at),
            "since": end_in_sentence(incident.opened_at),
            "lasted": _lasted(incident),
        }
        if incident.kind == IncidentKind.OFFLINE:
            return _offline_wording(step) % {**words, "screen": incident.about}
        text = _wording(step) % words
        if step.kind == IncidentStepKind.CONFIRMED and incident.note:
            text = f"{text} « {incident.note} »"
        return text


def _offline_wording(step: IncidentStep) -> str:
    if step.kind == IncidentStepKind.CLOSED:
        return _(
            "%(commune)s: the screen “%(screen)s” answers again, %(place)s. It was silent for %(lasted)s."
        )
    return _("%(commune)s: the screen “%(screen)s” does not answer, %(place)s. Last sign of life: %(since)s.")


def _lasted(incident: Incident) -> str:
    """« 1 h 08 », « 12 min »."""
    if incident.closed_at is None:
        return ""
    minutes = int((incident.closed_at - incident.opened_at).total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s") % {"hours": minutes // 60, "minutes": f"{minutes % 60:02}"}


def _wording(step: IncidentStep) -> str:
    is_known = step.expected_end_at is not None
    match step.kind:
        case IncidentStepKind.CONFIRMED if is_known:
            return _("%(commune)s: fault, %(what)s. %(place)s, %(cabin)s. Expected end: %(end)s.")
        case IncidentStepKind.CONFIRMED:
            return _("%(commune)s: fault, %(what)s. %(place)s, %(cabin)s. Nobody knows until when.")
        case IncidentStepKind.TAKEN:
            return _("%(commune)s: somebody takes care of the fault, %(what)s. %(place)s, %(cabin)s.")
        case IncidentStepKind.END_CHANGED if is_known:
            return _("%(commune)s: another end of the fault, %(what)s. %(place)s, %(cabin)s: %(end)s.")
        case IncidentStepKind.END_CHANGED:
            return _("%(commune)s: the fault lasts, nobody knows until when, %(what)s. %(place)s, %(cabin)s.")
        case _:
            return _("%(commune)s: the fault is over, %(what)s. %(place)s, %(cabin)s.")


def subject_of(message: Message) -> str:
    """The subject of an e-mail about a fault, in French; empty if the fault is there no more."""
    found = Incident.objects.filter(pk=message.cause.removeprefix(_CAUSE))
    incident = found.select_related("site", "cabin").first()
    if incident is None:
        return ""
    with translation.override("fr"):
        words = {
            "what": _NAMES[IncidentKind(incident.kind)],
            "cabin": incident.where,
            "place": incident.site.short_name,
        }
        if message.step == CLOSED:
            return _("Fault over: %(what)s, %(cabin)s, %(place)s") % words
        return _("Fault: %(what)s, %(cabin)s, %(place)s") % words
