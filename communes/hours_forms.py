"""Forms of the opening hours of a place: as text, and as a week with other hours on some dates."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.errors import HoursError
from communes.models import Commune
from communes.opening.dated_hours import Dates
from communes.opening.hours import parse
from communes.opening.syntax import LONGEST
from communes.opening.usual_week import DATED, DAYS, HOLIDAYS, OPENINGS, WEEK_NAMES, week_expression
from core.edit_forms import EditForm, put_value
from core.edits import Edit, EditConflict
from core.fields import DayField, HourField
from core.templatetags.times import day_month, day_month_year

MOST_DATES = 40
_ROW = re.compile(r"(dates-\d{1,4})-(?:first|last|is_yearly|remove|(?:from|until)_[01])")


class HoursForm(EditForm, forms.Form):
    """Opening hours as text, in the syntax of the national file of places."""

    opening_hours = forms.CharField(
        label=_("Opening hours"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        self.problem: HoursError | None = None

    def clean_opening_hours(self) -> str:
        text: str = self.cleaned_data["opening_hours"]
        if text:
            try:
                parse(text, self.commune.insee_code)
            except HoursError as error:
                self.problem = error
                raise forms.ValidationError(str(error), code=error.problem) from error
        return text


def _day_fields(day: int, spans: Sequence[tuple[time, time]]) -> dict[str, time | None]:
    """The fields of a weekday. A single opening that begins after noon belongs in those of the afternoon."""
    values: dict[str, time | None] = {}
    for n in range(OPENINGS):
        values |= {f"from_{day}_{n}": None, f"until_{day}_{n}": None}
    for index, (start, end) in enumerate(spans):
        n = 1 if len(spans) == 1 and start >= time(12) else index
        values |= {f"from_{day}_{n}": start, f"until_{day}_{n}": end}
    return values


def _check_openings(
    form: forms.Form, data: Mapping[str, Any], prefix: str, about: Callable[[str], str] = str
) -> None:
    """Both edges of an opening or neither, in order, and the second after the first. `prefix`: before the
    number of an opening in the names of its fields; `about`: makes the
    sentence one about a day."""
    last: time | None = None
    for n in range(OPENINGS):
        start_name, end_name = f"from_{prefix}{n}", f"until_{prefix}{n}"
        start, end = data.get(start_name), data.get(end_name)
        if start_name in form.errors or end_name in form.errors:
            continue
        if (start is None) != (end is None):
            said = gettext("From when until when? Fill in both, or neither.")
            form.add_error(end_name if end is None else start_name, about(said))
        elif start is not None and end is not None:
            if end not in (time(), max(start, end)) or start == end:
                form.add_error(end_name, about(gettext("The end must come after the beginning.")))
            elif last is not None and (last == time() or start < last):
                said = gettext("The second opening begins before the first one ends.")
                form.add_error(start_name, about(said))
            last = end


def _of_day(day: int, said: str) -> str:
    return gettext("%(field)s: %(problem)s") % {"field": str(WEEKDAYS[day]).capitalize(), "problem": said}


def _spans(values: Mapping[str, Any], prefix: str) -> tuple[tuple[time, time], ...]:
    names = [(f"from_{prefix}{n}", f"until_{prefix}{n}") for n in range(OPENINGS)]
    return tuple((values[start], values[end]) for start, end in names if values.get(start) is not None)


def _spans_text(value: Any) -> str:
    """Openings from their plain value. Raises TypeError, ValueError for what is none."""
    spans = [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in value or []]
    return ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in spans) or gettext("closed")


class DatedRowForm(forms.Form):
    """Other hours on a date, or from a date to a date; without hours it is closed. An empty row is none."""

    first = DayField(label=_("On, or from"), required=False)
    last = DayField(label=_("until (that day included)"), required=False)
    is_yearly = forms.BooleanField(label=_("every year"), required=False)
    from_0 = HourField(label=_("Open from"), required=False)
    until_0 = HourField(label=_("until"), required=False)
    from_1 = HourField(label=_("and from"), required=False)
    until_1 = HourField(label=_("until"), required=False)
    remove = forms.BooleanField(label=_("Remove this row"), required=False)

    def __init__(self, data: Any, *, key: str, initial: dict[str, Any] | None = None) -> None:
        self.key, self.number = key, 0
        self.is_new = initial is None
        super().__init__(data, prefix=key, initial=initial, use_required_attribute=False)

    @property
    def part_name(self) -> str:
        return gettext("Row %(n)s") % {"n": self.number}

    @property
    def is_removed(self) -> bool:
        return self.is_bound and bool(self["remove"].data)

    @property
    def is_blank(self) -> bool:
        if not self.is_bound:
            return self.is_new
        return not any(self[name].data for name in self.fields if name not in ("remove", "is_yearly"))

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_removed:
            self.say_nothing()

    def say_nothing(self) -> None:
        """Show what was typed without what is wrong in it."""
        self._errors = ErrorDict(renderer=self.renderer)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_blank:
            return data
        _check_openings(self, data, "")
        if not data.get("first"):
            if "first" not in self.errors:
                self.add_error("first", gettext("On which day, or from which day on?"))
        elif "last" not in self.errors:
            try:
                data["dates"] = self._dates(data)
            except ValueError:
                said = _("The last day must come after the first, in every year less than a year later.")
                self.add_error("last", str(said))
        return data

    def _dates(self, data: Mapping[str, Any]) -> Dates:
        first, last = data["first"], data.get("last") or data["first"]
        return Dates.of_every_year(first, last) if data["is_yearly"] else Dates.of_year(first, last)

    def value(self) -> tuple[Dates, tuple[tuple[time, time], ...]] | None:
        """None if it is to be removed, or empty. Of a valid form."""
        if self.is_removed or self.is_blank:
            return None
        return self.cleaned_data["dates"], _spans(self.cleaned_data, "")


def _row_fields(dates: Dates, spans: Sequence[tuple[time, time]], today: date) -> dict[str, Any]:
    """The values of a row's fields."""
    first, last = dates.near(today)
    values: dict[str, Any] = {"first": first, "last": None if dates.is_single else last}
    for n, (start, end) in enumerate(spans):
        values |= {f"from_{n}": start, f"until_{n}": end}
    return {**values, "is_yearly": dates.is_yearly}


