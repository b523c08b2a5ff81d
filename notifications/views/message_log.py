"""« Journal »: every message of the commune, to be searched by whoever answers for them."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from agents.requests import AgentRequest
from core.clock import now
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role
from notifications.forms import LogForm
from notifications.pages.message_log import LogPage, log_page


@require_http_methods(["GET", "POST"])
@for_roles(Role.DESK, Role.MANAGER)
def message_log(request: AgentRequest) -> HttpResponseBase:
    """What is looked for comes in the request body, since a name or a number must not stand in addresses and
    logs. Without it: the last days."""
    today = request.commune.local(now()).date()
    form = LogForm(request.POST if request.method == "POST" else None, today=today)
    wrong = form.is_bound and not form.is_valid()
    found = LogPage((), 1, has_more=False) if wrong else log_page(request.commune, form.query, now=now())
    shows(request, Shown.JOURNAL, found.residents)
    context = {"form": form, "log": found, "role": request.membership.roles}
    return render(request, "messages/log.html", context, status=422 if wrong else 200)
