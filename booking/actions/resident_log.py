"""The history of a resident's record: written in the transaction of each change, and undone from it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from booking.enums import ResidentChangeKind
from booking.log import Actor
from booking.models import Resident, ResidentChange
from core.edits import plain_values

type Corrected = Callable[[Resident, int, int, datetime], object]
"""Called with the resident, how many values were corrected at their request, the agent's id, the instant."""

_correction_watchers: list[Corrected] = []


def watch_corrections(look: Corrected) -> None:
    """Call `look`, in the transaction of the change, when an agent corrects a record as its person asked."""
    if look not in _correction_watchers:
        _correction_watchers.append(look)


def record_change(
    resident: Resident,
    kind: ResidentChangeKind,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    is_asked: bool = False,
    by: Actor,
    now: datetime,
) -> None:
    """Enter what a change has made of a record: `before` and `after` by the names of `resident_values`, of
    which those that differ are kept. Nothing differs: no entry. What is no change of values has neither."""
    values: dict[str, list[Any]] = {}
    if before is not None or after is not None:
        old, new = plain_values(before or {}), plain_values(after or {})
        values = {
            name: [old.get(name), new.get(name)] for name in {**old, **new} if old.get(name) != new.get(name)
        }
        if not values and kind != ResidentChangeKind.MERGED:
            return
    ResidentChange.objects.create(
        resident=resident,
        kind=kind,
        at=now,
        actor=by.kind,
        agent_id=by.agent_id,
        is_asked=is_asked,
        values=values,
    )
    if is_asked and kind == ResidentChangeKind.CHANGED and by.agent_id is not None:
        for look in _correction_watchers:
            look(resident, len(values), by.agent_id, now)


def move_changes(source: Resident, target: Resident) -> None:
    """The history of a record that is merged goes to the record that is kept, marked as another's."""
    ResidentChange.objects.filter(resident=source).update(resident=target, is_of_merged=True)
