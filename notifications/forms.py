"""Forms for managers: how the commune's messages are sent, and what they say."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from communes.automatic_lines import answers_by_machine
from communes.catalogue import catalogue
from communes.models import Commune
from core.days import FIRST_DAY
from core.edit_forms import EditForm
from core.edits import EditConflict
from core.fields import DayField, HourField, read_phone
from core.insee import phone_region
from core.phones import can_receive_sms, format_national
from core.templatetags.times import hour_in_sentence
from notifications.actions.commune_settings import setting_field, settings_of, settings_values
from notifications.enums import Channel, Direction, MessageKind, State
from notifications.pages.message_log import DAYS, MOST_PAGES, LogQuery
from notifications.pages.sender_advice import advise
from notifications.texts import ASKING, offered_placeholders, unknown_placeholders
from notifications.texts.asking import invitation_in
from notifications.texts.gsm7 import fold
from notifications.texts.names import shown_name, to_shown, to_stored
from notifications.texts.sender import read_sender

LONGEST = 480
"""In characters: three text messages, more than people read."""
WITHOUT_TIME = (MessageKind.MISSED,)


HINTS: Mapping[str, Any] = {
    "name": _("It stands in messages, on the screens and on paper: « Mairie de … »."),
    "public_phone": _("The number that messages, slips and screens give. An agent answers there."),
    "sender": _("A number that residents can reply to, or a name of at most 11 characters."),
    "reminder_days_before": _(
        "Counted in days on which people may be called. Landlines are called some days before."
    ),
    "remind_same_day": _("A second reminder, in the morning of the appointment."),
    "invite_missed": _("A message after an absence, with the number to call."),
    "price_sms_cents": _("For the cost on the page « What arrives ». Nothing is paid with it."),
    "name_shown_minutes_before": _(
        "Before that, and for medical services always, a screen says « reserved »."
    ),
    "screen_languages": _("French is always there. Residents choose on the screen."),
    "retention_months": _(
        "After their last visit residents and their appointments are deleted, each night; the figures stay, "
        "without names. 12 months at most."
    ),
}
"""What a setting does, where its column does not say it."""


class SettingsForm(EditForm, forms.Form):
    """Some settings of a commune, by the names of `settings_values`. Phones are typed as people type
    them, and kept as E.164."""

    def __init__(self, *args: Any, commune: Commune, names: Iterable[str], **kwargs: Any) -> None:
        self.commune, self.names = commune, tuple(names)
        self.region = phone_region(commune.insee_code)
        self.stored = settings_values(commune, settings_of(commune))
        super().__init__(*args, **kwargs)
        for name in self.names:
            self.fields[name] = _field_of_setting(name)
            self.initial[name] = self.shown_value(name, self.stored[name])

    def initial_values(self) -> dict[str, Any]:
        return {name: self.stored[name] for name in self.names}

    def _is_known(self, name: str) -> bool:
        return name in self.names

    def _results(self, conflict: EditConflict) -> dict[str, Any]:
        return self._own(super()._results(conflict))

    def _next_start(self, conflict: EditConflict) -> dict[str, Any]:
        return self._own(super()._next_start(conflict))

    def _own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Without the settings of other groups, which are stored with these."""
        return {name: value for name, value in values.items() if name in self.names}

    def shown_value(self, name: str, value: Any) -> Any:
        return format_national(value, self.region) if name == "public_phone" and value else value

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_public_phone(self) -> str:
        reading = read_phone(self.cleaned_data["public_phone"], insee_code=self.commune.insee_code)
        if reading and answers_by_machine(self.commune, reading.e164):
            raise forms.ValidationError(
                gettext("A machine answers at this number. Give the number at which an agent answers."),
                code="machine",
            )
        return reading.e164 if reading else ""

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

    def clean_reminders_from(self) -> time:
        return self._within("reminders_from", time(7), time(12))

    def clean_reminders_until(self) -> time:
        return self._within("reminders_until", time(14), time(21))

    def _within(self, name: str, first: time, last: time) -> time:
        hour: time = self.cleaned_data[name]
        if not first <= hour <= last:
            limits = {"first": hour_in_sentence(first), "last": hour_in_sentence(last)}
            raise forms.ValidationError(
                gettext("Choose an hour between %(first)s and %(last)s.") % limits, code="hour"
            )
        return hour


