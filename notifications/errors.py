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
