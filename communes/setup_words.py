"""The log of settings, places, cabins and services in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communes.catalogue import catalogue
from communes.enums import (
    Accessibility,
    Booker,
    ClosureReason,
    Equipment,
    HelperPolicy,
    Pictogram,
    RoomFor,
    Theme,
    WheelchairAccess,
)
from communes.errors import HoursError
from communes.models import Cabin, Closure, Commune, Service, SetupChange, Site
from communes.opening.hours import summary
from core import clock
from core.edits import record_name
from core.insee import phone_region
from core.phones import format_national
from core.templatetags.times import day_year, hour, hour_in_sentence


@dataclass(frozen=True)
class Entry:
    """`changes`: of each field its name, and its value before and after."""

    row: SetupChange
    changes: list[tuple[str, str, str]]


HELPERS = "helpers"
"""In the log of a service: who can help with it, as ids of memberships, which belong to another app."""

_NAMES = {
    "in_service_at": gettext_lazy("In service from"),
    "retired_at": gettext_lazy("Offered to nobody from"),
    "is_active": gettext_lazy("Offered"),
}
_LABELS: dict[str, Any] = {
    "wheelchair": WheelchairAccess,
    "equipment": Equipment,
    "room_for": RoomFor,
    "accessibility": Accessibility,
    "reason": ClosureReason,
    "equipment_needed": Equipment,
    "helper_policy": HelperPolicy,
    "theme": Theme,
    "booker": Booker,
    "pictogram": Pictogram,
}


def entries_of(
    rows: Iterable[SetupChange], commune: Commune, others: Iterable[type[models.Model]] = ()
) -> list[Entry]:
    """`others`: models of other apps whose columns may be in the log."""
    return [Entry(row, list(_changes(row, commune, others))) for row in rows]


def _changes(
    row: SetupChange, commune: Commune, others: Iterable[type[models.Model]]
) -> Iterable[tuple[str, str, str]]:
    known: list[type[models.Model]] = [Closure, Site, Cabin]
    if row.record.startswith(f"{Service._meta.label_lower}:"):
        known = [Service]
    elif row.record.startswith(f"{Site._meta.label_lower}:"):
        known = [Closure, Site]
    elif row.record == record_name(commune):
        known = [*others, Commune]
    fields = {each.name: each for model in known for each in model._meta.fields}
    for name, (before, after) in row.values.items():
        if name == HELPERS:
            yield _("Who can help with it"), _helpers(before, commune), _helpers(after, commune)
        if name in fields and (_is_said(before) or _is_said(after)) and name != "in_order":
            label = str(_NAMES.get(name) or getattr(fields[name], "verbose_name", name))
            old, new = _words(name, before, commune), _words(name, after, commune)
            if old == new:  # hours that differ on certain dates alone
                old, new = str(before or _("nothing")), str(after or _("nothing"))
            yield label[:1].upper() + label[1:], old, new


def _is_said(value: Any) -> bool:
    return value not in (None, "", [])


def _words(name: str, value: Any, commune: Commune) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not _is_said(value):
        return _("nothing")
    if name == "opening_hours":
        return _hours(value, commune)
    if name in ("phone", "public_phone"):
        return format_national(value, phone_region(commune.insee_code))
    if name == "names":
        return ", ".join(f"{language} : {value[code]}" for code, language in _languages() if value.get(code))
    if name in ("reminders_from", "reminders_until"):
        return hour_in_sentence(time.fromisoformat(value))
    if name == "screen_languages":
        return ", ".join(language for code, language in _languages() if code in value)
    if name in _LABELS:
        labels = {str(code): str(label) for code, label in _LABELS[name].choices}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen)
    if name.endswith("_at") or name == "out_until":
        at = commune.local(datetime.fromisoformat(value))
        return f"{day_year(at)}, {hour(at)}"
    return str(value)


def _helpers(ids: list[int] | None, commune: Commune) -> str:
    """First names, by ids of memberships: whoever has left is not named any more."""
    rows = commune.memberships.filter(pk__in=ids or []).select_related("agent")
    known = {each.pk: str(each.agent) for each in rows}
    gone = _("somebody who has left")
    return ", ".join(known.get(pk, gone) for pk in ids or []) or _("nobody")


def _hours(text: str, commune: Commune) -> str:
    """In sentences as they hold today; as they were written if they cannot be read now."""
    try:
        return " · ".join(summary(text, around=commune.local(clock.now()).date()))
    except HoursError:
        return text


def _languages() -> Iterable[tuple[str, str]]:
    return catalogue().languages.items()