def _field_of_setting(name: str) -> forms.Field:
    """The field of a setting, with the bounds of its column."""
    column = setting_field(name)
    about: dict[str, Any] = {"help_text": HINTS.get(name) or column.help_text}
    if isinstance(column, models.TimeField):
        return HourField(label=capfirst(column.verbose_name), **about)
    if name == "screen_languages":
        return forms.MultipleChoiceField(
            label=capfirst(column.verbose_name),
            choices=list(catalogue().languages.items()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            **about,
        )
    if isinstance(column, models.IntegerField):
        bounds = {type(each): each.limit_value for each in column.validators if hasattr(each, "limit_value")}
        about |= {"min_value": bounds.get(MinValueValidator, 0), "max_value": bounds.get(MaxValueValidator)}
    if name == "price_sms_cents":
        about |= {"min_value": 0}
    field = column.formfield(**about)
    assert field is not None
    if name == "public_phone":
        field.widget.attrs["inputmode"] = "tel"
    return field


class TextForm(EditForm, forms.Form):
    """A commune's own wording of one kind of message. What is between braces is written and shown in the
    language of the page; `cleaned_data` has the names that are stored."""

    template = forms.CharField(
        label=_("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "true"})
    )

    def __init__(self, *args: Any, commune: Commune, kind: MessageKind, template: str, **kwargs: Any) -> None:
        self.commune, self.kind, self.stored_text = commune, kind, template
        super().__init__(*args, **kwargs)
        self.initial["template"] = self.shown_value("template", template)

    def initial_values(self) -> dict[str, Any]:
        return {"template": self.stored_text}

    def shown_value(self, name: str, value: Any) -> Any:
        return to_shown(value or "", staff_language())

    def clean_template(self) -> str:
        text = to_stored(" ".join(self.cleaned_data["template"].split()))
        self._refuse_unknown(text)
        self._refuse_missing(text)
        self._refuse_invitation(text)
        self._refuse_service(text)
        return text

    def _refuse_unknown(self, text: str) -> None:
        if unknown := unknown_placeholders(text, self.kind):
            raise forms.ValidationError(
                gettext("There is no %(names)s. One may write: %(known)s.")
                % {"names": in_braces(unknown), "known": in_braces(offered_placeholders(self.kind))},
                code="unknown",
            )

    def _refuse_missing(self, text: str) -> None:
        wanted = ["mairie"] if self.kind in WITHOUT_TIME else ["mairie", "day", "time"]
        if self.kind == MessageKind.LATE:
            wanted.append("until")
        if missing := [name for name in wanted if f"{{{name}}}" not in text]:
            raise forms.ValidationError(
                gettext("The text must say %(names)s.") % {"names": in_braces(missing)}, code="missing"
            )

    def _refuse_invitation(self, text: str) -> None:
        """Refuse a text that asks for an answer in words of its own: the answer would not be understood."""
        if not (words := invitation_in(text)):
            return
        told = (
            gettext("« %(words)s » asks for an answer. Write %(reply)s instead: only then is it understood.")
            if self.kind in ASKING
            else gettext("« %(words)s » asks for an answer, and none is read to this message. Leave it out.")
        )
        raise forms.ValidationError(told % {"words": words, "reply": in_braces(["reply"])}, code="asks")

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


class TestMessageForm(forms.Form):
    """Where a test message goes."""

    number = forms.CharField(
        label=_("Your mobile number"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune

    def clean_number(self) -> str:
        reading = read_phone(self.cleaned_data["number"], insee_code=self.commune.insee_code)
        if reading is None or not can_receive_sms(reading.e164):
            raise forms.ValidationError(gettext("This number receives no text messages."), code="landline")
        return reading.e164


class TrialForm(forms.Form):
    """A message or a call to one's own phone. Only the ways by which something leaves can be chosen."""

    channel = forms.ChoiceField(label=_("Receive it as"), widget=forms.RadioSelect)
    number = forms.CharField(
        label=_("Your number"),
        max_length=40,
        help_text=_("Your own phone, nobody else’s. The number stays in the log as long as other messages."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, commune: Commune, ways: Iterable[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        choices = [(way.value, str(way.label)[:1].upper() + str(way.label)[1:]) for way in ways]
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.initial = choices[0][0] if choices else None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("channel") and data.get("number"):
            self._clean_number(data)
        return data

    def _clean_number(self, data: dict[str, Any]) -> None:
        try:
            reading = read_phone(data["number"], insee_code=self.commune.insee_code)
        except forms.ValidationError as refusal:
            self.add_error("number", refusal)
            return
        if reading is None:
            self.add_error("number", gettext("This is not a phone number."))
        elif data["channel"] == Channel.SMS and not can_receive_sms(reading.e164):
            self.add_error("number", gettext("This number receives no text messages."))
        else:
            data["number"] = reading.e164


class LogForm(forms.Form):
    """What is looked for in the log of messages."""

    who = forms.CharField(
        label=_("Number or name"),
        max_length=60,
        required=False,
        help_text=_("The last four digits are enough."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    since = DayField(label=_("From day"), required=False)
    until = DayField(label=_("To day, included"), required=False)
    direction = forms.ChoiceField(label=_("Direction"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    channel = forms.ChoiceField(label=_("Way"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    page = forms.IntegerField(min_value=1, max_value=MOST_PAGES, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.today = today - timedelta(days=DAYS - 1), today
        self.initial.update(since=self.first, until=today)
        choices = {"direction": Direction, "kind": MessageKind, "channel": Channel, "state": State}
        for name, enum in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            labels = [(value, str(label)[:1].upper() + str(label)[1:]) for value, label in enum.choices]
            field.choices = [("", gettext("All")), *labels]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", gettext("The last day is before the first."))
        return data

    @property
    def query(self) -> LogQuery:
        """Of a valid form, or of one that nobody has sent yet."""
        data = self.cleaned_data if self.is_bound else {}
        return LogQuery(
            since=data.get("since") or (self.first if not data.get("until") else FIRST_DAY),
            until=data.get("until") or self.today,
            who=data.get("who", ""),
            kind=data.get("kind", ""),
            channel=data.get("channel", ""),
            state=data.get("state", ""),
            direction=data.get("direction", ""),
            page=data.get("page") or 1,
        )


def staff_language() -> str:
    """The language of the agent's pages: "fr", "en" …"""
    return (get_language() or "fr")[:2]


def in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{shown_name(name, staff_language())}}}" for name in names)
