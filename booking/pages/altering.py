"""What a change without moving does, said before it is made: until when it lasts, where, with whom; or that
it does not fit, and which times are near."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from agents.models import Agent
from booking.actions import BookingRequest, visits_at
from booking.actions.altering import altered_request, details_of, keeps_its_place, require_alterable
from booking.actions.placing import alternatives, check_bookable, expected_allocation, look
from booking.engine.assignment import ExchangePlan
from booking.errors import OtherVisit, SlotTaken
from booking.forms.altering import AlterForm
from booking.forms.desk import slot_value
from booking.models import Appointment
from communes.models import Site
from core.edits import plain
from core.errors import PermanenceError

SHOWN_NEAR = 4


@dataclass(frozen=True, slots=True)
class NearTime:
    start: datetime
    site: Site | None
    """Named where it is another place."""
    query: str
    """Of the booking page, which moves the appointment there."""


@dataclass(frozen=True, slots=True)
class Effect:
    count: int
    """How many details change."""
    start: datetime
    end_before: datetime
    end: datetime
    problem: str = ""
    near: list[NearTime] = field(default_factory=list)
    move: str = ""
    """The query of the booking page that moves the appointment with these changes."""
    keeps_place: bool = False
    cabin: tuple[str, str] = ("", "")
    helper: tuple[str, str] = ("", "")
    """Their names before and after; a helper's is empty without one."""
    free_until: datetime | None = None
    exchanges: bool = False
    """Others change cabin or helper to make room."""
    others: list[OtherVisit] = field(default_factory=list)
    """What the person has in the added time."""
    to_bring: str = ""
    """What another service asks for."""

    @property
    def is_longer_or_shorter(self) -> bool:
        return self.end != self.end_before


def read_effect(form: AlterForm, *, now: datetime) -> Effect | None:
    """Of a form with nothing wrong in it; None while something is."""
    if form.is_bound and form.errors:
        return None
    appointment = form.appointment
    has = details_of(appointment)
    wanted = form.wanted_values() if form.is_bound else has
    changes = {name: value for name, value in wanted.items() if plain(value) != plain(has[name])}
    request = altered_request(appointment, changes)
    effect = Effect(
        count=len(changes),
        start=appointment.starts_at,
        end_before=appointment.ends_at,
        end=request.ends_at,
        to_bring=request.service.what_to_bring if "service" in changes else "",
    )
    if keeps_its_place(appointment, request):
        return replace(effect, end=appointment.ends_at, keeps_place=True)
    move: dict[str, object] = {
        "move": appointment.pk,
        "resident": appointment.resident_id,
        "as_service": request.service.pk,
        "as_party": request.party_size,
        "as_length": request.minutes,
        "helper": wanted["helper"],
    }
    try:
        require_alterable(appointment, request, now)
        if "service" in changes:
            check_bookable(request.service, public=False)
        check = look(request, now=now)
    except PermanenceError as refusal:
        near = _near(request, move, now) if appointment.starts_at > now else []
        taken = refusal.code == SlotTaken.code
        problem = _("other appointments need the cabin or the helper.") if taken else str(refusal)
        return replace(effect, problem=problem, near=near, move=_query(move))
    to = expected_allocation(request, check)
    is_free = bool(check.candidates)
    return replace(
        effect,
        cabin=(appointment.cabin.name, check.cabin_names[to.cabin_id]),
        helper=(_name(appointment, appointment.helper_id), _name(appointment, to.helper_id)),
        free_until=check.free_until(to.cabin_id, to.helper_id) if is_free else None,
        exchanges=not is_free and isinstance(check.room, ExchangePlan),
        others=_others(appointment, request),
    )


def _others(appointment: Appointment, request: BookingRequest) -> list[OtherVisit]:
    resident = appointment.resident
    if resident is None:
        return []
    return visits_at(resident, appointment.ends_at, request.ends_at, besides=appointment.pk)


def _near(request: BookingRequest, move: dict[str, object], now: datetime) -> list[NearTime]:
    offers = sorted(alternatives(request, request.check(now))[:SHOWN_NEAR])
    elsewhere = {offer.site_id for offer in offers} - {request.site.pk}
    sites = Site.objects.in_bulk(elsewhere) if elsewhere else {}
    local = request.site.commune.local
    return [
        NearTime(
            offer.start,
            sites.get(offer.site_id),
            _query(
                {
                    **move,
                    "slot": slot_value(offer.site_id, offer.start),
                    "week": local(offer.start).date().isoformat(),
                }
            ),
        )
        for offer in offers
    ]


def _query(parts: dict[str, object]) -> str:
    return urlencode({name: value for name, value in parts.items() if value is not None})


def _name(appointment: Appointment, helper_id: int | None) -> str:
    if helper_id is None:
        return ""
    if appointment.helper is not None and appointment.helper_id == helper_id:
        return appointment.helper.short_name
    return Agent.objects.get(pk=helper_id).short_name
