from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class CodeUnknown(PermanenceError):
    code = "pairing_code_unknown"
    text = _("No screen shows this code. Read it again on the screen: it changes every ten minutes.")


class TooManyCodes(PermanenceError):
    """The agent has typed too many wrong codes."""

    code = "pairing_too_many"
    http_status = 429
    text = _("Too many wrong codes. Wait ten minutes, then read the code again on the screen.")


class NumberUnknown(PermanenceError):
    """`details["left"]` is how many attempts this screen still accepts."""

    code = "appointment_number_unknown"
    text = _("We do not know this number here.")


class TooManyNumbers(PermanenceError):
    code = "appointment_number_too_many"
    http_status = 429
    text = _("Call an agent: someone will find your appointment.")


class FaultNotPossible(PermanenceError):
    """The cabin or its equipment is gone, or the page sent something else."""

    code = "fault_not_possible"
    http_status = 409
    text = _("This cannot be reported here any more.")


class TooManyFaults(PermanenceError):
    code = "fault_too_many"
    http_status = 429
    text = _("Several faults were reported here in the last hour. Call an agent: someone will come.")


class ServiceNotPossible(PermanenceError):
    code = "walk_in_not_possible"
    http_status = 409
    text = _("The cabin is no longer free for that.")


class ScreenCannotHear(PermanenceError):
    code = "screen_cannot_hear"
    http_status = 409
    text = _("This screen is offline: it cannot hear you. Nothing was sent.")
