"""The page on which a manager ticks services of the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from operator import attrgetter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from communes.catalogue import Catalogue, CatalogueService, catalogue
from communes.enums import Equipment, Theme
from communes.models import Cabin, Commune, Service
from communes.requests import CommuneRequest
from communes.service_actions import add_from_catalogue, taken_keys
from communes.service_forms import CatalogueForm
from core import clock
from core.requests import for_roles
from core.roles import Role


@dataclass(frozen=True)
class CatalogueRow:
    """An entry on the page. `service`: the commune's, if it has taken it; `box`: the id of its check box;
    `lacking`: equipment that it needs and no cabin has."""

    entry: CatalogueService
    service: Service | None
    box: str
    is_ticked: bool
    is_new: bool
    lacking: list[str]

    @property
    def drawing(self) -> str:
        return f"vendor/lucide/{self.entry.pictogram}.svg"


@dataclass(frozen=True)
class ThemeGroup:
    theme: Theme
    rows: list[CatalogueRow]


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def service_catalogue(request: CommuneRequest) -> HttpResponse:
    """Choose services by ticking. Sent with `look`, the form searches only, and keeps what is ticked."""
    offered = catalogue()
    taken = taken_keys(request.commune.services.all())
    free = [entry for key, entry in offered.services.items() if key not in taken]
    looks = "look" in request.POST
    form = CatalogueForm(request.POST or None, free=list(offered.services.values()))
    if request.method == "POST" and not looks and form.is_valid():
        added = add_from_catalogue(
            commune=request.commune, keys=form.cleaned_data["keys"], by=request.user, now=clock.now()
        )
        said = ngettext("%(n)d service is added.", "%(n)d services are added.", len(added))
        messages.success(request, said % {"n": len(added)})
        return redirect(f"{reverse('services')}?added={','.join(str(each.pk) for each in added)}")
    if looks:
        form = CatalogueForm(free=free).looking(request.POST)
    groups = list(_groups(offered, form, taken, request.commune))
    context = {"form": form, "groups": groups, "version": offered.version, "total": len(offered.services)}
    page = "places/catalogue.html#list" if looks and _wants_part(request) else "places/catalogue.html"
    return render(request, page, context, status=422 if form.is_bound else 200)


def _wants_part(request: CommuneRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _groups(
    offered: Catalogue, form: CatalogueForm, taken: dict[str, Service], commune: Commune
) -> Iterator[ThemeGroup]:
    """The entries that the search leaves, by theme in the order of the national list."""
    cabins = Cabin.objects.filter(site__commune=commune, site__is_active=True)
    there = {code for equipment in cabins.values_list("equipment", flat=True) for code in equipment}
    boxes = count()
    shown = [entry for entry in offered.services.values() if form.is_shown(entry)]
    for theme in Theme:
        entries = sorted((each for each in shown if each.theme == theme), key=attrgetter("name"))
        rows = [
            CatalogueRow(
                entry=entry,
                service=taken.get(entry.key),
                box="" if entry.key in taken else f"id_keys_{next(boxes)}",
                is_ticked=entry.key in form.ticked,
                is_new=offered.is_new(entry.key),
                lacking=[
                    str(Equipment(each).label) for each in entry.equipment_needed if each.value not in there
                ],
            )
            for entry in entries
        ]
        if rows:
            yield ThemeGroup(theme, rows)
