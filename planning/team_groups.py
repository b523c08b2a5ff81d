"""The rows of the week, searched by name and grouped by place; and what is to settle in it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from communes.models import Site
from core.french_order import order_key
from core.templatetags.spans import duration, hours
from core.templatetags.times import day_number, weekday
from planning.cover import HalfDayCover
from planning.team_week import Grid, TeamRow

MANY = 8
"""From so many helpers on, they are grouped unless somebody has chosen otherwise."""


@dataclass(frozen=True)
class TeamGroup:
    site: Site | None
    rows: list[TeamRow]

    @property
    def minutes(self) -> int:
        return sum(row.minutes for row in self.rows)


def searched(helpers: list[Agent], text: str) -> list[Agent]:
    """Those whose name has every word of the text; accents and capitals do not matter."""
    words = [order_key(word)[0] for word in text.split()]
    return [each for each in helpers if all(word in order_key(each.get_full_name())[0] for word in words)]


def grouped(rows: list[TeamRow], sites: Iterable[Site]) -> list[TeamGroup]:
    """By the place where they work most, in the order of the places; those without any last."""
    groups = [TeamGroup(site, [row for row in rows if row.home == site]) for site in (*sites, None)]
    known = {row.agent.pk for group in groups for row in group.rows}
    groups[-1].rows.extend(row for row in rows if row.agent.pk not in known)
    return [group for group in groups if group.rows]


@dataclass(frozen=True)
class ToSettle:
    """One thing that is not right in a week: who or when, what, and where it is mended."""

    about: str
    text: str
    url: str
    narrow_url: str = ""
    """Where it is on a phone, which shows no grid; "" if there too it is at `url`."""


def to_settle(grid: Grid, today: date) -> list[ToSettle]:
    """For a manager: visits that are lost, wherever, then what is short on the coming days, then hours and
    rest by helper."""
    found = []
    lost = Counter(
        (timezone.localdate(each.appointment.starts_at), each.appointment.site.short_name)
        for each in grid.orphans
    )
    for (on, place), count in sorted(lost.items()):
        text = f"{place}{_NBSP}: {_lost_text(count)}"
        found.append(ToSettle(_day(on), text, reverse("replacements")))
    for each in grid.day_covers:
        for line, cover in each.lines:
            for name, half in cover.halves:
                if half.is_short and each.head.day >= today:
                    text = f"{line.site.short_name}, {_half_name(name)}{_NBSP}: {_short_text(half)}"
                    query = f"?on={each.head.day.isoformat()}&site={line.site.pk}&half={name}"
                    found.append(ToSettle(_day(each.head.day), text, reverse("shift-new") + query))
    for row in grid.rows:
        week = f"{reverse('team')}?week={grid.week.monday.isoformat()}"
        where = f"{week}#helper-{row.agent.pk}", f"{week}#hours-{row.agent.pk}"
        if row.over:
            text = _("%(planned)s planned for %(due)s due (+%(over)s)") % {
                "planned": duration(row.minutes),
                "due": duration(row.due_minutes or 0),
                "over": duration(row.over),
            }
            found.append(ToSettle(str(row.agent), text, *where))
        found += [ToSettle(str(row.agent), warning, *where) for warning in row.warnings]
        found += [
            ToSettle(str(row.agent), f"{_day(cell.day)}{_NBSP}: {stay.note}", *where)
            for cell in row.cells
            for stay in cell.stays
            if stay.is_ours and stay.note and not stay.is_absent and cell.day >= today
        ]
    return found


def _day(on: date) -> str:
    return f"{weekday(on)} {day_number(on)}"


_NBSP = "\N{NO-BREAK SPACE}"


def _half_name(name: str) -> str:
    return _("morning") if name == "morning" else _("afternoon")


def _short_text(half: HalfDayCover) -> str:
    if half.whole == 0:
        return _("nobody")
    said = ngettext("%(n)d helper of %(needed)d", "%(n)d helpers of %(needed)d", half.present) % {
        "n": half.present,
        "needed": half.needed,
    }
    if half.is_partly_covered:
        said += ", " + ", ".join(hours(*span) for span in half.short)
    return said


def _lost_text(count: int) -> str:
    text = ngettext("%(n)d appointment to place again", "%(n)d appointments to place again", count)
    return text % {"n": count}
