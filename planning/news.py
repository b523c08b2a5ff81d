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
from core.templatetags.times import day, day_year, hour_in_sentence
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
    ids = {shift[0] for row in rows for pair in row.detail.get("changes", []) for shift in pair if shift}
    sites = dict(Site.objects.filter(pk__in=ids).values_list("pk", "short_name")) if ids else {}
    return [NewsItem(row.at, lines) for row in rows if (lines := _lines(row, sites))]


def _lines(row: HelperNews, sites: dict[int, str]) -> list[str]:
    detail = row.detail
    match row.kind:
        case NewsKind.PUBLISHED | NewsKind.SHIFT:
            lines = [_change(pair, sites) for pair in detail["changes"]]
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
            at = datetime.fromisoformat(detail["starts_at"])
            names = {"day": day(at), "hour": hour_in_sentence(at)}
            return [_("Appointment received: %(day)s at %(hour)s.") % names]
        case _:
            until = day_year(date.fromisoformat(detail["until"]))
            return [_("The published weeks end on %(day)s: publish the next ones.") % {"day": until}]


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
