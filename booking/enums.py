from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    HELD = "held", _("held")
    BOOKED = "booked", _("booked")
    ARRIVED = "arrived", _("arrived")
    IN_SESSION = "in_session", _("in session")
    CANCELLING = "cancelling", _("cancelled")
    DONE = "done", _("finished")
    NO_SHOW = "no_show", _("did not come")
    CANCELLED = "cancelled", _("cancelled")
    LAPSED = "lapsed", _("hold lapsed")
    UNRECORDED = "unrecorded", _("not recorded")


LIVE = (Status.HELD, Status.BOOKED, Status.ARRIVED, Status.IN_SESSION, Status.CANCELLING)
"""An appointment with one of these statuses occupies its cabin and its helper."""

EXPECTED = (Status.BOOKED, Status.ARRIVED, Status.IN_SESSION)
"""To an appointment with one of these statuses its resident is expected, or is there."""

CALLED_OFF = (Status.CANCELLING, Status.CANCELLED)
"""An appointment with one of these statuses does not take place. One that is cancelled with a grace keeps its
place until the grace is over, and nobody has been told yet."""

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.HELD: frozenset({Status.BOOKED, Status.LAPSED}),
    Status.BOOKED: frozenset(
        {
            Status.ARRIVED,
            Status.IN_SESSION,
            Status.DONE,
            Status.NO_SHOW,
            Status.CANCELLING,
            Status.CANCELLED,
            Status.UNRECORDED,
        }
    ),
    Status.ARRIVED: frozenset(
        {
            Status.IN_SESSION,
            Status.BOOKED,
            Status.DONE,
            Status.NO_SHOW,
            Status.CANCELLING,
            Status.CANCELLED,
            Status.UNRECORDED,
        }
    ),
    Status.CANCELLING: frozenset({Status.CANCELLED, Status.BOOKED, Status.ARRIVED}),
    Status.IN_SESSION: frozenset({Status.DONE, Status.ARRIVED}),
    Status.DONE: frozenset({Status.IN_SESSION, Status.BOOKED, Status.ARRIVED}),
    Status.NO_SHOW: frozenset({Status.BOOKED, Status.ARRIVED}),
    Status.CANCELLED: frozenset({Status.BOOKED}),
    Status.LAPSED: frozenset({Status.BOOKED}),
    Status.UNRECORDED: frozenset(),
}
"""From → to. A lapsed hold can be booked if its time is still free. The way back from arrived, in session,
cancelling, done, no-show and cancelled is an undo.
A visit goes directly from booked or arrived to done when it is recorded on a later day; its undo goes
back.
"""


class EventKind(TextChoices):
    HELD = "held", _("time held")
    LAPSED = "lapsed", _("hold lapsed")
    BOOKED = "booked", _("booked")
    CONFIRMED = "confirmed", _("confirmed by the resident")
    MOVED = "moved", _("moved")
    REASSIGNED = "reassigned", _("helper or cabin changed")
    TO_CALL = "to_call", _("cannot take place: to be called")
    CALL_OFF = "call_off", _("can take place after all")
    CANCELLING = "cancelling", _("cancelled, with some minutes to undo it")
    CANCEL_UNDONE = "cancel_undone", _("cancellation undone before anybody was told")
    CANCELLED = "cancelled", _("cancelled")
    RESTORED = "restored", _("cancellation undone")
    ARRIVED = "arrived", _("arrived")
    COMING = "coming", _("an agent said that they come")
    ARRIVAL_UNDONE = "arrival_undone", _("arrival undone")
    STARTED = "started", _("session started")
    START_UNDONE = "start_undone", _("start undone")
    EXTENDED = "extended", _("session extended")
    ENDED = "ended", _("session ended")
    END_UNDONE = "end_undone", _("end undone")
    NO_SHOW = "no_show", _("did not come")
    NO_SHOW_UNDONE = "no_show_undone", _("did come after all")
    CAME = "came", _("came, noted afterwards")
    CAME_UNDONE = "came_undone", _("note that they came undone")
    NOTED = "noted", _("what came of it noted")
    UNRECORDED = "unrecorded", _("closed: nobody noted what became of it")
    EDITED = "edited", _("details changed")
    GIVEN = "given", _("given to somebody else")
    DELAYED = "delayed", _("helper late")
    ON_TIME = "on_time", _("helper no longer late")


class ActorKind(TextChoices):
    """Who caused an event."""

    AGENT = "agent", _("agent")
    RESIDENT = "resident", _("resident")
    SCREEN = "screen", _("cabin screen")
    API = "api", _("other system")
    SYSTEM = "system", _("Permanence")


