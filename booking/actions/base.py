"""What all actions share: one transaction, the lock, the status table, errors in words for people."""

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Literal, Required, TypedDict, Unpack

from django.db import IntegrityError, OperationalError, models, transaction
from django.utils.translation import gettext_lazy as _

from booking.actions.counting import count_visit
from booking.enums import ALLOWED, LIVE, AskedBy, EventKind, Outcome, Reason, Status
from booking.errors import CabinBusy, HelperBusy, SlotTaken, StatusRefused, TooEarly, TooLong
from booking.log import Actor, write
from booking.models import Appointment, AppointmentEvent, Resident
from communes.actions import bump_sites
from core.edits import read_again
from core.errors import PermanenceError
from core.templatetags.times import day, hour_in_sentence

ATTEMPTS = 5
"""How many times a transaction is tried in all when deadlocks end it."""

_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"

CABIN_FREE = "appointment_cabin_free"
HELPER_FREE = "appointment_helper_free"
ONE_SESSION_PER_CABIN = "appointment_one_session_per_cabin"
ONE_SESSION_PER_HELPER = "appointment_one_session_per_helper"
NUMBER_UNIQUE = "appointment_number_unique_while_live"
TWO_DAYS = "appointment_two_days_at_most"
CONSTRAINTS = (
    CABIN_FREE,
    HELPER_FREE,
    ONE_SESSION_PER_CABIN,
    ONE_SESSION_PER_HELPER,
    NUMBER_UNIQUE,
    TWO_DAYS,
)


def action[**P, R](verb: Callable[P, R]) -> Callable[P, R]:
    """Run `verb` in one transaction, and again when the database ended it because of a deadlock or because it
    could not be serialised. Inside a caller's transaction it runs once: only the outer one can be repeated.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        nested = transaction.get_connection().in_atomic_block
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with transaction.atomic():
                    return verb(*args, **kwargs)
            except OperationalError as error:
                if nested or attempt == ATTEMPTS or not is_contention(error):
                    raise
            # The rival needs time to finish; a random share keeps two losers from meeting again.
            time.sleep((0.01 + secrets.randbelow(20) / 1000) * 2**attempt)
        raise AssertionError("unreachable")

    return run


def is_contention(error: OperationalError) -> bool:
    """Whether the transaction may succeed if it is tried again. SQLite has no such case: its writers begin
    by taking the only lock, and have waited for it already. Who has waited in vain is told to try again
    (core/outage.py)."""
    return getattr(error.__cause__, "sqlstate", None) in {_DEADLOCK, _SERIALIZATION_FAILURE}


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that refused the write, or "". PostgreSQL tells the name; on SQLite the
    trigger's message is the name, and a unique index is recognised by its columns."""
    cause = error.__cause__
    if name := getattr(getattr(cause, "diag", None), "constraint_name", None):
        return str(name)
    text = str(cause)
    for name in CONSTRAINTS:
        if name in text:
            return name
    columns = text.removeprefix("UNIQUE constraint failed: ")
    return {
        "booking_appointment.cabin_id": ONE_SESSION_PER_CABIN,
        "booking_appointment.helper_id": ONE_SESSION_PER_HELPER,
        "booking_appointment.commune_id, booking_appointment.number": NUMBER_UNIQUE,
    }.get(columns, "")


NUMBER_ATTEMPTS = 20
"""So many numbers are tried. With 100,000 coming appointments all would be taken once in 10^20 bookings."""

type Refusals = Mapping[str, Callable[[], PermanenceError]]
"""Name of a constraint → the error that tells people what it means."""

REFUSALS: Refusals = {
    CABIN_FREE: SlotTaken,
    HELPER_FREE: SlotTaken,
    ONE_SESSION_PER_CABIN: CabinBusy,
    ONE_SESSION_PER_HELPER: HelperBusy,
    TWO_DAYS: TooLong,
}


