"""The phones and mailboxes that the page of the simulator shows."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from booking.models import Resident, ResidentPhone
from communes.models import Commune
from notifications.channels.simulator import PREFIX
from notifications.enums import Audience, Channel
from notifications.models import Message

PHONES = 24
MESSAGES = 400


@dataclass(frozen=True)
class Device:
    """Something that messages arrive at, newest first."""

    address: str
    names: Sequence[str]
    messages: Sequence[Message]

    @property
    def is_mailbox(self) -> bool:
        return "@" in self.address

    @property
    def newest(self) -> Message:
        return self.messages[0]


@dataclass(frozen=True)
class Simulation:
    devices: Sequence[Device]
    version: str
    """Changes whenever anything shown does."""


def simulation_of(commune: Commune) -> Simulation:
    sent = list(
        Message.objects.filter(commune=commune, provider_id__startswith=PREFIX)
        .exclude(channel=Channel.DESK)
        .select_related("resident")
        .order_by("-sent_at", "-id")[:MESSAGES]
    )
    by_address: dict[str, list[Message]] = {}
    for message in sent:
        by_address.setdefault(message.recipient, []).append(message)
    shown = list(by_address.items())[:PHONES]
    names = _names(commune, [address for address, _ in shown])
    devices = [
        Device(address, names.get(address) or _told(messages), messages) for address, messages in shown
    ]
    state = ",".join(f"{message.pk}{message.state}" for message in sent)
    return Simulation(devices, hashlib.sha256(state.encode()).hexdigest()[:16])


def _names(commune: Commune, addresses: Sequence[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    phones = ResidentPhone.objects.filter(resident__commune=commune, number__in=addresses)
    for phone in phones.select_related("resident").order_by("id"):
        names.setdefault(phone.number, []).append(str(phone.resident))
    for resident in Resident.objects.current().filter(commune=commune, email__in=addresses):
        names.setdefault(resident.email, []).append(str(resident))
    return names


def _told(messages: Sequence[Message]) -> list[str]:
    """A contact person has no card of their own: say whose message it is."""
    contacts = [each.resident for each in messages if each.audience == Audience.CONTACT and each.resident]
    return [contacts[0].contact_name] if contacts and contacts[0].contact_name else []
