"""Phones and mailboxes that exist on the page /simulateur/ only; for demonstration and development.

A number that ends in 0000 does not work, and one that ends in 0001 is switched off for now, so that
one can see what happens then.
"""

from collections.abc import Set

from notifications.channels.base import ChannelError, Outgoing, Receipt
from notifications.enums import Channel, Failure, State

PREFIX = "SIM"


class Simulator:
    def send(self, message: Outgoing) -> Receipt:
        if message.recipient.endswith("0000"):
            raise ChannelError("30006", Failure.NUMBER)
        if message.recipient.endswith("0001"):
            raise ChannelError("30003", Failure.TRANSIENT)
        ringing = message.channel == Channel.VOICE
        return Receipt(f"{PREFIX}{message.id:010d}", State.SENT if ringing else State.DELIVERED)

    def find(self, message: Outgoing, known_ids: Set[str]) -> Receipt | None:
        # What it shows is the row itself: a message that was not settled was shown to nobody.
        return None
