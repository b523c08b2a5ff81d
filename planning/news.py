"""What an agent has not read yet of what others changed for them, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from communes.models import Commune, Site
from core.templatetags.spans import span
from core.templatetags.times import day, day_year, hour, hour_in_sentence, short_day, weekday
from planning.models import HelperNews, NewsKind


@dataclass(frozen=True)
class NewsItem:
    at: datetime
    lines: list[str]


def unread(agent: Agent, commune: Commune) -> list[NewsItem]:
    """Two queries."""
    return in_words(HelperNews.objects.filter(agent=agent, commune=commune, read_at=None))


def in_words(rows: Iterable[HelperNews]) -> list[NewsItem]:
    """Hours are told in the active time zone, which is the commune's."""
    rows = list(rows)
    told = [[*row.detail.get("changes", []), *row.detail.get("stretches", [])] for row in rows]
    ids = {shift[0] for changes in told for change in changes for shift in change[:2] if shift}
    sites = dict(Site.objects.filter(pk__in=ids).values_list("pk", "short_name")) if ids else {}
    return [NewsItem(row.at, lines) for row in rows if (lines := _lines(row, sites))]


def _lines(row: HelperNews, sites: dict[int, str]) -> list[str]:
    detail = row.detail
    match row.kind:
        case NewsKind.PUBLISHED | NewsKind.SHIFT:
            if further := detail.get("further"):
                return [_further(*further)]
            lines = [_change(pair, sites) for pair in detail.get("changes", [])]
            lines += [_stretch(each, sites) for each in detail.get("stretches", [])]
            if more := detail.get("more"):
                said = ngettext(
                    "%(n)s more change: see your week.", "%(n)s more changes: see your week.", more
                )
                lines.append(said % {"n": more})
            return lines
        case NewsKind.ABSENCE:
            when = span(*(datetime.fromisoformat(detail[name]) for name in ("starts_at", "ends_at")))
            accepted, refused = _("Absence accepted: %(when)s."), _("Absence refused: %(when)s.")
            return [(accepted if detail["accepted"] else refused) % {"when": when}]
        case NewsKind.VISIT:
            return [_visit(detail)]
        case NewsKind.LEAVING:
            if detail["last_on"] is None:
                return [_("You stay: your last day here is no longer planned. Your shifts are back.")]
            names = {"day": day_year(date.fromisoformat(detail["last_on"]))}
            return [_("Your last day here is %(day)s, this day included.") % names]
        case _:
            until = day_year(date.fromisoformat(detail["until"]))
            return [_("The published weeks end on %(day)s: publish the next ones.") % {"day": until}]


def _visit(detail: dict[str, Any]) -> str:
    was, starts_at = (_day_and_hour(detail.get(name)) for name in ("was", "starts_at"))
    if was and starts_at:
        return _("Appointment moved: %(before)s → %(after)s.") % {"before": was, "after": starts_at}
    if starts_at:
        return _("Appointment received: %(when)s.") % {"when": starts_at}
    if detail["is_cancelled"]:
        return _("Appointment cancelled: %(when)s.") % {"when": was}
    return _("Appointment given to somebody else: %(when)s.") % {"when": was}


def _day_and_hour(stored: str | None) -> str:
    if stored is None:
        return ""
    at = datetime.fromisoformat(stored)
    return _("%(day)s at %(hour)s") % {"day": day(at), "hour": hour_in_sentence(at)}


def _further(n: int, first: str, last: str) -> str:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    says = day if begin.year == end.year else day_year
    return _("Your shifts are published: %(n)s, from %(first)s to %(last)s.") % {
        "n": n,
        "first": says(begin),
        "last": says(end),
    }


def _stretch(stored: list[Any], sites: dict[int, str]) -> str:
    """The same change, week after week."""
    before, after, n, last = stored
    whose = after or before
    if n == 1 or whose is None:
        return _change([before, after], sites)
    first = datetime.fromisoformat(whose[1])
    names = {"weekday": weekday(first), "n": n}
    names |= {"first": short_day(first), "last": short_day(date.fromisoformat(last))}
    when = _("%(weekday)s, %(n)s times from %(first)s to %(last)s") % names
    was, becomes = ("" if shift is None else _hours(shift, sites) for shift in (before, after))
    if was and becomes:
        said = _("Shift changed, %(when)s: %(before)s → %(after)s.")
        return said % {"when": when, "before": was, "after": becomes}
    if becomes:
        return _("Shift added: %(shift)s.") % {"shift": f"{when}, {becomes}"}
    return _("Shift deleted: %(shift)s.") % {"shift": f"{when}, {was}"}


def _hours(stored: list[Any], sites: dict[int, str]) -> str:
    """« 9:00–12:00, Hôtel de ville »."""
    site_id, starts_at, ends_at = stored
    hours = "–".join(hour(datetime.fromisoformat(at)) for at in (starts_at, ends_at))
    return f"{hours}, {sites.get(site_id, '')}".rstrip(", ")


def _change(pair: list[Any], sites: dict[int, str]) -> str:
    before, after = ("" if shift is None else _shift(shift, sites) for shift in pair)
    if before and after:
        return _("Shift changed: %(before)s → %(after)s.") % {"before": before, "after": after}
    if after:
        return _("Shift added: %(shift)s.") % {"shift": after}
    return _("Shift deleted: %(shift)s.") % {"shift": before}


def _shift(stored: list[Any], sites: dict[int, str]) -> str:
    site_id, starts_at, ends_at = stored
    when = span(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
    return f"{when}, {sites.get(site_id, '')}".rstrip(", ")
