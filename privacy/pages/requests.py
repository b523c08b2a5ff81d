"""Requests of residents as pages show them: what was asked, how long there still is, what was done."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.models import Resident
from core.templatetags.times import day_month_year
from privacy.deadlines import SOON_DAYS
from privacy.enums import RequestState
from privacy.models import RightsRequest


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """One request on `today`, the commune's day."""

    row: RightsRequest
    today: date

    @property
    def is_open(self) -> bool:
        return self.row.state == RequestState.OPEN

    @property
    def days_left(self) -> int:
        """0 on the last day; below 0 when it is late."""
        return (self.row.due_on - self.today).days

    @property
    def tag(self) -> str:
        """The colour of the tag; `state` says the same in words."""
        if not self.is_open:
            return "free" if self.row.state == RequestState.DONE else ""
        if self.days_left < 0:
            return "busy"
        return "expected" if self.days_left <= SOON_DAYS else ""

    @property
    def state(self) -> str:
        if not self.is_open:
            return str(self.row.get_state_display())
        left = self.days_left
        if left < 0:
            return ngettext("late by %(n)s day", "late by %(n)s days", -left) % {"n": -left}
        if left == 0:
            return _("to be answered today")
        return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}

    @property
    def closed_on(self) -> str:
        """The commune's day on which it was answered; "" while it is open."""
        at = self.row.closed_at
        return day_month_year(self.row.commune.local(at).date()) if at else ""


def requests_of(resident: Resident, *, today: date) -> list[ShownRequest]:
    """Those of this person: the open ones first, the next deadline at the top; then the answered ones."""
    rows = [
        ShownRequest(row, today) for row in resident.rights_requests.select_related("commune", "closed_by")
    ]
    waiting = sorted((each for each in rows if each.is_open), key=lambda each: each.days_left)
    return [*waiting, *(each for each in rows if not each.is_open)]
