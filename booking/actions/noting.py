"""What came of a session, noted from its end until its day is closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from booking.actions.base import action, apply, lock, require
from booking.actions.counting import last_closed, open_records
from booking.enums import EventKind, Outcome, Status
from booking.errors import AlreadyCounted, NotForMedical
from booking.log import Actor
from booking.models import Appointment, VisitNote
from booking.national import SEVERAL, Autonomy, in_list_order
from booking.records import noted
from core.edits import Edit, merged, record_name
from core.errors import PermanenceError

OF_NOTE = ("themes", "equipment_used", "autonomy", "orientation")


def may_be_noted(appointment: Appointment, now: datetime) -> bool:
    """Whether it can still be said what came of it."""
    try:
        require_notable(appointment, now)
    except PermanenceError:
        return False
    return True


def require_notable(appointment: Appointment, now: datetime) -> None:
    """Raise StatusRefused for a session that is not over, NotForMedical, AlreadyCounted once its day is
    closed."""
    require(appointment, Status.DONE)
    if appointment.service.is_medical:
        raise NotForMedical
    if is_closed(appointment, now):
        raise AlreadyCounted


def is_closed(appointment: Appointment, now: datetime) -> bool:
    """Whether its day is closed: what is counted stays."""
    local = appointment.commune.local
    return local(appointment.starts_at).date() <= last_closed(local(now).date())


def note_of(appointment: Appointment) -> VisitNote | None:
    found: VisitNote | None = getattr(appointment, "visit_note", None)
    return found


def noted_values(appointment: Appointment) -> dict[str, Any]:
    """What is stored: the outcome, and the columns of the note; empty where there is none."""
    note = note_of(appointment) or VisitNote()
    return {"outcome": appointment.outcome, **{name: getattr(note, name) for name in OF_NOTE}}


@action
def note_visit(
    *,
    appointment: Appointment,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
    started_from: Edit | None = None,
) -> VisitNote:
    """Note the outcome and what the national lists ask, as far as `values` say it; its record follows.

    Raises StatusRefused for a session that is not over, NotForMedical, AlreadyCounted once its day is closed,
    ValueError for a code that is in no list; with `started_from`, the form's, EditConflict when somebody else
    has noted something else meanwhile.
    """
    lock(appointment)
    require_notable(appointment, now)
    stored = noted_values(appointment)
    changes = merged(started_from, record_name(appointment), stored, _clean(values))
    note = note_of(appointment)
    is_new, note = note is None, note or VisitNote(appointment=appointment)
    for name in changes.keys() & set(OF_NOTE):
        setattr(note, name, _in_order(name, changes[name]))
    note.save()
    if changes or is_new:
        outcome = changes.get("outcome", appointment.outcome)
        said: Outcome | Literal[""] = Outcome(outcome) if outcome else ""
        apply(appointment, kind=EventKind.NOTED, outcome=said, by=by, now=now)
        if not open_records([appointment.pk]).update(**noted(appointment)):
            raise AlreadyCounted
    return note


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - {"outcome", *OF_NOTE}
    if unknown:
        raise ValueError(f"A note has no {sorted(unknown)}.")
    wanted = dict(values)
    if wanted.get("outcome"):
        wanted["outcome"] = Outcome(wanted["outcome"])
    if wanted.get("autonomy"):
        wanted["autonomy"] = Autonomy(wanted["autonomy"])
    for name, known in SEVERAL.items():
        if name in wanted:
            wanted[name] = [known(code).value for code in wanted[name]]
    return wanted


def _in_order(name: str, value: Any) -> Any:
    return in_list_order(value, SEVERAL[name]) if name in SEVERAL else value
