"""What is wrong in forms, for the summary at the top of a page: a sentence and the field it is about.

A form may be made of others, its `parts`; a part may have a `part_name`, which its errors then begin with.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _

type FormOrSet = forms.BaseForm | forms.BaseFormSet[forms.BaseForm]


@dataclass(frozen=True)
class FormError:
    """`target`: the id of the control to correct, the first one of a group; "" if no single one is wrong."""

    text: str
    target: str


def errors_of(given: Iterable[FormOrSet]) -> list[FormError]:
    """The errors of what was sent, in the order of the fields."""
    return list(dict.fromkeys(each for form in given for each in _errors(form)))


def has_errors(given: FormOrSet) -> bool:
    """Whether it was sent with something wrong."""
    if isinstance(given, forms.BaseFormSet):
        return given.is_bound and not given.is_valid()
    return given.is_bound and (bool(given.errors) or any(has_errors(each) for each in _parts(given)))


def _parts(given: forms.BaseForm) -> list[forms.BaseForm]:
    return list(getattr(given, "parts", ()))


def _errors(given: FormOrSet) -> Iterator[FormError]:
    if not given.is_bound:
        return
    if isinstance(given, forms.BaseFormSet):
        yield from (FormError(str(text), "") for text in given.non_form_errors())
        for form in given.forms:
            yield from _errors(form)
        return
    yield from (FormError(str(text), "") for text in given.non_field_errors())
    for field in given:
        yield from (_field_error(field, str(text)) for text in field.errors)
    for part in _parts(given):
        yield from (_part_error(each, str(getattr(part, "part_name", ""))) for each in _errors(part))


def _part_error(error: FormError, name: str) -> FormError:
    if not name:
        return error
    return FormError(_("%(part)s, %(error)s") % {"part": name, "error": error.text}, error.target)


def _field_error(field: forms.BoundField, text: str) -> FormError:
    if not field.label or field.is_hidden:
        return FormError(text, _target(field))
    words = {"field": field.label, "problem": text}
    return FormError(_("%(field)s: %(problem)s") % words, _target(field))


def _target(field: forms.BoundField) -> str:
    if field.is_hidden:
        return ""
    if field.use_fieldset:
        return next((each.id_for_label for each in field.subwidgets), "")
    return str(field.id_for_label)
