"""Into which monthly sums a record goes, one thing at a time: pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from booking.enums import Status, UnmetWhy
from booking.models import VisitRecord

UNKNOWN = "unknown"
"""The code of what nobody noted: it is counted as such."""

ANYWHERE = 0
"""The place of an unmet request for which any place would do."""
OTHER = 0
"""The service of an unmet request for something that is not offered."""

WAITS = ((0, "0"), (4, "1-4"), (9, "5-9"), (19, "10-19"))
"""Minutes of waiting at most → code; more is « 20+ »."""


class Cell(NamedTuple):
    month_on: date
    site_ref: int
    dimension: str
    code: str


class Sum:
    """What is summed up in each cell."""

    @staticmethod
    def of(record: VisitRecord) -> dict[str, int]:
        return {
            "visits": 1,
            "persons": record.persons,
            "booked_min": record.booked_min,
            "used_min": record.used_min or 0,
        }


def cells_of(record: VisitRecord) -> Iterator[tuple[Cell, str]]:
    """The cells that a record is added to, each with the label of its code where the product cannot know
    it. All ends are counted by `ended_as`; the other dimensions hold visits that took place, but for those
    that say of absences and cancellations what they are about. What is noted at the end of a session is not
    asked of medical ones, which are therefore not counted as unknown there."""
    month_on = record.day_on.replace(day=1)
    for dimension, code, label in _values(record):
        yield Cell(month_on, record.site_ref, dimension, code), label


def _values(record: VisitRecord) -> Iterator[tuple[str, str, str]]:
    yield "ended_as", record.ended_as, ""
    if record.ended_as == Status.CANCELLED:
        yield "cancelled_by", record.cancelled_by or UNKNOWN, ""
        yield "notice", record.notice or UNKNOWN, ""
    elif record.ended_as == Status.NO_SHOW:
        yield "missed_told", record.told_by or "none", ""
    elif record.ended_as == Status.DONE:
        yield "service", str(record.service_ref), record.service_name
        yield "cabin", str(record.cabin_ref), record.cabin_name
        yield "theme", record.theme, ""
        yield "helped_by", record.helped_by, ""
        yield "origin", record.origin, ""
        yield "walk_in", "yes" if record.is_walk_in else "no", ""
        yield "lead", record.lead, ""
        yield "told_by", record.told_by or "none", ""
        yield "weekday", str(record.day_on.isoweekday()), ""
        yield "half_hour", str(record.half_hour), ""
        yield "waited", waited(record.waited_min), ""
        if not record.is_medical:
            said = noted_codes(
                record.outcome,
                record.autonomy,
                record.themes_noted,
                record.equipment_used,
                record.orientation,
            )
            for dimension, code in said:
                yield dimension, code, ""


def noted_codes(
    outcome: str, autonomy: str, themes: Sequence[str], equipment: Sequence[str], orientation: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """(dimension, code) of what somebody noted at the end. Of themes, equipment and orientation a visit has
    several: it is counted under each, so that their sums are of mentions, not of visits."""
    yield "outcome", outcome or UNKNOWN
    yield "autonomy", autonomy or UNKNOWN
    for dimension, codes in (
        ("noted_theme", themes),
        ("equipment", equipment),
        ("orientation", orientation),
    ):
        for code in codes or [UNKNOWN]:
            yield dimension, code


def unmet_cells(
    *,
    service_ref: int,
    service_name: str,
    theme: str,
    why: str,
    lacked_helper: bool,
    half: str,
    weekday: int,
    days: int,
    requests: int,
) -> Iterator[tuple[str, str, str, int]]:
    """Dimension, code, label and count of what unmet requests that are alike go into: requests by service or
    theme, days by what stood against them, and closed half-days by ISO weekday."""
    if service_ref == OTHER:
        yield "unmet_theme", theme or UNKNOWN, "", requests
        return
    yield "unmet_service", str(service_ref), service_name, requests
    yield "unmet_why", why, "", days
    if lacked_helper:
        yield "unmet_lacked", "helper", "", days
    if why == UnmetWhy.CLOSED:
        yield "unmet_closed", f"{weekday}{half}", "", days


def waited(minutes: int | None) -> str:
    if minutes is None:
        return UNKNOWN
    return next((code for most, code in WAITS if minutes <= most), "20+")