def lock(appointment: Appointment, *, also_sites: Iterable[int] = (), as_seen: bool = True) -> Appointment:
    """Take the appointment's site(s), then its row, and refresh the instance from the database.

    Sites come first, in id order, so that the writers of a site queue up instead of deadlocking.
    Raises RecordGone where the person was erased, and the appointment with them. With `as_seen`, raises
    StatusRefused when status, start or resident are no longer what the caller saw.
    """
    seen, whose = (appointment.status, appointment.starts_at), appointment.resident_id
    sites = {appointment.site_id, *also_sites}
    bump_sites(sites)
    rows = Appointment.objects.select_for_update(of=("self",)).select_related(
        "commune", "site", "cabin", "service", "helper", "resident"
    )
    read_again(appointment, rows)
    if appointment.site_id not in sites:
        bump_sites([appointment.site_id])
    if as_seen and (appointment.status, appointment.starts_at) != seen:
        raise StatusRefused(status=appointment.status)
    if as_seen and not is_same_person(whose, appointment):
        raise StatusRefused(_("Somebody else was faster: look whose appointment it is now."))
    return appointment


def is_same_person(whose: int | None, appointment: Appointment) -> bool:
    """Whether the appointment still belongs to the resident `whose`, even if that record has been merged
    since. True when `whose` is None: the name of a resident may have been added since."""
    if whose is None or whose == appointment.resident_id:
        return True
    now = appointment.resident_id
    return now is not None and Resident.objects.filter(pk=whose, merged_into=now).exists()


def too_early(appointment: Appointment, *, from_at: datetime, now: datetime) -> TooEarly:
    """The refusal of what is possible only from an instant on; its text says when, in the commune's time."""
    local = appointment.commune.local
    words = {"day": day(local(from_at).date()), "time": hour_in_sentence(local(from_at).time())}
    if local(from_at).date() == local(now).date():
        return TooEarly(_("It is too early for that: it is possible from %(time)s.") % words, from_at=from_at)
    text = _("It is too early for that: it is possible from %(day)s, %(time)s.")
    return TooEarly(text % words, from_at=from_at)


def require(appointment: Appointment, *statuses: Status) -> None:
    """Refuse unless the appointment is in one of these."""
    if appointment.status not in statuses:
        raise StatusRefused(refusal_text(Status(appointment.status)), status=appointment.status)


def refusal_text(status: Status) -> Any:
    return {
        Status.HELD: _("This time is only held; it is not booked yet."),
        Status.BOOKED: _("The resident has not been noted as arrived, and no session runs."),
        Status.ARRIVED: _("The resident has already arrived."),
        Status.IN_SESSION: _("The session is already running."),
        Status.CANCELLING: _("The appointment is cancelled."),
        Status.DONE: _("The session is already over."),
        Status.NO_SHOW: _("The resident is already noted as not having come."),
        Status.CANCELLED: _("The appointment is cancelled."),
        Status.LAPSED: _("The time is no longer held."),
        Status.UNRECORDED: _("This appointment was closed: nobody noted what became of it."),
    }[status]


class AppointmentFields(TypedDict, total=False):
    """The columns that an action may write."""

    status: Status
    number: str
    service_id: int
    resident: Resident | None
    resident_id: int | None
    party_size: int
    note: str
    follow_up_of: Appointment | None
    site_id: int
    cabin_id: int
    helper_id: int | None
    with_helper: bool
    helper_chosen: bool
    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    held_until: datetime | None
    cancel_at: datetime | None
    confirmed_at: datetime | None
    arrived_at: datetime | None
    coming_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | Literal[""]


class Change(AppointmentFields, total=False):
    """What `apply` takes besides the appointment."""

    kind: Required[EventKind]
    by: Required[Actor]
    now: Required[datetime]
    reason: Reason
    asked_by: AskedBy | Literal[""]
    to: Status | None
    unlogged: AppointmentFields
    always_told: Collection[str]


