"""The papers of a commune, filled in, to read and to print; the notice also for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agents.requests import AgentRequest
from communes.models import Commune
from core.requests import for_roles
from core.roles import Role
from privacy.pages.papers import shown_paper
from privacy.papers import NOTICE, PAPERS


@require_safe
@for_roles(Role.MANAGER)
def paper(request: AgentRequest, name: str) -> HttpResponseBase:
    """One paper with what is true of this commune; what it has to write itself stands in brackets."""
    if name not in PAPERS:
        raise Http404
    context = {"paper": shown_paper(PAPERS[name], request.commune), "papers": PAPERS.values()}
    return render(request, "privacy/paper.html", context)


@login_not_required
@require_safe
def public_notice(request: HttpRequest, insee_code: str) -> HttpResponseBase:
    """What residents may read without asking anybody."""
    commune = get_object_or_404(Commune, insee_code=insee_code)
    return render(request, "privacy/public_notice.html", {"paper": shown_paper(NOTICE, commune)})
