"""What the API of bookings takes and gives."""

from datetime import date, datetime
from typing import Annotated

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from booking.enums import Status
from booking.models import MOST_PEOPLE, Appointment
from communes.models import Commune
from core.days import FIRST_DAY, LAST_DAY

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
type AllowOverlap = Annotated[
    bool,
    Field(
        description=gettext_noop("Also beside another appointment of the same resident, and the same again.")
    ),
]
# Not a `type`: where such an alias has a default, the description of a query loses the name of its parameter.
PartySize = Annotated[
    int, Field(ge=1, le=MOST_PEOPLE, description=gettext_noop("How many people come together."))
]
type Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


# ---- what goes in --------------------------------------------------------------------------------


class SearchIn(Schema):
    service: Id
    with_helper: bool = True
    party_size: PartySize = 1
    site: Id | None = None
    moving: Annotated[
        Id | None,
        Field(
            description=gettext_noop(
                "An appointment that would move there: its own length counts, and its present time is free."
            )
        ),
    ] = None


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
    party_size: PartySize = 1
    note: Annotated[Text, Field(max_length=200, description=gettext_noop("What to prepare or bring."))] = ""
    resident: ResidentIn
    allow_overlap: AllowOverlap = False


class MoveIn(Schema):
    start: Instant
    site: Annotated[Id | None, Field(description=gettext_noop("The same place when left out."))] = None
    with_helper: Annotated[bool | None, Field(description=gettext_noop("As booked when left out."))] = None
    allow_overlap: AllowOverlap = False


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
    cancel_at: Annotated[
        datetime | None,
        Field(
            description=gettext_noop(
                "Of a cancelled appointment that the mairie can still restore without anybody being told: "
                "until when."
            )
        ),
    ] = None
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
            status=Status.CANCELLED if appointment.is_called_off else appointment.status,
            cancel_at=commune.local(appointment.cancel_at) if appointment.cancel_at else None,
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
