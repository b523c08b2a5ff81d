"""Periods and changes in words, and « En bref »: what can be read aloud as it stands."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from communes.enums import Theme
from core.templatetags.times import day_month_year, month_year
from reporting.figures.change import Change, change
from reporting.figures.numbers import Numbers, percent
from reporting.figures.periods import Period, PeriodKind
from reporting.figures.reading import Reading

NAMED_SERVICES = 3
FACES = [("yes", gettext_lazy("Yes")), ("partly", gettext_lazy("In part")), ("no", gettext_lazy("No"))]
"""The faces of “Were you able to do it?”, in their order."""
LEAD_ORDER = ("same_day", "days_1_2", "days_3_7", "days_8_14", "days_15_30", "days_31")


def number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))


def hours(minutes: int) -> str:
    """« 552 h », « 40 min »."""
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(n)s h") % {"n": number(int(minutes / 60 + 0.5))}


def title(period: Period) -> str:
    """« 3e trimestre 2026 »."""
    year = {"year": period.first.year}
    match period.kind:
        case PeriodKind.MONTH:
            return str(month_year(period.first)).capitalize()
        case PeriodKind.QUARTER:
            return (
                _("1st quarter of %(year)s"),
                _("2nd quarter of %(year)s"),
                _("3rd quarter of %(year)s"),
                _("4th quarter of %(year)s"),
            )[period.first.month // 3] % year
        case PeriodKind.YEAR:
            return str(period.first.year)
        case _:
            return between(period.first, period.last)


def between(first: date, last: date) -> str:
    return _("%(first)s – %(last)s") % {"first": day_month_year(first), "last": day_month_year(last)}


def when(period: Period) -> str:
    """How a sentence begins: « De juillet à septembre 2026 »."""
    year = {"year": period.first.year}
    match period.kind:
        case PeriodKind.MONTH:
            return _("In %(month)s") % {"month": month_year(period.first)}
        case PeriodKind.QUARTER:
            return (
                _("From January to March %(year)s"),
                _("From April to June %(year)s"),
                _("From July to September %(year)s"),
                _("From October to December %(year)s"),
            )[period.first.month // 3] % year
        case PeriodKind.YEAR:
            return _("In the year %(year)s") % year
        case _:
            dates = {"first": day_month_year(period.first), "last": day_month_year(period.last)}
            return _("From %(first)s to %(last)s") % dates


def change_text(found: Change | None, other: Period | None, show: str) -> str:
    """« 13 % de plus qu’au 3e trimestre 2025 (771) »; empty where nothing may be said. `show`: the number
    of before, in its unit."""
    if found is None or other is None:
        return ""
    told = {"than": title(other), "before": show, "percent": found.size}
    if found.percent is None:
        return _("about as many as before (%(than)s: %(before)s)") % told
    if found.is_more:
        return _("%(percent)s %% more than before (%(than)s: %(before)s)") % told
    return _("%(percent)s %% fewer than before (%(than)s: %(before)s)") % told


def points_text(points: int | None, other: Period | None, before: int | None) -> str:
    """As `change_text`, of a share in per cent."""
    if points is None or other is None or before is None:
        return ""
    told = {"than": title(other), "before": before}
    if not points:
        return _("about the same as before (%(than)s: %(before)s %%)") % told
    told |= {"n": abs(points)}
    if points > 0:
        text = ngettext(
            "%(n)s point more than before (%(than)s: %(before)s %%)",
            "%(n)s points more than before (%(than)s: %(before)s %%)",
            abs(points),
        )
    else:
        text = ngettext(
            "%(n)s point less than before (%(than)s: %(before)s %%)",
            "%(n)s points less than before (%(than)s: %(before)s %%)",
            abs(points),
        )
    return text % told


def in_brief(period: Period, other: Period | None, read: Reading, *, complete: bool) -> list[str]:
    now = read.now
    said = [_visits(period, other, read, complete=complete)]
    if not now.visits:
        return said
    said += [_helped(now), *_services(now), *_lead(now), *_missed(now), *_waiting(read)]
    return [each for each in said if each]


def _visits(period: Period, other: Period | None, read: Reading, *, complete: bool) -> str:
    visits = read.now.visits
    text = ngettext(
        "%(when)s, %(n)s visit took place in the cabins",
        "%(when)s, %(n)s visits took place in the cabins",
        visits,
    ) % {"when": when(period), "n": number(visits)}
    if not visits:
        return _("%(when)s, no visit took place in the cabins.") % {"when": when(period)}
    before = read.before.visits if read.before else 0
    more = change_text(change(visits, before, complete=complete), other, number(before))
    return f"{text}, {more}." if more else f"{text}."


def _helped(now: Numbers) -> str:
    tenths = int(10 * now.with_helper / now.visits + 0.5)
    if now.with_helper == now.visits:
        return _("All were with a helper.")
    if not now.with_helper:
        return _("All were without a helper.")
    if tenths == 10:
        return _("Nearly all were with a helper.")
    if tenths == 0:
        return _("Nearly all were without a helper.")
    text = ngettext(
        "%(n)s visit out of 10 was with a helper.", "%(n)s visits out of 10 were with a helper.", tenths
    )
    return text % {"n": tenths}


def _services(now: Numbers) -> list[str]:
    names = [
        now.labels.get(("service", code), "") for code, _visits in now.ranked("service")[:NAMED_SERVICES]
    ]
    if not names:
        return []
    return [_("People come first for: %(services)s.") % {"services": joined(names)}]


def _lead(now: Numbers) -> list[str]:
    """By when half of the appointments had been booked; walk-ins were not."""
    counts = {code: each.visits for code, each in now.by["lead"].items()}
    counts["same_day"] = counts.get("same_day", 0) - now.walk_ins
    total, reached = sum(counts.values()), 0
    if total <= 0:
        return []
    texts = {
        "same_day": _("Half of the appointments are booked for the same day."),
        "days_1_2": _("Half of the appointments are booked 2 days before or less."),
        "days_3_7": _("Half of the appointments are booked 7 days before or less."),
        "days_8_14": _("Half of the appointments are booked 14 days before or less."),
        "days_15_30": _("Half of the appointments are booked 30 days before or less."),
        "days_31": _("Half of the appointments are booked more than a month before."),
    }
    for code in LEAD_ORDER:
        reached += counts.get(code, 0)
        if 2 * reached >= total:
            return [texts[code]]
    return []


def _missed(now: Numbers) -> list[str]:
    if not now.missed:
        return []
    text = ngettext(
        "%(n)s person out of %(all)s did not come to their appointment.",
        "%(n)s people out of %(all)s did not come to their appointment.",
        now.missed,
    )
    return [text % {"n": number(now.missed), "all": number(now.appointments)}]


def _waiting(read: Reading) -> list[str]:
    total, booked = sum(read.waiting.values()), read.waiting.get("booked", 0)
    if not total:
        return []
    text = ngettext(
        "%(n)s request went on the waiting list; %(booked)s got a place.",
        "%(n)s requests went on the waiting list; %(booked)s got a place.",
        total,
    )
    return [text % {"n": number(total), "booked": number(booked)}]


def theme_label(code: str) -> str:
    return str(Theme(code).label) if code in Theme.values else code


def share(part: int, whole: int) -> str:
    found = percent(part, whole)
    return "" if found is None else _("%(n)s %%") % {"n": found}


def joined(parts: Sequence[str]) -> str:
    """« a, b et c »."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}
