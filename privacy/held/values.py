"""Values as the file has them, and as the page says them."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Agent
from booking.models import Appointment, Resident
from communes.models import Site
from core.templatetags.times import day_month_year, day_year, hour
from privacy.held.person import Person


def filed(value: Any, person: Person) -> Any:
    """A value as JSON holds it. Instants have the offset of the commune's clock; places and services are
    their names, agents their first names, and a record of somebody else is nothing."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal() | UUID():
            return str(value)
        case datetime():
            return person.resident.commune.local(value).isoformat()
        case date() | time():
            return value.isoformat()
        case Agent() | Site():
            return value.short_name
        case Resident():
            return value.pk if value.pk in person.records else None
        case Appointment():
            return value.pk
        case Model():
            return str(value)
        case Mapping():
            return {str(name): filed(each, person) for name, each in value.items()}
        case _:
            return [filed(each, person) for each in value]


def in_words(row: Model, name: str, read: Any, person: Person) -> str:
    """A column for the page; "" if it is empty."""
    value = read if read is not None else getattr(row, name)
    if read is None and (label := getattr(row, f"get_{name}_display", None)):
        return str(label()) if value else ""
    match value:
        case None | "":
            return ""
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return instant(value)
        case date():
            return day_month_year(value)
        case time():
            return f"{value.hour}:{value.minute:02d}"
        case Appointment():
            return instant(value.starts_at)
        case Resident():
            return "" if value.pk not in person.records else str(value)
        case list() | tuple():
            return ", ".join(str(each) for each in value)
        case _:
            return str(filed(value, person))


def instant(at: datetime | None) -> str:
    """« mardi 24 novembre 2026, 10:30 »."""
    return f"{day_year(at)}, {hour(at)}" if at else ""


def short_instant(at: datetime | None) -> str:
    """« 24 novembre 2026, 10:30 »."""
    return f"{day_month_year(timezone.localtime(at).date())}, {hour(at)}" if at else ""
