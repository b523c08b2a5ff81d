"""Why an agent cancels an appointment, and at whose request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import CANCEL_REASONS, AskedBy, Reason


def _reasons() -> list[tuple[str, Any]]:
    return [(reason.value, reason.label) for reason in CANCEL_REASONS]


class CancelForm(forms.Form):
    """Codes only: the log must hold no health or family matters."""

    asked_by = forms.ChoiceField(
        label=_("At whose request?"),
        choices=AskedBy.choices,
        initial=AskedBy.RESIDENT,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say at whose request.")},
    )
    reason = forms.ChoiceField(
        label=_("Why?"),
        choices=_reasons,
        initial=Reason.CANNOT_COME,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why.")},
    )

    @property
    def why(self) -> dict[str, Any]:
        """What `cancel_with_grace` takes."""
        return {
            "reason": Reason(self.cleaned_data["reason"]),
            "asked_by": AskedBy(self.cleaned_data["asked_by"]),
        }
