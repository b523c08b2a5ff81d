"""What « Écouter » says: the board in whole sentences, always without names."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.templatetags.times import hour_in_sentence
from kiosk.board.types import Board, CabinState, Card
from kiosk.models import HelpCall, Screen
from kiosk.templatetags.kiosk import until_in_sentence


def spoken(screen: Screen, shown: Board, call: HelpCall | None, *, is_call_late: bool, now: datetime) -> str:
    """The sentences to read aloud, in the active language and time zone."""
    sentences = [_about_call(screen, call, is_late=is_call_late)] if call else []
    for card in shown.cards:
        if screen.cabin_id is None:
            sentences.append(f"{card.cabin.name}.")
        sentences.append(_state(card, now))
        if card.delayed:
            words = {
                "time": hour_in_sentence(card.delayed.at),
                "begins": hour_in_sentence(card.delayed.begins_at),
            }
            sentences.append(_("The appointment of %(time)s will begin at about %(begins)s.") % words)
    if any(card.state in _COME_FORWARD for card in shown.cards):
        sentences.append(_("If it is you, press “I have arrived”."))
    if any(card.is_usable for card in shown.cards):
        sentences.append(_("To use the cabin now, press “Use the cabin”."))
    sentences.append(_("If you need help, press “Call an agent”."))
    return " ".join(sentences)


_COME_FORWARD = (CabinState.WAITING, CabinState.EXPECTED, CabinState.LATE)


def _state(card: Card, now: datetime) -> str:
    words = {"time": hour_in_sentence(card.at), "until": until_in_sentence(card.until, now)}
    match card.state:
        case CabinState.WAITING:
            return _("We are waiting for the person who has an appointment at %(time)s.") % words
        case CabinState.EXPECTED | CabinState.LATE:
            return _("The appointment of %(time)s can begin.") % words
        case CabinState.ARRIVED:
            return _("The person of %(time)s has arrived. Please wait: someone is coming.") % words
        case CabinState.IN_SESSION:
            return _("A session is running, until about %(until)s.") % words
        case CabinState.OVERTIME:
            return _("The session is taking longer than planned.")
        case CabinState.FREE:
            return _("The cabin is free until %(until)s.") % words
        case CabinState.CLOSED:
            return _("It is closed until %(until)s.") % words if card.until else _("It is closed.")
    return _("The cabin is out of order. Please ask at the reception.")


def _about_call(screen: Screen, call: HelpCall, *, is_late: bool) -> str:
    if call.answered_at:
        return _("An agent is coming.")
    phone = screen.site.commune.public_phone
    if is_late and phone:
        return _("Nobody has answered yet. You can phone %(phone)s.") % {"phone": phone}
    return _("An agent has been called. Please wait.")
