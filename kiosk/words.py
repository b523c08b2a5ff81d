"""What a screen says of a resident who waits and of a cabin of which it hears no more.

« Écouter » has no words of its own: it reads what is shown (static/js/kiosk/read_aloud.js).
"""

from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from core.templatetags.phones import national
from kiosk.board.types import CabinState, Card, NoWalkIn, Wait


def wait_words(wait: Wait, *, phone: str = "") -> list[str]:
    """The sentences for who waits. Someone comes only if an agent said so; else it says who was told.
    `phone`: that of the place, if there is one."""
    match wait:
        case Wait.TURN:
            return [_("It is your turn.")]
        case Wait.CABIN:
            return [_("Please wait: the cabin is not free yet.")]
        case Wait.LATE_HELPER:
            return [_("Please wait here.")]
        case Wait.HELPER:
            return [_("Your digital helper has been told. Please wait here.")]
        case Wait.DESK:
            return [_("The reception has been told. Please wait here.")]
        case Wait.COMING:
            return [_("Someone is coming for you.")]
    sentences = [_("Nobody has been able to come yet."), _("Please go to the reception.")]
    if phone:
        sentences.append(_("You can also phone %(phone)s.") % {"phone": national(phone)})
    return sentences


def no_walk_in_words(reason: NoWalkIn) -> str:
    """Why nobody without an appointment can begin now, although the cabin is free."""
    match reason:
        case NoWalkIn.KEPT:
            return _("Kept for the person who has an appointment now.")
        case NoWalkIn.SHORT:
            return _("Too short for a visit without an appointment.")
        case NoWalkIn.NO_HELPER:
            return _("No digital helper is available at the moment.")
        case NoWalkIn.NO_SKILL:
            return _("At the moment no helper does what this cabin is for.")
    return _("By appointment only.")


def was_words(card: Card, *, until: str) -> str:
    """What the card says once the screen hears no more from the server: how the cabin was at `{heard}`, which
    the page fills in. `until`: when that was to end, as a sentence has it."""
    match card.state:
        case CabinState.WAITING:
            return _("At {heard}, we were waiting for")
        case CabinState.EXPECTED:
            return _("At {heard}, it was time")
        case CabinState.LATE:
            late = npgettext("screen", "%(n)s min late", "%(n)s min late", card.late_min)
            return _("At {heard}: %(late)s") % {"late": late % {"n": card.late_min}}
        case CabinState.ARRIVED:
            return _("At {heard}, the arrival was noted")
        case CabinState.IN_SESSION:
            return _("At {heard}, a session was running until about %(until)s") % {"until": until}
        case CabinState.OVERTIME:
            return _("At {heard}, the session was going on")
        case CabinState.FREE:
            return _("At {heard}, the cabin was free until %(until)s") % {"until": until}
        case CabinState.CLOSED if until:
            return _("At {heard}, it was closed until %(until)s") % {"until": until}
        case CabinState.CLOSED:
            return _("At {heard}, it was closed")
    return _("At {heard}, this cabin was out of order")


def left_words(minutes: int) -> str:
    """The time left to who is alone in the cabin; then the page counts it (static/js/kiosk/sheets.js)."""
    if minutes > 1:
        return _("{n} minutes left").replace("{n}", str(minutes))
    return _("1 minute left") if minutes == 1 else _("The time is up")


def hour_words(*, full: bool) -> str:
    """How a time stands in a sentence, for scripts: « {h} h {m} »; `full`: the full hour, « {h} h »."""
    text = _("%(hour)s:00") if full else _("%(hour)s:%(minutes)s")
    return text % {"hour": "{h}", "minutes": "{m}"}