def apply(
    appointment: Appointment,
    *,
    kind: EventKind,
    by: Actor,
    now: datetime,
    reason: Reason = Reason.NONE,
    asked_by: AskedBy | Literal[""] = "",
    to: Status | None = None,
    unlogged: AppointmentFields | None = None,
    always_told: Collection[str] = (),
    **fields: Unpack[AppointmentFields],
) -> AppointmentEvent:
    """Write new values to a locked appointment by one conditional UPDATE, and the one event of it.

    `to` must be allowed by the status table. The event lists the `fields` that change, and those named in
    `always_told` even when they do not. `unlogged` fields are written but not listed: they follow from the
    others. Of a note it is listed whether there was one and whether there is one, never the text. Raises
    IntegrityError when the database refuses; `change` turns that into an error for people.
    """
    before = Status(appointment.status)
    if to is not None:
        if to not in ALLOWED[before]:
            raise StatusRefused(refusal_text(before), status=before)
        fields["status"] = to
    values = {**fields, **(unlogged or {})}
    if to in LIVE and before not in LIVE:
        values["number"] = _number_to_come_back_with(appointment)
    changes = {
        name.removesuffix("_id"): (plain(getattr(appointment, name)), plain(value))
        for name, value in fields.items()
        if name in always_told or getattr(appointment, name) != value
    }
    if "note" in values and values["note"] != appointment.note:
        changes["note"] = (bool(appointment.note), bool(values["note"]))
    written = Appointment.objects.filter(pk=appointment.pk, status=before).update(**values)
    if not written:
        raise StatusRefused(status=before)
    for name, value in values.items():
        setattr(appointment, name, value)
    count_visit(appointment, before=before, reason=reason, by=by, now=now)
    return write(
        appointment=appointment,
        kind=kind,
        at=now,
        by=by,
        reason=reason,
        asked_by=asked_by,
        changes=changes,
    )


def change(appointment: Appointment, **how: Unpack[Change]) -> AppointmentEvent:
    """`apply`, with a refusal of the database turned into an error for people."""
    with in_our_words():
        return apply(appointment, **how)


@contextmanager
def in_our_words(refusals: Refusals | None = None) -> Iterator[None]:
    """Turn the refusal of a constraint into an error for people; `refusals` win over REFUSALS."""
    try:
        yield
    except IntegrityError as error:
        refusal = {**REFUSALS, **(refusals or {})}.get(constraint_of(error))
        if refusal is None:
            raise
        raise refusal() from error


def insert(appointment: Appointment) -> None:
    """Insert with a number that no coming appointment of the commune has.

    Raises IntegrityError when the cabin or the helper is taken; the caller's transaction is still usable.
    """
    for attempt in range(1, NUMBER_ATTEMPTS + 1):
        appointment.pk = None
        appointment.number = new_number()
        try:
            with transaction.atomic():
                appointment.save(force_insert=True)
        except IntegrityError as error:
            if constraint_of(error) != NUMBER_UNIQUE or attempt == NUMBER_ATTEMPTS:
                raise
        else:
            return


def new_number() -> str:
    """Six random digits: nobody can guess others from their own, and they are short enough for the phone."""
    return f"{secrets.randbelow(1_000_000):06d}"


def fresh_number(appointment: Appointment) -> str:
    """A number that neither this nor any coming appointment of the commune has."""
    taken = Appointment.objects.live().filter(commune=appointment.commune_id)
    number = new_number()
    while number == appointment.number or taken.filter(number=number).exists():
        number = new_number()
    return number


def _number_to_come_back_with(appointment: Appointment) -> str:
    """The appointment's own number, unless another coming appointment was given it in the meantime."""
    number = appointment.number
    rivals = Appointment.objects.live().filter(commune=appointment.commune_id)
    while rivals.filter(number=number).exists():
        number = new_number()
    return number


def created(appointment: Appointment) -> dict[str, tuple[None, Any]]:
    """The changes that the event of a new appointment lists: each field, from None to its value."""
    fields = ("status", "starts_at", "ends_at", "site_id", "cabin_id", "helper_id", "resident_id")
    values = {name.removesuffix("_id"): getattr(appointment, name) for name in fields}
    return {name: (None, plain(value)) for name, value in values.items() if value is not None}


def plain(value: Any) -> Any:
    """A value as the log keeps it: instants in ISO 8601, UTC; rows by id."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.pk if isinstance(value, models.Model) else value
