"""The publication in words."""

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from booking.categories import AFTERNOON, DIGITAL, HELP, MOMENT, MORNING, PROCEDURES, THEME
from booking.enums import HelpedBy
from core.templatetags.times import month, month_year

TABLES: dict[str, str | Promise] = {
    HELP: gettext_lazy("With or without a helper"),
    THEME: gettext_lazy("What people came for"),
    MOMENT: gettext_lazy("Time of day"),
}
CATEGORIES: dict[str, str | Promise] = {
    HelpedBy.HELPER.value: gettext_lazy("with a helper"),
    HelpedBy.NOBODY.value: gettext_lazy("on their own"),
    PROCEDURES: gettext_lazy("administrative procedures"),
    DIGITAL: pgettext_lazy("theme", "digital skills"),
    MORNING: pgettext_lazy("time of day", "in the morning"),
    AFTERNOON: pgettext_lazy("time of day", "in the afternoon"),
}
EXPLAINED: dict[str, str | Promise] = {
    HELP: gettext_lazy("A helper was there during the visit, or the person was alone in the cabin."),
    THEME: gettext_lazy(
        "By the theme of the service, in the two families of the national vocabulary: procedures with the "
        "administration, or using digital tools."
    ),
    MOMENT: gettext_lazy("By the hour at which the visit was to begin: before noon or later."),
}


def months(first: date, last: date) -> str:
    """« janvier », « mars à mai », « novembre 2025 à janvier 2026 »."""
    if (first.year, first.month) == (last.year, last.month):
        return month(first)
    if first.year == last.year:
        told = {"first": month(first), "last": month(last)}
    else:
        told = {"first": month_year(first), "last": month_year(last)}
    return pgettext("months", "%(first)s to %(last)s") % told
