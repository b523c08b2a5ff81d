"""The forms of a helper's day: how a visit ended, how much longer it takes, when the next one is."""

from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import Outcome
from booking.errors import OtherVisit
from booking.forms.desk import IdsField, SlotField
from booking.models import Appointment
from core.edit_forms import EditForm
from core.fields import DayField


class MyDayQuery(forms.Form):
    """The day to show; an unreadable part is left out. `seen`: the version that the page shows already."""

    day = DayField(required=False)
    seen = forms.CharField(max_length=64, required=False)

    @property
    def read(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or None for name in self.fields}


class EndForm(forms.Form):
    """How a session ended; of a medical one nothing is asked."""

    outcome = forms.ChoiceField(label="", choices=Outcome.choices)

    def __init__(self, *args: Any, is_medical: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_medical:
            del self.fields["outcome"]


class ExtendForm(forms.Form):
    minutes = forms.TypedChoiceField(label="", choices=[(n, n) for n in (10, 15, 30)], coerce=int)


class LateForm(forms.Form):
    until = forms.TimeField(
        label=_("Until what time"),
        error_messages={"required": _("Say until when."), "invalid": _("Write a time such as 10:45.")},
    )


class HelperLateForm(LateForm):
    """A helper's delay, recorded by the desk agent when the helper phones."""

    helper = forms.IntegerField(widget=forms.HiddenInput)


class NoteForm(EditForm, forms.Form):
    note = forms.CharField(label=_("To prepare or bring next time"), max_length=200, required=False)

    @classmethod
    def of(cls, appointment: Appointment, data: Any = None) -> Self:
        return cls(data, initial={"note": appointment.note}, auto_id=f"%s-{appointment.pk}")


class FollowUpForm(forms.Form):
    slot = SlotField(label="", widget=forms.TextInput(attrs={"id": "times"}))
    note = forms.CharField(label=_("To prepare or bring next time"), max_length=200, required=False)
    beside = IdsField(required=False)
    others: Sequence[OtherVisit] = ()
    """What the resident has at that time, when it was refused for that."""
