"""Pairing a screen: the secret it keeps, the code it shows, the agent who types it.

A screen makes itself known with a random secret in a cookie that only `/ecran/` sees. The server
keeps its hash: first with a code that waits, then, once an agent has typed the code, as the token of
the screen. The secret travels once, when it is set, and no reply that gets lost can lose it.

The page is open to anyone, so opening it writes nothing: the code and its end go out in a signed cookie.
It waits for an agent once the script of the page has asked with both cookies, and as long as it asks, each
three seconds. Nobody is refused: when too many wait, the one that asked longest ago makes room
(docs/decisions/0013).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q

from agents.models import Agent
from communes.actions import bump_sites
from communes.models import Cabin, Site
from kiosk.attempts import forget_wrong_entries, note_attempt
from kiosk.errors import CodeUnknown, TooManyCodes
from kiosk.models import PairingCode, Screen

ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
"""No 0 O, 1 I L, 2 Z, 5 S, 8 B: read aloud or from afar, none is taken for another."""

CODE_LENGTH = 6
CODE_LIFE = timedelta(minutes=10)
MOST_WAITING = 5000
"""Codes that wait at one time. A screen that really waits asks each three seconds: to push it out, a stranger
must have this many asked for meanwhile, more than a web process answers."""

CODES_PER_AGENT = 10


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What a screen shows that waits to be paired."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """Where a screen hangs: on a cabin, or in a hall for all cabins of the site."""

    site: Site
    cabin: Cabin | None = None

    def __post_init__(self) -> None:
        assert self.cabin is None or self.cabin.site_id == self.site.pk

    @property
    def label(self) -> str:
        return self.cabin.name if self.cabin else self.site.short_name


def screen_of(token: str | None) -> Screen | None:
    """The paired screen that holds this secret, with its site, commune and cabin."""
    if not token:
        return None
    screens = Screen.objects.paired().select_related("site__commune", "cabin")
    return screens.filter(token_hash=Screen.hash(token)).first()


def was_paired(token: str) -> bool:
    """A secret that has been a token is never paired again."""
    return Screen.objects.filter(token_hash=Screen.hash(token)).exists()


def new_code(now: datetime) -> ShownCode:
    return ShownCode("".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)), now + CODE_LIFE)


def signed_code(shown: ShownCode, *, token: str) -> str:
    """The code as its screen keeps it: good with this secret only."""
    return signing.dumps([shown.code, shown.expires_at.timestamp()], salt=_salt(token))


def read_code(signed: str, *, token: str, now: datetime) -> ShownCode | None:
    """The code that the screen with this secret shows, unless it has expired or was made up."""
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
    """Have the code wait for an agent, or go on waiting. False once it is of no use to the screen:
    paired with it, or another's."""
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
        # Another screen has the code, or this one asked twice at once.
        return own.exists()
    _make_room()
    return True


def _make_room() -> None:
    """Beyond MOST_WAITING, those that asked longest ago go. A screen that still waits is back with its code
    when it asks next."""
    excess = PairingCode.objects.count() - MOST_WAITING
    if excess > 0:
        # Not the one that an agent is pairing at this moment.
        oldest = PairingCode.objects.order_by("seen_at", "pk").select_for_update(skip_locked=True)
        PairingCode.objects.filter(pk__in=list(oldest.values_list("pk", flat=True)[:excess])).delete()


def pair_screen(*, code: str, place: ScreenPosition, name: str, agent: Agent, now: datetime) -> Screen:
    """Bind the screen that shows `code` to a place. Raises CodeUnknown, and TooManyCodes after
    CODES_PER_AGENT wrong ones in ten minutes."""
    if note_attempt(agent=agent, most=CODES_PER_AGENT, now=now) > CODES_PER_AGENT:
        raise TooManyCodes
    with transaction.atomic():
        waiting = (
            PairingCode.objects.select_for_update()
            .filter(code=tidy_code(code), screen=None, expires_at__gt=now)
            .first()
        )
        if waiting is None or Screen.objects.filter(token_hash=waiting.claim_hash).exists():
            raise CodeUnknown
        bump_sites([place.site.pk])
        screen = Screen.objects.create(
            site=place.site,
            cabin=place.cabin,
            name=name or place.label,
            token_hash=waiting.claim_hash,
            paired_at=now,
            paired_by=agent,
        )
        waiting.delete()
    forget_wrong_entries(agent=agent)
    return screen


@transaction.atomic
def change_screen(
    *, screen: Screen, place: ScreenPosition, name: str, theme: str, plays_sound: bool
) -> Screen:
    """Rename a screen, or say that it hangs elsewhere; it notices at once."""
    bump_sites([screen.site_id, place.site.pk])
    screen.site, screen.cabin, screen.name = place.site, place.cabin, name
    screen.theme, screen.plays_sound = theme, plays_sound
    screen.save(update_fields=["site", "cabin", "name", "theme", "plays_sound"])
    return screen


@transaction.atomic
def revoke_screen(*, screen: Screen, now: datetime) -> None:
    """Its token opens nothing from now on; the bump makes the page ask, and find out."""
    bump_sites([screen.site_id])
    Screen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=now)


def tidy_code(text: str) -> str:
    """As people type it: spaces, a dash, small letters."""
    return "".join(character for character in text.upper() if character.isalnum())
