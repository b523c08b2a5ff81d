"""Sends to phones and mailboxes that exist on the page /simulateur/ only, for demonstration and development.

A number that ends in 0000 does not work; the phone of one that ends in 0001 is switched off. Other endings
give one of Twilio's errors (docs/messages.md), to show what follows from it.
"""

from collections.abc import Set

from notifications.enums import Channel, Failure, State
from notifications.providers.base import ChannelError, Outgoing, Receipt, Refusal
from notifications.providers.twilio.errors import ERRORS, PHONE

PREFIX = "SIM"


def ending(code: str) -> str:
    """The last four digits of numbers that answer with this error: 1408 for 21408. If these began with a
    zero, as many invented numbers do: 9, the first digit of the code and its last two, 9203 for 20003."""
    return code[1:] if code[1] != "0" else f"9{code[0]}{code[-2:]}"


ENDINGS = {ending(code): error for code, error in ERRORS.items()}
WITHOUT_PHONE = {"0000": ERRORS["30006"], "0001": ERRORS["30003"]}
"""Endings of numbers that neither text messages nor calls reach."""


def plays(recipient: str, channel: Channel) -> Refusal | None:
    """The error that this number answers with by this channel; None if the message arrives."""
    if channel not in PHONE:
        return None
    digits = recipient[-4:]
    if digits in WITHOUT_PHONE:
        return WITHOUT_PHONE[digits].refusal
    error = ENDINGS.get(digits)
    return error.refusal if error and channel in error.channels else None


class Simulator:
    def send(self, message: Outgoing) -> Receipt:
        refusal = plays(message.recipient, message.channel)
        if refusal:
            raise ChannelError(refusal)
        ringing = message.channel == Channel.VOICE
        return Receipt(f"{PREFIX}{message.id:010d}", State.SENT if ringing else State.DELIVERED)

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        # The page shows our own rows. A message in doubt has not been shown to anybody.
        return None

    def state_of(self, message: Outgoing, provider_id: str) -> Receipt | None:
        # All but calls have arrived at once. Nobody has picked up this one at the page.
        return Receipt(provider_id, State.FAILED, Refusal("", Failure.NO_ANSWER))
