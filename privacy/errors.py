"""Errors of the rights of residents."""

from core.errors import PermanenceError


class RequestClosed(PermanenceError):
    """The request has been answered already."""
