"""Forms for managers: how the commune's messages are sent, and what they say."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.models import Commune
from notifications.enums import MessageKind
from notifications.models import MessageSettings
from notifications.pages.sender_advice import advise
from notifications.texts import offered_placeholders, unknown_placeholders
from notifications.texts.gsm7 import fold
from notifications.texts.sender import read_sender

LONGEST = 480
"""In characters: three text messages, more than people read."""
WITHOUT_TIME = (MessageKind.MISSED,)


class SettingsForm(forms.ModelForm[MessageSettings]):
    sender = forms.CharField(
        label=_("Sender of text messages"),
        max_length=20,
        required=False,
        help_text=_("A number that residents can reply to, or a name of at most 11 characters."),
    )
    reminder_days_before = forms.IntegerField(
        label=_("Days between the reminder and the appointment"), min_value=1, max_value=14
    )

    class Meta:
        model = MessageSettings
        fields = ["voice_number", "remind_same_day", "confirm_by_call", "invite_missed", "price_sms_cents"]

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        self.initial["sender"] = commune.sender
        self.initial["reminder_days_before"] = commune.reminder_days_before

    def clean_sender(self) -> str:
        return self._checked("sender", calls=False)

    def clean_voice_number(self) -> str:
        return self._checked("voice_number", calls=True)

    def _checked(self, name: str, *, calls: bool) -> str:
        sender = read_sender(self.cleaned_data[name])
        for advice in advise(sender, calls=calls, public_phone=self.commune.public_phone):
            if advice.level == "error":
                raise forms.ValidationError(str(advice.text), code=sender.kind)
        return sender.text


class TextForm(forms.Form):
    """A commune's own wording of one kind of message."""

    template = forms.CharField(
        label=_("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "true"})
    )

    def __init__(self, *args: Any, commune: Commune, kind: MessageKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune, self.kind = commune, kind

    def clean_template(self) -> str:
        text: str = " ".join(self.cleaned_data["template"].split())
        self._refuse_unknown(text)
        self._refuse_missing(text)
        self._refuse_service(text)
        return text

    def _refuse_unknown(self, text: str) -> None:
        if unknown := unknown_placeholders(text, self.kind):
            raise forms.ValidationError(
                gettext("There is no %(names)s. One may write: %(known)s.")
                % {
                    "names": ", ".join(f"{{{name}}}" for name in unknown),
                    "known": ", ".join(f"{{{name}}}" for name in offered_placeholders(self.kind)),
                },
                code="unknown",
            )

    def _refuse_missing(self, text: str) -> None:
        wanted = ["mairie"] if self.kind in WITHOUT_TIME else ["mairie", "day", "time"]
        if self.kind == MessageKind.LATE:
            wanted.append("until")
        if missing := [f"{{{name}}}" for name in wanted if f"{{{name}}}" not in text]:
            raise forms.ValidationError(
                gettext("The text must say %(names)s.") % {"names": ", ".join(missing)}, code="missing"
            )

    def _refuse_service(self, text: str) -> None:
        """Refuse a text that names the service. A whole family may read the phone: it must not learn why
        someone comes."""
        folded = fold(text).casefold()
        for name in self.commune.services.values_list("name", flat=True):
            if re.search(rf"(?<!\w){re.escape(fold(name).casefold())}(?!\w)", folded):
                raise forms.ValidationError(
                    gettext("The text must not say why someone comes (« %(service)s »).") % {"service": name},
                    code="service",
                )
