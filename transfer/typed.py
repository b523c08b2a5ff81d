"""Puts an entry of a file through a form of the pages, as if it had been typed there: the same rules, and the
same words where something is wrong."""

from collections.abc import Collection
from copy import copy
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.edit_forms import EditForm, put_value
from core.edits import plain
from transfer.setup_file import Entry, Problem

_YES = {"yes", "true", "on", "oui", "vrai"}
_NO = {"no", "false", "off", "non", "faux", ""}


def through_form(
    form_class: Any, entry: Entry, problems: list[Problem], *, beside: Collection[str] = (), **kwargs: Any
) -> dict[str, Any] | None:
    """The cleaned values of the fields that the entry names; None if something is wrong with it, which is
    added to `problems`. `beside`: names that the caller reads. `kwargs`: what the form is made with; a field
    that the entry leaves out keeps the value that it has there."""
    shown, before = form_class(**kwargs), len(problems)
    data, said = _as_it_is(shown), []
    for name in entry.values:
        if name in beside:
            continue
        if name not in shown.fields:
            problems.append(unknown(entry, name, [*beside, *shown.fields]))
            continue
        said.append(name)
        _put(shown, data, entry, name, problems)
    # A form of a model writes into its row, which is still to be compared with what was said.
    if "instance" in kwargs:
        kwargs["instance"] = copy(kwargs["instance"])
    form = form_class(data, **kwargs)
    if not form.is_valid():
        problems.extend(_problems_of(form, entry))
    if len(problems) > before:
        return None
    wanted = form.wanted_values() if isinstance(form, EditForm) else form.cleaned_data
    return {name: value for name, value in wanted.items() if name in said or name not in form.fields}


def unknown(entry: Entry, name: str, known: Collection[str]) -> Problem:
    names = {"name": name, "known": ", ".join(sorted(known))}
    return Problem(entry.line_of(name), _("“%(name)s” is not known here; known are: %(known)s") % names)


def _as_it_is(form: forms.BaseForm) -> QueryDict:
    """What a browser would send of the form if nothing was typed."""
    data = QueryDict(mutable=True)
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if callable(getattr(value, "all", None)):
            value = value.all()
        put_value(data, form[name], plain(value))
    return data


def _put(form: forms.BaseForm, data: QueryDict, entry: Entry, name: str, problems: list[Problem]) -> None:
    value, field = entry.values[name], form.fields[name]
    is_many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    wrong = ""
    if is_many and value == "":
        value = []
    if isinstance(value, list) != is_many or isinstance(value, Entry):
        wrong = _("here must stand a list") if is_many else _("here must stand a single value")
    elif is_many and not all(isinstance(each, str) for each in value):
        wrong = _("the list must hold words")
    elif isinstance(field, forms.BooleanField):
        if value.lower() not in _YES | _NO:
            wrong = _("here must stand yes or no")
        else:
            put_value(data, form[name], value.lower() in _YES)
    elif is_many:
        data.setlist(form[name].html_name, value)
    else:
        data[form[name].html_name] = value
    if wrong:
        problems.append(Problem(entry.line_of(name), f"{name}: {wrong}"))


def _problems_of(form: Any, entry: Entry) -> list[Problem]:
    return [
        Problem(entry.line_of(name), f"{name}: {text}" if name in form.fields else str(text))
        for name, texts in form.errors.items()
        for text in texts
    ]