class Reason(TextChoices):
    """Why something was changed: always a code, never free text (the log must hold no health or family
    matters)."""

    NONE = "", _("no reason given")
    RESIDENT_ASKED = "resident_asked", _("the resident asked")
    OTHER_PHONE = "other_phone", _("from a phone that is not theirs")
    CANNOT_COME = "cannot_come", _("cannot come at that time")
    NOT_NEEDED = "not_needed", _("no longer needed")
    MISTAKE = "mistake", _("entered by mistake")
    HELPER_ABSENT = "helper_absent", _("helper absent")
    NO_HELPER = "no_helper", _("no helper on duty")
    SITE_CLOSED = "site_closed", _("site closed")
    CABIN_OUT_OF_ORDER = "cabin_out_of_order", _("cabin out of order")
    FAULT = "fault", _("equipment out of order")
    EXCHANGE = "exchange", _("exchanged to make room")
    EXPIRED = "expired", _("time ran out")
    RELEASED = "released", _("another time was chosen")
    OTHER = "other", _("another reason")


ASKED_BY_RESIDENT = (Reason.RESIDENT_ASKED,)
"""The residents themselves asked for the change, so the plan of messages counts them as told."""

CANCEL_REASONS = (
    Reason.CANNOT_COME,
    Reason.NOT_NEEDED,
    Reason.MISTAKE,
    Reason.HELPER_ABSENT,
    Reason.NO_HELPER,
    Reason.SITE_CLOSED,
    Reason.CABIN_OUT_OF_ORDER,
    Reason.FAULT,
    Reason.OTHER,
)
"""What an agent chooses from when they cancel an appointment."""


class AskedBy(TextChoices):
    """At whose request an agent made a change."""

    RESIDENT = "resident", _("the resident")
    RELATIVE = "relative", _("a relative")
    SOCIAL_WORKER = "social_worker", _("a social worker")
    MAIRIE = "mairie", _("the mairie")


class Outcome(TextChoices):
    """How a session ended."""

    SOLVED = "solved", _("done")
    PARTLY = "partly", _("partly done")
    PAPERS_MISSING = "papers_missing", _("papers missing")
    REFERRED = "referred", _("sent to another service")
    NOT_POSSIBLE = "not_possible", _("not possible")


class Origin(TextChoices):
    """Where a booking came from."""

    DESK = "desk", _("desk")
    HELPER = "helper", _("helper")
    PUBLIC = "public", _("public page")
    API = "api", _("other system")
    SCREEN = "screen", _("cabin screen")
    WAITING_LIST = "waiting", _("waiting list")


class HelpedBy(TextChoices):
    """Who helped during a visit; before it, who was booked to."""

    NOBODY = "nobody", _("on their own")
    HELPER = "helper", _("with a helper")


class Lead(TextChoices):
    """How long before its hour an appointment was booked, in days of the calendar."""

    SAME_DAY = "same_day", _("the same day")
    DAYS_1_2 = "days_1_2", _("1 or 2 days before")
    DAYS_3_7 = "days_3_7", _("3 to 7 days before")
    DAYS_8_14 = "days_8_14", _("8 to 14 days before")
    DAYS_15_30 = "days_15_30", _("15 to 30 days before")
    DAYS_31 = "days_31", _("31 days before or more")


class Notice(TextChoices):
    """How long before its hour an appointment was cancelled."""

    NONE = "none", _("after its hour")
    HOURS_2 = "hours_2", _("less than 2 hours before")
    HOURS_24 = "hours_24", _("2 to 24 hours before")
    DAYS_3 = "days_3", _("1 to 3 days before")
    MORE = "more", _("more than 3 days before")


class CancelledBy(TextChoices):
    """Who could not or would not: from the reason of a cancellation."""

    RESIDENT = "resident", _("the resident")
    MAIRIE = "mairie", _("the mairie")
    MISTAKE = "mistake", _("entered by mistake")
    UNKNOWN = "unknown", _("not said")


class ToldBy(TextChoices):
    """How the latest message about an appointment reached somebody."""

    SMS = "sms", _("text message")
    VOICE = "voice", _("phone call")
    EMAIL = "email", pgettext_lazy("message", "e-mail")
    DESK = "desk", _("called by the desk")
    NOT = "", _("by no message")


class AccessNeed(TextChoices):
    """What a resident needs during the visit."""

    WHEELCHAIR = "wheelchair", _("wheelchair")
    HARD_OF_HEARING = "hard_of_hearing", _("hard of hearing")
    LOW_VISION = "low_vision", _("low vision")
    READING = "reading", _("reads with difficulty")
    INTERPRETER = "interpreter", _("comes with an interpreter")
    SLOWLY = "slowly", _("needs more time")


