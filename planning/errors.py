from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError
from core.templatetags.times import day_year


class CalendarRefused(PermanenceError):
    """An external calendar that cannot be read; `problem` is the reason's code, stored with the calendar, as
    are the events that could not be understood: how many, and line, title, day and reason of the first."""

    code = "calendar_refused"
    text = _("This calendar cannot be read.")

    def __init__(self, problem: str, left_out: int = 0, first: Sequence[Sequence[object]] = ()) -> None:
        super().__init__(PROBLEMS[problem], problem=problem)
        self.problem = problem
        self.left_out = left_out
        self.first = first


class TooManyCalendars(PermanenceError):
    code = "too_many_calendars"
    text = _("You follow five calendars already: stop following one first.")


PROBLEMS = {
    "address": _("Only addresses that begin with https://, http:// or webcal:// can be read."),
    "internal": _("This address is not on the public internet."),
    "unknown_host": _("There is no such address."),
    "unreachable": _("The address does not answer."),
    "too_slow": _("The address takes too long to answer."),
    "too_large": _("This calendar is larger than 10 MB: export a shorter period."),
    "too_much": _(
        "Reading this calendar was stopped: an event repeats far too often, or there are too many. "
        "Export a shorter period, or take out what repeats without end."
    ),
    "too_many": _(
        "This calendar says busy more than 4,000 separate times in a year: export a shorter period, or take "
        "out what repeats many times a day."
    ),
    "too_many_a_day": _(
        "This calendar says busy more than 48 separate times in one day: take out what repeats many times a "
        "day, or export without it."
    ),
    "too_many_together": _(
        "Your calendars together say busy more than 48 separate times in one day, or more than 4,000 in a "
        "year: stop following one of them, or export a shorter period."
    ),
    "redirects": _("The address leads from one to another without end."),
    "status": _("The address answers with an error."),
    "not_a_calendar": _("This is no calendar: give a file whose name ends in .ics, or its address."),
    "cut_short": _("The end of this calendar is missing: it was cut on the way. Export it again."),
    "bad_event": _("No event of this calendar can be understood: it blocks no time."),
    "not_read": _("It could not be read this time; it will be tried again."),
    "expired": _("Your file was not read within the hour and has been deleted: send it again."),
    "forgotten": _("Nobody has looked there for more than an hour: the worker may have stopped."),
}


_TOO_OFTEN = _("repeats too often")

LEFT_OUT = {
    "no_start": _("no beginning"),
    "bad_date": _("unreadable date"),
    "bad_rule": _("unreadable repetition"),
    "ends_early": _("end before the beginning"),
    "cut_short": _("its end is missing in the file"),
    "too_much": _TOO_OFTEN,
    "too_many": _TOO_OFTEN,
    "too_many_a_day": _TOO_OFTEN,
    "unclear": _("not understood"),
}
"""Why an event of a calendar was left out, by its code."""


class ShiftInvalid(PermanenceError):
    code = "shift_invalid"
    text = _("The end of the shift must come after its beginning.")


class ShiftOverlaps(PermanenceError):
    code = "shift_overlaps"
    http_status = 409
    text = _("This helper already has a shift at that time.")


class NotAHelper(PermanenceError):
    code = "not_a_helper"
    text = _("This person is not a helper of this commune.")


class LeavesBefore(NotAHelper):
    code = "leaves_before"

    def __init__(self, last_on: date) -> None:
        said = _("This person leaves: their last day here is %(day)s.")
        super().__init__(said % {"day": day_year(last_on)}, last_on=last_on.isoformat())


class ShiftGone(PermanenceError):
    code = "shift_gone"
    http_status = 409
    text = _("This shift has been removed in the meantime.")


class ShiftChanged(PermanenceError):
    code = "shift_changed"
    http_status = 409
    text = _("Somebody else has changed this shift in the meantime: look at it again. Nothing was changed.")


class AbsenceInvalid(PermanenceError):
    code = "absence_invalid"
    text = _("The end of the absence must come after its beginning.")


class PatternInvalid(PermanenceError):
    code = "pattern_invalid"
    text = _("The usual week needs a day, and an end after its beginning.")


class UsualWeekOverlaps(PermanenceError):
    code = "usual_week_overlaps"
    http_status = 409

    def __init__(self, name: str, on: date) -> None:
        said = _("Two rows of the usual week of %(name)s overlap on %(day)s.")
        super().__init__(said % {"name": name, "day": day_year(on)}, on=on.isoformat())


class UsualWeekChanged(PermanenceError):
    code = "usual_week_changed"
    http_status = 409
    text = _("Somebody has changed one of these usual weeks in the meantime. Nothing was undone.")


class NothingToUndo(PermanenceError):
    code = "nothing_to_undo"
    http_status = 409
    text = _("There is nothing to undo.")


class RotaChanged(PermanenceError):
    code = "rota_changed"
    http_status = 409
    text = _("The rota has changed meanwhile: look again. You have published nothing.")


class PublicationChanged(PermanenceError):
    code = "publication_changed"
    http_status = 409
    text = _("Somebody has changed one of the published shifts in the meantime. Nothing was undone.")


class AlreadyAnswered(PermanenceError):
    code = "already_answered"
    http_status = 409
    text = _("This request has already been answered.")
