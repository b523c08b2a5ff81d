"""The current commune of the logged-in agent, and the checks made before any page."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from agents.models import Agent, Membership, current
from agents.requests import VisitorRequest
from core import clock


class CurrentCommuneMiddleware:
    """Sets `request.membership` and `request.commune` for a logged-in agent, and None for other visitors.

    Templates then show times in the time zone of that commune.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = current_membership(request) if request.user.is_authenticated else None
        visitor = cast(VisitorRequest, request)
        visitor.membership = membership
        visitor.commune = membership.commune if membership else None
        with timezone.override(membership.commune.tz if membership else None):
            return self.get_response(request)


def current_membership(request: HttpRequest) -> Membership | None:
    """The membership chosen in this session, else the agent's first one."""
    memberships = known_memberships(cast(Agent, request.user))
    cast(VisitorRequest, request).memberships = memberships
    chosen = request.session.get("commune_id")
    return next((m for m in memberships if m.commune_id == chosen), memberships[0] if memberships else None)


def known_memberships(agent: Agent) -> list[Membership]:
    """The memberships that `AgentBackend` loaded with the agent; a query if another backend did."""
    loaded: list[Membership] | None = getattr(agent, "known_memberships", None)
    if loaded is not None:
        return loaded
    return current(agent.memberships.select_related("commune"), clock.now)


class MustChangePasswordMiddleware:
    """An agent whose password another person knows can open only the page where they choose their own.

    If htmx asked for a fragment, the whole page goes there (see SignedOutMiddleware).
    """

    open_pages = frozenset({"password-change", "logout"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in self.open_pages or not getattr(view, "login_required", True):
            return None
        if cast(VisitorRequest, request).htmx:
            return HttpResponseClientRedirect(resolve_url("password-change"))
        return redirect("password-change")


class SignedOutMiddleware:
    """Where a request is redirected that arrives after the session has ended.

    For a fragment, the whole page goes to the login: htmx would follow the redirect and put the login page
    inside the old page, whose names could still be read. For a form, the agent returns to the page of the
    form after the login, because most form addresses cannot be opened; a message says that the input was
    not recorded.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 302 or request.user.is_authenticated:
            return response
        login = resolve_url(settings.LOGIN_URL)
        if not response["Location"].startswith(f"{login}?{REDIRECT_FIELD_NAME}="):
            return response
        fragment = cast(VisitorRequest, request).htmx
        sent = request.method not in ("GET", "HEAD")
        if sent and request.path != resolve_url("logout"):
            messages.warning(request, _("You had been logged out: the last thing you did is not recorded."))
        if fragment:
            return HttpResponseClientRedirect(_login_for(login, fragment.current_url_abs_path or "/"))
        return redirect(_login_for(login, _page_of_form(request))) if sent else response


def _login_for(login: str, page: str) -> str:
    return f"{login}?{urlencode({REDIRECT_FIELD_NAME: page})}"


def _page_of_form(request: HttpRequest) -> str:
    """The page of the form, from the Referer header; `/` if it is of another site."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    address = urlsplit(page)
    return f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"


class PrivatePagesMiddleware:
    """Browsers must not store an agent's pages: « Back » after logging out shows no name.

    If an address that only accepts forms is opened from the history, a page says what to do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.user.is_authenticated:
            return response
        if response.status_code == 405 and request.method == "GET":
            allowed = response["Allow"]
            response = render(request, "405.html", status=405)
            response["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
