from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class AlreadyDone(PermanenceError):
    """A colleague has already dealt with this line of the call list."""

    code = "already_done"
    http_status = 409
    text = _("Someone has already dealt with this.")


class NotTheirs(PermanenceError):
    """The appointment of this line has been given to somebody else since."""

    code = "not_theirs"
    http_status = 409
    text = _("This appointment is somebody else's now: it stays as it is.")


class TooManyTests(PermanenceError):
    """The commune has sent as many test messages as it may within an hour."""

    code = "too_many_tests"
    http_status = 429
    text = _("Five test messages have been sent within an hour: try again later.")


class NumberOfResident(PermanenceError):
    """A test message would go to a resident, or to a resident's contact person."""

    code = "number_of_resident"
    http_status = 422
    text = _("This number is in somebody's record. Send the test message to your own phone.")


class BeingCalled(PermanenceError):
    """A colleague is calling this person."""

    code = "being_called"
    http_status = 409
    text = _("A colleague is calling this person.")
