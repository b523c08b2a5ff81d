"""Saves a commune's message settings and its own wordings."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from agents.models import Agent
from communes.models import Commune
from notifications.enums import Channel, MessageKind
from notifications.models import CommuneText, MessageSettings, ProviderAlarm


@transaction.atomic
def save_settings(
    *,
    commune: Commune,
    sender: str,
    reminder_days_before: int,
    voice_number: str,
    remind_same_day: bool,
    confirm_by_call: bool,
    invite_missed: bool,
    price_sms_cents: Decimal,
    now: datetime,
) -> None:
    """Save the settings. Messages that wait because the provider refused a sender changed here are tried
    at once."""
    _try_again(commune, sender, voice_number, now)
    commune.sender = sender
    commune.reminder_days_before = reminder_days_before
    commune.save(update_fields=["sender", "reminder_days_before"])
    MessageSettings.objects.update_or_create(
        commune=commune,
        defaults={
            "voice_number": voice_number,
            "remind_same_day": remind_same_day,
            "confirm_by_call": confirm_by_call,
            "invite_missed": invite_missed,
            "price_sms_cents": price_sms_cents,
        },
    )


def _try_again(commune: Commune, sender: str, voice_number: str, now: datetime) -> None:
    before = MessageSettings.objects.filter(commune=commune).first() or MessageSettings(commune=commune)
    old_sender = Commune.objects.values_list("sender", flat=True).get(pk=commune.pk)
    changed = {Channel.SMS: old_sender != sender, Channel.VOICE: before.voice_number != voice_number}
    refused = ProviderAlarm.objects.filter(
        commune=commune, channel__in=[channel for channel, is_new in changed.items() if is_new]
    )
    refused.update(retry_at=now, taken_at=None)


@transaction.atomic
def save_text(
    *, commune: Commune, kind: MessageKind, language: str, template: str, by: Agent, now: datetime
) -> CommuneText:
    """Save the commune's own wording. Messages already written keep their text; later ones use this
    wording."""
    text, _ = CommuneText.objects.update_or_create(
        commune=commune,
        kind=kind,
        language=language,
        defaults={"template": template, "edited_by": by, "edited_at": now},
    )
    return text


def reset_text(*, commune: Commune, kind: MessageKind, language: str) -> None:
    """Return to the product's own wording."""
    CommuneText.objects.filter(commune=commune, kind=kind, language=language).delete()
