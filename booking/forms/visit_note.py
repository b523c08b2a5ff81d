"""What came of a session: two touches, the rest folded away and filled in beforehand."""

from collections.abc import Iterable
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.actions import note_of, noted_values
from booking.enums import Outcome
from booking.models import Appointment
from booking.national import Autonomy, Material, Orientation
from communes.enums import Theme
from core.edit_forms import EditForm

NOT_NOTED = ("", _("not noted"))


def _or_unknown(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [*choices, NOT_NOTED]


class VisitNoteForm(EditForm, forms.Form):
    """Nothing in it is obligatory: what is left out is counted as unknown."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=_or_unknown(Outcome.choices),
        widget=forms.RadioSelect,
        required=False,
    )
    equipment_used = forms.MultipleChoiceField(
        label=_("Equipment used"),
        choices=Material.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    autonomy = forms.ChoiceField(
        label=_("How much on their own"),
        choices=_or_unknown(Autonomy.choices),
        widget=forms.RadioSelect,
        required=False,
    )
    orientation = forms.MultipleChoiceField(
        label=_("Sent on to"),
        choices=Orientation.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    themes = forms.MultipleChoiceField(
        label=_("Themes"), choices=Theme.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    FOLDED = ("equipment_used", "autonomy", "orientation", "themes")

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        self.appointment = appointment
        super().__init__(*args, **kwargs)

    @classmethod
    def of(cls, appointment: Appointment, data: Any = None) -> Self:
        """Filled in with what is noted; as long as nothing is, with the theme of the service."""
        shown = noted_values(appointment)
        if note_of(appointment) is None:
            shown["themes"] = [appointment.service.theme]
        return cls(data, initial=shown, appointment=appointment)

    @property
    def is_noted(self) -> bool:
        return note_of(self.appointment) is not None

    @property
    def folded(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FOLDED]

    @property
    def folded_text(self) -> str:
        """What stands in the folded fields: « papiers, ordinateur »."""
        texts = [self.text_of(name, self[name].value()) for name in self.FOLDED if self[name].value()]
        return " · ".join(texts)

    def initial_values(self) -> dict[str, Any]:
        """What is stored: what was filled in beforehand is not noted yet."""
        return noted_values(self.appointment)

    def clean_equipment_used(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["equipment_used"]
        if Material.NOTHING in chosen and len(chosen) > 1:
            raise forms.ValidationError(_("“No equipment” stands alone: untick it, or the others."))
        return chosen
