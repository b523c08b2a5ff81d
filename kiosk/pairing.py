"""Pairing a screen: the secret it keeps, the code it shows, the agent who types it.

A screen makes itself known with a random secret in a cookie that only `/ecran/` sees. The server
keeps its hash: first with a code that waits, then, once an agent has typed the code, as the token of
the screen. The secret travels once, when it is set, and no reply that gets lost can lose it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

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
MOST_WAITING = 200
"""Anyone may open the pairing page: more codes than this at a time are not given out."""

CODES_PER_AGENT = 10


@dataclass(frozen=True, slots=True)
class Place:
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


def was_revoked(token: str) -> bool:
    """A secret that has been a token is never paired again."""
    return Screen.objects.filter(token_hash=Screen.hash(token)).exists()


@transaction.atomic
def waiting_code(*, token: str, now: datetime) -> PairingCode:
    """The code that the screen with this secret shows; a new one when the last has expired.

    Raises TooManyCodes when too many screens wait already.
    """
    PairingCode.objects.filter(expires_at__lte=now).delete()
    claim = Screen.hash(token)
    code = PairingCode.objects.filter(claim_hash=claim).first()
    if code:
        return code
    if PairingCode.objects.count() >= MOST_WAITING:
        raise TooManyCodes
    for _attempt in range(5):
        text = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        try:
            with transaction.atomic():
                return PairingCode.objects.create(
                    code=text, claim_hash=claim, created_at=now, expires_at=now + CODE_LIFE
                )
        except IntegrityError:
            # The code exists, or the same screen asked twice at once.
            if code := PairingCode.objects.filter(claim_hash=claim).first():
                return code
    raise TooManyCodes


def pair_screen(*, code: str, place: Place, name: str, agent: Agent, now: datetime) -> Screen:
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
        if waiting is None:
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
def change_screen(*, screen: Screen, place: Place, name: str, theme: str, plays_sound: bool) -> Screen:
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
