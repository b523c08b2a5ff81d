"""What can go wrong with figures."""

from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class AlreadyPublished(PermanenceError):
    """Somebody tried to change or delete what was published."""

    code = "already_published"
    http_status = 409
    text = _("What was published is never changed.")
