"""Forms about services: choosing in the catalogue, making and changing one, answering its news."""

import unicodedata
from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from communes.actions import stays_medical
from communes.catalogue import CatalogueService, catalogue
from communes.enums import Equipment, HelperPolicy, Pictogram, Theme
from communes.errors import MedicalStays
from communes.models import Service
from communes.service_actions import seen_values
from core.edit_forms import EditForm, put_value

NAMES = "names"
OTHER_NAMES = tuple(f"name_{code}" for code in catalogue().languages)
LONGEST_NAME = 80


class ServiceForm(EditForm, forms.ModelForm[Service]):
    """A service. Its names in other languages are edited as one value."""

    class Meta:
        model = Service
        fields = (
            "name",
            "theme",
            "duration_min",
            "turnaround_min",
            "start_step_min",
            "helper_policy",
            "equipment_needed",
            "what_to_bring",
            "pictogram",
            "booker",
            "lead_min_hours",
            "lead_max_days",
            "is_medical",
            "hour_set_elsewhere",
            "is_active",
        )
        widgets = {"what_to_bring": forms.Textarea(attrs={"rows": 2}), "helper_policy": forms.RadioSelect}
        labels = {
            "name": _("Name, as people say it"),
            "theme": _("National theme"),
            "is_active": _("Offered"),
            "is_medical": _("Medical service"),
            "what_to_bring": _("What to bring"),
        }
        help_texts = {
            "theme": _("For the figures, never in messages."),
            "turnaround_min": _("Between two visits: tidy up, air the cabin."),
            "what_to_bring": _("Papers, no explanation. Printed on the slip of the appointment."),
        }

    equipment_needed = forms.MultipleChoiceField(
        label=_("Equipment needed"),
        choices=Equipment.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    pictogram = forms.ChoiceField(
        label=_("Drawing on the screen"),
        choices=[("", _("that of the theme")), *Pictogram.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text=_("For people who do not read the words."),
    )

    def __init__(self, *args: Any, is_new: bool = False, **kwargs: Any) -> None:
        self.other_names: list[str] = []
        super().__init__(*args, **kwargs)
        if is_new:
            del self.fields["is_active"]
        self._keep_drawing()
        stored = self.instance.names or {}
        for code, language in catalogue().languages.items():
            name = f"name_{code}"
            label = _("Name on the screen: %(language)s") % {"language": language}
            self.fields[name] = forms.CharField(label=label, max_length=LONGEST_NAME, required=False)
            self.fields[name].widget.attrs |= {"lang": code, "dir": "auto"}
            self.initial[name] = stored.get(code, "")
            self.other_names.append(name)

    def clean_is_medical(self) -> bool:
        wanted = bool(self.cleaned_data["is_medical"])
        if not wanted and self.instance.pk and stays_medical(self.instance):
            raise forms.ValidationError(str(MedicalStays()), code=MedicalStays.code)
        return wanted

    def _keep_drawing(self) -> None:
        """A drawing that is none of those offered stays until another one is chosen."""
        field, stored = self.fields["pictogram"], self.instance.pictogram
        assert isinstance(field, forms.ChoiceField)
        if stored and stored not in Pictogram.values:
            field.choices = [("", _("that of the theme")), *Pictogram.choices, (stored, stored)]

    @property
    def own_names(self) -> list[forms.BoundField]:
        return [self[name] for name in self.other_names]

    def initial_values(self) -> dict[str, Any]:
        stored = {name: getattr(self.instance, name) for name in self._stored_fields()}
        return {**stored, NAMES: self.instance.names}

    def wanted_values(self) -> dict[str, Any]:
        typed = {name: self.cleaned_data[name] for name in self._stored_fields()}
        names = {name.removeprefix("name_"): self.cleaned_data[name] for name in OTHER_NAMES}
        return {**typed, NAMES: {code: text for code, text in names.items() if text}}

    def _stored_fields(self) -> list[str]:
        return [name for name in self.fields if name not in OTHER_NAMES]

    def label_of(self, name: str) -> str:
        return str(_("Name in other languages")) if name == NAMES else super().label_of(name)

    def field_of(self, name: str) -> str | None:
        return OTHER_NAMES[0] if name == NAMES else super().field_of(name)

    def text_of(self, name: str, value: Any) -> str:
        return names_text(value) if name == NAMES else super().text_of(name, value)

    def put(self, data: QueryDict, name: str, value: Any) -> None:
        if name != NAMES:
            super().put(data, name, value)
            return
        for each in OTHER_NAMES:
            put_value(data, self[each], (value or {}).get(each.removeprefix("name_"), ""))

    def _is_known(self, name: str) -> bool:
        return name == NAMES or super()._is_known(name)


def names_text(value: Mapping[str, str] | None) -> str:
    """Names in other languages, in the order of the languages."""
    known = value or {}
    return ", ".join(known[code] for code in catalogue().languages if known.get(code)) or "–"


def folded(text: str) -> str:
    """Without accents and capitals, to be searched in."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    return "".join(each for each in plain if not unicodedata.combining(each))


class CatalogueForm(forms.Form):
    """Services of the catalogue to take over: those ticked, among all that the commune has not."""

    q = forms.CharField(label=_("Search in the list"), max_length=80, required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    keys = forms.MultipleChoiceField(
        label=_("Services to add"),
        error_messages={"required": _("Tick at least one service.")},
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, free: list[CatalogueService], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.looked: QueryDict = QueryDict(mutable=True)
        self.fields["q"].widget = forms.TextInput(attrs={"type": "search"})
        used = {entry.theme for entry in catalogue().services.values()}
        themes = [(each.value, each.label) for each in Theme if each in used]
        self.set_choices("theme", [("", _("all themes")), *themes])
        self.set_choices("keys", [(entry.key, entry.name) for entry in free])

    def set_choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def looking(self, data: QueryDict) -> Self:
        """The form again with what was typed and ticked, and nothing said about it."""
        self.looked = data
        self.initial = {"q": data.get("q", ""), "theme": data.get("theme", "")}
        return self

    @property
    def ticked(self) -> set[str]:
        return set(self._sent.getlist("keys"))

    @property
    def _sent(self) -> QueryDict:
        return self.data if isinstance(self.data, QueryDict) else self.looked

    def is_shown(self, entry: CatalogueService) -> bool:
        """Whether the search leaves it: what is ticked is shown in any case."""
        words = folded(self._sent.get("q", "")[:80]).split()
        theme = self._sent.get("theme", "")
        if theme not in Theme.values:
            theme = ""
        text = folded(
            " ".join([entry.name, *entry.names.values(), entry.what_to_bring, str(entry.theme.label)])
        )
        fits = all(word in text for word in words) and theme in ("", entry.theme.value)
        return fits or entry.key in self.ticked


class NewsForm(forms.Form):
    """What a newer catalogue says of a service: the commune takes each field over, or keeps its own. The form
    says what it showed (`seen`), so that nothing is taken over that somebody has changed meanwhile."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, service: Service, news: Mapping[str, Any], **kwargs: Any) -> None:
        self.service, self.news = service, news
        super().__init__(*args, **kwargs)
        self.initial["seen"] = seen_values(service, news)
        for name in news:
            self.fields[name] = forms.BooleanField(label=_field_label(name), required=False)

    @property
    def names(self) -> list[str]:
        """Those to take over."""
        return [name for name in self.news if self.cleaned_data[name]]

    @property
    def rows(self) -> list[tuple[forms.BoundField, str, str]]:
        """Each field with what the commune has, and what the catalogue says now."""
        return [
            (self[name], value_in_words(name, getattr(self.service, name)), value_in_words(name, value))
            for name, value in self.news.items()
        ]


def _field_label(name: str) -> str:
    field = Service._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.verbose_name)


def value_in_words(name: str, value: Any) -> str:
    """A value of a service as a page says it."""
    if name == NAMES:
        return names_text(value)
    if name == "equipment_needed":
        return ", ".join(str(Equipment(each).label) for each in value or []) or "–"
    field = ServiceForm.base_fields.get(name)
    if isinstance(field, forms.BooleanField):
        return str(_("yes") if value else _("no"))
    if name == "helper_policy":
        return str(HelperPolicy(value).label)
    if name == "theme":
        return str(Theme(value).label)
    if name == "pictogram" and value in Pictogram.values:
        return str(Pictogram(value).label)
    return str(value or "–")
