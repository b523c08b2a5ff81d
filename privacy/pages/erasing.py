"""What an erasure would delete and what it would leave, before it is done; and what it deleted, after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from booking.enums import Status
from booking.models import Appointment, Resident, ResidentPhone, WaitingEntry
from notifications.enums import State
from notifications.models import CallResult, Consent, InboundMessage, Message
from notifications.providers import provider_of
from notifications.suppressions import suppressed
from privacy.actions.erasing import is_here, with_merged
from privacy.enums import RequestState, Right
from privacy.models import RightsRequest

HERE = (Status.ARRIVED, Status.IN_SESSION)


@dataclass(frozen=True, slots=True)
class Preview:
    """`lines`: what goes, with counts. `coming`: the visits about which the agent decides. `asked`: other
    rights that the person has asked for and that nobody can answer any more afterwards."""

    lines: list[str]
    coming: list[Appointment]
    is_here: bool
    erasable: int
    not_erasable: int
    in_doubt: int
    stopped: int
    contact_of: list[Resident]
    contact_is_told: bool
    asked: list[RightsRequest]

    @property
    def shown(self) -> str:
        """The coming visits as the page shows them; another value later says that they have changed."""
        return ",".join(f"{each.pk}:{each.shown}" for each in self.coming)


def preview_erasure(resident: Resident, *, now: datetime) -> Preview:
    ids = with_merged([resident.pk])
    visits = Appointment.objects.filter(resident__in=ids).select_related("commune", "service", "site")
    coming = list(visits.filter(status=Status.BOOKED, ends_at__gt=now).order_by("starts_at", "pk"))
    theirs = Q(resident__in=ids) | Q(appointment__resident__in=ids)
    sent, received = Message.objects.filter(theirs), InboundMessage.objects.filter(theirs)
    numbers = set(ResidentPhone.objects.filter(resident__in=ids).values_list("number", flat=True))
    erasable, not_erasable = _at_providers(sent, received)
    others = Resident.objects.current().filter(commune=resident.commune).exclude(pk__in=ids)
    requests = RightsRequest.objects.filter(resident__in=ids, state=RequestState.OPEN)
    return Preview(
        lines=lines_of(
            {
                "booking.Resident": len(ids),
                "booking.ResidentPhone": ResidentPhone.objects.filter(resident__in=ids).count(),
                "booking.Appointment": visits.count() - len(coming),
                "notifications.Message": sent.count(),
                "notifications.InboundMessage": received.count(),
                "booking.WaitingEntry": WaitingEntry.objects.filter(resident__in=ids).count(),
                "notifications.CallResult": CallResult.objects.filter(theirs).count(),
                "notifications.Consent": Consent.objects.filter(resident__in=ids).count(),
            }
        ),
        coming=coming,
        is_here=any(is_here(each, now) for each in visits.filter(status__in=HERE)),
        erasable=erasable,
        not_erasable=not_erasable,
        in_doubt=sent.filter(state__in=(State.SENDING, State.UNKNOWN)).count(),
        stopped=len(suppressed((resident.commune_id, number) for number in numbers)),
        contact_of=list(others.filter(contact_phone__in=numbers)),
        contact_is_told=bool(resident.contact_is_told and resident.contact_phone),
        asked=list(requests.exclude(right=Right.ERASURE)),
    )


def _at_providers(sent: QuerySet[Message], received: QuerySet[InboundMessage]) -> tuple[int, int]:
    """How many texts and calls a provider keeps that can be asked to delete them, and how many cannot."""
    ids = [
        *sent.exclude(provider_id="").values_list("provider_id", flat=True),
        *received.values_list("provider_id", flat=True),
    ]
    erasable = sum(provider_of(each) is not None for each in ids)
    return erasable, len(ids) - erasable


def lines_of(rows: Mapping[str, int]) -> list[str]:
    """What goes or went, by table, in words. What hangs on these rows is not told apart."""
    merged = rows.get("booking.Resident", 1) - 1
    phones, visits = rows.get("booking.ResidentPhone", 0), rows.get("booking.Appointment", 0)
    sent, received = rows.get("notifications.Message", 0), rows.get("notifications.InboundMessage", 0)
    places, calls = rows.get("booking.WaitingEntry", 0), rows.get("notifications.CallResult", 0)
    consents = rows.get("notifications.Consent", 0)
    told = (
        (merged, ngettext("%(n)s record merged into it", "%(n)s records merged into it", merged)),
        (phones, ngettext("%(n)s phone number", "%(n)s phone numbers", phones)),
        (visits, ngettext("%(n)s visit with its log", "%(n)s visits with their log", visits)),
        (sent, ngettext("%(n)s message to them", "%(n)s messages to them", sent)),
        (received, ngettext("%(n)s answer of theirs", "%(n)s answers of theirs", received)),
        (places, ngettext("%(n)s place on the waiting list", "%(n)s places on the waiting list", places)),
        (calls, ngettext("%(n)s result of a call", "%(n)s results of calls", calls)),
        (consents, ngettext("%(n)s consent that was noted", "%(n)s consents that were noted", consents)),
    )
    return [text % {"n": number} for number, text in told if number]
