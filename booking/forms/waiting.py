"""The form of the waiting list: which times a resident would accept."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking.models import MOST_PEOPLE, Appointment, Resident
from communes.enums import HelperPolicy
from communes.half_days import OpenHalfDays
from communes.models import Commune, Service, Site
from communes.open_hours import opening_weekdays
from core.fields import DayField, choose_among
from core.ids import read_id

MONDAY_TO_SATURDAY = frozenset(range(6))


def half_day_choices(weekdays: Iterable[int], opening: Collection[int]) -> list[tuple[int, str]]:
    """« lundi matin » … « samedi après-midi (tout est fermé) », numbered as `WaitingEntry.half_days`.
    `opening`: those on which a place opens."""
    numbers = [2 * weekday + half for weekday in sorted(weekdays) for half in (0, 1)]
    closed = gettext("%(half_day)s (every place is closed)")
    return [
        (number, label if number in opening else closed % {"half_day": label})
        for number in numbers
        for label in [half_day_label(number)]
    ]


def half_day_label(number: int) -> str:
    weekday = WEEKDAYS[number // 2]
    if number % 2:
        return gettext("%(weekday)s afternoon") % {"weekday": weekday}
    return gettext("%(weekday)s morning") % {"weekday": weekday}


def begin_with(chosen: QueryDict) -> dict[str, Any]:
    """The initial values of the form, from what was chosen on the desk page."""
    single = ("resident", "service", "party", "from_on", "until_on")
    initial: dict[str, Any] = {name: chosen[name] for name in single if name in chosen}
    initial["half_days"] = chosen.getlist("half_days")
    if "helper" in chosen:
        initial["helper"] = "0" if chosen["helper"] == "0" else "1"
    if site := read_id(chosen.get("site")):
        initial["sites"] = [site]
    return initial


def back_to_the_desk(form: "WaitingForm", hold: Appointment | None) -> str:
    """The query string of the desk page with what is chosen in the form."""
    chosen = {name: form[name].value() for name in ("resident", "service", "helper", "party")}
    if hold is not None:
        chosen["hold"] = hold.pk
    sites = form["sites"].value() or []
    if len(sites) == 1:
        chosen["site"] = sites[0]
    if form.is_bound and form.is_valid():
        chosen |= _days_for_the_desk(form.cleaned_data, form.weekdays)
        chosen["week"] = max(form.today, form.cleaned_data["from_on"] or form.today)
    return urlencode({name: value for name, value in chosen.items() if value is not None}, doseq=True)


def _days_for_the_desk(asked: Mapping[str, Any], offered: Collection[int]) -> dict[str, Any]:
    """The same days, as far as the desk page can ask for them: it has the same half-days on each day.
    `offered`: the weekdays of the form."""
    weekdays, halves = {n // 2 for n in asked["half_days"]}, {n % 2 for n in asked["half_days"]}
    days: dict[str, Any] = {"before": asked["until_on"] + timedelta(days=1)}
    if len(weekdays) * len(halves) == len(asked["half_days"]):
        days["days"] = sorted(weekdays) if len(weekdays) < len(offered) else []
        days["half"] = [("am", "pm")[n] for n in sorted(halves)] if len(halves) == 1 else []
    return days


class WaitingForm(forms.Form):
    """Empty days or sites mean any. Sunday can be ticked where a site opens on one: if it were left out, who
    can come on Sundays alone would wait for any day."""

    resident = forms.ModelChoiceField(Resident.objects.none(), widget=forms.HiddenInput)
    service = forms.ModelChoiceField(Service.objects.none(), label=_("For"), empty_label=None)
    helper = forms.TypedChoiceField(
        label=_("With a helper or alone?"),
        choices=[("1", _("With a helper")), ("0", _("Alone in the cabin"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="1",
    )
    party = forms.IntegerField(label=_("Number of people"), min_value=1, max_value=MOST_PEOPLE, initial=1)
    half_days = forms.TypedMultipleChoiceField(
        label=_("Days that suit"),
        help_text=_("None ticked: any day."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        label=_("Places that suit"),
        help_text=_("None ticked: any place."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    from_on = DayField(label=_("Not before"), required=False)
    until_on = DayField(label=_("Not after"))

    def __init__(self, *args: Any, commune: Commune, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("until_on", today + timedelta(days=28))
        self.residents = Resident.objects.filter(commune=commune).current()
        sites = commune.sites.filter(is_active=True)
        choose_among(self, resident=self.residents, service=commune.services.active(), sites=sites)
        self.weekdays = MONDAY_TO_SATURDAY | opening_weekdays(sites, commune, today)
        half_days = self.fields["half_days"]
        assert isinstance(half_days, forms.MultipleChoiceField)
        self.opening = OpenHalfDays.by_hours(sites, commune, today)
        half_days.choices = half_day_choices(self.weekdays, self.opening.half_days_open(self.opening.spans))

    def clean_until_on(self) -> date:
        until: date = self.cleaned_data["until_on"]
        if until < self.today:
            raise forms.ValidationError(gettext("This day is past."), code="past")
        return until

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("from_on"), data.get("until_on")
        if first and last and first > last:
            self.add_error("until_on", gettext("The end must come after the beginning."))
        asked = set(data.get("half_days", ()))
        chosen = [site.pk for site in data.get("sites", ())] or list(self.opening.spans)
        if asked and not asked & self.opening.half_days_open(chosen):
            said = gettext("No place that suits is open on these half-days: nothing could ever be offered.")
            self.add_error("half_days", said)
        service = data.get("service")
        if service is not None and "helper" in data:
            data["helper"] = HelperPolicy(service.helper_policy).attended(data["helper"])
        return data
