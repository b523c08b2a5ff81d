"""A time that could not be had at the desk: why, and what is near it. The page never shows it as chosen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from booking.actions.series import Failed
from booking.engine.snapshot import Offer
from booking.errors import SlotTaken
from booking.pages.desk import Desk
from booking.pages.times import SlotChoice, slot_choice
from core.errors import PermanenceError

MOST_NEAR = 2


@dataclass(frozen=True)
class LostTime:
    """`reason`: "" where somebody else has taken it; `kept`: what stays chosen, in words; `near`: other
    times, picked as those of the week are."""

    start: datetime
    reason: str
    kept: list[str]
    near: list[SlotChoice]


def lost_time(state: Desk, start: datetime, refusal: PermanenceError) -> LostTime:
    """What the page says of a time that was picked and refused."""
    reason = "" if refusal.code == SlotTaken.code else str(refusal)
    return LostTime(start, reason, _kept(state), _near(state, refusal.details.get("alternatives", ())))


def lost_hold(state: Desk, failed: Failed) -> LostTime:
    """The same of a time that was kept, ran out, and could not be had again when it was confirmed."""
    reason = "" if failed.code == SlotTaken.code else failed.message
    return LostTime(failed.start, reason, _kept(state), _near(state, failed.alternatives))


def _kept(state: Desk) -> list[str]:
    words = [str(each) for each in (state.resident, state.service) if each is not None]
    if state.chosen_helper:
        words.append(_("with %(name)s") % {"name": state.chosen_helper})
    if state.party > 1:
        words.append(_("%(n)s people") % {"n": state.party})
    return words


def _near(state: Desk, offers: Iterable[Offer]) -> list[SlotChoice]:
    """The nearest other times, in their order on the clock; none after the deadline."""
    last, local = state.when.last, state.commune.local
    near = [
        slot_choice(offer, state.sites, state.access)
        for offer in offers
        if offer.site_id in state.sites and local(offer.start).date() <= last
    ]
    return sorted(near[:MOST_NEAR], key=lambda each: each.start)
