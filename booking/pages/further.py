"""Where the days that suit have no time: what the desk page says, and the first time after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from booking.engine.snapshot import Offer
from booking.pages.when import When
from communes.models import Commune, Site


@dataclass(frozen=True)
class Further:
    """`offer`: the first time after the days shown, also after the deadline; None if there is none in the
    weeks that are looked at."""

    when: When
    offer: Offer | None
    commune: Commune
    sites: Mapping[int, Site]

    @property
    def on(self) -> date | None:
        return self.commune.local(self.offer.start).date() if self.offer else None

    @property
    def site(self) -> Site | None:
        return self.sites[self.offer.site_id] if self.offer else None

    @property
    def is_late(self) -> bool:
        """Whether all that is left lies after the deadline."""
        return self.when.before is not None and (self.on is None or self.on >= self.when.before)

    @property
    def why(self) -> str:
        return self.when.nothing if self.is_late else _("Nothing is free on these days.")
