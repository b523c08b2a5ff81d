"""Errors of the actions and of the reading of opening hours and files in `communes`."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class ClosureInvalid(PermanenceError):
    code = "closure_invalid"
    text = _("The end of the closure must come after its beginning.")


class DatesClash(PermanenceError):
    """Two agents have written other hours on dates that have a day in common."""

    code = "dates_clash"
    http_status = 409
    text = _("Two rows of dates have a day in common, with other hours. Look at them again.")


class CommuneExists(PermanenceError):
    code = "commune_exists"
    text = _("This commune is here already.")


class NameTaken(PermanenceError):
    code = "name_taken"
    http_status = 409
    text = _("There is already one with this name here. Choose another.")


class RetirementInvalid(PermanenceError):
    code = "retirement_invalid"
    text = _("Choose a day to come: from that day on it is offered to nobody.")


class NotInOrder(PermanenceError):
    code = "retired_before_in_service"
    text = _("It must come into service before the day on which it is retired.")


class StillUsed(PermanenceError):
    """A row of a place, a cabin or a service on which something hangs can only be retired."""

    code = "still_used"
    http_status = 409
    text = _("Something hangs on it by now, so it cannot be deleted. Retire it instead.")


class ServiceRetired(PermanenceError):
    code = "service_retired"
    http_status = 409
    text = _("This service is retired: bring it back first, under “Services”.")


class MedicalStays(PermanenceError):
    """A service that has had visits as a medical one: nothing is noted of them, and no list has them."""

    code = "medical_stays"
    http_status = 409
    text = _(
        "Appointments of this service exist as medical ones: it stays medical. For something else, add "
        "another service."
    )


class FaultNotHere(PermanenceError):
    code = "fault_not_here"
    text = _("This cabin has no such equipment.")


class FaultClosed(PermanenceError):
    """Somebody has said that it works again, or nobody has confirmed it."""

    code = "fault_closed"
    http_status = 409
    text = _("This fault is closed by now. If it is there again, report it again.")


class EndNotToCome(PermanenceError):
    code = "end_not_to_come"
    text = _("Choose a day and an hour to come, or leave both empty.")


class NewsChanged(PermanenceError):
    """What the page of the catalogue's news showed is not what is stored now."""

    code = "news_changed"
    http_status = 409
    text = _("Somebody has changed this service in the meantime. Look at it again; nothing was saved.")


class FileRefused(PermanenceError):
    """The file as a whole cannot be read."""

    code = "places_file_refused"
    text = _("This file cannot be read.")


class PlacesChanged(PermanenceError):
    """An import would do something else than the page has shown."""

    code = "places_changed"
    http_status = 409
    text = _("The places have changed in the meantime: look at the list again. Nothing was taken over.")


class HoursError(PermanenceError):
    """Opening hours that are not understood, or that hold a rule which cannot be honoured.

    `problem` is a stable code (communes/opening/syntax.py lists them), `position` is the offset of the error
    in the text as it was given, from 0, and `fragment` is the wrong piece of text.
    """

    code = "hours_invalid"

    def __init__(self, problem: str, position: int, text: str | Promise, fragment: str = "") -> None:
        super().__init__(text, problem=problem, position=position)
        self.problem = problem
        self.position = position
        self.fragment = fragment

    def __str__(self) -> str:
        where = {"place": self.position + 1, "fragment": self.fragment, "text": self.message}
        if self.fragment:
            return gettext("Character %(place)d, “%(fragment)s”: %(text)s") % where
        return gettext("Character %(place)d: %(text)s") % where
