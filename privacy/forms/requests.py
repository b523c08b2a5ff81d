"""Forms about requests of residents: how they came, what is asked, why one is refused."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from booking.models import Resident
from communes.enums import Choices
from communes.models import Commune
from core.fields import DayField, choose_among
from privacy.enums import CameBy, Refusal, Right
from privacy.models import came_by_choices, refusal_choices, right_choices, state_choices


class CameByForm(forms.Form):
    """How the request came, where a right is exercised at once."""

    came_by = forms.ChoiceField(label=_("How it came"), choices=came_by_choices, initial=CameBy.DESK)


class RequestForm(forms.Form):
    """A request that is written down, to be answered within a month."""

    resident = forms.ModelChoiceField(
        Resident.objects.none(), label=_("For whom"), required=False, widget=forms.HiddenInput
    )
    right = forms.ChoiceField(label=_("What they ask for"), choices=right_choices, widget=forms.RadioSelect)
    came_by = forms.ChoiceField(label=_("How it came"), choices=came_by_choices, initial=CameBy.DESK)
    asked_on = DayField(
        label=_("Received on"),
        help_text=_("The month within which the person has an answer begins this day."),
    )

    def __init__(self, *args: Any, commune: Commune, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("asked_on", today)
        choose_among(self, resident=Resident.objects.current().filter(commune=commune))

    def clean_asked_on(self) -> date:
        on: date = self.cleaned_data["asked_on"]
        if on > self.today:
            raise forms.ValidationError(gettext("This day is still to come."), code="future")
        return on

    @property
    def chosen(self) -> tuple[Right, CameBy]:
        return Right(self.cleaned_data["right"]), CameBy(self.cleaned_data["came_by"])


class RefusalForm(forms.Form):
    """Why a request is not met."""

    why = forms.ChoiceField(label=_("Why not"), choices=refusal_choices, widget=forms.RadioSelect)

    @property
    def chosen(self) -> Refusal:
        return Refusal(self.cleaned_data["why"])


def _any_state() -> Choices:
    return [("", gettext("all")), *state_choices()]


def _any_right() -> Choices:
    return [("", gettext("any right")), *right_choices()]


class FilterForm(forms.Form):
    """Which requests the register lists."""

    state = forms.ChoiceField(label=_("Which ones"), required=False, choices=_any_state)
    right = forms.ChoiceField(label=_("Right"), required=False, choices=_any_right)
