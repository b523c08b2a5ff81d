"""Hours due: those of the contract, less public holidays and leave.

A fifth of a week's hours is due on each day from Monday to Friday, half of it on each half-day.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from communes.half_days import half_days
from communes.models import Commune
from communes.opening.holidays import is_public_holiday
from core.localtime import Span, merged, overlapping, subtract

MORNING, AFTERNOON = (time(9), time(12)), (time(14), time(17))
"""Whoever is on leave through these hours has the half-day off."""
HALVES_A_WEEK = 10


def minutes_off(
    weekly_hours: Decimal,
    days: Iterable[date],
    leave: Sequence[Span],
    planned: Sequence[Span],
    commune: Commune,
) -> Decimal:
    """The minutes that are not due on these days. A leave of some hours takes off the planned work that it
    covers, at most a half-day."""
    half_day = weekly_hours * 60 / HALVES_A_WEEK
    off = Decimal()
    for day in days:
        if day.weekday() > 4:
            continue
        if is_public_holiday(commune.insee_code, day):
            off += 2 * half_day
            continue
        for half, core in zip(half_days(day, commune), (MORNING, AFTERNOON), strict=True):
            off += min(half_day, _minutes_off(day, half, core, leave, planned, commune, half_day))
    return off


def _minutes_off(
    day: date,
    half: Span,
    core: tuple[time, time],
    leave: Sequence[Span],
    planned: Sequence[Span],
    commune: Commune,
    half_day: Decimal,
) -> Decimal:
    away = [(max(start, half[0]), min(end, half[1])) for start, end in overlapping(leave, half)]
    if not away:
        return Decimal()
    start, end = (datetime.combine(day, at, commune.tz) for at in core)
    if not subtract((start, end), away):
        return half_day
    work = [(max(first, half[0]), min(last, half[1])) for first, last in overlapping(planned, half)]
    missed = [
        (max(first, start), min(last, end))
        for first, last in work
        for start, end in overlapping(away, (first, last))
    ]
    return Decimal(sum(int((last - first).total_seconds()) // 60 for first, last in merged(missed)))
