"""Booking over the API: times, and appointments made, read, moved and cancelled.

Another system of the commune books as residents do: within the lead times of a service, and not
what only the desk books. Answers hold no name, no phone and no note: the caller has them already.
"""

import json
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema
from ninja import Status as ApiStatus
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from booking import actions
from booking.actions.base import action
from booking.availability import Offers
from booking.enums import Origin, Reason, Status
from booking.errors import NotOffered, ResidentInvalid
from booking.log import Actor
from booking.models import Appointment, Resident
from booking.names import search_name
from booking.slots import find_first, find_slots
from booking.timeline import TICK_SECONDS
from communes.api import commune_of
from communes.days import FIRST_DAY, LAST_DAY
from communes.enums import Booker
from communes.models import Commune, Service, Site
from communes.phones import Certainty, read_numbers
from config.clock import now

router = Router(tags=["appointments"])

MOST_WEEKS = 8


def _sensible_day(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("out of range")
    return day


def _sensible_instant(at: datetime) -> datetime:
    _sensible_day(at.date())
    return at


def _plain(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


def _email(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise ValueError("not an e-mail address") from error
    return text


type Day = Annotated[date, AfterValidator(_sensible_day)]
type Instant = Annotated[AwareDatetime, AfterValidator(_sensible_instant)]
type Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_plain)]
type Email = Annotated[Text, AfterValidator(_email)]
type Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


# ---- what goes in --------------------------------------------------------------------------------


class SearchIn(Schema):
    service: Id
    with_helper: bool = True
    site: Id | None = None


class WeeksIn(SearchIn):
    start: Annotated[
        Day | None, Field(alias="from", description=gettext_noop("Local day; today when left out."))
    ] = None
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 1
    days: Annotated[
        int | None, Field(ge=1, le=7 * MOST_WEEKS, description=gettext_noop("Instead of weeks."))
    ] = None


class ResidentIn(Schema):
    first_name: Annotated[Text, Field(min_length=1, max_length=60)]
    last_name: Annotated[Text, Field(min_length=1, max_length=60)]
    phone: Annotated[
        Text, Field(max_length=40, description=gettext_noop("As people write it; may be left out."))
    ] = ""
    email: Annotated[Email, Field(max_length=254, description=gettext_noop("May be left out."))] = ""


class AppointmentIn(Schema):
    service: Id
    site: Id
    start: Instant
    with_helper: bool = True
    party_size: Annotated[int, Field(ge=1, le=6)] = 1
    note: Annotated[Text, Field(max_length=200, description=gettext_noop("What to prepare or bring."))] = ""
    resident: ResidentIn


class MoveIn(Schema):
    start: Instant
    site: Annotated[Id | None, Field(description=gettext_noop("The same place when left out."))] = None
    with_helper: Annotated[bool | None, Field(description=gettext_noop("As booked when left out."))] = None


# ---- what comes out ------------------------------------------------------------------------------


class TimeOut(Schema):
    start: datetime
    end: datetime
    site: int


class DayOut(Schema):
    on: date
    why_empty: Annotated[str | None, Field(description=gettext_noop("A code, on days without any time."))]
    times: list[TimeOut]


class AvailabilityOut(Schema):
    duration_min: int
    days: list[DayOut]


class NextFreeOut(Schema):
    time: TimeOut | None


class AppointmentOut(Schema):
    id: int
    number: str
    status: str
    service: int
    site: int
    cabin: str
    start: datetime
    end: datetime
    with_helper: bool
    party_size: int
    confirmed: bool
    what_to_bring: str

    @classmethod
    def of(cls, appointment: Appointment, commune: Commune) -> "AppointmentOut":
        return cls(
            id=appointment.pk,
            number=appointment.number,
            status=appointment.status,
            service=appointment.service_id,
            site=appointment.site_id,
            cabin=appointment.cabin.name,
            start=commune.local(appointment.starts_at),
            end=commune.local(appointment.ends_at),
            with_helper=appointment.with_helper,
            party_size=appointment.party_size,
            confirmed=appointment.confirmed_at is not None,
            what_to_bring=appointment.service.what_to_bring,
        )


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
        public=True,
    )
    return HttpResponse(_written(found.offers, commune.tz), content_type="application/json; charset=utf-8")


def _written(offers: Offers, tz: tzinfo) -> str:
    """`AvailabilityOut` as JSON, without going through the schema: to build, check and encode an object for
    each of hundreds of times took twice as long as to find them."""

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
    offer = find_first(
        commune=commune,
        service=_service(commune, asked.service),
        with_helper=asked.with_helper,
        now=now(),
        site_ids=_site_ids(commune, asked.site),
        public=True,
    )
    return NextFreeOut(time=_time(commune, offer) if offer else None)


