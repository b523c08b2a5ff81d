"""Which consent is withdrawn, and how that was said."""

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.enums import CameBy, Consent


class WithdrawalForm(forms.Form):
    what = forms.ChoiceField(choices=Consent.choices, widget=forms.HiddenInput)
    came_by = forms.ChoiceField(label=_("How was it said?"), choices=CameBy.choices, initial=CameBy.DESK)
