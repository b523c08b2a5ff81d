"""Forms about communes, sites and services. They check what was typed; the actions check the rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.automatic_lines import answers_by_machine
from communes.enums import ClosureReason, WheelchairAccess
from communes.errors import HoursError
from communes.models import Cabin, Commune, Service, Site
from communes.opening.hours import parse
from communes.opening.usual_week import DAYS, HOLIDAYS, OPENINGS, WEEK_NAMES, week_expression
from core.days import day_span
from core.edit_forms import EditForm, put_value
from core.fields import DayField, HourField, read_phone
from core.insee import phone_region
from core.period_form import PeriodForm
from core.phones import format_national
from core.templatetags.times import end as last_day


class HoursForm(EditForm, forms.Form):
    """Opening hours as text, in the syntax of the national file of places."""

    opening_hours = forms.CharField(
        label=_("Opening hours"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
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


class WeekForm(EditForm, forms.Form):
    """Opening hours of a site with a plain week: at most two openings a day, and every week alike."""

    holidays = forms.BooleanField(label=_("Closed on public holidays"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
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

    @staticmethod
    def initial_of(week: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a plain week's values."""
        values: dict[str, Any] = {HOLIDAYS: week[HOLIDAYS]}
        for day, name in enumerate(DAYS):
            values |= _day_fields(day, week[name])
        return values

    def initial_values(self) -> dict[str, Any]:
        return {
            **{name: self._spans(day, self.initial) for day, name in enumerate(DAYS)},
            HOLIDAYS: self.initial.get(HOLIDAYS, True),
        }

    def wanted_values(self) -> dict[str, Any]:
        days = {name: self._spans(day, self.cleaned_data) for day, name in enumerate(DAYS)}
        return {**days, HOLIDAYS: self.cleaned_data[HOLIDAYS]}

    def _spans(self, day: int, values: Mapping[str, Any]) -> tuple[tuple[time, time], ...]:
        fields = [(f"from_{day}_{n}", f"until_{day}_{n}") for n in range(OPENINGS)]
        return tuple((values[start], values[end]) for start, end in fields if values.get(start) is not None)

    def label_of(self, name: str) -> str:
        return str(WEEKDAYS[DAYS.index(name)]).capitalize() if name in DAYS else super().label_of(name)

    def field_of(self, name: str) -> str | None:
        return f"from_{DAYS.index(name)}_0" if name in DAYS else super().field_of(name)

    def text_of(self, name: str, value: Any) -> str:
        if name not in DAYS:
            return super().text_of(name, value)
        return ", ".join(f"{start[:5]}–{end[:5]}" for start, end in value or []) or gettext("closed")

    def put(self, data: QueryDict, name: str, value: Any) -> None:
        if name not in DAYS:
            super().put(data, name, value)
            return
        day = DAYS.index(name)
        spans = [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in value or []]
        for field, hour in _day_fields(day, spans).items():
            put_value(data, self[field], hour)

    def _is_known(self, name: str) -> bool:
        return name in WEEK_NAMES

    @property
    def rows(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        return [
            (
                str(WEEKDAYS[day]),
                [(self[f"from_{day}_{n}"], self[f"until_{day}_{n}"]) for n in range(OPENINGS)],
            )
            for day in range(7)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for day in range(7):
            self._check_day(day, data)
        return data

    def _check_day(self, day: int, data: dict[str, Any]) -> None:
        last: time | None = None
        for n in range(OPENINGS):
            start, end = data.get(f"from_{day}_{n}"), data.get(f"until_{day}_{n}")
            names = {"day": WEEKDAYS[day]}
            if (start is None) != (end is None):
                self.add_error(
                    f"until_{day}_{n}" if end is None else f"from_{day}_{n}",
                    gettext("%(day)s: from when until when? Fill in both, or neither.") % names,
                )
            elif start is not None and end is not None:
                if end not in (time(), max(start, end)) or start == end:
                    self.add_error(
                        f"until_{day}_{n}", gettext("%(day)s: the end must come after the beginning.") % names
                    )
                elif last is not None and (last == time() or start < last):
                    self.add_error(
                        f"from_{day}_{n}",
                        gettext("%(day)s: the afternoon begins before the morning ends.") % names,
                    )
                last = end

    @property
    def expression(self) -> str:
        return week_expression(self.wanted_values())


class CabinOrderForm(EditForm, forms.Form):
    """Puts a cabin out of order or in order again. The end may be unknown, a day, or an hour of a day."""

    # Set by the button that is pressed.

    in_order = forms.BooleanField(required=False, widget=forms.HiddenInput)
    until_on = DayField(label=_("Until (that day included)"), required=False)
    until_hour = HourField(label=_("what time"), required=False)

    def __init__(self, *args: Any, cabin: Cabin, tz: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        self.cabin, self.tz, self.now = cabin, tz, now
        super().__init__(*args, auto_id=f"id_{cabin.pk}_%s", **kwargs)
        self.fields["until_on"].widget.attrs["min"] = now.astimezone(tz).date().isoformat()

    def initial_values(self) -> dict[str, Any]:
        return {"order": self.cabin.order}

    def wanted_values(self) -> dict[str, Any]:
        return {"order": (self.cleaned_data["in_order"], self.cleaned_data["until"])}

    def label_of(self, name: str) -> str:
        return self.cabin.name

    def field_of(self, name: str) -> str | None:
        return None

    def text_of(self, name: str, value: Any) -> str:
        in_order, until = value or (True, None)
        if in_order:
            return gettext("in order")
        if until is None:
            return gettext("out of order")
        return gettext("out of order until %(end)s") % {"end": last_day(datetime.fromisoformat(until))}

    def _is_known(self, name: str) -> bool:
        return name == "order"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        until = self._until(data)
        if until is not None and until <= self.now:
            self.add_error("until_on", gettext("This end has passed already."))
        return {**data, "until": until}

    def _until(self, data: dict[str, Any]) -> datetime | None:
        on = data.get("until_on")
        if data.get("in_order") or on is None:
            return None
        if data.get("until_hour"):
            return datetime.combine(on, data["until_hour"], self.tz)
        return day_span(on, self.tz)[1]


class AccessForm(EditForm, forms.Form):
    """Whether somebody in a wheelchair gets into a site, and into each of its cabins."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        cabins = list(site.cabins.all())
        self.stored = site.wheelchair_values(cabins)
        super().__init__(*args, **kwargs)
        self.fields["site"] = _access_field(gettext("The place"), _("not known"), self.stored["site"])
        for cabin in cabins:
            name = cabin.wheelchair_name
            self.fields[name] = _access_field(cabin.name, _("as the place"), self.stored[name])

    def initial_values(self) -> dict[str, Any]:
        return self.stored

    def _is_known(self, name: str) -> bool:
        return name in self.stored


def _access_field(label: str, unknown: str | Promise, initial: str) -> forms.ChoiceField:
    known = [(each.value, each.label) for each in (WheelchairAccess.YES, WheelchairAccess.NO)]
    choices = [*known, (WheelchairAccess.UNKNOWN.value, unknown)]
    return forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.RadioSelect)


class ClosureForm(PeriodForm):
    """A closure: when a site is closed although its opening hours say open, and why."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ClosureReason.choices)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, tz=site.commune.tz, **kwargs)

    def values(self) -> dict[str, Any]:
        return {"reason": ClosureReason(self.cleaned_data["reason"]), **super().values()}


class ServiceForm(EditForm, forms.ModelForm[Service]):
    class Meta:
        model = Service
        fields = (
            "name",
            "duration_min",
            "turnaround_min",
            "start_step_min",
            "what_to_bring",
            "booker",
            "lead_min_hours",
            "lead_max_days",
            "hour_set_elsewhere",
            "is_active",
        )
        widgets = {"what_to_bring": forms.Textarea(attrs={"rows": 2})}
        labels = {"is_active": _("Offered")}


class CommuneForm(EditForm, forms.ModelForm[Commune]):
    """A commune's own settings. The phone is typed as people type it, and kept as E.164."""

    class Meta:
        model = Commune
        fields = (
            "public_phone",
            "name_shown_minutes_before",
            "cancel_grace_min",
            "retention_months",
        )
        widgets = {"public_phone": forms.TextInput(attrs={"inputmode": "tel"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = phone_region(self.instance.insee_code)
        self.initial["public_phone"] = self.shown_value("public_phone", self.instance.public_phone)

    def shown_value(self, name: str, value: Any) -> Any:
        return format_national(value, self.region) if name == "public_phone" and value else value

    def clean_public_phone(self) -> str:
        reading = read_phone(self.cleaned_data["public_phone"], insee_code=self.instance.insee_code)
        if reading and answers_by_machine(self.instance, reading.e164):
            raise forms.ValidationError(
                gettext("A machine answers at this number. Give the number at which an agent answers."),
                code="machine",
            )
        return reading.e164 if reading else ""