class Language(TextChoices):
    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")
    ARABIC = "ar", _("Arabic")
    TURKISH = "tr", _("Turkish")
    PORTUGUESE = "pt", _("Portuguese")
    SPANISH = "es", _("Spanish")
    RUSSIAN = "ru", _("Russian")
    UKRAINIAN = "uk", _("Ukrainian")
    OTHER = "xx", _("another language")


class ReachBy(TextChoices):
    """How a resident prefers to be contacted."""

    SMS = "sms", _("text message")
    VOICE = "voice", _("phone call")
    EMAIL = "email", pgettext_lazy("message", "e-mail")
    NONE = "none", _("no message")


class PhoneOwner(TextChoices):
    SELF = "self", _("the resident")
    FAMILY = "family", _("a relative")
    NEIGHBOUR = "neighbour", _("a neighbour")
    SOCIAL_WORKER = "social_worker", _("a social worker")


class WhyEmpty(TextChoices):
    """Why a day or half-day has no offers: the desk agent tells the resident."""

    CLOSED = "closed", _("closed")
    HOLIDAY = "holiday", _("public holiday")
    TOO_SHORT = "too_short", _("not open long enough")
    PAST = "past", _("past")
    TOO_SOON = "too_soon", _("too soon to book")
    TOO_FAR = "too_far", _("not yet open for booking")
    NO_CABIN = "no_cabin", _("no cabin with the equipment")
    FAULT = "fault", _("the equipment does not work")
    NO_HELPER = "no_helper", _("no helper on duty")
    FULL = "full", _("full")
    NOT_FOUND = "not_found", _("nothing found, too full to try everything")


class UnmetWhy(TextChoices):
    """What stood against a day on which somebody wanted to come: the reason of an empty day, or that no time
    of it suited, or that nothing of the kind is offered."""

    NOT_SUITING = "not_suiting", _("times were free, none suited")
    NOT_OFFERED = "not_offered", _("not offered here")
    CLOSED = WhyEmpty.CLOSED.value, WhyEmpty.CLOSED.label
    HOLIDAY = WhyEmpty.HOLIDAY.value, WhyEmpty.HOLIDAY.label
    TOO_SHORT = WhyEmpty.TOO_SHORT.value, WhyEmpty.TOO_SHORT.label
    PAST = WhyEmpty.PAST.value, WhyEmpty.PAST.label
    TOO_SOON = WhyEmpty.TOO_SOON.value, WhyEmpty.TOO_SOON.label
    TOO_FAR = WhyEmpty.TOO_FAR.value, WhyEmpty.TOO_FAR.label
    NO_CABIN = WhyEmpty.NO_CABIN.value, WhyEmpty.NO_CABIN.label
    FAULT = WhyEmpty.FAULT.value, WhyEmpty.FAULT.label
    NO_HELPER = WhyEmpty.NO_HELPER.value, WhyEmpty.NO_HELPER.label
    FULL = WhyEmpty.FULL.value, WhyEmpty.FULL.label
    NOT_FOUND = WhyEmpty.NOT_FOUND.value, WhyEmpty.NOT_FOUND.label


class WaitingState(TextChoices):
    """The state of an entry of the waiting list."""

    WAITING = "waiting", _("waiting")
    OFFERED = "offered", _("has an offer")
    BOOKED = "booked", _("has an appointment")
    SILENT = "silent", _("did not answer several offers")
    LEFT = "left", _("left the list")


class OfferAnswer(TextChoices):
    """The answer to a freed time that was offered from the waiting list."""

    PENDING = "pending", _("not answered yet")
    TAKEN = "taken", _("taken")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("time ran out")
    WITHDRAWN = "withdrawn", _("withdrawn")


class LimitedFor(TextChoices):
    """Why a record is kept and not used (GDPR, article 18, paragraph 1)."""

    ACCURACY = "accuracy", _("they say that something in it is wrong")
    UNLAWFUL = "unlawful", _("it should not have been kept, and they do not want it erased")
    CLAIM = "claim", _("they need it for a claim")
    OBJECTION = "objection", _("their objection is being looked at")


class ResidentChangeKind(TextChoices):
    """What was done to a resident's record."""

    LEFT = "left", _("number left on a screen")
    CHANGED = "changed", _("changed")
    PUT_BACK = "put_back", _("put back")
    WITHDRAWN = "withdrawn", _("consent withdrawn")
    MERGED = "merged", _("merged with another record")
    LIMITED = "limited", _("use limited")
    LIFTED = "lifted", _("limitation lifted")
