"""A form for a period: an agent's absence, or a site's closure."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from core.days import day_span
from core.fields import DayField, HourField


class PeriodForm(forms.Form):
    """From the first day to the last included, whole days unless hours are given.

    Hours are in the commune's time zone, `tz`.
    """

    first_on = DayField(label=_("First day"))
    starts = HourField(label=_("From what time"), required=False, help_text=_("Empty: from the morning."))
    last_on = DayField(label=_("Last day, included"))
    ends = HourField(label=_("Until what time"), required=False, help_text=_("Empty: until the evening."))

    def __init__(self, *args: Any, tz: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz = tz

    def values(self) -> dict[str, Any]:
        """The arguments of the actions, as instants; a form with more fields adds its own."""
        data = self.cleaned_data
        return {
            "starts_at": self._instant(data["first_on"], data["starts"], 0),
            "ends_at": self._instant(data["last_on"], data["ends"], 1),
        }

    def _instant(self, day: date, at: time | None, edge: int) -> datetime:
        """The instant of the hour `at`; without one, the start of the day (edge 0) or its end (edge 1)."""
        return datetime.combine(day, at, self.tz) if at else day_span(day, self.tz)[edge]
