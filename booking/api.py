"""Booking over the API: times, and appointments made, read, moved and cancelled.

Another system of the commune books as residents do: within the lead times of a service, and not
what only the desk books. Answers hold no name, no phone and no note: the caller has them already.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from ninja import Header, Path, Query, Router
from ninja import Status as ApiStatus

from booking import actions
from booking.engine.availability import Offers
from booking.engine.timeline import TICK_SECONDS
from booking.enums import Origin, Reason, Status
from booking.errors import NotOffered, ResidentInvalid
from booking.free.slots import find_first, find_slots
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.names import search_name
from booking.schemas import (
    AppointmentIn,
    AppointmentOut,
    AvailabilityOut,
    MoveIn,
    NextFreeOut,
    ResidentIn,
    SearchIn,
    TimeOut,
    WeeksIn,
)
from communes.api import ApiRequest, commune_of
from communes.enums import Booker
from communes.models import Commune, Service, Site
from core.clock import now
from core.compiled import Converted, fields_of, instance
from core.phones import Certainty, read_numbers

router = Router(tags=["appointments"])

AppointmentId = Annotated[int, Path(alias="id")]

# ---- times -----------------------------------------------------------------------------------------


@router.get(
    "/availability", response=AvailabilityOut, summary=gettext_noop("Times that can be booked, day by day")
)
def availability(request: HttpRequest, asked: Query[WeeksIn]) -> HttpResponse:
    commune, present = commune_of(request), now()
    service = _service(commune, asked.service)
    first = max(asked.start or date.min, commune.local(present).date())
    found = find_slots(
        commune=commune,
        service=service,
        with_helper=asked.with_helper,
        start=first,
        end=first + timedelta(days=asked.days or 7 * asked.weeks),
        now=present,
        site_ids=_site_ids(commune, asked.site),
        **_length(commune, service, asked),
        public=True,
    )
    return HttpResponse(_written(found.offers, commune.tz), content_type="application/json; charset=utf-8")


def _written(offers: Offers, tz: tzinfo) -> str:
    """`AvailabilityOut` as JSON, without the schema: building, checking and encoding an object for each of
    hundreds of times took twice as long as finding the times."""

    def local(tick: int) -> str:
        return datetime.fromtimestamp(tick * TICK_SECONDS, tz).isoformat()

    days = [
        {
            "on": day.on.isoformat(),
            "why_empty": day.why_empty.value if day.why_empty else None,
            "times": [
                {
                    "start": local(offer.tick),
                    "end": local(offer.tick + offer.service_ticks),
                    "site": offer.site_id,
                }
                for offer in day.offers
            ],
        }
        for day in offers.days
    ]
    return json.dumps({"duration_min": offers.duration_min, "days": days})


@router.get("/next-free", response=NextFreeOut, summary=gettext_noop("The first time within eight weeks"))
def next_free(request: HttpRequest, asked: Query[SearchIn]) -> NextFreeOut:
    commune = commune_of(request)
    service = _service(commune, asked.service)
    offer = find_first(
        commune=commune,
        service=service,
        with_helper=asked.with_helper,
        now=now(),
        site_ids=_site_ids(commune, asked.site),
        **_length(commune, service, asked),
        public=True,
    )
    return NextFreeOut(time=_time(commune, offer) if offer else None)


def _length(commune: Commune, service: Service, asked: SearchIn) -> dict[str, Any]:
    """The length of the visit, and the appointment that would move."""
    if asked.moving is None:
        return {"duration_min": actions.minutes_for(service, asked.party_size)}
    moving = _appointment(commune, asked.moving)
    if moving.service_id != service.pk:
        raise NotOffered
    return {"duration_min": moving.duration_min, "moving": moving}


def _time(commune: Commune, offer: Any) -> TimeOut:
    return TimeOut(start=commune.local(offer.start), end=commune.local(offer.end), site=offer.site_id)


def _service(commune: Commune, pk: int) -> Service:
    for row in _service_rows(commune=commune.pk, service=pk):
        return _bookable(row, commune)
    raise Http404


def _service_and_site(commune: Commune, service: int, site: int) -> tuple[Service, Site]:
    for row in _service_and_site_rows(commune=commune.pk, service=service, site=site):
        return _bookable(row[:_SERVICE_FIELDS], commune), _at(row[_SERVICE_FIELDS:], commune)
    raise Http404


def _bookable(row: Iterable[Any], commune: Commune) -> Service:
    service = instance(Service, row)
    service.commune = commune
    if service.booker == Booker.DESK:
        raise NotOffered(_("Only the desk books this service."))
    return service


def _at(row: Iterable[Any], commune: Commune) -> Site:
    site = instance(Site, row)
    site.commune = commune
    return site


_SERVICE_FIELDS = len(fields_of(Service))


@Converted
def _service_rows(commune: int, service: int) -> Any:
    return (
        Service.objects.active()
        .filter(commune=commune, pk=service)
        .order_by()
        .values_list(*fields_of(Service))
    )


@Converted
def _service_and_site_rows(commune: int, service: int, site: int) -> Any:
    rows = Service.objects.active().filter(commune=commune, pk=service)
    place = rows.filter(commune__sites=site, commune__sites__is_active=True)
    fields = (*fields_of(Service), *fields_of(Site, through="commune__sites__"))
    return place.order_by().values_list(*fields)


def _site(commune: Commune, pk: int) -> Site:
    site = get_object_or_404(commune.sites.filter(is_active=True), pk=pk)
    site.commune = commune
    return site


def _site_ids(commune: Commune, pk: int | None) -> list[int] | None:
    return None if pk is None else [_site(commune, pk).pk]


# ---- appointments ----------------------------------------------------------------------------------


@router.post(
    "/appointments",
    response={201: AppointmentOut},
    summary=gettext_noop("Book"),
    description=gettext_noop(
        "The resident is found again by phone and name, or recorded. Answers 409 slot_taken when someone "
        "was faster: ask for the times again. Answers 409 resident_busy when the same resident has another "
        "appointment at that time. Without an Idempotency-Key, the same booking again within a minute "
        "answers 409 already_booked, with the id of the first in details.appointment."
    ),
)
def create(
    request: ApiRequest,
    asked: AppointmentIn,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            description=gettext_noop(
                "Any text of your own, new for each booking. After a lost answer send the same request again "
                "with the same key: it is booked once, and you get that appointment."
            ),
        ),
    ] = None,
) -> ApiStatus[AppointmentOut]:
    commune, present = commune_of(request), now()
    call = actions.Call.of(request.auth.pk, idempotency_key, _body(asked)) if idempotency_key else None
    if call and (earlier := actions.booked_before(call)):
        return ApiStatus(201, AppointmentOut.of(earlier, commune))
    service, site = _service_and_site(commune, asked.service, asked.site)
    booking = actions.BookingRequest(
        service=service,
        site=site,
        start=asked.start,
        with_helper=asked.with_helper,
        resident=_resident(commune, asked.resident),
        party_size=asked.party_size,
        note=asked.note,
        origin=Origin.API,
        public=True,
        beside=asked.allow_overlap,
        once=idempotency_key is None and not asked.allow_overlap,
    )
    appointment = actions.book_once(call, request=booking, by=Actor.api(), now=present)
    return ApiStatus(201, AppointmentOut.of(appointment, commune))


def _body(asked: AppointmentIn) -> str:
    """The request as it is remembered: without what was not sent, so that a field that the API has gained
    since does not make the repeated request another one."""
    return asked.model_dump_json(exclude=None if asked.allow_overlap else {"allow_overlap"})


@router.get("/appointments/{int:id}", response=AppointmentOut, summary=gettext_noop("Read"))
def read(request: HttpRequest, pk: AppointmentId) -> AppointmentOut:
    commune = commune_of(request)
    return _out(commune, _appointment(commune, pk).pk)


@router.get(
    "/appointments/by-number/{number}",
    response=AppointmentOut,
    summary=gettext_noop("Read by its number"),
    description=gettext_noop("The coming appointment with this number, else the last one that had it."),
)
def read_by_number(request: HttpRequest, number: str) -> AppointmentOut:
    commune = commune_of(request)
    rows = Appointment.objects.visible().filter(commune=commune, number=number.replace(" ", ""))
    found = rows.live().first() or rows.order_by("-starts_at").first()
    if found is None:
        raise Http404
    return _out(commune, found.pk)


@router.post(
    "/appointments/{int:id}/move",
    response=AppointmentOut,
    summary=gettext_noop("Move to another time"),
    description=gettext_noop("It keeps its place until the new one is won."),
)
def move(request: HttpRequest, pk: AppointmentId, asked: MoveIn) -> AppointmentOut:
    commune = commune_of(request)
    appointment = _appointment(commune, pk)
    actions.reschedule(
        appointment=appointment,
        site=_site(commune, asked.site) if asked.site else appointment.site,
        start=asked.start,
        with_helper=asked.with_helper,
        reason=Reason.RESIDENT_ASKED,
        beside=asked.allow_overlap,
        by=Actor.api(),
        now=now(),
    )
    return _out(commune, pk)


@router.post("/appointments/{int:id}/cancel", response=AppointmentOut, summary=gettext_noop("Cancel"))
def cancel(request: HttpRequest, pk: AppointmentId) -> AppointmentOut:
    commune = commune_of(request)
    actions.cancel(
        appointment=_appointment(commune, pk), reason=Reason.RESIDENT_ASKED, by=Actor.api(), now=now()
    )
    return _out(commune, pk)


def _appointment(commune: Commune, pk: int) -> Appointment:
    rows = Appointment.objects.visible().select_related("site", "service", "cabin", "commune")
    return get_object_or_404(rows, commune=commune, pk=pk)


def _out(commune: Commune, pk: int) -> AppointmentOut:
    rows = Appointment.objects.select_related("service", "cabin").exclude(status=Status.LAPSED)
    return AppointmentOut.of(rows.get(commune=commune, pk=pk), commune)


def _resident(commune: Commune, asked: ResidentIn) -> Resident | actions.NewResident:
    """The known resident with this name, in either order, and phone number (or e-mail address, if no number
    is given), or a new one."""
    phone = _number(commune, asked.phone) if asked.phone else ""
    who: dict[str, int | str] = {
        "commune": commune.pk,
        "name": search_name(asked.first_name, asked.last_name),
        "swapped": search_name(asked.last_name, asked.first_name),
    }
    rows: list[Any] = []
    # A name without a letter (« 🙂 ») tells nobody apart; records of numbers left on a screen have none.
    if who["name"] and phone:
        rows = _by_phone(**who, phone=phone)
    elif who["name"] and asked.email:
        rows = _by_email(**who, email=asked.email.lower())
    for row in rows:
        return instance(Resident, row)
    phones = [actions.PhoneInput(phone)] if phone else []
    return actions.NewResident(commune, asked.first_name, asked.last_name, phones, {"email": asked.email})


@Converted
def _by_phone(commune: int, name: str, swapped: str, phone: str) -> Any:
    return _known(commune, name, swapped).filter(phones__number=phone)


@Converted
def _by_email(commune: int, name: str, swapped: str, email: str) -> Any:
    return _known(commune, name, swapped).alias(address=Lower("email")).filter(address=email)


def _known(commune: int, name: str, swapped: str) -> Any:
    is_called_so = Q(search_name=name) | Q(search_name=swapped)
    rows = Resident.objects.current().filter(is_called_so, commune=commune)
    return rows.order_by("pk").values_list(*fields_of(Resident))


def _number(commune: Commune, text: str) -> str:
    readings = read_numbers(text, insee_code=commune.insee_code)
    if len(readings) != 1 or readings[0].certainty in (Certainty.ERROR, Certainty.AMBIGUOUS):
        raise ResidentInvalid(_("This phone number is not readable."))
    return readings[0].e164