class WeekForm(EditForm, forms.Form):
    """Opening hours of a site with a plain week: at most two openings a day, and every week alike; and other
    hours on some dates. Each weekday and each row of dates is one value of the edit."""

    holidays = forms.BooleanField(label=_("Closed on public holidays"), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today, self.is_judged = today, True
        self.parts: list[DatedRowForm] = []
        super().__init__(*args, **kwargs)
        for day in range(7):
            for n in range(OPENINGS):
                names = {"day": WEEKDAYS[day]}
                self.fields[f"from_{day}_{n}"] = HourField(
                    required=False,
                    label=(_("%(day)s morning, from") if n == 0 else _("%(day)s afternoon, from")) % names,
                )
                self.fields[f"until_{day}_{n}"] = HourField(
                    required=False,
                    label=(_("%(day)s morning, until") if n == 0 else _("%(day)s afternoon, until")) % names,
                )
        self._make_rows()

    # The rows of dates

    def _make_rows(self) -> None:
        """Those that were sent, or the stored ones and an empty one."""
        if self.is_bound:
            found = (_ROW.fullmatch(name) for name in self.data)
            keys = dict.fromkeys(each[1] for each in found if each)
            self.parts = [DatedRowForm(self.data, key=key) for key in list(keys)[: 2 * MOST_DATES]]
        else:
            stored = [
                _row_fields(Dates.of_key(name.removeprefix(DATED)), spans, self.today)
                for name, spans in self.initial.items()
                if name.startswith(DATED)
            ]
            stored.sort(key=lambda values: (values["first"], values["last"] or values["first"]))
            self.parts = [
                DatedRowForm(None, key=f"dates-{n}", initial=values) for n, values in enumerate(stored)
            ]
            self.parts.append(DatedRowForm(None, key=f"dates-{len(stored)}"))
        self._number()

    def _number(self) -> None:
        for number, row in enumerate(self.parts, 1):
            row.number = number

    def say_nothing(self) -> None:
        """Show all that was typed, which is not judged yet."""
        self.is_judged = False
        for row in self.parts:
            row.say_nothing()
        self._errors = ErrorDict(renderer=self.renderer)

    def add_row(self) -> DatedRowForm:
        """One more empty row."""
        last = max((int(row.key.removeprefix("dates-")) for row in self.parts), default=-1)
        row = DatedRowForm(None, key=f"dates-{last + 1}")
        row.fields["first"].widget.attrs["autofocus"] = True
        self.parts.append(row)
        self._number()
        return row

    def copy_monday(self) -> None:
        """Put what was typed for Monday on each other working day that is still empty."""
        assert isinstance(self.data, QueryDict)
        typed = self.data.copy()
        for day in range(1, 5):
            names = {name: name.replace(f"_{day}_", "_0_") for name in _day_fields(day, ())}
            if not any(typed.get(name, "").strip() for name in names):
                typed.update({name: self.data.get(monday, "") for name, monday in names.items()})
        self.data = typed

    @property
    def past_parts(self) -> list[DatedRowForm]:
        """Stored rows that are over; a form that was sent shows all its rows alike."""
        return [row for row in self.parts if self._is_past(row)]

    @property
    def coming_parts(self) -> list[DatedRowForm]:
        return [row for row in self.parts if not self._is_past(row)]

    def _is_past(self, row: DatedRowForm) -> bool:
        last = row.initial.get("last") or row.initial.get("first")
        is_over = last is not None and last < self.today and not row.initial.get("is_yearly")
        return is_over and not row.is_bound

    # As an edit

    @staticmethod
    def initial_of(week: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a plain week's values; its dates under their own names."""
        values: dict[str, Any] = {HOLIDAYS: week[HOLIDAYS]}
        for day, name in enumerate(DAYS):
            values |= _day_fields(day, week[name])
        return {**values, **{name: spans for name, spans in week.items() if name.startswith(DATED)}}

    def initial_values(self) -> dict[str, Any]:
        return {
            **{name: _spans(self.initial, f"{day}_") for day, name in enumerate(DAYS)},
            HOLIDAYS: self.initial.get(HOLIDAYS, True),
            **{name: spans for name, spans in self.initial.items() if name.startswith(DATED)},
        }

    def wanted_values(self) -> dict[str, Any]:
        days = {name: _spans(self.cleaned_data, f"{day}_") for day, name in enumerate(DAYS)}
        rows = (row.value() for row in self.parts)
        dated = {f"{DATED}{value[0].key}": value[1] for value in rows if value is not None}
        gone = {name: None for name in self._start or {} if _is_dates(name) and name not in dated}
        return {**days, HOLIDAYS: self.cleaned_data[HOLIDAYS], **dated, **gone}

    def label_of(self, name: str) -> str:
        if name in DAYS:
            return str(WEEKDAYS[DAYS.index(name)]).capitalize()
        if _is_dates(name):
            return dates_text(Dates.of_key(name.removeprefix(DATED)))
        return super().label_of(name)

    def field_of(self, name: str) -> str | None:
        if _is_dates(name):
            return None
        return f"from_{DAYS.index(name)}_0" if name in DAYS else super().field_of(name)

    def text_of(self, name: str, value: Any) -> str:
        if _is_dates(name) and value is None:
            return gettext("removed")
        return _spans_text(value) if name in DAYS or _is_dates(name) else super().text_of(name, value)

    def put(self, data: QueryDict, name: str, value: Any) -> None:
        if name not in DAYS and not _is_dates(name):
            super().put(data, name, value)
            return
        spans = [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in value or []]
        if name in DAYS:
            for field, hour in _day_fields(DAYS.index(name), spans).items():
                put_value(data, self[field], hour)
            return
        dates = Dates.of_key(name.removeprefix(DATED))
        for row in [each for each in self.parts if each.is_valid() and (each.value() or [None])[0] == dates]:
            for field in row.fields:
                data.pop(row.add_prefix(field), None)
        if value is not None:
            row = self.add_row()
            for field, each in _row_fields(dates, spans, self.today).items():
                put_value(data, row[field], each)

    def show_conflict(self, conflict: EditConflict, edit: Edit) -> None:
        super().show_conflict(conflict, edit)
        self._make_rows()

    def _is_known(self, name: str) -> bool:
        return name in WEEK_NAMES or _is_dates(name)

    # Checking

    def is_valid(self) -> bool:
        return super().is_valid() and all(row.is_valid() for row in self.parts)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for day in range(7):
            _check_openings(self, data, f"{day}_", partial(_of_day, day))
        self._check_rows()
        return data

    def _check_rows(self) -> None:
        seen: list[tuple[DatedRowForm, Dates]] = []
        for row in self.parts:
            value = row.value() if row.is_valid() else None
            if value is None:
                continue
            dates = value[0]
            for other, others in seen:
                if others == dates or (others.rank == dates.rank and others.meets(dates)):
                    row.add_error("first", gettext("On a day of row %(n)s.") % {"n": other.number})
                    break
            seen.append((row, dates))
        if len(seen) > MOST_DATES:
            self.add_error(None, gettext("At most %(n)s rows of dates.") % {"n": MOST_DATES})

    # For the page

    @property
    def rows(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        return [
            (
                str(WEEKDAYS[day]),
                [(self[f"from_{day}_{n}"], self[f"until_{day}_{n}"]) for n in range(OPENINGS)],
            )
            for day in range(7)
        ]

    @property
    def expression(self) -> str:
        return week_expression(self.wanted_values())


def _is_dates(name: str) -> bool:
    """Whether a value is that of dates; it may be forged."""
    try:
        Dates.of_key(name.removeprefix(DATED))
    except ValueError:
        return False
    return name.startswith(DATED)


def dates_text(dates: Dates) -> str:
    """« 24 décembre, chaque année », « du 22 décembre 2026 au 26 décembre 2026 »."""
    said = day_month if dates.is_yearly else day_month_year
    names = {"first": said(dates.first), "last": said(dates.last)}
    text = names["first"] if dates.is_single else gettext("from %(first)s to %(last)s") % names
    return gettext("%(dates)s, every year") % {"dates": text} if dates.is_yearly else text
