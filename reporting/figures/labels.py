"""What a code of the figures is called, where the product knows it. Pure.

Names of services, cabins and places are typed by people, and stand beside their codes already.
"""

from collections.abc import Iterable, Mapping

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from booking.enums import (
    CancelledBy,
    HelpedBy,
    Lead,
    Notice,
    Origin,
    Outcome,
    Status,
    ToldBy,
    UnmetWhy,
    WaitingState,
)
from booking.national import Autonomy, Material, Orientation
from booking.sums import UNKNOWN
from reporting.figures.demand import half_day
from reporting.figures.words import FACES, theme_label

_TOLD = [(each.value or "none", each.label) for each in ToldBy]

_CHOICES: Mapping[str, Iterable[tuple[str, object]]] = {
    "ended_as": Status.choices,
    "cancelled_by": CancelledBy.choices,
    "notice": Notice.choices,
    "helped_by": HelpedBy.choices,
    "origin": Origin.choices,
    "lead": Lead.choices,
    "told_by": _TOLD,
    "missed_told": _TOLD,
    "outcome": Outcome.choices,
    "autonomy": Autonomy.choices,
    "equipment": Material.choices,
    "orientation": Orientation.choices,
    "unmet_why": UnmetWhy.choices,
    "waiting": WaitingState.choices,
    "faces": FACES,
}

_THEMES = frozenset({"theme", "noted_theme", "unmet_theme"})


def label_of(dimension: str, code: str) -> str:
    """« effectué », « mercredi », « 14:30 »; "" for what people name themselves."""
    if label := dict(_CHOICES.get(dimension, ())).get(code):
        return str(label)
    match dimension, code:
        case _, "unknown":
            return _("not noted")
        case ("lead", "walk_in") | ("walk_in", "yes"):
            return _("without appointment")
        case "walk_in", "no":
            return _("with appointment")
        case "weekday", _number:
            return str(WEEKDAYS[int(code) - 1])
        case "half_hour", _number:
            return f"{int(code) // 2:02}:{int(code) % 2 * 30:02}"
        case "waited", _minutes:
            return _("%(n)s min") % {"n": code.replace("-", "–")}
        case "unmet_closed", _half:
            return half_day(code)
        case "unmet_lacked", _whom:
            return str(UnmetWhy.NO_HELPER.label)
    return theme_label(code) if dimension in _THEMES and code != UNKNOWN else ""
