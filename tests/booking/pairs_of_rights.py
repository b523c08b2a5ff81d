"""What a person may ask of their record, and the night that ends it: verbs of `pairs.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.booking.pairs import Hand


def _agent(hand: Hand) -> Any:
    from agents.models import Agent

    by = Agent.objects.filter(memberships__commune=hand.commune).order_by("pk").first()
    assert by is not None
    return by


def purge_nearly_all(hand: Hand) -> None:
    """The night in which nearly everybody's time is over."""
    from privacy.purge import purge

    purge(commune=hand.commune, now=hand.now + timedelta(days=360))


def erase(hand: Hand) -> None:
    """Somebody is erased now; their coming visits are cancelled, or stay by their number."""
    from privacy.actions import Erasing, erase
    from privacy.enums import CameBy, ComingVisits, ErasureReason

    how = Erasing(ErasureReason.ASKED, CameBy.DESK, hand.random.choice(list(ComingVisits)))
    erase(resident=hand.resident(), how=how, by=_agent(hand), now=hand.now)


def limit(hand: Hand) -> None:
    """A record is kept and used no more; the coming visits stay, or are cancelled."""
    from booking.enums import LimitedFor
    from privacy.actions import limit
    from privacy.enums import CameBy

    resident, why = hand.resident(), hand.random.choice(list(LimitedFor))
    cancels = hand.random.random() < 0.5
    limit(resident=resident, why=why, came_by=CameBy.DESK, cancels=cancels, by=_agent(hand), now=hand.now)


def lift(hand: Hand) -> None:
    from privacy.actions import lift

    limited = hand.commune.residents.exclude(limited_at=None)
    lift(resident=hand.any_of(limited), by=_agent(hand), now=hand.now)


def withdraw(hand: Hand) -> None:
    """Somebody withdraws a consent: what was written down because of it goes at once."""
    from privacy.actions import withdraw
    from privacy.enums import CameBy, Consent

    what = hand.random.choice(list(Consent))
    withdraw(resident=hand.resident(), what=what, came_by=CameBy.DESK, by=_agent(hand), now=hand.now)


def correct(hand: Hand) -> None:
    """A record is corrected as its person asked."""
    from booking.actions import update_resident
    from booking.log import Actor

    year = hand.random.randrange(1930, 2005)
    by = Actor.agent(_agent(hand))
    update_resident(resident=hand.resident(), birth_year=year, is_asked=True, by=by, now=hand.now)
