"""« Chiffres »: for managers, for use inside the mairie."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.requests import AgentRequest
from communes.models import Site
from core import clock
from core.requests import for_roles
from core.roles import Role
from reporting.activities import COMMUNE_HEAD, commune_rows
from reporting.figures.needs import needs
from reporting.figures.page import Sections, sections
from reporting.figures.periods import Compare, Period, PeriodKind, compared
from reporting.figures.reading import Reading, read
from reporting.figures.rows import all_rows, as_csv, as_xlsx
from reporting.figures.words import between, in_brief, title
from reporting.forms import FiguresForm

type Row = Sequence[str | int]


@dataclass(frozen=True)
class Asked:
    form: FiguresForm
    today: date
    period: Period
    other: Period | None
    sites: list[Site]
    reading: Reading

    @property
    def is_over(self) -> bool:
        return self.period.is_complete(self.today)

    @property
    def can_compare(self) -> bool:
        """Whether a change may be spoken of: both periods are over and known as wholes."""
        reading = self.reading
        is_known = not (reading.is_cut or reading.before_is_cut or reading.before_begins_late)
        return self.is_over and is_known


def _asked(request: AgentRequest) -> Asked:
    today = request.commune.local(clock.now()).date()
    all_sites = list(Site.objects.filter(commune=request.commune).prefetch_related("cabins"))
    values = request.GET or {"kind": PeriodKind.QUARTER.value, "compare": Compare.YEAR.value}
    form = FiguresForm(values, sites=all_sites, today=today)
    form.is_valid()
    period = form.period()
    other = compared(period, form.chosen_compare, today)
    sites = [each for each in all_sites if form.chosen_site in (None, each)]
    is_whole = form.chosen_site is None
    reading = read(request.commune, period, other, sites=sites, is_whole=is_whole)
    return Asked(form, today, period, other, sites, reading)


@for_roles(Role.MANAGER)
@require_safe
def figures(request: AgentRequest) -> HttpResponse:
    return _page(request, _asked(request))


def _page(request: AgentRequest, asked: Asked) -> HttpResponse:
    complete = asked.can_compare
    found: Sections = sections(asked.period, asked.other, asked.reading, asked.sites, complete=complete)
    context = {
        **_heading(asked, "figures"),
        "needs": _address(request, "figures-needs"),
        "other": title(asked.other) if asked.other else "",
        "brief": in_brief(asked.period, asked.other, asked.reading, complete=complete),
        "found": found,
        "is_empty": asked.reading.now.is_empty,
        "compares_nothing": bool(asked.reading.before and asked.reading.before.is_empty),
        "files": {each: _address(request, f"figures-{each}") for each in ("csv", "xlsx", "activities")},
    }
    return render(request, "figures/figures.html", context, status=422 if asked.form.errors else 200)


def _address(request: AgentRequest, name: str) -> str:
    """Another page about the same period and places."""
    asked = request.GET.urlencode()
    return f"{reverse(name)}?{asked}" if asked else reverse(name)


def _heading(asked: Asked, page: str) -> dict[str, Any]:
    """What the form and the line with the period show."""
    return {
        "form": asked.form,
        "asked": asked,
        "title": title(asked.period),
        "dates": between(asked.period.first, asked.period.last),
        "until": None if asked.is_over else asked.period.until(asked.today).last,
        "is_future": asked.period.first >= asked.today,
        "before": _step(asked, asked.period.before(), page),
        "after": _step(asked, asked.period.after(), page) if asked.period.end <= asked.today else None,
    }


def _step(asked: Asked, to: Period, page: str) -> tuple[str, str]:
    """The address of another period, and what it is called."""
    values = {"kind": to.kind.value, "compare": asked.form.chosen_compare.value}
    if to.kind == PeriodKind.DATES:
        values |= {"first": to.first.isoformat(), "last": to.last.isoformat()}
    else:
        values["day"] = to.first.isoformat()
    if asked.form.chosen_site:
        values["site"] = str(asked.form.chosen_site.pk)
    return f"{reverse(page)}?{urlencode(values)}", title(to)


@for_roles(Role.MANAGER)
@require_safe
def figures_needs(request: AgentRequest) -> HttpResponse:
    """« Besoins »: the same period in sentences."""
    asked = _asked(request)
    context = {
        **_heading(asked, "figures-needs"),
        "figures": _address(request, "figures"),
        "sections": needs(asked.other, asked.reading, asked.sites, complete=asked.can_compare),
    }
    return render(request, "figures/needs.html", context, status=422 if asked.form.errors else 200)


@for_roles(Role.MANAGER)
@require_safe
def figures_csv(request: AgentRequest) -> HttpResponse:
    return _file(request, "csv", "text/csv; charset=utf-8", as_csv)


@for_roles(Role.MANAGER)
@require_safe
def figures_xlsx(request: AgentRequest) -> HttpResponse:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(request, "xlsx", kind, as_xlsx)


def _file(
    request: AgentRequest, ending: str, kind: str, write: Callable[[Iterable[Row]], bytes]
) -> HttpResponse:
    """The numbers of the page, one a line, with ISO dates."""
    asked = _asked(request)
    if asked.form.errors:
        return _page(request, asked)  # where each stands at its field
    first, last = asked.period.first.isoformat(), asked.period.last.isoformat()
    names = {each.pk: each.name for each in asked.sites}
    rows: Iterable[Row] = ([first, last, *row] for row in all_rows(asked.reading, names))
    response = HttpResponse(write(rows), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="chiffres-{first}-{last}.{ending}"'
    return response


@for_roles(Role.MANAGER)
@require_safe
def figures_activities(request: AgentRequest) -> HttpResponse:
    """The sessions of the period as the national platform lists them, a line each."""
    asked = _asked(request)
    if asked.form.errors:
        return _page(request, asked)
    rows = commune_rows(
        commune=request.commune, period=asked.period, site=asked.form.chosen_site, now=clock.now()
    )
    response = HttpResponse(as_csv(rows, head=COMMUNE_HEAD), content_type="text/csv; charset=utf-8")
    name = f"comptes-rendus-{asked.period.first}-{asked.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
