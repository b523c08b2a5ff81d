"""Pairing a screen: the secret that it keeps, the code that it shows, the agent who types the code.

A screen identifies itself by a random secret in a cookie that is sent to `/ecran/` only. The server stores
the hash of this secret: first with a waiting code, then, once an agent has typed the code, as the screen's
token. The secret is sent to the screen only once, when it is set, so a lost reply cannot lose it.

Anyone may open the page, so opening it writes nothing to the database: the code and its expiry are sent in a
signed cookie. The code waits for an agent once the page's script has asked with both cookies, and as long as
it asks, every three seconds. Nobody is refused: if too many codes wait, the one that asked longest ago is
removed (docs/decisions/0013).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from agents.models import Agent
from communes.actions import bump_sites
from communes.models import Cabin, Site
from core.edits import Edit, lock_row, merged, record_name, values_of
from kiosk.attempts import forget_wrong_entries, note_attempt
from kiosk.commands import end_all, note_act
from kiosk.enums import CommandKind
from kiosk.errors import CodeUnknown, TooManyCodes
from kiosk.models import PairingCode, Screen, SpentToken

ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
"""Without 0 O, 1 I L, 2 Z, 5 S, 8 B, which are confused when read aloud or from afar."""

CODE_LENGTH = 6
CODE_LIFE = timedelta(minutes=10)
MOST_WAITING = 5000
"""How many codes may wait at once. A real screen asks every three seconds: to push it out, a stranger
would have to send this many requests in that time, more than a web process answers."""

CODES_PER_AGENT = 10

_OF_THE_DEVICE = (
    *("token_hash", "paired_at", "paired_by", "last_seen_at", "version_shown", "page_release"),
    *("page_opened_at", "browser", "window_size", "clock_drift_s", "last_error", "last_error_at"),
)


def screen_address() -> str:
    """What somebody types into the browser of a screen."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('screen')}"


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What a screen that waits to be paired shows."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """Where a screen hangs: at a cabin, or in a hall for all cabins of the site."""

    site: Site
    cabin: Cabin | None = None

    def __post_init__(self) -> None:
        assert self.cabin is None or self.cabin.site_id == self.site.pk

    @property
    def label(self) -> str:
        return self.cabin.name if self.cabin else self.site.short_name

    @property
    def key(self) -> str:
        """As a form names it."""
        return f"cabin-{self.cabin.pk}" if self.cabin else f"site-{self.site.pk}"


def screen_of(token: str | None) -> Screen | None:
    """The paired screen that holds this secret, with its site, commune and cabin."""
    if not token:
        return None
    screens = Screen.objects.paired().select_related("site__commune", "cabin")
    return screens.filter(token_hash=Screen.hash(token)).first()


def was_paired(token: str) -> bool:
    """Whether this secret has already been a screen's token. Such a secret is never paired again."""
    claim = Screen.hash(token)
    screens, spent = Screen.objects.filter(token_hash=claim), SpentToken.objects.filter(token_hash=claim)
    return screens.exists() or spent.exists()


