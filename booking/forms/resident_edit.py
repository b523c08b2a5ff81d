"""The form in which the desk edits a known resident, with their phones."""

from collections.abc import Iterator
from dataclasses import astuple, fields
from typing import Any

from django import forms
from django.forms import BaseFormSet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.residents import PHONE, PhoneInput, resident_values
from booking.enums import PhoneOwner
from booking.forms.residents import PhoneForm, ResidentForm, bind_phones
from booking.models import Resident
from communes.models import Commune
from core.edit_forms import EditForm, typed_in, value_text
from core.edits import Edit, EditConflict, plain_values
from core.insee import phone_region
from core.phones import format_national


class AskedForm(forms.Form):
    """Beside the form of a record: whether the person asked for the correction."""

    is_asked = forms.BooleanField(
        label=gettext_lazy("at the person's request"),
        help_text=gettext_lazy("It is then noted that their right to correction was answered."),
        required=False,
    )


class ResidentEditForm(EditForm, ResidentForm):
    """A resident and, as `phones`, the formset of their numbers. Each number is a value of its own."""

    def __init__(self, data: Any = None, *, instance: Resident, commune: Commune) -> None:
        self.region = phone_region(commune.insee_code)
        super().__init__(data, instance=instance, commune=commune)
        rows = [_row(value, self.region) for value in _phones(resident_values(instance)).values()]
        self.phones: BaseFormSet[PhoneForm] = bind_phones(data, commune=commune, initial=rows)

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.phones.is_valid()])

    def initial_values(self) -> dict[str, Any]:
        return resident_values(self.instance)

    def wanted_values(self) -> dict[str, Any]:
        return {**super().wanted_values(), **self._wanted_phones()}

    def _wanted_phones(self) -> dict[str, tuple[Any, ...] | None]:
        wanted: dict[str, tuple[Any, ...] | None] = dict.fromkeys(_phones(self._start or {}))
        for row in self.phones.forms:
            for name, value in self._values_of(row):
                if wanted.get(name) is None:
                    wanted[name] = value
        return wanted

    def _values_of(self, row: PhoneForm) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The numbers of a row. The first stands for the one that the row had when the form was shown."""
        for index, phone in enumerate(row.phones()):
            was = f"{PHONE}{row.cleaned_data['was']}"
            name = was if index == 0 and was in (self._start or {}) else f"{PHONE}{phone.number_e164}"
            yield name, astuple(phone)

    def shown_value(self, name: str, value: Any) -> Any:
        return format_national(value, self.region) if name == "contact_phone" and value else value

    def label_of(self, name: str) -> str:
        if not name.startswith(PHONE):
            return super().label_of(name)
        return _("Phone %(number)s") % {"number": format_national(name.removeprefix(PHONE), self.region)}

    def text_of(self, name: str, value: Any) -> str:
        if not name.startswith(PHONE):
            return super().text_of(name, value)
        if value is None:
            return _("removed, or corrected")
        row, shown = PhoneForm(commune=self.commune), _row(value, self.region)
        said = [shown["number"], str(PhoneOwner(shown["owner"]).label), shown["owner_detail"] or ""]
        if not shown["may_call"]:
            said.append(_("we may not call or text"))
        said += [
            f"{row.fields[name].label} {value_text(row.fields[name], shown[name])}"
            for name in ("call_from", "call_until")
            if shown[name]
        ]
        return ", ".join(filter(None, said))

    def _is_known(self, name: str) -> bool:
        return name.startswith(PHONE) or super()._is_known(name)

    def put(self, data: QueryDict, name: str, value: Any) -> None:
        if not name.startswith(PHONE):  # the rows of phones are made together
            super().put(data, name, value)

    def _next_start(self, conflict: EditConflict) -> dict[str, Any]:
        """A number that somebody else has removed is there no longer."""
        return {**(self._start or {}), **dict.fromkeys(_phones(self._start or {})), **conflict.stored}

    def show_conflict(self, conflict: EditConflict, edit: Edit) -> None:
        rows = list(self._rows_to_show(conflict))
        super().show_conflict(conflict, edit)
        data = self._copy_of_data()
        for name in [name for name in data if name.startswith("phones-")]:
            del data[name]
        data["phones-TOTAL_FORMS"] = data["phones-INITIAL_FORMS"] = str(len(rows))
        for index, row in enumerate(rows):
            for name, text in row.items():
                data[f"phones-{index}-{name}"] = text
        self.data = data
        self.phones = bind_phones(data, commune=self.commune)

    def _rows_to_show(self, conflict: EditConflict) -> Iterator[dict[str, str]]:
        """The rows as typed, but as stored where only somebody else has changed them; then their new ones."""
        wanted, settled = plain_values(self._wanted_phones()), _phones(self._results(conflict))
        shown = set()
        for row in self.phones.forms:
            was = f"{PHONE}{row.cleaned_data.get('was', '')}"
            name = next((name for name, _value in self._values_of(row)), was)
            shown.add(name)
            if name in conflict.names or settled.get(name) == wanted.get(name) is not None:
                yield _typed(row)
            elif settled.get(name) is not None:
                yield _data(settled[name], self.region)
        for name, value in settled.items():
            if name not in shown and value is not None:
                yield _data(value, self.region)

    def typed(self) -> list[tuple[str, str]]:
        """All that was typed, for a record that is gone."""
        return [*typed_in(self), *(each for row in self.phones.forms for each in typed_in(row))]


def _phones(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.startswith(PHONE)}


def _row(value: Any, region: str) -> dict[str, Any]:
    """The fields of a phone's row."""
    row = dict(zip((each.name for each in fields(PhoneInput)), value, strict=True))
    number = row.pop("number_e164")
    return {**row, "number": format_national(number, region), "was": number}


def _data(value: Any, region: str) -> dict[str, str]:
    """The same as a browser sends it; the value is plain."""
    row = {name: each for name, each in _row(value, region).items() if each not in (None, False)}
    return {name: "on" if each is True else str(each) for name, each in row.items()}


def _typed(row: PhoneForm) -> dict[str, str]:
    prefix = f"{row.prefix}-"
    return {name.removeprefix(prefix): row.data[name] for name in row.data if name.startswith(prefix)}
