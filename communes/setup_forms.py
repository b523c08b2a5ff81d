"""Forms that make, change and retire places and cabins: they check what was typed, the actions the rules."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from communes.automatic_lines import answers_by_machine
from communes.enums import Accessibility, Equipment, RoomFor
from communes.models import Cabin, Site
from core.days import day_span
from core.edit_forms import EditForm
from core.fields import DayField, read_phone
from core.insee import phone_region
from core.phones import can_receive_sms, format_national


def _ticked(label: Any, choices: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class PlaceForm(EditForm, forms.ModelForm[Site]):
    """A place, but its hours, which have a form of their own. The phone is kept as E.164."""

    accessibility = _ticked(_("For everybody"), Accessibility.choices)

    class Meta:
        model = Site
        fields = (
            "name",
            "short_name",
            "address",
            "postal_code",
            "city",
            "address_extra",
            "phone",
            "contact",
            "maintainer",
            "wheelchair",
            "accessibility",
            "walk_ins",
        )
        widgets = {"phone": forms.TextInput(attrs={"inputmode": "tel"})}
        help_texts = {
            "name": _("As people say it."),
            "short_name": _("In messages: 40 characters at most. Empty: made from the name."),
            "address_extra": _("Written on the slip: entrance, floor, what to look for."),
            "phone": _("The number in the messages about this place. Empty: that of the mairie."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["short_name"].required = False
        self.commune = self.instance.commune
        self.region = phone_region(self.commune.insee_code)
        for name in ("phone", "maintainer"):
            self.initial[name] = self.shown_value(name, getattr(self.instance, name))

    def shown_value(self, name: str, value: Any) -> Any:
        is_number = name == "phone" or (name == "maintainer" and "@" not in str(value))
        return format_national(value, self.region) if is_number and value else value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "name" in data and not data.get("short_name"):
            data["short_name"] = Site.shortened(data["name"])
        return data

    def _post_clean(self) -> None:
        """The instance stays as it is stored: the action writes, and says which name is taken."""

    def clean_maintainer(self) -> str:
        """An e-mail address, or a mobile number as E.164."""
        typed: str = self.cleaned_data["maintainer"].strip()
        if "@" in typed:
            validate_email(typed)
            return typed
        reading = read_phone(typed, insee_code=self.commune.insee_code)
        if reading and not can_receive_sms(reading.e164):
            raise forms.ValidationError(
                gettext("Give a mobile number, or an e-mail address: the message is a text."), code="landline"
            )
        return reading.e164 if reading else ""

    def clean_phone(self) -> str:
        reading = read_phone(self.cleaned_data["phone"], insee_code=self.commune.insee_code)
        if reading and answers_by_machine(self.commune, reading.e164):
            raise forms.ValidationError(
                gettext("A machine answers at this number. Give the number at which an agent answers."),
                code="machine",
            )
        return reading.e164 if reading else ""

    def clean_postal_code(self) -> str:
        code: str = self.cleaned_data["postal_code"].replace(" ", "")
        if code and not (len(code) == 5 and code.isascii() and code.isdecimal()):
            raise forms.ValidationError(gettext("A postal code has five digits."), code="postal_code")
        return code


class CabinForm(EditForm, forms.ModelForm[Cabin]):
    """A cabin of a place. The first day is typed as a date, and kept as its beginning."""

    equipment = _ticked(
        _("Equipment"),
        Equipment.choices,
        _("Tick only what works today: a service is offered only where it is possible."),
    )
    room_for = _ticked(
        _("There is room for"),
        RoomFor.choices,
        _(
            "Agents read it under “Places”. It decides nothing:"
            " everything is offered in this cabin all the same."
        ),
    )
    in_service_at = DayField(
        label=_("In service from"), required=False, help_text=_("Empty: it is in service already.")
    )

    class Meta:
        model = Cabin
        fields = ("name", "equipment", "room_for", "wheelchair", "directions", "in_service_at", "walk_ins")
        help_texts = {
            "name": _("As people say it: it stands on the screen and on the slip."),
            "wheelchair": _(
                "Not known: as the place. For somebody in a wheelchair a cabin into which they get comes"
                " first, and the desk is warned of another one."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz: ZoneInfo = self.instance.site.commune.tz
        self.initial["in_service_at"] = self.shown_value("in_service_at", self.instance.in_service_at)

    def shown_value(self, name: str, value: Any) -> Any:
        if name != "in_service_at" or not value:
            return value
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return at.astimezone(self.tz).date()

    def clean_in_service_at(self) -> datetime | None:
        on: date | None = self.cleaned_data["in_service_at"]
        return day_span(on, self.tz)[0] if on else None

    def _post_clean(self) -> None:
        """The instance stays as it is stored: the action writes, and says which name is taken."""


class RetireForm(forms.Form):
    """From which day on a place or a cabin is offered to nobody."""

    from_on = DayField(label=_("Offered to nobody from"))

    def __init__(self, *args: Any, tz: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tz, self.now = tz, now

    def clean_from_on(self) -> date:
        on: date = self.cleaned_data["from_on"]
        if day_span(on, self.tz)[0] <= self.now:
            raise forms.ValidationError(gettext("Choose a day to come."), code="past")
        return on

    @property
    def at(self) -> datetime:
        return day_span(self.cleaned_data["from_on"], self.tz)[0]
