"""What an agent says before the use of a record is limited, and before that is lifted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import LimitedFor
from privacy.enums import CameBy

KEEP, CANCEL = "keep", "cancel"


class LimitForm(forms.Form):
    """`coming` is asked only where there are coming visits."""

    why = forms.ChoiceField(
        label=_("Why?"),
        choices=LimitedFor.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why.")},
    )
    coming = forms.ChoiceField(
        label=_("Their coming visits"),
        choices=[(KEEP, _("they stay")), (CANCEL, _("cancel them: the person wants it"))],
        initial=KEEP,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what becomes of the coming visits.")},
    )
    came_by = forms.ChoiceField(label=_("How was it asked for?"), choices=CameBy.choices, initial=CameBy.DESK)

    def __init__(self, *args: Any, has_visits: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_visits:
            del self.fields["coming"]

    @property
    def how(self) -> dict[str, Any]:
        """What `actions.limit` takes."""
        return {
            "why": LimitedFor(self.cleaned_data["why"]),
            "came_by": CameBy(self.cleaned_data["came_by"]),
            "cancels": self.cleaned_data.get("coming") == CANCEL,
        }


class LiftForm(forms.Form):
    """The person must be told before (article 18, paragraph 3, of the GDPR)."""

    was_told = forms.BooleanField(
        label=_("I have told the person that the limitation will be lifted"),
        error_messages={"required": _("Tell the person first, then tick this.")},
    )
