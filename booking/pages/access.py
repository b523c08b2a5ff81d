"""Which places somebody in a wheelchair gets into: said before a time is confirmed, and never forbidden."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking.engine.snapshot import WHEELCHAIR_ORDER
from communes.enums import WheelchairAccess
from communes.models import Cabin, Site


@dataclass(frozen=True)
class AccessLine:
    """`is_firm`: they do not get in; otherwise nobody has said whether they do."""

    text: str
    is_firm: bool


@dataclass(frozen=True)
class Access:
    """`by_site`: what is known of each site, for a resident who comes in a wheelchair; empty for others."""

    by_site: Mapping[int, WheelchairAccess]

    def rank(self, site_id: int) -> int:
        """Less is better."""
        return WHEELCHAIR_ORDER.index(self.by_site.get(site_id, WheelchairAccess.YES))

    def lacks(self, site_id: int) -> bool:
        return self.by_site.get(site_id) == WheelchairAccess.NO

    def lines(self, sites: Iterable[Site]) -> list[AccessLine]:
        """A sentence for the sites without access, and one for those of which nobody has said."""
        sites, lines = list(sites), list[AccessLine]()
        for found in (WheelchairAccess.NO, WheelchairAccess.UNKNOWN):
            names = [site.short_name for site in sites if self.by_site.get(site.pk) == found]
            if names:
                lines.append(_said(found, names))
        return lines


NO_NEED = Access({})


def lines_of(site: Site, cabin: Cabin) -> list[AccessLine]:
    """What is said of a kept time, for somebody in a wheelchair; nothing if they get in."""
    found = site.wheelchair_of(cabin.wheelchair)
    if found == WheelchairAccess.YES:
        return []
    return [_said(found, [site.short_name if site.wheelchair == found else cabin.name])]


def _said(found: WheelchairAccess, names: list[str]) -> AccessLine:
    words = {"places": ", ".join(names)}
    if found == WheelchairAccess.NO:
        return AccessLine(_("No wheelchair access: %(places)s.") % words, is_firm=True)
    return AccessLine(_("Wheelchair access not known: %(places)s.") % words, is_firm=False)
