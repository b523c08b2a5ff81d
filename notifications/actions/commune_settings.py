"""Saves the settings of a commune, and puts back what the log says that they were.

They are columns of two tables, since those of messages belong to this app; pages edit them as one record.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from agents.actions.accounts import choose_helpers
from booking.log import look_again
from communes.actions import bump_sites, change_service
from communes.enums import SetupChangeKind
from communes.errors import ServiceRetired
from communes.models import Cabin, Commune, Service, SetupChange, Site
from communes.service_forms import ServiceForm
from communes.setup_actions import edit_cabin, edit_place
from communes.setup_log import record
from communes.setup_words import HELPERS
from core.edits import Edit, EditConflict, RecordGone, lock_row, merged, record_name, values_of
from notifications.enums import Channel
from notifications.models import MessageSettings, ProviderAlarm
from notifications.remindable import remindable

OF_COMMUNE = (
    "name",
    "public_phone",
    "sender",
    "reminder_days_before",
    "reminders_from",
    "reminders_until",
    "cancel_grace_min",
    "lead_min_hours",
    "lead_max_days",
    "offers_freed_times",
    "offer_lasts_min",
    "name_shown_minutes_before",
    "screen_languages",
    "walk_ins",
    "dark_screen_min",
    "retention_months",
    "rota_months",
    "consultations_months",
    "consultations_alarm",
    "privacy_officer",
    "opens_data",
)
OF_MESSAGES = ("voice_number", "remind_same_day", "confirm_by_call", "invite_missed", "price_sms_cents")
OF_PLACES = (
    "name",
    "short_name",
    "address",
    "postal_code",
    "city",
    "address_extra",
    "phone",
    "contact",
    "maintainer",
    "wheelchair",
    "accessibility",
    "walk_ins",
    "helpers_morning",
    "helpers_afternoon",
)
OF_CABINS = ("name", "equipment", "room_for", "wheelchair", "directions", "in_service_at", "walk_ins")
OF_SERVICES = (*ServiceForm.Meta.fields, "names", HELPERS)

REMINDING = ("reminder_days_before", "remind_same_day", "reminders_from", "reminders_until")
"""Settings that say when reminders are due: a change may make some due at once."""
SENDERS = {"sender": Channel.SMS, "voice_number": Channel.VOICE}


def settings_of(commune: Commune) -> MessageSettings:
    """The stored settings of messages, or those that hold as long as none are stored."""
    return MessageSettings.objects.filter(commune=commune).first() or MessageSettings(commune=commune)


def settings_values(commune: Commune, settings: MessageSettings) -> dict[str, Any]:
    """All that managers set, by name."""
    return {**values_of(commune, OF_COMMUNE), **values_of(settings, OF_MESSAGES)}


@transaction.atomic
def save_settings(
    *,
    commune: Commune,
    changes: Mapping[str, Any],
    now: datetime,
    edit: Edit | None = None,
    kind: SetupChangeKind = SetupChangeKind.CHANGED,
) -> bool:
    """Save settings that `settings_values` names; whether anything was changed. The screens are read again,
    messages that wait because the provider refused a sender changed here are tried at once, and reminders
    that are due earlier now are looked at. What a form has changed is entered in the log as `kind`. Raises
    EditConflict."""
    bump_sites(commune.sites.values_list("pk", flat=True))
    row = lock_row(Commune.objects.all(), commune.pk)
    settings = settings_of(row)
    before = settings_values(row, settings)
    done = merged(edit, record_name(row), before, changes)
    if not done:
        return False
    _try_again(row, [channel for name, channel in SENDERS.items() if name in done], now)
    for name, value in done.items():
        setattr(row if name in OF_COMMUNE else settings, name, value)
    row.save(update_fields=OF_COMMUNE)
    settings.save()
    if edit is not None:
        record(row, kind, by=edit.by, at=edit.at, before={name: before[name] for name in done}, after=done)
    commune.refresh_from_db()
    if not done.keys().isdisjoint(REMINDING):
        look_again(list(remindable([commune], now=now)), now=now)
    return True


def _try_again(commune: Commune, channels: Iterable[Channel], now: datetime) -> None:
    refused = ProviderAlarm.objects.filter(commune=commune, channel__in=channels)
    refused.update(retry_at=now, taken_at=None)


# ---- what was changed, put back -----------------------------------------------------------------------


def can_be_put_back(change: SetupChange) -> bool:
    """Whether it is a change of values that `put_back` knows. What a place opens, closes or retires has
    pages of its own, which say what follows."""
    names = _EDITED.get(change.record.partition(":")[0], ())
    is_change = change.kind in (SetupChangeKind.CHANGED, SetupChangeKind.PUT_BACK)
    return is_change and bool(change.values) and change.values.keys() <= set(names)


@transaction.atomic
def put_back(*, change: SetupChange, by: Any, now: datetime) -> bool:
    """Put the values of before back, if nobody has changed them since; whether anything was changed. It is a
    change like another: it is entered in the log, and can be put back. Raises EditConflict, RecordGone, and
    ServiceRetired, and what the change of a place or cabin raises."""
    label, _, pk = change.record.partition(":")
    edit = Edit({name: after for name, (_, after) in change.values.items()}, by, now)
    commune, kind = change.commune, SetupChangeKind.PUT_BACK
    later = commune.setup_changes.filter(record=change.record, pk__gt=change.pk).values_list(
        "values", flat=True
    )
    if again := [name for name in change.values if any(name in values for values in later)]:
        raise EditConflict(again)
    wanted = {name: _stored_value(label, name, before) for name, (before, _) in change.values.items()}
    match label:
        case Site._meta.label_lower:
            site = _row(commune.sites.all(), pk)
            edit_place(site=site, changes=wanted, edit=edit, kind=kind)
        case Cabin._meta.label_lower:
            cabin = _row(Cabin.objects.filter(site__commune=commune), pk)
            edit_cabin(cabin=cabin, changes=wanted, edit=edit, kind=kind)
        case Service._meta.label_lower:
            service = _row(commune.services.all(), pk)
            if service.retired_at is not None:
                raise ServiceRetired
            if HELPERS in wanted:
                choose_helpers(service=service, helpers=wanted[HELPERS], edit=edit, kind=kind)
            else:
                change_service(service=service, changes=wanted, edit=edit, kind=kind)
        case _commune:
            return save_settings(commune=commune, changes=wanted, now=now, edit=edit, kind=kind)
    return edit.merged != edit.stored


def _row[M: models.Model](rows: models.QuerySet[M], pk: str) -> M:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise RecordGone
    return found


_EDITED = {
    Commune._meta.label_lower: (*OF_COMMUNE, *OF_MESSAGES),
    Site._meta.label_lower: OF_PLACES,
    Cabin._meta.label_lower: OF_CABINS,
    Service._meta.label_lower: OF_SERVICES,
}


def setting_field(name: str) -> models.Field[Any, Any]:
    """The column of a setting."""
    model = MessageSettings if name in OF_MESSAGES else Commune
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _stored_value(label: str, name: str, value: Any) -> Any:
    """The value of a column that the log holds in the form of `core.edits.plain`."""
    if name == HELPERS:
        return value or []
    models_of = {model._meta.label_lower: model for model in (Site, Cabin, Service)}
    field = models_of[label]._meta.get_field(name) if label in models_of else setting_field(name)
    assert isinstance(field, models.Field)
    if value is None:
        empty = field.get_default() if isinstance(field, models.JSONField) else ""
        return None if field.null else empty
    return field.to_python(value)
