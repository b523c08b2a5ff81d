"""A form for a period: an absence of somebody, or a closure of a place."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from core.days import day_span
from core.fields import DayField, HourField


class PeriodForm(forms.Form):
    """Whole days unless hours are given: from the first day until the last one included.

    Hours are read on the clocks of the commune, whose time zone is `tz`.
    """

    first_on = DayField(label=_("First day"))
    starts = HourField(label=_("From what time"), required=False, help_text=_("Empty: from the morning."))
    last_on = DayField(label=_("Last day, included"))
    ends = HourField(label=_("Until what time"), required=False, help_text=_("Empty: until the evening."))

    def __init__(self, *args: Any, tz: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz = tz

    def values(self) -> dict[str, Any]:
        """The arguments that the actions take; a form of more fields adds its own."""
        data = self.cleaned_data
        return {
            "starts_at": self._instant(data["first_on"], data["starts"], 0),
            "ends_at": self._instant(data["last_on"], data["ends"], 1),
        }

    def _instant(self, day: date, at: time | None, edge: int) -> datetime:
        """The hour given; without one, the beginning of the day (edge 0) or its end (edge 1)."""
        return datetime.combine(day, at, self.tz) if at else day_span(day, self.tz)[edge]
