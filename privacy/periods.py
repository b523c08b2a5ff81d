"""How long something is kept, counted on the calendar of the commune."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communes.models import Commune
from core.days import months_before


@dataclass(frozen=True, slots=True)
class Period:
    """So many months and hours. With `setting`, the column of the commune that says how many months;
    `months` is then its default, `least` and `most` its bounds."""

    months: int = 0
    hours: int = 0
    setting: str = ""
    least: int = 0
    most: int = 0

    def months_in(self, commune: Commune | None) -> int:
        if self.setting and commune is not None:
            months: int = getattr(commune, self.setting)
            return months
        return self.months

    def limit(self, commune: Commune | None, now: datetime) -> datetime:
        """What is as old as this, or older, is over. Months end on the same day and hour of the commune's
        clock, or on the last day of a month that is too short."""
        local = commune.local(now) if commune is not None else now.astimezone(UTC)
        days, hours = divmod(self.hours, 24)
        by_calendar = months_before(local, self.months_in(commune)) - timedelta(days=days)
        return (by_calendar.astimezone(UTC) - timedelta(hours=hours)).astimezone(local.tzinfo)

    def words(self, commune: Commune | None = None) -> str:
        months = self.months_in(commune)
        if months:
            return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
        days, hours = divmod(self.hours, 24)
        if days:
            return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        if hours:
            return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
        return _("not at all")

    def bounds(self) -> str:
        """Between what a manager may choose; "" where it is no setting."""
        if not self.setting:
            return ""
        return _("%(least)s to %(most)s months") % {"least": self.least, "most": self.most}
