"""What people asked for and did not get, in sentences and bars."""

from dataclasses import dataclass

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.enums import UnmetWhy
from booking.sums import UNKNOWN
from reporting.figures.bars import Bar, bars
from reporting.figures.numbers import Numbers
from reporting.figures.words import number, theme_label


@dataclass(frozen=True, slots=True)
class Demand:
    """`says`: sentences; the lists may be empty."""

    says: list[str]
    reasons: list[Bar]
    services: list[Bar]
    not_offered: list[Bar]


def demand(now: Numbers) -> Demand:
    reasons = counts(now, "unmet_why")
    labels = [(each.label, reasons.get(each.value, 0)) for each in UnmetWhy]
    services = [(now.labels.get(("unmet_service", code), ""), n) for code, n in now.ranked("unmet_service")]
    return Demand(
        [each for each in (_asked(now), what_would_serve(now), _other(now), _full(now)) if each],
        bars([(str(label), n) for label, n in sorted(labels, key=lambda row: -row[1])]),
        bars(services),
        bars(not_offered(now)),
    )


def counts(now: Numbers, dimension: str) -> dict[str, int]:
    return {code: each.visits for code, each in now.by[dimension].items() if each.visits}


def not_offered(now: Numbers) -> list[tuple[str, int]]:
    """Theme → requests for what no service is for, the most first."""
    return [
        (_("theme not said") if code == UNKNOWN else theme_label(code), n)
        for code, n in now.ranked("unmet_theme")
    ]


def _asked(now: Numbers) -> str:
    requests = sum(counts(now, "unmet_service").values())
    if not requests:
        return ""
    days = sum(counts(now, "unmet_why").values())
    text = ngettext(
        "%(n)s request found no time that suited; days looked at: %(days)s.",
        "%(n)s requests found no time that suited; days looked at: %(days)s.",
        requests,
    )
    return text % {"n": number(requests), "days": number(days)}


def what_would_serve(now: Numbers) -> str:
    """Of the days without a time: on how many a cabin was free, and only a helper was missing."""
    reasons = counts(now, "unmet_why")
    empty = sum(reasons.values()) - reasons.get(UnmetWhy.NOT_SUITING, 0)
    lacked = sum(counts(now, "unmet_lacked").values())
    if not empty or not lacked:
        return ""
    text = ngettext(
        "For %(n)s of the %(all)s days without a time a cabin was free: a helper was missing.",
        "For %(n)s of the %(all)s days without a time a cabin was free: a helper was missing.",
        lacked,
    )
    return text % {"n": number(lacked), "all": number(empty)}


def _other(now: Numbers) -> str:
    others = sum(counts(now, "unmet_theme").values())
    if not others:
        return ""
    text = ngettext(
        "%(n)s request was for something that is not offered.",
        "%(n)s requests were for something that is not offered.",
        others,
    )
    return text % {"n": number(others)}


def _full(now: Numbers) -> str:
    known, full = now.opening.known_days, now.opening.full_days
    if not known:
        return ""
    if not full:
        return _("Of %(all)s days of cabins none was full.") % {"all": number(known)}
    text = ngettext(
        "%(n)s day of a cabin out of %(all)s was full: booked for nine tenths of its time or more.",
        "%(n)s days of cabins out of %(all)s were full: booked for nine tenths of their time or more.",
        full,
    )
    return text % {"n": number(full), "all": number(known)}


def never_open(now: Numbers) -> list[tuple[str, int]]:
    """Half-day in words → days on which somebody asked for it and nothing opened, the most first."""
    return [(half_day(code), n) for code, n in now.ranked("unmet_closed")]


def half_day(code: str) -> str:
    """Of « 6am »: ISO weekday, then am, pm or nothing."""
    weekday = str(WEEKDAYS[int(code[0]) - 1])
    if code[1:] == "am":
        return _("%(weekday)s morning") % {"weekday": weekday}
    if code[1:] == "pm":
        return _("%(weekday)s afternoon") % {"weekday": weekday}
    return weekday
