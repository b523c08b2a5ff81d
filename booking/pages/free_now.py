"""What is free when somebody asks for the waiting list: a few times to press, instead of an offer later."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from booking.engine.snapshot import Offer
from booking.pages.times import SlotChoice, slot_choice
from communes.models import Commune

SHOWN = 4


@dataclass(frozen=True)
class FreeNow:
    """`shown`: the first time of each of the next half-days; `more`: how many others there are."""

    shown: list[SlotChoice]
    more: int

    @property
    def seen(self) -> str:
        """What the form sends back when none of them suits."""
        return ",".join(each.value for each in self.shown)


def read_free_now(offers: Collection[Offer], commune: Commune) -> FreeNow:
    first = list(_first_of_half_days(offers, commune))[:SHOWN]
    rest = [offer for offer in offers if offer not in first]
    shown = sorted([*first, *rest[: SHOWN - len(first)]])
    sites = commune.sites.in_bulk({offer.site_id for offer in shown})
    return FreeNow([slot_choice(each, sites) for each in shown], len(offers) - len(shown))


def has_more_to_show(free: FreeNow, seen: str) -> bool:
    """Whether a time to show became free after the agent read the others: one before the last of those."""
    known = set(seen.split(","))
    latest = max((each.start for each in free.shown if each.value in known), default=None)
    return latest is None or any(each.value not in known and each.start < latest for each in free.shown)


def _first_of_half_days(offers: Iterable[Offer], commune: Commune) -> Iterator[Offer]:
    seen: set[tuple[date, bool]] = set()
    for offer in offers:
        local = commune.local(offer.start)
        half_day = local.date(), local.hour >= 12
        if half_day not in seen:
            seen.add(half_day)
            yield offer
