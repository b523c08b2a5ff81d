"""« Comptes »: who works for the commune and in which role; first passwords, and resets."""

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.actions.accounts import change_membership, create_account, reset_password
from agents.errors import NameTaken
from agents.forms import AccountForm, MembershipForm
from agents.models import Agent, Membership
from agents.requests import AgentRequest
from agents.views.invitations import waiting_invitations
from core import clock
from core.announcing import announces
from core.edit_forms import render_gone, typed_in
from core.edits import EditConflict, RecordGone
from core.errors import PermanenceError
from core.french_order import in_french_order
from core.requests import for_roles
from core.roles import Role

managers = for_roles(Role.MANAGER)


def _memberships(request: AgentRequest) -> QuerySet[Membership]:
    return Membership.objects.select_related("agent", "commune").filter(commune=request.commune)


def _find(request: AgentRequest, pk: int) -> Membership:
    return get_object_or_404(_memberships(request), pk=pk)


@require_GET
@managers
def accounts(request: AgentRequest) -> HttpResponse:
    rows = Membership.objects.filter(commune=request.commune).select_related("agent")
    members = rows.prefetch_related("skills").order_by(
        *in_french_order("agent__first_name", "agent__last_name"), "pk"
    )
    context = {"members": members, "invitations": waiting_invitations(request)}
    return render(request, "accounts/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
def account_new(request: AgentRequest) -> HttpResponse:
    """`?role=desk` or `?role=helper` ticks that role."""
    asked = request.GET.get("role")
    ticked = {f"is_{asked}": True} if asked in (Role.DESK, Role.HELPER) else {}
    person = AccountForm(request.POST or None)
    member = MembershipForm(request.POST or None, initial=ticked, commune=request.commune)
    if request.method == "POST" and all((person.is_valid(), member.is_valid())):
        try:
            agent, password = create_account(
                commune=request.commune,
                **person.cleaned_data,
                fields=member.values,
                skills=member.cleaned_data["skills"],
            )
        except NameTaken as error:
            person.add_error("username", str(error))
        else:
            return _show_password(request, agent, password)
    context = {"person": person, "member": member}
    return render(request, "accounts/account_form.html", context, status=422 if person.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@managers
@announces(gettext_lazy("Save the account"))
def account_edit(request: AgentRequest, pk: int) -> HttpResponse:
    if request.method == "POST" and not _memberships(request).filter(pk=pk).exists():
        return _gone(request)
    membership = _find(request, pk)
    # Use a separate copy: a form writes into the instance that it is given.
    member = MembershipForm(request.POST or None, instance=_find(request, pk), commune=request.commune)
    if request.method == "POST" and member.is_valid():
        edit = member.edit(by=request.user, at=clock.now())
        try:
            change_membership(membership=membership, changes=member.chosen_values(), edit=edit)
        except EditConflict as conflict:
            member.show_conflict(conflict, edit)
        except RecordGone:
            return _gone(request)
        except PermanenceError as error:
            member.show_refusal(error, edit)
        else:
            said = _("%(name)s is changed.") % {"name": membership.agent}
            messages.success(request, member.saved_text(said, edit))
            return redirect("accounts")
    context = {"member": member, "membership": membership, "agent": membership.agent}
    return render(request, "accounts/account_form.html", context, status=member.status)


def _gone(request: AgentRequest) -> HttpResponse:
    form = MembershipForm(request.POST, commune=request.commune)
    return render_gone(request, typed_in(form), back=reverse("accounts"))


@require_POST
@managers
def account_password(request: AgentRequest, pk: int) -> HttpResponse:
    membership = _find(request, pk)
    try:
        password = reset_password(membership=membership)
    except PermanenceError as error:
        messages.error(request, str(error))
        return redirect("account-edit", pk)
    return _show_password(request, membership.agent, password)


def _show_password(request: AgentRequest, agent: Agent, password: str) -> HttpResponse:
    """The sheet that is handed over: all that a new colleague needs to log in."""
    context = {"agent": agent, "password": password, "address": f"{settings.PUBLIC_BASE_URL}/"}
    return render(request, "accounts/password_once.html", context)
