"""What the pages of the settings show: groups of settings, each with its default and its last change, and the
log of all changes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings as installation
from django.contrib.auth.password_validation import password_validators_help_texts
from django.db import models
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from communes.models import Commune, SetupChange
from communes.setup_words import Entry, entries_of
from core.edits import plain, record_name
from notifications.actions import can_be_put_back
from notifications.actions.commune_settings import setting_field
from notifications.forms import SettingsForm
from notifications.models import MessageSettings

PAGE = 50
"""So many entries of the log are shown at once."""


@dataclass(frozen=True)
class SettingsGroup:
    """Settings that one form changes. `page`: the name of its address."""

    title: str | Promise
    page: str
    names: tuple[str, ...]


GROUPS = (
    SettingsGroup(gettext_lazy("Name and phone"), "commune-edit", ("name", "public_phone")),
    SettingsGroup(
        gettext_lazy("Messages"),
        "message-settings",
        (
            "sender",
            "voice_number",
            "reminder_days_before",
            "remind_same_day",
            "reminders_from",
            "reminders_until",
            "confirm_by_call",
            "invite_missed",
            "price_sms_cents",
        ),
    ),
    SettingsGroup(
        gettext_lazy("Appointments and waiting list"),
        "booking-settings",
        ("cancel_grace_min", "lead_min_hours", "lead_max_days", "offers_freed_times", "offer_lasts_min"),
    ),
    SettingsGroup(
        gettext_lazy("Screens"),
        "screen-settings",
        ("name_shown_minutes_before", "screen_languages", "walk_ins", "dark_screen_min"),
    ),
    SettingsGroup(
        gettext_lazy("Personal data"),
        "data-settings",
        ("retention_months", "rota_months", "consultations_months", "consultations_alarm", "privacy_officer"),
    ),
    SettingsGroup(gettext_lazy("Open data"), "open-data-settings", ("opens_data",)),
)
BY_PAGE = {group.page: group for group in GROUPS}
WITHOUT_DEFAULT = {"name", "public_phone", "privacy_officer", "sender", "voice_number"}


@dataclass(frozen=True)
class Setting:
    """One setting as a page shows it. `usual`: its default in words, "" if it has none; `changed`: its last
    change, if there was one."""

    field: BoundField
    value: str
    usual: str
    is_usual: bool
    changed: SetupChange | None


def settings_in(form: SettingsForm) -> list[Setting]:
    """The settings of a form, in its order."""
    changes = _last_changes(form.commune)
    found = []
    for name in form.names:
        value = form.text_of(name, plain(form.stored[name]))
        has_default = name not in WITHOUT_DEFAULT
        usual = form.text_of(name, plain(setting_field(name).get_default())) if has_default else ""
        found.append(
            Setting(
                field=form[name],
                value=value,
                usual=usual,
                is_usual=has_default and usual == value,
                changed=changes.get(name),
            )
        )
    return found


def _last_changes(commune: Commune) -> dict[str, SetupChange]:
    found: dict[str, SetupChange] = {}
    for row in commune.setup_changes.filter(record=record_name(commune)).select_related("by"):
        for name in row.values:
            found.setdefault(name, row)
    return found


# ---- the log ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogEntry:
    """An entry in words. `can_be_put_back`: its values are still those that it wrote."""

    entry: Entry
    is_of_commune: bool
    can_be_put_back: bool


@dataclass(frozen=True)
class SettingsLog:
    entries: Sequence[LogEntry]
    earlier: int | None
    """The id from which the next page goes on; None on the last one."""


def read_log(commune: Commune, *, before: int | None = None) -> SettingsLog:
    """The changes of a commune's settings, places and cabins, the latest first."""
    rows = commune.setup_changes.order_by("-pk")
    later: models.QuerySet[SetupChange] = rows.none()
    if before is not None:
        rows, later = rows.filter(pk__lt=before), rows.filter(pk__gte=before)
    page = list(rows.select_related("by", "commune")[: PAGE + 1])
    shown = page[:PAGE]
    changed = {name for row in later.only("record", "values") for name in _named(row)}
    entries = []
    for row, entry in zip(shown, entries_of(shown, commune, [MessageSettings]), strict=True):
        is_latest = changed.isdisjoint(_named(row))
        changed.update(_named(row))
        entries.append(
            LogEntry(entry, row.record == record_name(commune), is_latest and can_be_put_back(row))
        )
    return SettingsLog(entries, shown[-1].pk if len(page) > PAGE else None)


def _named(row: SetupChange) -> Iterator[tuple[str, str]]:
    for name in row.values:
        yield row.record, name


# ---- of the installation ------------------------------------------------------------------------------


@dataclass(frozen=True)
class InstallationSetting:
    label: str
    value: str


def installation_settings() -> Iterable[InstallationSetting]:
    """What whoever runs the installation has set for all its communes."""
    hours = installation.SESSION_COOKIE_AGE // 3600
    after = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    yield InstallationSetting(_("Somebody who has logged in is logged out after"), after)
    yield InstallationSetting(_("Passwords"), " ".join(map(str, password_validators_help_texts())))
    tries: Any = installation.AXES_FAILURE_LIMIT
    minutes = round(installation.AXES_COOLOFF_TIME * 60)
    locked = _("%(tries)s wrong passwords close the login of an account for %(minutes)s minutes.")
    yield InstallationSetting(_("Wrong passwords"), locked % {"tries": tries, "minutes": minutes})
    sends = _("yes") if installation.SENDS_EMAIL else _("no")
    yield InstallationSetting(_("E-mail leaves from here"), sends)