def _time(commune: Commune, offer: Any) -> TimeOut:
    return TimeOut(start=commune.local(offer.start), end=commune.local(offer.end), site=offer.site_id)


def _service(commune: Commune, pk: int) -> Service:
    service = get_object_or_404(Service.objects.active(), commune=commune, pk=pk)
    if service.booker == Booker.DESK:
        raise NotOffered(_("Only the desk books this service."))
    return service


def _site(commune: Commune, pk: int) -> Site:
    return get_object_or_404(commune.sites.filter(is_active=True).select_related("commune"), pk=pk)


def _site_ids(commune: Commune, pk: int | None) -> list[int] | None:
    return None if pk is None else [_site(commune, pk).pk]


# ---- appointments ----------------------------------------------------------------------------------


@router.post(
    "/appointments",
    response={201: AppointmentOut},
    summary=gettext_noop("Book"),
    description=gettext_noop(
        "The resident is found again by phone and name, or recorded. Answers 409 slot_taken when someone "
        "was faster: ask for the times again."
    ),
)
@action  # the resident too is only recorded with the visit; what lost to a deadlock is tried again
def create(request: HttpRequest, asked: AppointmentIn) -> ApiStatus[AppointmentOut]:
    commune, present = commune_of(request), now()
    service, site = _service(commune, asked.service), _site(commune, asked.site)
    appointment = actions.book(
        service=service,
        site=site,
        start=asked.start,
        with_helper=asked.with_helper,
        resident=_resident(commune, asked.resident, present),
        party_size=asked.party_size,
        note=asked.note,
        origin=Origin.API,
        public=True,
        by=Actor.api(),
        now=present,
    )
    return ApiStatus(201, _out(commune, appointment.pk))


@router.get("/appointments/{int:id}", response=AppointmentOut, summary=gettext_noop("Read"))
def read(request: HttpRequest, id: int) -> AppointmentOut:  # noqa: A002
    commune = commune_of(request)
    return _out(commune, _appointment(commune, id).pk)


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
def move(request: HttpRequest, id: int, asked: MoveIn) -> AppointmentOut:  # noqa: A002
    commune = commune_of(request)
    appointment = _appointment(commune, id)
    actions.reschedule(
        appointment=appointment,
        site=_site(commune, asked.site) if asked.site else appointment.site,
        start=asked.start,
        with_helper=asked.with_helper,
        reason=Reason.RESIDENT_ASKED,
        by=Actor.api(),
        now=now(),
    )
    return _out(commune, id)


@router.post("/appointments/{int:id}/cancel", response=AppointmentOut, summary=gettext_noop("Cancel"))
def cancel(request: HttpRequest, id: int) -> AppointmentOut:  # noqa: A002
    commune = commune_of(request)
    actions.cancel(
        appointment=_appointment(commune, id), reason=Reason.RESIDENT_ASKED, by=Actor.api(), now=now()
    )
    return _out(commune, id)


def _appointment(commune: Commune, pk: int) -> Appointment:
    rows = Appointment.objects.visible().select_related("site", "service", "cabin", "commune")
    return get_object_or_404(rows, commune=commune, pk=pk)


def _out(commune: Commune, pk: int) -> AppointmentOut:
    rows = Appointment.objects.select_related("service", "cabin").exclude(status=Status.LAPSED)
    return AppointmentOut.of(rows.get(commune=commune, pk=pk), commune)


def _resident(commune: Commune, asked: ResidentIn, present: datetime) -> Resident:
    """The one of this name behind this number, or someone new."""
    phone = _number(commune, asked.phone) if asked.phone else ""
    known = Resident.objects.current().filter(
        commune=commune, search_name=search_name(asked.first_name, asked.last_name)
    )
    if phone and (found := known.filter(phones__number=phone).first()):
        return found
    if not phone and asked.email and (found := known.filter(email__iexact=asked.email).first()):
        return found
    return actions.create_resident(
        commune=commune,
        first_name=asked.first_name,
        last_name=asked.last_name,
        phones=[actions.PhoneInput(phone)] if phone else [],
        email=asked.email,
        now=present,
    )


def _number(commune: Commune, text: str) -> str:
    readings = read_numbers(text, insee_code=commune.insee_code)
    if len(readings) != 1 or readings[0].certainty in (Certainty.ERROR, Certainty.AMBIGUOUS):
        raise ResidentInvalid(_("This phone number is not readable."))
    return readings[0].e164
