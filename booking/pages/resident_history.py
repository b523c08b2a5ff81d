"""The history of a resident's record, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking.actions import is_undoable
from booking.enums import ActorKind, LimitedFor
from booking.forms.resident_edit import ResidentEditForm
from booking.models import Resident, ResidentChange

MOST = 30
"""The latest changes are shown; the access page has all of them."""


@dataclass(frozen=True)
class ChangedValue:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class HistoryEntry:
    """One change. `who`: the agent's short name, or what made it; `can_be_put_back`: nothing of it has been
    changed since."""

    change: ResidentChange
    who: str
    values: list[ChangedValue]
    can_be_put_back: bool


def read_history(resident: Resident, form: ResidentEditForm) -> list[HistoryEntry]:
    """The latest changes first. `form`: the record's own, which has the words for its values. One query."""
    rows = resident.changes.select_related("agent").order_by("-pk")[:MOST]
    entries: list[HistoryEntry] = []
    changed: set[str] = set()
    for row in rows:
        is_latest = changed.isdisjoint(row.values) and not resident.is_limited
        changed.update(row.values)
        entries.append(HistoryEntry(row, _who(row), list(_values(row, form)), is_latest and is_undoable(row)))
    return entries


def _who(row: ResidentChange) -> str:
    return row.agent.short_name if row.agent else str(ActorKind(row.actor).label)


def _values(row: ResidentChange, form: ResidentEditForm) -> Iterator[ChangedValue]:
    for name, (before, after) in sorted(row.values.items()):
        if name == "limited_for":
            yield ChangedValue(_("reason"), _limited_for(before), _limited_for(after))
        else:
            yield ChangedValue(form.label_of(name), form.text_of(name, before), form.text_of(name, after))


def _limited_for(code: str | None) -> str:
    return str(LimitedFor(code).label) if code else _("not limited")
