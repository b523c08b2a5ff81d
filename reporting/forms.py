"""The form above the figures: which period, compared with what, of which place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communes.models import Site
from core.fields import DayField
from reporting.figures.periods import (
    LONGEST_DAYS,
    Compare,
    Period,
    PeriodKind,
    last_complete_quarter,
    period_of,
)

KINDS = [
    (PeriodKind.MONTH.value, _("Month")),
    (PeriodKind.QUARTER.value, _("Quarter")),
    (PeriodKind.YEAR.value, _("Year")),
    (PeriodKind.DATES.value, _("Dates")),
]
COMPARES = [
    (Compare.YEAR.value, _("the same period a year before")),
    (Compare.BEFORE.value, _("the period before")),
    (Compare.NONE.value, _("compare with nothing")),
]


class FiguresForm(forms.Form):
    """Read by GET: an address may be kept and shared. What is missing has the usual value."""

    kind = forms.ChoiceField(label=_("Period"), choices=KINDS, required=False, widget=forms.RadioSelect)
    day = DayField(label=_("A day in it"), required=False)
    first = DayField(label=_("First day"), required=False)
    last = DayField(label=_("Last day, included"), required=False)
    compare = forms.ChoiceField(label=_("Compare with"), choices=COMPARES, required=False)
    site = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args: Any, sites: Sequence[Site], today: date, **kwargs: Any) -> None:
        """`sites`: those of the commune, which have been read already."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.sites = {str(each.pk): each for each in sites}
        site = self.fields["site"]
        assert isinstance(site, forms.ChoiceField)
        site.choices = [("", _("all places")), *((pk, each.name) for pk, each in self.sites.items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == PeriodKind.DATES and not self.errors:
            first, last = data.get("first"), data.get("last")
            if first is None:
                self.add_error("first", _("Give the first day."))
            if last is None:
                self.add_error("last", _("Give the last day."))
            if first and last and last < first:
                self.add_error("last", _("The last day must not be before the first."))
            elif first and last and (last - first).days >= LONGEST_DAYS:
                self.add_error("last", _("Five years at most."))
        day = data.get("day") or data.get("last")
        if day is not None and not date(2000, 1, 1) <= day <= date(2100, 1, 1):
            self.add_error("last" if data.get("last") else "day", _("This day is too far away."))
        return data

    def period(self) -> Period:
        """The one asked for, or the last complete quarter where nothing was asked or it cannot be used."""
        data = getattr(self, "cleaned_data", {}) if not self.errors else {}
        kind = PeriodKind(data.get("kind") or PeriodKind.QUARTER)
        if kind == PeriodKind.DATES:
            return Period(kind, data["first"], _day_after(data["last"]))
        if data.get("day") is None and kind == PeriodKind.QUARTER:
            return last_complete_quarter(self.today)
        return period_of(kind, data.get("day") or period_of(kind, self.today).before().first)

    @property
    def chosen_compare(self) -> Compare:
        data = getattr(self, "cleaned_data", {})
        return Compare(data.get("compare") or Compare.YEAR)

    @property
    def chosen_site(self) -> Site | None:
        return self.sites.get(getattr(self, "cleaned_data", {}).get("site") or "")


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


class MonthForm(forms.Form):
    """A month, by one of its days; what cannot be read is left out."""

    day = DayField(required=False)

    @property
    def chosen(self) -> date | None:
        self.is_valid()
        day: date | None = self.cleaned_data.get("day")
        return day
