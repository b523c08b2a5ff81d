"""Forms of the rota: they check shape; the actions check rules."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.enums import AbsenceKind
from agents.models import Agent, Shift
from communes.models import Commune, Site
from core.edit_forms import EditForm
from core.fields import DayField, HourField, choose_among
from core.french_order import in_french_order
from core.period_form import PeriodForm
from core.templatetags.times import day_year
from planning.calendars.fetching import MOST_BYTES, as_https
from planning.errors import PROBLEMS
from planning.models import ExternalCalendar

FURTHEST = timedelta(days=400)
"""How far ahead shifts are published and leavings are planned: further than anything can be booked."""


def too_far(today: date) -> str:
    """What is said of a day beyond that."""
    return gettext("Choose a day until %(day)s, this day included.") % {"day": day_year(today + FURTHEST)}


class AgentChoice(forms.ModelChoiceField[Agent]):
    def label_from_instance(self, obj: Agent) -> str:
        return obj.get_full_name()


class ShiftForm(EditForm, forms.Form):
    agent = AgentChoice(queryset=Agent.objects.none(), label=_("Helper"))
    site = forms.ModelChoiceField(queryset=Site.objects.none(), label=_("Place"))
    on = DayField(label=_("Day"))
    starts = HourField(label=_("From"))
    ends = HourField(label=_("Until"))

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz = commune.tz
        choose_among(self, agent=helpers_of(commune), site=commune.sites.filter(is_active=True))

    def values(self) -> dict[str, Any]:
        """The arguments of the actions; local times become instants."""
        data = self.cleaned_data
        return {
            "agent": data["agent"],
            "site": data["site"],
            "starts_at": datetime.combine(data["on"], data["starts"], self.tz),
            "ends_at": datetime.combine(data["on"], data["ends"], self.tz),
        }


class MoveShiftForm(forms.Form):
    """The day and helper that a shift is dragged to, and from."""

    agent = AgentChoice(queryset=Agent.objects.none())
    on = DayField()
    was_agent = forms.IntegerField()
    was_on = DayField()

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz = commune.tz
        choose_among(self, agent=helpers_of(commune))

    def started_at(self, shift: Shift) -> bool:
        """Whether the shift is still where it was dragged from. Of a valid form."""
        was_on = shift.starts_at.astimezone(self.tz).date()
        return (self.cleaned_data["was_agent"], self.cleaned_data["was_on"]) == (shift.agent_id, was_on)


class AwayForm(PeriodForm):
    """An absence, as a helper asks for it."""

    kind = forms.ChoiceField(label=_("Reason"), choices=AbsenceKind.choices)

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, tz=commune.tz, **kwargs)

    def values(self) -> dict[str, Any]:
        return {"kind": AbsenceKind(self.cleaned_data["kind"]), **super().values()}


class AskForm(AwayForm):
    """With a word to the manager, who alone reads it."""

    comment = forms.CharField(
        label=_("A word to your manager"),
        required=False,
        max_length=200,
        help_text=_("Optional. Nothing about health: the kind is enough."),
    )

    def values(self) -> dict[str, Any]:
        return {"comment": self.cleaned_data["comment"].strip(), **super().values()}


class AbsenceForm(AwayForm):
    """An absence that a manager declares for another agent."""

    agent = AgentChoice(queryset=Agent.objects.none(), label=_("Who"))

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, commune=commune, **kwargs)
        choose_among(self, agent=helpers_of(commune))

    def values(self) -> dict[str, Any]:
        return {"agent": self.cleaned_data["agent"], **super().values()}


def helpers_of(commune: Commune) -> QuerySet[Agent]:
    return Agent.objects.filter(
        memberships__commune=commune, memberships__is_helper=True, is_active=True
    ).order_by(*in_french_order("first_name", "last_name"), "id")


class LeavingForm(forms.Form):
    """An agent's last day in the commune. `last_on` is None in what is cleaned if they leave at once."""

    ON_A_DAY, AT_ONCE = "day", "now"
    when = forms.ChoiceField(
        label=_("When"),
        choices=[
            (ON_A_DAY, _("At the end of a day")),
            (AT_ONCE, _("At once")),
        ],
        help_text=_("At once: for a lost account, or somebody who must no longer log in."),
        widget=forms.RadioSelect,
    )
    last_on = DayField(
        label=_("Last day, included"), required=False, help_text=_("It ends at midnight. It may be today.")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") != self.ON_A_DAY:
            return {**data, "last_on": None}
        if self.has_error("last_on"):
            return data
        last_on = data.get("last_on")
        if last_on is None:
            self.add_error("last_on", _("Say which day is the last."))
        elif last_on < self.today:
            self.add_error("last_on", _("Choose today or a later day."))
        elif last_on > self.today + FURTHEST:
            self.add_error("last_on", too_far(self.today))
        return data


class HelpersNeededForm(EditForm, forms.ModelForm[Site]):
    """How many helpers a place needs while it is open; 0 where nobody need be there."""

    class Meta:
        model = Site
        fields = ("helpers_morning", "helpers_afternoon")


class HorizonForm(forms.Form):
    until = DayField(label=_("Publish until, included"))

    def __init__(self, *args: Any, today: date, published: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.published = today, published

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until > self.today + FURTHEST:
            raise forms.ValidationError(too_far(self.today), code="far")
        if until < self.today:
            raise forms.ValidationError(_("Choose today or a later day."), code="past")
        if self.published and until < self.published:
            # A change that stopped earlier would leave two rotas in force.
            said = _("Published until %(day)s already: choose this day or a later one.")
            raise forms.ValidationError(said % {"day": day_year(self.published)}, code="published")
        return until


class CalendarAddressField(forms.URLField):
    """An address to follow. `webcal://`, as calendar services write it, is https."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(as_https(value) if isinstance(value, str) else value) or "")


BESIDE = "beside"


class ExternalCalendarForm(forms.Form):
    """A URL to follow, or a file to read once. A second file replaces another only if the agent says so."""

    url = CalendarAddressField(
        label=_("Address of your calendar"), required=False, max_length=500, assume_scheme="https"
    )
    file = forms.FileField(label=_("or a file (.ics)"), required=False, max_length=200)
    place = forms.ChoiceField(
        label=_("The new file"),
        help_text=_("You follow a file already."),
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.followed_files = {
            str(each.pk): each for each in ExternalCalendar.objects.filter(agent=agent, url="")
        }
        if not self.followed_files:
            del self.fields["place"]
            return
        choice = self.fields["place"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            (BESIDE, _("counts too, beside what you follow")),
            *((pk, _replaces(each)) for pk, each in self.followed_files.items()),
        ]

    @property
    def instead_of(self) -> ExternalCalendar | None:
        return self.followed_files.get(self.cleaned_data.get("place", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("url")) == bool(data.get("file")):
            raise forms.ValidationError(_("Give an address or a file."))
        if (
            data.get("file")
            and "place" in self.fields
            and not data.get("place")
            and not self.has_error("place")
        ):
            self.add_error(
                "place",
                _("Say whether the new file counts too or replaces another, and choose the file again."),
            )
        if data.get("file") and data["file"].size > MOST_BYTES:
            self.add_error("file", PROBLEMS["too_large"])
        return data


def _replaces(calendar: ExternalCalendar) -> str:
    name = calendar.file_name
    return _("replaces “%(name)s”") % {"name": name} if name else gettext("replaces the file without a name")
