"""Editing a record that somebody else may have saved since: a comparison of three versions, value by value.

The form carries the values that it started from (`core/edit_forms.py`). The action locks the row, reads what
is stored now, and merges: a value that the agent left alone stays as it is stored; one that only the agent
changed is written; one that both changed, differently, is a conflict, and nothing is written. Lists such as
skills merge by their members. See docs/decisions/0020-edits-are-merged.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError
from core.models import EditTrace

TRACED_FOR = timedelta(days=3)
"""How long it is known who edited what. A form that was open for longer says « somebody »."""

_RECENT = 50
"""So many of a record's last edits are looked at for who changed a value."""


class RecordGone(PermanenceError):
    """The record was deleted, or merged into another, after the form was shown."""

    code = "record_gone"
    http_status = 404
    text = _("This is not there any more: somebody has removed it in the meantime.")


class EditConflict(PermanenceError):
    """Somebody else has saved other values in the meantime; nothing was written.

    `names`: the values that both changed. `stored`: all values as stored now; `merged`: those that are not
    in conflict, as they would be after the edit. Both in the plain form of `plain`. `traces`: see
    `last_traces`.
    """

    code = "edit_conflict"
    http_status = 409
    text = _("Somebody else has saved this in the meantime. Look at it again; nothing of yours was saved.")

    def __init__(
        self,
        names: Iterable[str] = (),
        *,
        stored: Mapping[str, Any] | None = None,
        merged: Mapping[str, Any] | None = None,
        traces: Mapping[str, EditTrace] | None = None,
    ) -> None:
        super().__init__()
        self.names = list(names)
        self.stored, self.merged, self.traces = dict(stored or {}), dict(merged or {}), dict(traces or {})


def plain(value: Any) -> Any:
    """A value as JSON holds it, such that two are equal if they say the same. Nothing and "" are one; lists
    and sets are sorted, tuples keep their order; rows are their ids, instants are in UTC."""
    match value:
        case None | "":
            return None
        case bool() | int():
            return value
        case Decimal():
            # A default is often written as an int: 8 and 8.00 say the same.
            return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case models.Model():
            return value.pk
        case tuple():
            return [plain(each) for each in value]
        case dict():
            said = {str(name): plain(each) for name, each in sorted(value.items())}
            return {name: each for name, each in said.items() if each is not None} or None
        case list() | set() | frozenset() | QuerySet():
            return sorted((plain(each) for each in value), key=str)
        case _:
            # Browsers send line ends as \r\n; forms cut what is blank at both ends.
            return str(value).replace("\r\n", "\n").strip() or None


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}


def values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The present values of these fields; those of a many-to-many field as a list of rows."""
    many = {each.name for each in row._meta.many_to_many}
    return {
        name: (list(getattr(row, name).all()) if row.pk else []) if name in many else getattr(row, name)
        for name in names
    }


def record_name(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"


def lock_row[M: models.Model](rows: QuerySet[M], pk: Any) -> M:
    """The row as it is stored, locked until the end of the transaction. Raises RecordGone."""
    found = rows.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if found is None:
        raise RecordGone
    return found


def read_again(row: models.Model, rows: QuerySet[Any]) -> None:
    """Refresh the instance from these rows, which may be locked. Raises RecordGone: whoever waited for the
    lock of somebody's row finds that they were erased meanwhile."""
    try:
        row.refresh_from_db(from_queryset=rows)
    except ObjectDoesNotExist:
        raise RecordGone from None


@dataclass
class Edit:
    """One agent's edit: the plain values that their form started from, None if the form did not say. `by` is
    None where a command changes something: that leaves no trace.

    After `merge`, `kept` has the names that somebody else had changed and this edit leaves alone; `stored`
    and `merged` have the values as they were stored and as they would be after it, in the form of `plain`.
    """

    started_from: Mapping[str, Any] | None
    by: Any
    at: datetime
    kept: list[str] = field(default_factory=list)
    stored: dict[str, Any] = field(default_factory=dict)
    merged: dict[str, Any] = field(default_factory=dict)

    def merge(
        self,
        record: str,
        stored: Mapping[str, Any],
        wanted: Mapping[str, Any],
        *,
        also: Iterable[str] = (),
    ) -> dict[str, Any]:
        """What is to be written of `wanted`, which may be nothing. Called in the action's transaction, with
        `stored` read under the lock of the record. Raises EditConflict.

        A list that others changed too comes out merged, as plain values. `also`: other names under which
        the same value is edited elsewhere.
        """
        changes, merged, conflicts = {}, plain_values(stored), []
        self.stored, self.merged = plain_values(stored), merged
        for name, value in wanted.items():
            mine, theirs = plain(value), merged.get(name)
            if mine == theirs:
                continue
            base = None if self.started_from is None else self.started_from.get(name)
            if self.started_from is not None and mine == base:
                self.kept.append(name)
            elif self.started_from is not None and theirs == base:
                changes[name], merged[name] = value, mine
            elif self.started_from is not None and _has_members(value):
                changes[name] = merged[name] = _merge_members(_members(base), theirs or [], mine or [])
                self.kept.append(name)
            else:
                conflicts.append(name)
        if conflicts:
            for name in conflicts:
                merged.pop(name, None)
            traces = last_traces(record)
            raise EditConflict(conflicts, stored=plain_values(stored), merged=merged, traces=traces)
        if changes and self.by is not None:
            names = sorted({traced_name(name) for name in (*changes, *also)})
            EditTrace.objects.create(record=record, names=names, by=self.by, at=self.at)
        return changes

    def require_unchanged(self, record: str, stored: Mapping[str, Any]) -> None:
        """For what cannot be merged, such as removing the record. Raises EditConflict."""
        now = plain_values(stored)
        if self.started_from is None or any(self.started_from.get(name) != now[name] for name in now):
            raise EditConflict(now, stored=now, traces=last_traces(record))


def merged(
    edit: Edit | None,
    record: str,
    stored: Mapping[str, Any],
    wanted: Mapping[str, Any],
    *,
    also: Iterable[str] = (),
) -> dict[str, Any]:
    """`Edit.merge`, or all that is wanted and not stored yet when no form is behind it."""
    if edit is not None:
        return edit.merge(record, stored, wanted, also=also)
    return {name: value for name, value in wanted.items() if plain(value) != plain(stored.get(name))}


def traced_name(name: str) -> str:
    """What is kept of a value's name: what follows a colon may be a phone number, and is left out."""
    return name.partition(":")[0]


def last_traces(record: str) -> dict[str, EditTrace]:
    """The last known edit of each value of the record, by its `traced_name`."""
    recent = EditTrace.objects.filter(record=record).select_related("by").order_by("-at", "-pk")[:_RECENT]
    found: dict[str, EditTrace] = {}
    for trace in recent:
        for name in trace.names:
            found.setdefault(name, trace)
    return found


def forget_traces(*, now: datetime) -> None:
    EditTrace.objects.filter(at__lte=now - TRACED_FOR).delete()


def _has_members(value: Any) -> bool:
    return isinstance(value, list | set | frozenset | QuerySet)


def _members(value: Any) -> list[Any]:
    """Of what a form says that it started from, which may be forged."""
    return value if isinstance(value, list) else []


def _merge_members(base: list[Any], theirs: list[Any], mine: list[Any]) -> list[Any]:
    """Their list, less what I removed, and what I added."""
    kept = [each for each in theirs if each in mine or each not in base]
    return sorted([*kept, *(each for each in mine if each not in base and each not in theirs)], key=str)
