"""The forms in which the desk agent records a resident."""

from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any, Self, cast

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from booking.actions import NewResident, PhoneInput
from booking.actions.residents import MOST_PHONES
from booking.enums import AccessNeed, Language, PhoneOwner, ReachBy
from booking.models import Resident
from booking.names import split_name
from booking.owners import detail_of, owner_of
from booking.search import ResidentSearch, name_weights
from communes.models import Commune
from core import clock
from core.fields import HourField, read_phone
from core.insee import phone_region
from core.phones import Certainty, NumberKind, PhoneReading, format_national, read_numbers


def add_too_long(form: forms.BaseForm, name: str, text: str) -> None:
    """Add an error to a field whose text was put together from what stood elsewhere and is too long."""
    try:
        form.fields[name].run_validators(text)
    except forms.ValidationError as error:
        form.add_error(name, error)


class PhoneForm(forms.Form):
    """One number of a resident. If it looks wrong, the agent must confirm it once, and it stays as typed."""

    number = forms.CharField(label=_("Phone"), max_length=100, required=False)
    which = forms.CharField(required=False, widget=forms.HiddenInput)
    was = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)
    """The number, in E.164, that the row of a known resident had when the form was shown."""
    sure = forms.BooleanField(label=_("The number is right all the same"), required=False)
    owner = forms.ChoiceField(label=_("Whose"), choices=PhoneOwner.choices, required=False)
    owner_detail = forms.CharField(label=_("Whose exactly"), max_length=60, required=False)
    may_call = forms.BooleanField(label=_("We may call or text"), required=False, initial=True)
    call_from = HourField(label=_("Not before"), required=False)
    call_until = HourField(label=_("Not after"), required=False)

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        self.readings: list[PhoneReading] = []
        self.candidates: tuple[PhoneReading, ...] = ()
        self.asks_sure = False
        self.fields["number"].widget.attrs.update({"inputmode": "tel", "autocomplete": "off"})

    def _read(self, text: str) -> list[PhoneReading]:
        return read_numbers(text, insee_code=self.commune.insee_code)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        text = data.get("number", "")
        if text:
            answers = {"sure": bool(data.get("sure")), "which": data.get("which", "")}
            read = [self._judge(reading, **answers) for reading in self._read(text)]
            self.readings = [reading for reading in read if reading is not None]
            self._keep_words(data)
        start, end = data.get("call_from"), data.get("call_until")
        if start and end and end <= start:
            self.add_error("call_until", gettext("The end must come after the beginning."))
        return data

    def _keep_words(self, data: dict[str, Any]) -> None:
        """Keep what was typed beside the number (« sa fille ») as whose it is."""
        remark = " ".join(dict.fromkeys(reading.remark for reading in self.readings if reading.remark))
        if data.get("owner") in ("", PhoneOwner.SELF) and (owner := owner_of(remark)):
            data["owner"] = owner
        detail, known = detail_of(remark), data.get("owner_detail", "")
        if detail and detail not in known:
            data["owner_detail"] = f"{known} {detail}".strip()
            add_too_long(self, "owner_detail", data["owner_detail"])

    def _judge(self, reading: PhoneReading, *, sure: bool, which: str) -> PhoneReading | None:
        """The number meant, or None with an error added. An unlikely number is accepted when `sure`."""
        match reading.certainty:
            case Certainty.VALID:
                return reading
            case Certainty.AMBIGUOUS:
                chosen = next((each for each in reading.candidates if each.e164 == which), None)
                if chosen is None:
                    self.candidates = reading.candidates
                    self.add_error("number", gettext("This can be one of two numbers: choose."))
                return chosen
            case Certainty.WARNING if sure:
                return reading
            case Certainty.WARNING:
                self.asks_sure = True
                self.add_error(
                    "number", gettext("This number looks wrong. Correct it, or say that it is right.")
                )
            case _:
                self.add_error("number", gettext("This is not a phone number."))
        return None

    def phones(self) -> list[PhoneInput]:
        """The numbers that were read; empty if the field is empty."""
        data = self.cleaned_data
        return [
            PhoneInput(
                number_e164=reading.e164,
                owner=data["owner"] or PhoneOwner.SELF,
                owner_detail=data["owner_detail"],
                may_call=data["may_call"],
                call_from=data["call_from"],
                call_until=data["call_until"],
            )
            for reading in self.readings
        ]


