"""What is published of visits: the council's page, the funder's report, and the files of open data.

Nothing here shows more than what was published; so it shares no page with « Chiffres ».
"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from agents.requests import AgentRequest
from communes.models import Commune
from core.ids import read_id
from core.requests import for_roles
from core.roles import Role
from reporting.publication.rules import K
from reporting.published.open_data import FILES, OpenFile, as_csv
from reporting.published.page import read

KEPT_S = 3600
"""So long may others keep a file of open data: a commune that closes it wants it gone within the hour."""


@for_roles(Role.MANAGER, Role.ELECTED)
@require_safe
def publication(request: AgentRequest) -> HttpResponse:
    """One page for the council: a year so far."""
    return _page(request, "publication/council.html", only_closed=False)


@for_roles(Role.MANAGER, Role.ELECTED)
@require_safe
def report(request: AgentRequest) -> HttpResponse:
    """The yearly report for those who pay: the same numbers, with the tables first."""
    return _page(request, "publication/report.html", only_closed=True)


def _page(request: AgentRequest, template: str, *, only_closed: bool) -> HttpResponse:
    asked = request.GET.get("annee", "")
    found = read(request.commune, read_id(asked) if asked else None, only_closed=only_closed)
    if asked and found is None:
        raise Http404
    return render(request, template, {"found": found, "k": K, "files": FILES.values()})


@login_not_required
@require_safe
def open_data(request: HttpRequest, insee_code: str, name: str) -> HttpResponse:
    """A file of a commune that has opened its data."""
    commune, file = _opened(insee_code, name)
    response = HttpResponse(as_csv(file, file.rows(commune)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file.name}-{commune.insee_code}.csv"'
    response["Link"] = f'<{file.name}.schema.json>; rel="describedby"; type="application/json"'
    return _for_everybody(response)


@login_not_required
@require_safe
def open_data_schema(request: HttpRequest, insee_code: str, name: str) -> HttpResponse:
    """The description of that file: what its columns mean, and the licence."""
    _commune, file = _opened(insee_code, name)
    return _for_everybody(JsonResponse(file.schema, json_dumps_params={"ensure_ascii": False, "indent": 2}))


def _opened(insee_code: str, name: str) -> tuple[Commune, OpenFile]:
    """Of a commune that has not opened its data, nothing is there."""
    commune = get_object_or_404(Commune, insee_code=insee_code, opens_data=True)
    if name not in FILES:
        raise Http404
    return commune, FILES[name]


def _for_everybody(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=KEPT_S)
    return response
