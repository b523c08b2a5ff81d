"""What others changed for an agent: a part of their pages, until they have read it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from agents.requests import AgentRequest
from core import clock
from core.requests import for_roles
from core.roles import Role
from planning.actions.news import mark_read
from planning.news import unread

everybody = for_roles(Role.DESK, Role.HELPER, Role.MANAGER)


@require_GET
@everybody
def my_news(request: AgentRequest) -> HttpResponse:
    return render(request, "team/_news.html", {"news": unread(request.user, request.commune)})


@require_POST
@everybody
def my_news_read(request: AgentRequest) -> HttpResponse:
    mark_read(agent=request.user, commune=request.commune, now=clock.now())
    if not request.htmx:
        return redirect("home")
    return render(request, "team/_news.html", {"news": []})
