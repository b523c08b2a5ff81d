"""How near the deadline of a request is. Pure."""

from datetime import date

from privacy.enums import ReminderStep

SOON_DAYS = 10
"""From so many days before the deadline on, a request stands out, and managers are reminded."""
CLOSE_DAYS = 3


def step_on(today: date, due_on: date) -> ReminderStep | None:
    """The last step that is reached on `today`, the commune's day; None: there is time. The deadline itself
    is not late."""
    left = (due_on - today).days
    if left < 0:
        return ReminderStep.LATE
    if left <= CLOSE_DAYS:
        return ReminderStep.CLOSE
    return ReminderStep.SOON if left <= SOON_DAYS else None
