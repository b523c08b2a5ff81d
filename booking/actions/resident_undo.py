"""Putting back what a resident's record was before one change, if nothing of it has been changed since."""

from datetime import datetime, time
from typing import Any

from agents.models import Agent
from booking.actions.base import action
from booking.actions.residents import PHONE, edit_resident
from booking.enums import ResidentChangeKind
from booking.models import Resident, ResidentChange
from core.edits import Edit, EditConflict

UNDOABLE = (ResidentChangeKind.CHANGED, ResidentChangeKind.PUT_BACK)
"""What is withdrawn, merged or limited is not put back from the history: it has pages of its own."""


def is_undoable(change: ResidentChange) -> bool:
    """Whether it is a change of this record's own values."""
    return change.kind in UNDOABLE and not change.is_of_merged and bool(change.values)


@action
def put_back_resident(*, change: ResidentChange, by: Agent, now: datetime) -> None:
    """Put the values of before back. It is a change like another: it is in the history, and can be put back.
    Raises EditConflict if one of them was changed since, RecordGone, ResidentInvalid, ResidentLimited."""
    resident = change.resident
    later = resident.changes.filter(pk__gt=change.pk).values_list("values", flat=True)
    again = [name for name in change.values if any(name in values for values in later)]
    if again or not is_undoable(change):
        raise EditConflict(again)
    edit = Edit({name: after for name, (_, after) in change.values.items()}, by, now)
    wanted = {name: _stored(name, before) for name, (before, _) in change.values.items()}
    edit_resident(resident=resident, wanted=wanted, edit=edit, kind=ResidentChangeKind.PUT_BACK)


def _stored(name: str, value: Any) -> Any:
    """A value of `resident_values` that the history holds in the form of `core.edits.plain`."""
    if name.startswith(PHONE):
        return _phone(value) if value is not None else None
    if value is None:
        field: Any = Resident._meta.get_field(name)
        return field.get_default()
    return value


def _phone(value: list[Any]) -> tuple[Any, ...]:
    number, owner, may_call, call_from, call_until, detail = value
    return number, owner, may_call, _time(call_from), _time(call_until), detail or ""


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
