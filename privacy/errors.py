"""Errors of the rights of residents."""

from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class RequestClosed(PermanenceError):
    """The request has been answered already."""


class PersonIsHere(PermanenceError):
    """The person has arrived or is in session, so what is known of the visit is still needed."""

    code = "person_is_here"
    http_status = 409
    text = _("This person is here now. First note what became of the visit, then erase.")


class OwnAlarm(PermanenceError):
    """Nobody closes an alarm about themselves."""
