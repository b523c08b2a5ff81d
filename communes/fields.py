"""Form fields for a day and an hour, drawn by the browser's own pickers."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from communes.days import FIRST_DAY, LAST_DAY


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class DayField(forms.DateField):
    """A date near enough to be meant: the year 12 is a slip, and overflows when made an instant."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)], **kwargs)


class HourField(forms.TimeField):
    widget = TimeInput
