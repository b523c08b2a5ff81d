"""Forms of the rota: they check shape; the actions check rules."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from agents.forms import AgentChoice, helpers_of
from agents.models import Agent, ShiftPattern
from communes.fields import DayField, HourField, choose_among
from communes.models import Commune, Site
from planning.errors import PROBLEMS
from planning.fetching import MOST_BYTES

RHYTHMS = (
    (1, _("every week")),
    (2, _("one week in two")),
    (3, _("one week in three")),
    (4, _("one week in four")),
)


class PatternForm(forms.Form):
    agent = AgentChoice(queryset=Agent.objects.none(), label=_("Helper"))
    site = forms.ModelChoiceField(queryset=Site.objects.none(), label=_("Place"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        coerce=int,
        choices=[(number, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    starts = HourField(label=_("From"))
    ends = HourField(label=_("Until"))
    every_weeks = forms.TypedChoiceField(label=_("Rhythm"), coerce=int, choices=RHYTHMS)
    anchor_on = DayField(
        label=_("A day in one of its weeks"), help_text=_("Counts only where it is not every week.")
    )
    from_on = DayField(label=_("First day"))
    until_on = DayField(label=_("Last day, included"), required=False, help_text=_("Empty: without end."))

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, agent=helpers_of(commune), site=commune.sites.filter(is_active=True))

    @staticmethod
    def initial_of(pattern: ShiftPattern) -> dict[str, Any]:
        return {
            "agent": pattern.agent_id,
            "site": pattern.site_id,
            "weekdays": pattern.weekdays,
            "starts": pattern.starts,
            "ends": pattern.ends,
            "every_weeks": pattern.every_weeks,
            "anchor_on": pattern.anchor_on,
            "from_on": pattern.from_on,
            "until_on": pattern.until_on,
        }

    def fill(self, pattern: ShiftPattern) -> ShiftPattern:
        for name, value in self.cleaned_data.items():
            setattr(pattern, name, value)
        return pattern


class HorizonForm(forms.Form):
    until = DayField(label=_("Publish until, included"))


class ExternalCalendarForm(forms.Form):
    """An address to follow, or a file to read once."""

    url = forms.URLField(
        label=_("Address of your calendar"), required=False, max_length=500, assume_scheme="https"
    )
    file = forms.FileField(label=_("or a file (.ics)"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("url")) == bool(data.get("file")):
            raise forms.ValidationError(_("Give an address or a file."))
        if data.get("file") and data["file"].size > MOST_BYTES:
            self.add_error("file", PROBLEMS["too_large"])
        return data
