"""Saves a commune's message settings and its own wordings."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from agents.models import Agent
from booking.log import look_again
from communes.models import Commune
from core.edits import Edit, lock_row, merged, record_name, values_of
from notifications.enums import Channel, MessageKind
from notifications.models import CommuneText, MessageSettings, ProviderAlarm
from notifications.remindable import remindable
from notifications.texts import LANGUAGES

OF_COMMUNE = ("sender", "reminder_days_before")
OF_MESSAGES = ("voice_number", "remind_same_day", "confirm_by_call", "invite_missed", "price_sms_cents")

REMINDING = ("reminder_days_before", "remind_same_day")
"""Settings that say when reminders are due: a change may make some due at once."""


def settings_of(commune: Commune) -> MessageSettings:
    """The stored settings, or those that hold as long as none are stored."""
    return MessageSettings.objects.filter(commune=commune).first() or MessageSettings(commune=commune)


def settings_values(commune: Commune, settings: MessageSettings) -> dict[str, Any]:
    """All that managers edit of the messages, by name."""
    return {**values_of(commune, OF_COMMUNE), **values_of(settings, OF_MESSAGES)}


@transaction.atomic
def save_settings(
    *, commune: Commune, changes: Mapping[str, Any], now: datetime, edit: Edit | None = None
) -> None:
    """Save the settings that `settings_values` names. Messages that wait because the provider refused a
    sender changed here are tried at once, and reminders that are due earlier now are looked at. Raises
    EditConflict."""
    row = lock_row(Commune.objects.all(), commune.pk)
    settings = settings_of(row)
    done = merged(edit, record_name(row), settings_values(row, settings), changes)
    if not done:
        return
    _try_again(row, [channel for name, channel in SENDERS.items() if name in done], now)
    for name, value in done.items():
        setattr(row if name in OF_COMMUNE else settings, name, value)
    row.save(update_fields=OF_COMMUNE)
    settings.save()
    commune.refresh_from_db()
    if not done.keys().isdisjoint(REMINDING):
        look_again(list(remindable([commune], now=now)), now=now)


SENDERS = {"sender": Channel.SMS, "voice_number": Channel.VOICE}


def _try_again(commune: Commune, channels: Iterable[Channel], now: datetime) -> None:
    refused = ProviderAlarm.objects.filter(commune=commune, channel__in=channels)
    refused.update(retry_at=now, taken_at=None)


@transaction.atomic
def save_text(
    *,
    commune: Commune,
    kind: MessageKind,
    language: str,
    template: str,
    by: Agent,
    now: datetime,
    edit: Edit | None = None,
) -> CommuneText:
    """Save the commune's own wording. Messages already written keep their text; later ones use this
    wording. Raises EditConflict."""
    record, own, stored = _lock_text(commune, kind, language)
    changes = merged(edit, record, stored, {"template": template})
    if own is not None and not changes:
        return own
    text, _ = CommuneText.objects.update_or_create(
        commune=commune,
        kind=kind,
        language=language,
        defaults={"template": template, "edited_by": by, "edited_at": now},
    )
    return text


@transaction.atomic
def reset_text(*, commune: Commune, kind: MessageKind, language: str, edit: Edit | None = None) -> None:
    """Return to the product's own wording. Raises EditConflict when somebody else has changed the own one."""
    record, own, stored = _lock_text(commune, kind, language)
    if own is None:
        return
    if edit is not None:
        edit.require_unchanged(record, stored)
    own.delete()


def usual_text(kind: MessageKind, language: str) -> str:
    return LANGUAGES[language].texts[kind][0]


def _lock_text(
    commune: Commune, kind: MessageKind, language: str
) -> tuple[str, CommuneText | None, dict[str, str]]:
    """The name of the record, the commune's own text if there is one, and the value that is edited."""
    # The text may not be there yet: the commune is locked in its place.
    lock_row(Commune.objects.all(), commune.pk)
    own = CommuneText.objects.filter(commune=commune, kind=kind, language=language).first()
    record = f"{CommuneText._meta.label_lower}:{commune.pk}-{kind}-{language}"
    return record, own, {"template": own.template if own else usual_text(kind, language)}
