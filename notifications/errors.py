from django.utils.translation import gettext_lazy as _

from communes.errors import PermanenceError


class AlreadyDone(PermanenceError):
    """Someone else has dealt with this line of the call list."""

    code = "already_done"
    http_status = 409
    text = _("Someone has already dealt with this.")
