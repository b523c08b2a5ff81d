"""Form fields for a day and an hour, shown with the browser's own pickers; and the choices of a field."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.days import FIRST_DAY, LAST_DAY
from core.phones import Certainty, PhoneReading, read_numbers


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


class DayField(forms.DateField):
    """A date in the plausible range: the year 12 is a typing error, and overflows when made an instant."""

    widget = DayInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)], **kwargs)


class HourField(forms.TimeField):
    widget = TimeInput


def choose_among(form: forms.BaseForm, **rows: QuerySet[Any]) -> None:
    """Give each named field the rows that it accepts: the commune's, known only when the form is made."""
    for name, queryset in rows.items():
        field = form.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset


def read_phone(text: str, *, insee_code: str) -> PhoneReading | None:
    """The one number typed into a field without further questions; None if it is empty. Raises
    ValidationError for what is no number, for several, and for one that may be of two countries."""
    readings = read_numbers(text, insee_code=insee_code)
    if not readings:
        return None
    reading = readings[0]
    if len(readings) > 1 or reading.certainty is Certainty.ERROR:
        raise forms.ValidationError(_("This is not a phone number."), code="phone")
    if reading.certainty is Certainty.AMBIGUOUS:
        one, other = (each.e164 for each in reading.candidates[:2])
        text = _("This can be one of two numbers: write %(one)s or %(other)s.")
        raise forms.ValidationError(text % {"one": one, "other": other}, code="ambiguous")
    return reading
