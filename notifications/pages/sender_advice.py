"""What a commune is told, in plain words, about the sender that it wants."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from communes.models import Commune
from notifications.providers import is_simulated
from notifications.texts.sender import Sender, SenderKind, read_sender


@dataclass(frozen=True)
class Advice:
    level: str
    """success, warning or error: the colour, and whether the sender can be used at all."""
    text: str | Promise


_ALLOWED = _(
    "Take a verified number (beginning 01 62, 01 63, 02 70, 02 71, 03 77, 03 78, 04 24, 04 25, 05 68, 05 69, "
    "09 48, 09 49), a short code, a platform number (09 37 to 09 39, text messages only), or a name."
)
_TEXTS = {
    SenderKind.NONE: Advice("warning", _("Without a sender no text message leaves: everyone is called.")),
    SenderKind.NAME: Advice(
        "success",
        _(
            "A name is shown, but cannot be answered: a name or replies, not both. Messages say which number "
            "to call instead of « reply 1 »."
        ),
    ),
    SenderKind.SHORT_CODE: Advice("success", _("A short code: residents can reply.")),
    SenderKind.POLYVALENT: Advice(
        "success", _("A verified number: residents can reply, and it may call them.")
    ),
    SenderKind.PLATFORM: Advice(
        "success", _("A platform number: residents can reply from a mobile. It cannot make calls.")
    ),
    SenderKind.FICTION: Advice("warning", _("A number reserved for fiction: for demonstrations only.")),
    SenderKind.FORBIDDEN: Advice(
        "warning",
        _(
            "Automated systems may not use ordinary numbers (01 to 05, 06, 07, 09) since 2023: operators cut "
            "such messages and calls (Arcep decision 2022-1583)."
        ),
    ),
    SenderKind.FOREIGN: Advice(
        "warning", _("A foreign number: many people do not answer it, and operators may cut it.")
    ),
    SenderKind.INVALID: Advice(
        "error",
        _(
            "Neither a number nor a name. A name has 11 characters at most, without accents, and at least "
            "one letter."
        ),
    ),
}
_NO_CALLS = {
    SenderKind.NONE: Advice(
        "warning", _("Without a number no automatic call is made: landlines are for the desk.")
    ),
    SenderKind.NAME: Advice("error", _("Calls come from a number, not from a name.")),
    SenderKind.SHORT_CODE: Advice("error", _("A short code cannot make calls.")),
    SenderKind.PLATFORM: Advice("error", _("A platform number is for text messages: it cannot make calls.")),
}

_SAME_AS_PHONE = Advice(
    "error",
    _("This is the phone of the mairie: a machine would answer there, not an agent. Take another number."),
)


_SIMULATED = Advice(
    "warning", _("No sender yet: the simulator has one of its own, a provider will need yours.")
)
_SIMULATED_CALLS = Advice(
    "warning",
    _("No number yet: the simulator calls all the same. With a provider, landlines are for the desk."),
)


def advise(sender: Sender, *, calls: bool = False, public_phone: str = "") -> list[Advice]:
    """What that sender allows and forbids, and what to choose instead. `public_phone`: the number at which
    agents of the commune answer, in E.164."""
    if sender.text and sender.text == public_phone:
        return [_SAME_AS_PHONE]
    if sender.kind is SenderKind.NONE and is_simulated():
        return [_SIMULATED_CALLS if calls else _SIMULATED]
    advice = [(_NO_CALLS.get(sender.kind) if calls else None) or _TEXTS[sender.kind]]
    if sender.kind in (SenderKind.FORBIDDEN, SenderKind.FOREIGN):
        advice.append(Advice("warning", _ALLOWED))
    return advice


def advice_on(commune: Commune, text: str, *, calls: bool = False) -> list[Advice]:
    """The same of a sender as it is typed for a commune."""
    return advise(read_sender(text), calls=calls, public_phone=commune.public_phone)
