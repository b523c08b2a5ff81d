"""Figures over the API: the numbers of « Chiffres » of a period, for a key that may read them."""

from datetime import date, timedelta
from typing import Annotated, Self

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema
from pydantic import Field, model_validator

from booking.schemas import Day, Id
from communes.api import commune_of, may_read_figures
from communes.models import Site
from core.errors import PermanenceError
from reporting.figures.periods import LONGEST_DAYS, Period, PeriodKind
from reporting.figures.reading import read
from reporting.figures.rows import all_rows

router = Router(tags=["figures"])


class FiguresNotAllowed(PermanenceError):
    """The caller's key books, and reads no figures."""

    code = "figures_not_allowed"
    http_status = 403
    text = _("This key may not read figures.")


class PeriodIn(Schema):
    first: Annotated[Day, Field(description=gettext_noop("The first day, on the commune’s calendar."))]
    last: Annotated[
        Day, Field(description=gettext_noop("The last day, included; at most five years after the first."))
    ]
    site: Annotated[Id | None, Field(description=gettext_noop("One place; left out: all of them."))] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= (self.last - self.first).days < LONGEST_DAYS:
            raise ValueError("not a period of five years at most")
        return self


class NumberOut(Schema):
    site: Annotated[str, Field(description=gettext_noop("Name of the place; empty: no place in particular."))]
    dimension: Annotated[
        str, Field(description=gettext_noop("By what it is counted: ended_as, service, theme, origin …"))
    ]
    code: str
    label: Annotated[str, Field(description=gettext_noop("Of a service or a cabin: its name then."))]
    visits: Annotated[
        int,
        Field(description=gettext_noop("Visits, absences, requests, days; 0: see minutes.")),
    ]
    persons: int
    minutes: Annotated[int, Field(description=gettext_noop("Minutes of sessions; of `opening`, of cabins."))]


class FiguresOut(Schema):
    first: date
    last: date
    is_cut: Annotated[
        bool,
        Field(
            description=gettext_noop(
                "Older months are known as wholes only: those of which the period holds a part are left out."
            )
        ),
    ]
    numbers: list[NumberOut]


@router.get(
    "/figures",
    response=FiguresOut,
    summary=gettext_noop("The figures of a period"),
    description=gettext_noop(
        "The numbers of the page “Figures”, small ones as they are: for use inside the mairie. Each "
        "dimension is complete by itself. The key must be made with `--figures`."
    ),
)
def figures(request: HttpRequest, asked: Query[PeriodIn]) -> FiguresOut:
    if not may_read_figures(request):
        raise FiguresNotAllowed
    commune = commune_of(request)
    sites = list(Site.objects.filter(commune=commune))
    if asked.site is not None:
        sites = [get_object_or_404(Site, commune=commune, pk=asked.site)]
    period = Period(PeriodKind.DATES, asked.first, asked.last + timedelta(days=1))
    reading = read(commune, period, None, sites=sites, is_whole=asked.site is None)
    names = {site.pk: site.name for site in sites}
    fields = ("site", "dimension", "code", "label", "visits", "persons", "minutes")
    rows = [dict(zip(fields, row, strict=True)) for row in all_rows(reading, names)]
    return FiguresOut(
        first=asked.first,
        last=asked.last,
        is_cut=reading.is_cut,
        numbers=[NumberOut.model_validate(row) for row in rows],
    )
