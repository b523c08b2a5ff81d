"""Forms that edit a record: they carry what they started from, and come back with both values.

A form becomes one with the mixin `EditForm`; its template includes `components/edit.html` inside the form.
The view hands `form.edit(…)` to the action, catches EditConflict and calls `form.show_conflict(…)`. The names
of the values are usually those of the fields; a form whose values are others says so (`initial_values`,
`wanted_values`, `put`, `label_of`, `text_of`, `field_of`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import formats
from django.utils.datastructures import MultiValueDict
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.edits import Edit, EditConflict, plain, plain_values, traced_name, values_of
from core.errors import PermanenceError
from core.models import EditTrace
from core.templatetags.times import day_year, hour, short_day

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class FieldConflict:
    """A value that two agents changed: what a page shows of it. `who`: "" if unknown; `at`: local time."""

    name: str
    label: str
    theirs: str
    mine: str
    who: str
    at: str
    is_own: bool
    choice_name: str
    choice: str


class EditForm(forms.BaseForm):
    """Mixin of a form that edits a stored record; it stands before the form class."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._start = None if self.is_bound else plain_values(self.initial_values())
        self._asked: dict[str, dict[str, Any]] = {}
        if self.is_bound:
            self._read_start()

    # What a form may say for itself

    def initial_values(self) -> dict[str, Any]:
        """The stored values from which an unbound form starts."""
        if isinstance(self, forms.BaseModelForm):
            return values_of(self.instance, self.fields)
        return {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}

    def wanted_values(self) -> dict[str, Any]:
        """The values of a valid form, under the same names."""
        return {name: self.cleaned_data[name] for name in self.fields}

    def shown_value(self, name: str, value: Any) -> Any:
        """A plain value as the field shows it, such as a phone number in the national way."""
        return value

    def label_of(self, name: str) -> str:
        return str(self[name].label)

    def field_of(self, name: str) -> str | None:
        """The field at which the conflict of a value is shown; None for the form."""
        return name if name in self.fields else None

    def text_of(self, name: str, value: Any) -> str:
        """A plain value in words."""
        return value_text(self.fields[name], self.shown_value(name, value))

    def put(self, data: QueryDict, name: str, value: Any) -> None:
        """Write a plain value into the data, as the browser would send it."""
        put_value(data, self[name], self.shown_value(name, value))

    # For the template

    @property
    def start_name(self) -> str:
        return self.add_prefix("started-from")

    @property
    def start_json(self) -> str:
        return json.dumps({"values": self._start, "asked": self._asked})

    @property
    def conflicts(self) -> list[FieldConflict]:
        start = self._start or {}
        return [
            FieldConflict(
                name=name,
                label=self.label_of(name),
                theirs=self.text_of(name, start.get(name)),
                mine=self.text_of(name, asked.get("mine")),
                who=str(asked.get("who", "")),
                at=str(asked.get("at", "")),
                is_own=bool(asked.get("is_own")),
                choice_name=self._choice_name(name),
                choice=self.data.get(self._choice_name(name), ""),
            )
            for name, asked in self._asked.items()
        ]

    # For the view

    def edit(self, *, by: Any, at: datetime) -> Edit:
        """What the action compares with the stored record."""
        return Edit(self._start, by, at)

    def chosen_values(self) -> dict[str, Any]:
        """The wanted values, without those for which the agent chose the other's. Of a valid form."""
        return {
            name: value
            for name, value in self.wanted_values().items()
            if not self._takes_theirs(name, plain(value))
        }

    def show_conflict(self, conflict: EditConflict, edit: Edit) -> None:
        """Make the form one that starts from what is stored now, with everything typed still in it.

        What others changed and this agent did not is filled in; each value that both changed has an error.
        """
        data, wanted = self._copy_of_data(), plain_values(self.wanted_values())
        for name, value in self._results(conflict).items():
            if value != wanted.get(name):
                self.put(data, name, value)
        self._asked = {
            name: {"mine": wanted.get(name), **_known(conflict.traces.get(traced_name(name)), edit)}
            for name in conflict.names
        }
        self._start = self._next_start(conflict)
        for name in conflict.names:
            data.pop(self._choice_name(name), None)
        self.data = data
        self._add_errors(conflict.names)

    def show_refusal(self, refusal: PermanenceError, edit: Edit) -> None:
        """Say why the edit was refused. It may be only together with what others have saved meanwhile that it
        is not allowed, so that is filled in and named: the page shows what was refused."""
        start = self._start or {}
        if {**start, **edit.stored} != start:
            self.show_conflict(EditConflict(stored=edit.stored, merged=edit.merged), edit)
        self.add_error(None, self.saved_text(str(refusal), edit))

    def saved_text(self, said: str, edit: Edit) -> str:
        """What to say after saving: also what others had changed in the meantime, if they had."""
        if not edit.kept:
            return said
        names = ", ".join(dict.fromkeys(self.label_of(name) for name in edit.kept))
        kept = _("Somebody else had changed in the meantime, and it is kept: %(names)s.") % {"names": names}
        return f"{said} {kept}"

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form."""
        if self._asked:
            return 409
        return 422 if self.is_bound else 200

    # Within

    def _results(self, conflict: EditConflict) -> dict[str, Any]:
        """The values that are settled: merged, or given up for the other's."""
        given_up = self.wanted_values().keys() - self.chosen_values().keys()
        return {**conflict.merged, **{name: (self._start or {}).get(name) for name in given_up}}

    def _next_start(self, conflict: EditConflict) -> dict[str, Any]:
        return {**(self._start or {}), **conflict.stored}

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            if not self._is_ours():
                self._start, self._asked = None, {}
            self._add_errors([name for name in self._asked if not self._choice(name)])

    def _add_errors(self, names: Iterable[str]) -> None:
        for name in names:
            said, field = _("Somebody else has changed this in the meantime: choose."), self.field_of(name)
            if field is None:
                said = _("%(field)s: %(problem)s") % {"field": self.label_of(name), "problem": said}
            # An error takes the cleaned value away, which the page no longer needs.
            self.add_error(field, forms.ValidationError(said, code="conflict"))

    def _clean_fields(self) -> None:
        """What is typed into a field of one line is one line: a name with two would break the subject of an
        e-mail. Browsers send none; files and forged forms do."""
        super()._clean_fields()  # type: ignore[misc]  # unknown to the stubs
        for name, value in self.cleaned_data.items():
            if isinstance(value, str) and not isinstance(self.fields[name].widget, forms.Textarea):
                self.cleaned_data[name] = " ".join(value.splitlines())

    def _read_start(self) -> None:
        """Unreadable is as good as absent: then everything that differs is a conflict."""
        try:
            read = json.loads(self.data.get(self.start_name, ""))
            values, asked = read["values"], read["asked"]
            json.dumps(read, ensure_ascii=False).encode()  # halves of characters cannot be shown
        except (ValueError, TypeError, KeyError, RecursionError):
            return
        if isinstance(values, dict) and isinstance(asked, dict):
            known = set(values)
            self._start = values
            self._asked = {
                name: each
                for name, each in asked.items()
                if name in known and isinstance(each, dict) and self._is_known(name)
            }

    def _is_ours(self) -> bool:
        """Whether what is asked about can be shown. Whoever forges it has as good as sent nothing."""
        values, unused = self._start or {}, QueryDict(mutable=True)
        try:
            for name, asked in self._asked.items():
                self.text_of(name, values.get(name))
                self.text_of(name, asked.get("mine"))
                if self.field_of(name) is not None:
                    self.put(unused, name, values.get(name))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, forms.ValidationError):
            return False
        return True

    def _is_known(self, name: str) -> bool:
        return name in self.fields

    def _choice_name(self, name: str) -> str:
        return self.add_prefix(f"choice-{name}")

    def _choice(self, name: str) -> str:
        choice = self.data.get(self._choice_name(name), "")
        return choice if choice in (MINE, THEIRS) else ""

    def _takes_theirs(self, name: str, value: Any) -> bool:
        """Whoever chooses the other's value and then types a third one wants the third."""
        asked = self._asked.get(name)
        return asked is not None and self._choice(name) == THEIRS and value == asked.get("mine")

    def _copy_of_data(self) -> QueryDict:
        copy = QueryDict(mutable=True)
        if isinstance(self.data, MultiValueDict):
            for name, values in self.data.lists():
                copy.setlist(name, list(values))
        else:
            copy.update(self.data)
        return copy


