"""The log of what managers do to settings, places, cabins and services: written in their transactions."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from communes.enums import SetupChangeKind
from communes.models import Cabin, Commune, Service, SetupChange, Site
from core.edits import Edit, plain, record_name

type Logged = Commune | Site | Cabin | Service


def record(
    row: Logged,
    kind: SetupChangeKind,
    *,
    by: Any,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Enter a change of a row that still exists. `by`: an agent, or None for the worker. `before`, `after`:
    values by field."""
    site = row.site if isinstance(row, Cabin) else row if isinstance(row, Site) else None
    old, new = before or {}, after or {}
    values = {name: [plain(old.get(name)), plain(new.get(name))] for name in {**old, **new}}
    if kind in (SetupChangeKind.CHANGED, SetupChangeKind.PUT_BACK):
        values = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
        if not values:
            return
    SetupChange.objects.create(
        commune_id=_commune_of(row),
        site=site,
        record=record_name(row),
        name=row.name,
        kind=kind,
        values=values,
        at=at,
        by=by,
    )


def _commune_of(row: Logged) -> int:
    if isinstance(row, Commune):
        return row.pk
    return row.site.commune_id if isinstance(row, Cabin) else row.commune_id


def record_edit(
    row: Logged,
    kind: SetupChangeKind,
    edit: Edit | None,
    *,
    before: Mapping[str, Any],
    names: Iterable[str],
) -> None:
    """Enter what an agent's form has changed. Without a form, commands and tests change it: no entry."""
    if edit is not None:
        after = {name: getattr(row, name) for name in names}
        record(row, kind, by=edit.by, at=edit.at, before={n: before.get(n) for n in after}, after=after)
