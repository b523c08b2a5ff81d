"""What an agent says before somebody is erased."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.actions import Erasing
from privacy.enums import CameBy, ComingVisits, ErasureReason


class ErasureForm(forms.Form):
    """`seen`: the coming visits as the page showed them. `coming` is asked only where there are some.
    `sure`: the second button was pressed, under the question whether they are."""

    coming = forms.ChoiceField(
        label=gettext_lazy("Their coming visits"),
        choices=ComingVisits.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what becomes of the coming visits.")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=ErasureReason.choices,
        initial=ErasureReason.ASKED,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say why.")},
    )
    came_by = forms.ChoiceField(
        label=gettext_lazy("How was it asked for?"), choices=CameBy.choices, initial=CameBy.DESK
    )
    sure = forms.BooleanField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, shown: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = shown
        if not shown:
            del self.fields["coming"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("seen", "") != self.shown:
            raise forms.ValidationError(_("Their coming visits have changed in the meantime. Look again."))
        return cleaned

    @property
    def is_sure(self) -> bool:
        return bool(self.cleaned_data["sure"])

    @property
    def said(self) -> list[tuple[str, str, str]]:
        """What the agent has chosen: name and value of the field, and the words."""
        labels: dict[str, Any] = {
            "coming": ComingVisits.choices,
            "reason": ErasureReason.choices,
            "came_by": CameBy.choices,
        }
        chosen = ((name, self.cleaned_data[name]) for name in labels if name in self.cleaned_data)
        return [(name, value, str(dict(labels[name])[value])) for name, value in chosen]

    @property
    def how(self) -> Erasing:
        said = self.cleaned_data
        return Erasing(
            reason=ErasureReason(said["reason"]),
            came_by=CameBy(said["came_by"]),
            coming=ComingVisits(said.get("coming", ComingVisits.CANCEL)),
        )