def _known(trace: EditTrace | None, edit: Edit) -> dict[str, Any]:
    """Who saved a value last, and when, in the active time zone, which is the commune's."""
    if trace is None:
        return {}
    text = hour(trace.at)
    if localtime(trace.at).date() != localtime(edit.at).date():
        text = f"{short_day(trace.at)}, {text}"
    return {"who": str(trace.by), "at": text, "is_own": trace.by_id == edit.by.pk}


def put_value(data: QueryDict, bound: forms.BoundField, value: Any) -> None:
    """Write a field's value into submitted data, as the browser would send it."""
    field, name = bound.field, bound.html_name
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput):
        data.setlist(name, ["on"] if value else [])
        if not value:
            del data[name]
        return
    text = widget.format_value(field.prepare_value(_python(field, value)))
    if isinstance(text, list):
        data.setlist(name, [each for each in text if each != ""])
    else:
        data[name] = "" if text is None else str(text)


def value_text(field: forms.Field, value: Any) -> str:
    """A field's plain value in words: labels of choices, « yes », « nothing »."""
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return _("nothing")
    if isinstance(field, forms.ChoiceField):
        labels = _labels(field.choices)
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen)
    match _python(field, value):
        case datetime() as instant:
            return f"{day_year(instant)}, {hour(instant)}"
        case date() as day:
            return day_year(day)
        case time() as at:
            return f"{at:%H:%M}"
        case Decimal() as number:
            return formats.number_format(number)
        case other:
            return str(other)


def _python(field: forms.Field, value: Any) -> Any:
    """The value that a field makes of a plain one; the plain one itself if it is not one of its own."""
    if isinstance(field, forms.ModelChoiceField):
        return value
    try:
        return field.to_python(value)
    except forms.ValidationError:
        return value


def _labels(choices: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for value, label in choices:
        if isinstance(label, list | tuple):
            found |= _labels(label)
        else:
            found[str(value)] = str(label)
    return found


def render_gone(
    request: HttpRequest,
    typed: Iterable[tuple[str, str]],
    *,
    back: str,
    instead: str = "",
) -> HttpResponse:
    """The answer to an edit of a record that is not there any more: what was typed, to be written elsewhere.

    A record of another commune gets the same answer. `typed`: labels and texts; `back`: an address;
    `instead`: the address of the record into which it was merged.
    """
    context = {"typed": [(label, text) for label, text in typed if text], "back": back}
    return render(request, "components/gone.html", {**context, "instead": instead}, status=404)


def typed_in(form: forms.BaseForm) -> list[tuple[str, str]]:
    """What was typed into a form, with the labels of its fields."""
    found = []
    for bound in form.visible_fields():
        value = bound.data
        if isinstance(bound.field, forms.BooleanField):
            text = _("yes") if value else ""
        elif value in (None, "", []):
            text = ""
        else:
            text = value_text(bound.field, value)
        found.append((str(bound.label), text))
    return found
