"""The base of all errors of the product: a stable code and a sentence for people."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PermanenceError(Exception):
    """An operation that the product refuses, with a stable `code` and a text in the reader's language.

    `http_status` is what a page or the API answers: 409 for a lost race, 422 for bad input, 404 for a
    record that the caller may not see.
    """

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 422
    text: ClassVar[str | Promise] = _("This is not possible.")

    def __init__(self, text: str | Promise | None = None, **details: Any) -> None:
        self.message = text or self.text
        self._details = details
        super().__init__(self.code)

    @property
    def details(self) -> dict[str, Any]:
        """What a program can read of it; some errors look for it only when asked."""
        return self._details

    def __str__(self) -> str:
        return str(self.message)
