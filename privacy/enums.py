"""The rights of residents, and what became of their requests: codes, never prose."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Right(TextChoices):
    """What a resident may ask for (GDPR, articles 7, 15 to 18 and 21)."""

    ACCESS = "access", _("access: see what is kept")
    CORRECTION = "correction", _("correction")
    LIMITATION = "limitation", _("limitation: keep, but do not use")
    WITHDRAWAL = "withdrawal", _("withdrawal of a consent")
    ERASURE = "erasure", _("erasure")
    OBJECTION = "objection", _("objection")


class CameBy(TextChoices):
    """How a request reached the commune."""

    DESK = "desk", _("at the desk")
    PHONE = "phone", _("by telephone")
    LETTER = "letter", _("by letter")
    EMAIL = "email", _("by e-mail")
    OFFICER = "officer", _("through the data protection officer")


class RequestState(TextChoices):
    OPEN = "open", _("to be answered")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


class Refusal(TextChoices):
    """Why a request was not met. The person is told the reason, and that they may write to the CNIL."""

    NOT_THEM = "not_them", _("could not show that it is about them")
    NOT_KNOWN = "not_known", _("nothing is kept about them")
    EXCESSIVE = "excessive", _("asked for again and again without a reason")
    LAW = "law", _("the law obliges us to keep it")


class ReminderStep(TextChoices):
    """How near the deadline of a request is when managers are reminded of it."""

    SOON = "soon", _("ten days before the deadline")
    CLOSE = "close", _("three days before the deadline")
    LATE = "late", _("after the deadline")


class AlarmKind(TextChoices):
    """Of what an agent was shown very much in an hour."""

    OPENED = "opened", _("records opened one by one")
    SEARCHED = "searched", _("names read in searches")


class ErasureReason(TextChoices):
    """Why a record is erased before its time (GDPR, article 17, paragraph 1)."""

    ASKED = "asked", _("the person asked for it")
    OBJECTION = "objection", _("the person objects to being recorded")
    MISTAKE = "mistake", _("recorded by mistake")
    HEIRS = "heirs", _("the family asked, after a death")


class ComingVisits(TextChoices):
    """What becomes of the coming visits of somebody who is erased."""

    CANCEL = "cancel", _("cancel them")
    KEEP = "keep", _("keep them, by their number only")


class RunState(TextChoices):
    """How far a night's deletion came."""

    RUNNING = "running", _("running")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")
    INTERRUPTED = "interrupted", _("interrupted; the next night went on")


class RunTrouble(TextChoices):
    """What somebody should look at."""

    MANY = "many", _("unusually many people at once")
    CLOCK = "clock", _("the clock of the machine may be wrong")
    SUM = "sum", _("the counts do not add up")


class Consent(TextChoices):
    """What a person has agreed to and may withdraw at any moment (GDPR, article 7, paragraph 3)."""

    CALLS = "calls", _("calls and text messages to their numbers")
    MESSAGES = "messages", _("automatic messages, by whichever way")
    CONTACT = "contact", _("a contact person")
    NEEDS = "needs", _("what helps the visit, and notes on appointments")
