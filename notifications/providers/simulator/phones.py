"""The phones and mailboxes that the page of the simulator shows."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from booking.models import Resident, ResidentPhone
from communes.models import Commune
from core.phones import can_receive_sms
from notifications.enums import Audience, Channel, MessageKind, State
from notifications.models import InboundMessage, Message
from notifications.providers.simulator.client import PREFIX

PHONES = 24
MESSAGES = 400
BUBBLES = 8


@dataclass(frozen=True)
class Bubble:
    """A message that the phone received, or that the resident wrote on it."""

    at: datetime
    text: str
    language: str = "fr"
    channel: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class Device:
    """A phone or a mailbox with its messages, newest first."""

    address: str
    names: Sequence[str]
    messages: Sequence[Message]
    written: Sequence[InboundMessage] = field(default_factory=tuple)

    @property
    def is_mailbox(self) -> bool:
        return "@" in self.address

    @property
    def can_write(self) -> bool:
        """A landline takes calls only."""
        return can_receive_sms(self.address)

    @property
    def newest(self) -> Message:
        return self.messages[0]

    @property
    def ringing(self) -> Message | None:
        """A call that is not answered yet."""
        calls = (each for each in self.messages if each.channel == Channel.VOICE)
        return next((call for call in calls if call.state == State.SENT), None)

    @property
    def bubbles(self) -> list[Bubble]:
        received = [
            Bubble(each.sent_at or each.created_at, each.text, each.language, each.get_channel_display())
            for each in self.messages
        ]
        written = [Bubble(each.received_at, each.text, is_mine=True) for each in self.written if each.text]
        return sorted([*received, *written], key=lambda bubble: bubble.at, reverse=True)[:BUBBLES]


@dataclass(frozen=True)
class Simulation:
    devices: Sequence[Device]
    version: str
    """Changes whenever the page would show something else."""


def serial() -> str:
    """The random part of a message id, as a provider would make one."""
    return secrets.token_hex(8)


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
    shown = dict(list(by_address.items())[:PHONES])
    names, written = _names(commune, list(shown)), _written(commune, list(shown))
    devices = [
        Device(address, names.get(address) or _told(messages), messages, written.get(address, []))
        for address, messages in shown.items()
    ]
    replies = [each.pk for rows in written.values() for each in rows]
    state = f"{[(message.pk, message.state) for message in sent]}{replies}"
    return Simulation(devices, hashlib.sha256(state.encode()).hexdigest()[:16])


def _written(commune: Commune, addresses: Sequence[str]) -> dict[str, list[InboundMessage]]:
    written: dict[str, list[InboundMessage]] = {}
    for each in InboundMessage.objects.filter(commune=commune, sender__in=addresses).order_by("-id")[
        :MESSAGES
    ]:
        written.setdefault(each.sender, []).append(each)
    return written


def _names(commune: Commune, addresses: Sequence[str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    phones = ResidentPhone.objects.filter(resident__commune=commune, number__in=addresses)
    for phone in phones.select_related("resident").order_by("id"):
        names.setdefault(phone.number, []).append(str(phone.resident))
    for resident in Resident.objects.current().filter(commune=commune, email__in=addresses):
        names.setdefault(resident.email, []).append(str(resident))
    return names


def _told(messages: Sequence[Message]) -> list[str]:
    """Who somebody without a record is: a contact person, by the name in the resident's record, or who gets
    a trial or word of faults."""
    kinds = {each.kind for each in messages}
    if MessageKind.TEST in kinds:
        return [_("Phone of a trial")]
    if MessageKind.FAULT in kinds:
        return [_("Is told of faults")]
    contacts = [each.resident for each in messages if each.audience == Audience.CONTACT and each.resident]
    return [contacts[0].contact_name] if contacts and contacts[0].contact_name else []