def new_code(now: datetime) -> ShownCode:
    return ShownCode("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)), now + CODE_LIFE)


def signed_code(shown: ShownCode, *, token: str) -> str:
    """The code as the screen keeps it: valid together with this secret only."""
    return signing.dumps([shown.code, shown.expires_at.timestamp()], salt=_salt(token))


def read_code(signed: str, *, token: str, now: datetime) -> ShownCode | None:
    """The code that the screen with this secret shows; None if it has expired or is forged."""
    try:
        code, ends = signing.loads(signed, salt=_salt(token))
    except signing.BadSignature:
        return None
    expires_at = datetime.fromtimestamp(ends, tz=UTC)
    return ShownCode(code, expires_at) if now < expires_at else None


def _salt(token: str) -> str:
    return f"kiosk.pairing:{Screen.hash(token)}"


@transaction.atomic
def await_pairing(*, token: str, shown: ShownCode, now: datetime) -> bool:
    """Let the code wait for an agent, or go on waiting. False if the screen cannot use it any more: the
    screen is paired, or the code is another screen's."""
    claim = Screen.hash(token)
    own = PairingCode.objects.filter(claim_hash=claim, code=shown.code)
    if own.update(seen_at=now):
        return True
    if was_paired(token):
        return False
    PairingCode.objects.filter(Q(expires_at__lte=now) | Q(claim_hash=claim)).delete()
    try:
        with transaction.atomic():
            PairingCode.objects.create(
                code=shown.code, claim_hash=claim, seen_at=now, expires_at=shown.expires_at
            )
    except IntegrityError:
        # Another screen has the same code, or this screen sent two requests at once.
        return own.exists()
    _make_room()
    return True


def _make_room() -> None:
    """Remove the codes beyond MOST_WAITING that asked longest ago. A screen that still waits puts its code
    back when it asks next."""
    excess = PairingCode.objects.count() - MOST_WAITING
    if excess > 0:
        # A code that an agent is pairing at this moment is locked, and so is kept.
        oldest = PairingCode.objects.order_by("seen_at", "pk").select_for_update(skip_locked=True)
        PairingCode.objects.filter(pk__in=list(oldest.values_list("pk", flat=True)[:excess])).delete()


def pair_screen(*, code: str, place: ScreenPosition, name: str, agent: Agent, now: datetime) -> Screen:
    """Pair the screen that shows `code`. Raises CodeUnknown, and TooManyCodes after CODES_PER_AGENT wrong
    codes in ten minutes."""
    _count_code(agent, now)
    with transaction.atomic():
        waiting = _waiting(code, now)
        bump_sites([place.site.pk])
        screen = Screen.objects.create(
            site=place.site,
            cabin=place.cabin,
            name=name or place.label,
            token_hash=waiting.claim_hash,
            paired_at=now,
            paired_by=agent,
        )
        note_act(screen=screen, kind=CommandKind.PAIRED, by=agent, now=now)
        waiting.delete()
    forget_wrong_entries(agent=agent)
    return screen


def replace_device(*, screen: Screen, code: str, agent: Agent, now: datetime) -> Screen:
    """Let the device that shows `code` take the place of the present one, which is cut at once. Name, place,
    colours, sound and history stay. Raises RecordGone, CodeUnknown, TooManyCodes."""
    _count_code(agent, now)
    with transaction.atomic():
        waiting = _waiting(code, now)
        bump_sites([screen.site_id])
        row = lock_row(Screen.objects.filter(revoked_at=None), screen.pk)
        SpentToken.objects.create(screen=row, token_hash=row.token_hash, spent_at=now)
        row.token_hash, row.paired_at, row.paired_by = waiting.claim_hash, now, agent
        # What was known of the other device.
        row.last_seen_at = row.version_shown = row.page_opened_at = row.clock_drift_s = row.last_error_at = (
            None
        )
        row.page_release = row.browser = row.window_size = row.last_error = ""
        row.save(update_fields=_OF_THE_DEVICE)
        end_all(screen=row, now=now)
        note_act(screen=row, kind=CommandKind.REPLACED, by=agent, now=now)
        waiting.delete()
    forget_wrong_entries(agent=agent)
    return row


def _count_code(agent: Agent, now: datetime) -> None:
    if note_attempt(agent=agent, most=CODES_PER_AGENT, now=now) > CODES_PER_AGENT:
        raise TooManyCodes


def _waiting(code: str, now: datetime) -> PairingCode:
    """The code that a device shows, locked. Raises CodeUnknown."""
    codes = PairingCode.objects.select_for_update()
    waiting = codes.filter(code=tidy_code(code), screen=None, expires_at__gt=now).first()
    if waiting is None or Screen.objects.filter(token_hash=waiting.claim_hash).exists():
        raise CodeUnknown
    return waiting


@transaction.atomic
def change_screen(*, screen: Screen, changes: Mapping[str, Any], edit: Edit | None = None) -> Screen:
    """Rename a screen, or note that it hangs elsewhere (`place`, a ScreenPosition). The screen shows the
    change at once. Raises RecordGone, EditConflict."""
    place: ScreenPosition | None = changes.get("place")
    sites = {screen.site_id, place.site.pk if place else None}
    bump_sites(sites)
    row = lock_row(Screen.objects.filter(revoked_at=None), screen.pk)
    wanted = {**changes, **({"place": place.key} if place else {})}
    done = merged(edit, record_name(row), screen_values(row), wanted)
    if "place" in done and place is not None:
        bump_sites({row.site_id} - sites)
        row.site, row.cabin = place.site, place.cabin
    for name in done.keys() - {"place"}:
        setattr(row, name, done[name])
    row.save(update_fields=["site", "cabin", "name", "theme", "plays_sound"])
    if done and edit and edit.by:
        note_act(screen=row, kind=CommandKind.CHANGED, by=edit.by, now=edit.at)
    return row


def screen_values(screen: Screen) -> dict[str, Any]:
    """What agents edit of a screen, by name."""
    cabin = f"cabin-{screen.cabin_id}" if screen.cabin_id else f"site-{screen.site_id}"
    return {**values_of(screen, ("name", "theme", "plays_sound")), "place": cabin}


@transaction.atomic
def revoke_screen(*, screen: Screen, by: Agent, now: datetime) -> None:
    """Make the screen's token invalid. The new site version makes its page ask again, and find out."""
    bump_sites([screen.site_id])
    if Screen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=now):
        end_all(screen=screen, now=now)
        note_act(screen=screen, kind=CommandKind.REVOKED, by=by, now=now)


def tidy_code(text: str) -> str:
    """The code without spaces and dashes and in capitals, since people type it in many ways."""
    return "".join(character for character in text.upper() if character.isalnum())
