"""Invitations: a manager makes and withdraws them; the invited person opens them."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.actions.invitations import (
    INVITATION_LIFE,
    find_invitation,
    hand_over_link,
    invite,
    join,
    join_as_new,
    open_invitations,
)
from agents.errors import InvitationOver, NameTaken
from agents.forms import InvitationForm, JoinForm
from agents.mails import link_to, mail_notice
from agents.models import Invitation
from agents.requests import AgentRequest
from agents.sessions import remember_device
from agents.tasks import send_invitation
from core import clock
from core.errors import PermanenceError
from core.requests import for_roles
from core.roles import Role

managers = for_roles(Role.MANAGER)
BACKEND = "agents.backends.AgentBackend"
MAIL_TAKES = timedelta(minutes=2)
"""Longer than the queue and the mail server need to send an invitation."""


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def invitation_new(request: AgentRequest) -> HttpResponse:
    """The link is sent by e-mail, or shown once to be handed over (always if no e-mail can be sent)."""
    form = InvitationForm(request.POST or None, commune=request.commune, by_email=settings.SENDS_EMAIL)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/invitation_form.html", {"form": form}, status=status)
    email = form.cleaned_data.get("email", "")
    invitation, token = invite(
        commune=request.commune,
        email=email,
        fields=form.values,
        skills=form.cleaned_data["skills"],
        invited_by=request.user,
        now=clock.now(),
    )
    if not email:
        return _shown_once(request, invitation, token)
    send_invitation.enqueue(invitation.pk)
    messages.success(request, mail_notice(_("The invitation leaves for %(email)s.") % {"email": email}))
    return redirect("accounts")


@require_POST
@managers
def invitation_link(request: AgentRequest, pk: int) -> HttpResponse:
    """A new link to hand over, when the e-mail did not arrive or the earlier link was lost."""
    waiting = get_object_or_404(Invitation, pk=pk, commune=request.commune)
    token = hand_over_link(invitation=waiting, now=clock.now())
    if token is None:
        messages.error(request, str(InvitationOver()))
        return redirect("accounts")
    return _shown_once(request, waiting, token)


def _shown_once(request: AgentRequest, invitation: Invitation, token: str) -> HttpResponse:
    context = {"invitation": invitation, "link": link_to("invitation", token)}
    return render(request, "accounts/invitation_link.html", context)


@require_POST
@managers
def invitation_withdraw(request: AgentRequest, pk: int) -> HttpResponse:
    get_object_or_404(Invitation, pk=pk, commune=request.commune).delete()
    messages.success(request, _("The invitation is withdrawn: its link no longer works."))
    return redirect("accounts")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A logged-in agent presses one button. Anyone else logs in, or makes an account of their own."""
    found = find_invitation(token=token, now=clock.now())
    if found is None:
        return render(request, "login/link_over.html", status=410)
    if request.user.is_authenticated:
        return _join(request, found)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _join_as_new(request, found, form)
    status = 422 if form.is_bound else 200
    return render(request, "login/invitation.html", {"invitation": found, "form": form}, status=status)


def _join(request: HttpRequest, found: Invitation) -> HttpResponse:
    assert request.user.is_authenticated
    if request.method != "POST":
        return render(request, "login/invitation.html", {"invitation": found})
    try:
        join(invitation=found, agent=request.user, now=clock.now())
    except PermanenceError as error:
        messages.error(request, str(error))
        return redirect("account")
    request.session["commune_id"] = found.commune_id
    messages.success(request, _("You now work for %(commune)s.") % {"commune": found.commune})
    return redirect("home")


def _join_as_new(request: HttpRequest, found: Invitation, form: JoinForm) -> HttpResponse:
    agent = form.save(commit=False)
    try:
        join_as_new(invitation=found, agent=agent, password=form.cleaned_data["password1"], now=clock.now())
    except NameTaken as error:
        form.add_error("username", str(error))
        return render(request, "login/invitation.html", {"invitation": found, "form": form}, status=422)
    except InvitationOver:
        return render(request, "login/link_over.html", status=410)
    login(request, agent, backend=BACKEND)
    remember_device(request.session, user_agent=request.headers.get("User-Agent", ""), now=clock.now())
    return redirect("home")


def waiting_invitations(request: AgentRequest) -> list[Invitation]:
    """The open invitations, each with `is_unmailed`: its e-mail should have been sent by now, and was not."""
    now = clock.now()
    rows = list(open_invitations(now=now).filter(commune=request.commune))
    for row in rows:
        is_late = row.expires_at - INVITATION_LIFE < now - MAIL_TAKES
        row.is_unmailed = bool(row.email) and row.mailed_at is None and is_late  # type: ignore[attr-defined]
    return rows
