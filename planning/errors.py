from django.utils.translation import gettext_lazy as _

from communes.errors import PermanenceError


class CalendarRefused(PermanenceError):
    """An external calendar that is not read; `problem` says why, and is kept beside it."""

    code = "calendar_refused"
    text = _("This calendar cannot be read.")

    def __init__(self, problem: str) -> None:
        super().__init__(PROBLEMS[problem], problem=problem)
        self.problem = problem


PROBLEMS = {
    "address": _("Only addresses that begin with http:// or https:// can be read."),
    "internal": _("This address is not on the public internet."),
    "unknown_host": _("There is no such address."),
    "unreachable": _("The address does not answer."),
    "too_slow": _("The address takes too long to answer."),
    "too_large": _("This calendar is too large."),
    "redirects": _("The address leads from one to another without end."),
    "status": _("The address answers with an error."),
    "not_a_calendar": _("What is found there is no calendar."),
    "not_read": _("It could not be read this time; it will be tried again."),
    "forgotten": _("Nobody has looked there for more than an hour: the worker may have stopped."),
}
