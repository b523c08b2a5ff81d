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


class CopyRefused(PermanenceError):
    """The anonymised copy cannot be written there."""

    code = "copy_refused"
    text = _("The copy cannot be written there.")
    reasons = {
        "exists": _("There is a file of this name already: nothing was written."),
        "no_folder": _("There is no such folder."),
        "filled": _("That database is not empty: nothing was written."),
        "source": _("That is the database of this installation: nothing was written."),
        "no_answer": _("That database does not answer."),
    }

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(self.reasons[reason])


class TooLateToReopen(PermanenceError):
    """The request was answered too long ago, or by an erasure."""
