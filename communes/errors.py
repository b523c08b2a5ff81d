"""Errors of the actions and of the reading of opening hours and files in `communes`."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class ClosureInvalid(PermanenceError):
    code = "closure_invalid"
    text = _("The end of the closure must come after its beginning.")


class FileRefused(PermanenceError):
    """The file as a whole cannot be read."""

    code = "places_file_refused"
    text = _("This file cannot be read.")


class HoursError(PermanenceError):
    """Opening hours that are not understood, or that hold a rule which cannot be honoured.

    `problem` is a stable code (communes/opening/syntax.py lists them), `position` is the offset of the error
    in the text as it was given, from 0, and `fragment` is the wrong piece of text.
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
