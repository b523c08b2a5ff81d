"""Errors of the product: one base with a stable code and a sentence for people."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class PermanenceError(Exception):
    """Something that the product refuses, with a stable `code` and a text in the reader's language.

    `http_status` is what a page or the API answers: 409 for a lost race, 422 for bad input,
    404 for what is not yours.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 422
    text: ClassVar[str | Promise] = _("This is not possible.")

    def __init__(self, text: str | Promise | None = None, **details: Any) -> None:
        self.message = text or self.text
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class ClosureInvalid(PermanenceError):
    code = "closure_invalid"
    text = _("The end of the closure must come after its beginning.")


class HoursError(PermanenceError):
    """Opening hours that are not understood, or that hold a rule which cannot be honoured.

    `problem` is a stable code (communes/hours_syntax.py lists them), `position` the offset of the
    culprit in the text as it was given, from 0, and `fragment` the culprit itself.
    """

    code = "hours_invalid"

    def __init__(self, problem: str, position: int, text: str | Promise, fragment: str = "") -> None:
        super().__init__(text, problem=problem, position=position)
        self.problem = problem
        self.position = position
        self.fragment = fragment

    def __str__(self) -> str:
        where = {"place": self.position + 1, "fragment": self.fragment, "text": self.message}
        if self.fragment:
            return gettext("Character %(place)d, “%(fragment)s”: %(text)s") % where
        return gettext("Character %(place)d: %(text)s") % where
