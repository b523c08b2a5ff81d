"""A row in every table that the demonstration leaves empty:
`python -m tests.in_django tests.upgrades.filled`."""

from datetime import UTC, date, time
from itertools import count
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction

from core import clock

NEVER_FILLED = {
    # Nothing in the product writes these.
    "auth.Group",
    "auth.Group_permissions",
    "agents.Agent_groups",
    "agents.Agent_user_permissions",
    "axes.AccessAttemptExpiration",
}
LATER = ("ends", "until", "expire")
_serial = count(1)

CHOSEN: dict[str, dict[str, Any]] = {
    # Where a constraint or the product's own reading wants more than the type of a column says.
    "booking.VisitNote": {"themes": ["email"], "orientation": []},
    "agents.Invitation": {"is_helper": True},
    "planning.ExternalCalendar": {"url": "https://calendar.example.org/a.ics"},
    "planning.RotaPublication": {"until": date(2027, 2, 14)},
    "agents.ShiftPattern": {"weekdays": [0, 1], "starts": time(9), "ends": time(12)},
    "booking.WaitingEntry": {"until_on": date(2026, 12, 24), "half_days": [0, 3]},
    "reporting.PublishedNumber": {
        "number": 11,
        "first_on": date(2026, 1, 1),
        "last_on": date(2026, 1, 31),
    },
    "notifications.CallResult": {"before": {"lines": []}},
    "sessions.Session": {"session_data": "e30:1:x"},
}

WANTED = {
    # Columns that may be empty, one of which a constraint wants all the same.
    "planning.CalendarFeed": "agent",
    "notifications.CallClaim": "resident",
    "kiosk.WrongEntry": "screen",
}


def value_for(field: models.Field[Any, Any], start: bool) -> Any:
    """Something that the column takes."""
    if isinstance(field, models.ForeignKey):
        target = field.related_model._meta.base_manager
        taken = field.unique and field.model._meta.base_manager.values_list(field.name)
        return (target.exclude(pk__in=taken) if taken else target).order_by("pk").first()
    if field.choices:
        return field.choices[0][0]
    now = clock.now().astimezone(UTC)
    if isinstance(field, models.DateTimeField):
        return now if start else now.replace(hour=now.hour + 1)
    if isinstance(field, models.DateField):
        return now.date()
    if isinstance(field, models.TimeField):
        return time(9) if start else time(12)
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.BinaryField):
        return b"BEGIN:VCALENDAR"
    if isinstance(field, models.IntegerField):
        return 1
    return f"{next(_serial)}-filled"[: field.max_length]


def may_be_left(field: models.Field[Any, Any]) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField)
    return (
        field.has_default() or field.null or isinstance(field, models.AutoField) or (field.blank and is_text)
    )


def fill(model: type[models.Model]) -> None:
    chosen = CHOSEN.get(model._meta.label, {})
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.name in chosen:
            values[field.name] = chosen[field.name]
        elif field.name == WANTED.get(model._meta.label) or not may_be_left(field):
            values[field.name] = value_for(field, start=not field.name.startswith(LATER))
    model._meta.base_manager.create(**values)


def empty() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.label not in NEVER_FILLED
        and not model._meta.base_manager.exists()
    ]


def main() -> None:
    """Tables that others refer to come first: one that cannot be filled yet is tried again."""
    while left := empty():
        before, problems = len(left), {}
        for model in left:
            try:
                with transaction.atomic():
                    fill(model)
            except DatabaseError as error:
                problems[model._meta.label] = error
        if len(empty()) == before:
            raise SystemExit(f"cannot be filled: {problems}")


if __name__ == "__main__":
    main()
