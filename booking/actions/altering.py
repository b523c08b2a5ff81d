"""« Changer sans déplacer »: another service, helper, number of people, length or note at the same time."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking.actions.base import AppointmentFields, action, apply, lock, require
from booking.actions.offers import no_longer_waits
from booking.actions.overlap import Accepted, refuse_overlap
from booking.actions.placing import allocate, check_bookable, look
from booking.actions.reallocation import Allocation, note_delays
from booking.actions.request import BookingRequest
from booking.delays import expected_of
from booking.enums import AskedBy, EventKind, Status
from booking.errors import NotOffered, TooLate
from booking.log import Actor
from booking.models import Appointment, Delay
from communes.models import Service
from core.edits import Edit, merged, record_name
from core.ids import read_id

ALONE, ANY_HELPER = "0", "1"
"""The helper of an appointment as forms write it: alone, with any, or « c12 » with the agent of that id."""

MAY_CHANGE = (Status.BOOKED, Status.ARRIVED)


def details_of(appointment: Appointment) -> dict[str, Any]:
    """What can be changed without moving the appointment. `length`: minutes."""
    helper = ANY_HELPER if appointment.with_helper else ALONE
    if appointment.helper_chosen and appointment.helper_id:
        helper = f"c{appointment.helper_id}"
    return {
        "service": appointment.service_id,
        "helper": helper,
        "party": appointment.party_size,
        "length": appointment.duration_min,
        "note": appointment.note,
    }


def altered_request(appointment: Appointment, changes: Mapping[str, Any]) -> BookingRequest:
    """The request for an appointment (with its commune, site and service) with these details changed. Raises
    NotOffered for a service or a helper that the commune does not have."""
    request = BookingRequest.as_booked(appointment)
    if "service" in changes:
        request = replace(request, service=_service(appointment, changes["service"]))
    if "helper" in changes:
        helper = changes["helper"]
        request = replace(request, with_helper=helper != ALONE, helper=_helper(appointment, helper))
    return replace(
        request,
        party_size=changes.get("party", request.party_size),
        duration_min=changes.get("length", request.duration_min),
    )


def keeps_its_place(appointment: Appointment, request: BookingRequest) -> bool:
    """Whether the appointment can stay as it is where it is: nothing changes that needs a cabin, a helper or
    time."""
    return (
        request.service.pk == appointment.service_id
        and request.attended == appointment.with_helper
        and (request.chosen_helper is None or request.chosen_helper.pk == appointment.helper_id)
        and request.minutes == appointment.duration_min
    )


def require_alterable(appointment: Appointment, request: BookingRequest, now: datetime) -> None:
    """Refuse what is too late: raises TooLate. Once it has begun, its time, cabin and helper stay."""
    if appointment.ends_at <= now:
        raise TooLate(_("The appointment is over: it can no longer be changed."))
    if appointment.starts_at <= now and not keeps_its_place(appointment, request):
        raise TooLate(_("It has begun: only the note and the number of people can still be changed."))


@action
def alter(
    *,
    appointment: Appointment,
    wanted: Mapping[str, Any],
    edit: Edit | None = None,
    asked_by: AskedBy | Literal[""] = "",
    beside: Accepted = False,
    kept: Collection[int] = (),
    by: Actor,
    now: datetime,
) -> Appointment:
    """Change details (`details_of`) of an appointment that keeps its start and its site.

    It keeps its cabin and helper if they can still take it; else it gets others, or others make room, but
    not those `kept`. The resident's confirmation stays: it was for the day, the hour and the place. Where
    nothing changes, no event is written. Raises EditConflict when somebody else has changed the same
    since the form was shown, SlotTaken or NotOffered when it does not fit at this time, ResidentBusy when
    the resident has a visit in the added time which is not accepted (`beside`), TooLate, StatusRefused.
    """
    lock(appointment)
    require(appointment, *MAY_CHANGE)
    changes = merged(edit, record_name(appointment), details_of(appointment), wanted)
    if not changes:
        return appointment
    request = replace(altered_request(appointment, changes), kept=kept)
    require_alterable(appointment, request, now)
    stays = keeps_its_place(appointment, request)
    expected = _expected(appointment, now)
    fields: AppointmentFields = {
        "service_id": request.service.pk,
        "party_size": request.party_size,
        "with_helper": request.attended,
        "helper_chosen": request.chosen_helper is not None,
        "ends_at": appointment.ends_at if stays else request.ends_at,
    }
    unlogged: AppointmentFields = {
        "blocked_until": appointment.blocked_until if stays else request.blocked_until,
        "note": changes.get("note", appointment.note),
    }

    @transaction.atomic
    def write(to: Allocation) -> None:
        to_fields: AppointmentFields = {**fields, "cabin_id": to.cabin_id, "helper_id": to.helper_id}
        values = {**to_fields, **unlogged}
        if all(getattr(appointment, name) == value for name, value in values.items()):
            return  # such as a helper for a service that takes none
        told: dict[str, Any] = {"kind": EventKind.EDITED, "asked_by": asked_by, "by": by, "now": now}
        apply(appointment, unlogged=unlogged, **to_fields, **told)

    had = appointment.helper_id
    if stays:
        write(Allocation(appointment.cabin_id, had))
        return appointment
    if "service" in changes:
        check_bookable(request.service, public=False)
    refuse_overlap(
        appointment.resident,
        appointment.ends_at,
        request.ends_at,
        besides=appointment.pk,
        accepted=beside,
    )
    allocate(request, look(request, now=now), write, by=by, now=now)
    if appointment.resident is not None and "service" in changes:
        no_longer_waits(appointment.resident, request.service, now=now)
    if appointment.helper_id != had:
        note_delays([appointment], expected, _expected(appointment, now), by=by, now=now)
    return appointment


def _expected(appointment: Appointment, now: datetime) -> dict[int, datetime]:
    """When visits begin that the helper of this one has made late by a delay."""
    delays = Delay.objects.filter(helper=appointment.helper_id) if appointment.helper_id else ()
    return expected_of(delays, commune=appointment.commune, now=now)


def _service(appointment: Appointment, pk: int) -> Service:
    service = appointment.commune.services.filter(pk=pk).first()
    if service is None:
        raise NotOffered
    return service


def _helper(appointment: Appointment, code: str) -> Agent | None:
    """The helper who is asked for by name, if the code names one."""
    if code in (ALONE, ANY_HELPER):
        return None
    found = Agent.objects.filter(
        pk=read_id(code[1:]),
        is_active=True,
        memberships__commune=appointment.commune_id,
        memberships__is_helper=True,
    ).first()
    if found is None:
        raise NotOffered
    return found