class ResidentForm(forms.ModelForm[Resident]):
    """A resident. First and last name are enough; everything else helps to reach them or to help them."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    contact_phone = forms.CharField(label=_("phone of the contact person"), max_length=100, required=False)
    needs = forms.MultipleChoiceField(
        label=_("What helps the visit"),
        choices=AccessNeed.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Resident
        fields = (
            "first_name",
            "last_name",
            "reach_by",
            "email",
            "birth_year",
            "postal_address",
            "languages",
            "needs",
            "number_on_screen",
            "contact_name",
            "contact_relation",
            "contact_phone",
            "contact_is_told",
        )

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune
        self.once = self.data.get("once", "") if self.is_bound else token_urlsafe(16)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")
        if self.instance.contact_phone:
            self.initial["contact_phone"] = format_national(
                self.instance.contact_phone, phone_region(commune.insee_code)
            )
        if self.instance.pk and not self.is_bound:
            self._offer_what_reaches()

    def _offer_what_reaches(self) -> None:
        phones = list(self.instance.phones.all())
        way = self.instance.way_to_reach(phones)
        if phones and not any(phone.is_mobile for phone in phones):
            self.offer_no_text_messages()
            self.initial["reach_by"] = way

    @classmethod
    def from_search(cls, found: ResidentSearch, *, commune: Commune) -> Self:
        """The form, filled in with what the agent typed in the search."""
        name = found.name_typed
        first, last = split_name(name, name_weights(commune, name)) if name else ("", "")
        readings = read_numbers(found.number_typed, insee_code=commune.insee_code)
        is_landline = bool(readings) and readings[0].kind in (NumberKind.LANDLINE, NumberKind.VOIP)
        initial = {
            "first_name": first,
            "last_name": last,
            "reach_by": ReachBy.VOICE if is_landline else ReachBy.SMS,
        }
        form = cls(initial=initial, commune=commune)
        if is_landline:
            form.offer_no_text_messages()
        return form

    def offer_no_text_messages(self) -> None:
        """Nobody without a mobile gets a text message, so that way is not offered."""
        field = cast(forms.ChoiceField, self.fields["reach_by"])
        field.choices = [each for each in ReachBy.choices if each[0] != ReachBy.SMS]

    def clean_birth_year(self) -> int | None:
        year: int | None = self.cleaned_data["birth_year"]
        if year is not None and year > self.commune.local(clock.now()).year:
            raise forms.ValidationError(gettext("This year is still to come."), code="future")
        return year

    def clean_contact_phone(self) -> str:
        """In E.164. What is typed beside it (« sa fille ») says who it is, unless that is said already."""
        reading = read_phone(self.cleaned_data["contact_phone"], insee_code=self.commune.insee_code)
        if reading is None:
            return ""
        detail = detail_of(reading.remark)
        if detail and self.cleaned_data.get("contact_relation") == "":
            self.cleaned_data["contact_relation"] = detail
            add_too_long(self, "contact_relation", detail)
        return reading.e164


class PhoneRows(forms.BaseFormSet[PhoneForm]):
    """The numbers of a resident. A row may hold several, and two agents may add some at once: it is the
    numbers that are counted."""

    def clean(self) -> None:
        if len(all_numbers(self)) > MOST_PHONES:
            text = ngettext(
                "At most %(n)s phone number can be kept.",
                "At most %(n)s phone numbers can be kept.",
                MOST_PHONES,
            )
            raise forms.ValidationError(text % {"n": MOST_PHONES}, code="too_many")


def phone_formset(*, extra: int = 1) -> type[forms.BaseFormSet[PhoneForm]]:
    """The formset of a resident's numbers: `extra` empty rows, at most six rows to begin with."""
    return forms.formset_factory(
        PhoneForm, PhoneRows, extra=extra, max_num=MOST_PHONES, absolute_max=2 * MOST_PHONES
    )


def new_phones(commune: Commune, number: str = "", remark: str = "") -> forms.BaseFormSet[PhoneForm]:
    """The numbers of a new resident: one row, filled in with the number typed in the search and with what
    the words beside it say (« sa fille »)."""
    formset = phone_formset(extra=0 if number else 1)
    owner = owner_of(remark) or PhoneOwner.SELF
    row = {"number": number, "may_call": True, "owner": owner, "owner_detail": detail_of(remark)}
    return formset(initial=[row] if number else [], prefix="phones", form_kwargs={"commune": commune})


def name_typed(form: ResidentForm) -> str:
    """The name in the form, as it was submitted or filled in, even if it is incomplete."""
    values = form.data if form.is_bound else form.initial
    return " ".join((values.get(name) or "").strip() for name in ("first_name", "last_name")).strip()


def is_writing(data: Any) -> bool:
    """Whether a submitted form contains a name or a number of a new resident."""
    names = [data.get("first_name", ""), data.get("last_name", "")]
    numbers = [data[name] for name in data if name.startswith("phones-") and name.endswith("-number")]
    return any(text.strip() for text in (*names, *numbers))


def bind_phones(
    data: Any, *, commune: Commune, initial: Sequence[dict[str, Any]] = ()
) -> forms.BaseFormSet[PhoneForm]:
    """The formset with the submitted numbers, or with the known ones."""
    formset = phone_formset()
    return formset(data, initial=list(initial), prefix="phones", form_kwargs={"commune": commune})


def all_numbers(phones: forms.BaseFormSet[PhoneForm]) -> list[PhoneInput]:
    """All numbers that could be read, without duplicates."""
    numbers = {
        phone.number_e164: phone for form in phones.forms if form.is_valid() for phone in form.phones()
    }
    return list(numbers.values())


def newcomer(form: ResidentForm, phones: forms.BaseFormSet[PhoneForm]) -> NewResident:
    """The new resident from a valid form and its numbers, to be saved with the booking."""
    fields = dict(form.cleaned_data)
    first, last = fields.pop("first_name"), fields.pop("last_name")
    return NewResident(form.commune, first, last, all_numbers(phones), fields, form.once)
