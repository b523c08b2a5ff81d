"""Login, password, the first page after login, and the choice of the commune."""

from typing import Any

from axes.utils import reset as lift_lockout
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordChangeView, PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.actions.accounts import change_phone, choose_digest, choose_news, choose_sound
from agents.email_confirmation import change_address, claim_password_mail, confirm_address
from agents.forms import AddressForm, ForgottenForm, LoginForm, NewPasswordForm, OwnPasswordForm, PhoneForm
from agents.mails import mail_notice
from agents.models import Agent
from agents.requests import AgentRequest, VisitorRequest
from agents.sessions import end_sessions, remember_device, sessions_of
from agents.tasks import send_address_check, send_password_link
from core import clock
from core.edits import EditConflict
from core.requests import for_roles, roles_of
from core.roles import TOLD_OF_FAULTS, WITH_RESIDENTS, Role


class Login(LoginView[LoginForm]):
    template_name = "login/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: LoginForm) -> HttpResponse:
        response = super().form_valid(form)
        agent = self.request.headers.get("User-Agent", "")
        remember_device(self.request.session, user_agent=agent, now=clock.now())
        return response


class PasswordChange(PasswordChangeView):
    form_class = NewPasswordForm
    template_name = "login/password_change.html"
    success_url = reverse_lazy("home")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Give the same answer to everyone, so that it never reveals whether a name or address has an account."""
    if not settings.SENDS_EMAIL:
        return render(request, "login/password_forgotten.html")
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        for pk in claim_password_mail(name=form.cleaned_data["name"], now=clock.now()):
            send_password_link.enqueue(pk)
        return render(request, "login/password_mailed.html")
    status = 422 if form.is_bound else 200
    return render(request, "login/password_forgotten.html", {"form": form}, status=status)


class PasswordResetConfirm(PasswordResetConfirmView):
    form_class = OwnPasswordForm
    template_name = "login/password_reset.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: SetPasswordForm[Agent]) -> HttpResponse:
        response = super().form_valid(form)
        lift_lockout(username=form.user.get_username())
        messages.success(self.request, _("Your password is changed."))
        return response


def home(request: VisitorRequest) -> HttpResponse:
    """Redirect each agent to the main page of their role; a manager of a commune that is not open yet, to
    what it still needs."""
    if request.membership is None:
        return render(request, "login/no_commune.html", status=403)
    roles = roles_of(request)
    if Role.MANAGER in roles and request.membership.commune.opened_at is None:
        return redirect("opening")
    if roles == {Role.ELECTED}:
        return redirect("publication")
    if not roles & WITH_RESIDENTS:
        return redirect("screens")
    if Role.DESK in roles:
        return redirect("desk")
    if Role.HELPER in roles:
        return redirect("my-day")
    return redirect("team")


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: AgentRequest) -> HttpResponse:
    if request.method == "POST" and not settings.SENDS_EMAIL:
        messages.error(request, _("No e-mail leaves from here: the address was not changed."))
        return redirect("account")
    form = _address_form(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        edit, chosen = form.edit(by=request.user, at=clock.now()), form.chosen_values()
        try:
            change_address(agent=request.user, email=chosen.get("email", request.user.email), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            send_address_check.enqueue(request.user.pk)
            said = mail_notice(_("A link leaves for this address: open it within a day."))
            messages.success(request, form.saved_text(said, edit))
            return redirect("account")
    return _account_page(request, form, address=form)


def _address_form(request: AgentRequest, data: QueryDict | None = None) -> AddressForm:
    initial = {"email": request.user.email}
    return AddressForm(data, agent=request.user, request=request, initial=initial, prefix="address")


def _account_page(request: AgentRequest, form: AddressForm | PhoneForm, **own: Any) -> HttpResponse:
    """The page with all its forms, of which this one is in use."""
    context = {
        "places": sessions_of(request.user, this=request.session.session_key),
        "address": _address_form(request),
        **own,
    }
    if roles_of(request) & TOLD_OF_FAULTS:
        context.setdefault("phone", PhoneForm(agent=request.user, commune=request.commune, prefix="phone"))
    return render(request, "accounts/my_account.html", context, status=form.status)


@require_POST
@for_roles(*sorted(TOLD_OF_FAULTS))
def phone(request: AgentRequest) -> HttpResponse:
    """Change the mobile number at which the agent is told of faults."""
    form = PhoneForm(request.POST, agent=request.user, commune=request.commune, prefix="phone")
    if form.is_valid():
        edit, chosen = form.edit(by=request.user, at=clock.now()), form.chosen_values()
        try:
            change_phone(agent=request.user, phone=chosen.get("phone", request.user.phone), edit=edit)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        else:
            said = _("Your number is saved.") if request.user.phone else _("Your number is removed.")
            messages.success(request, form.saved_text(said, edit))
            return redirect("account")
    return _account_page(request, form, phone=form)


@require_POST
@for_roles()
def news_by_email(request: AgentRequest) -> HttpResponse:
    """Choose whether what changes in the rota is also mailed."""
    wanted = request.POST.get("wanted") == "1"
    choose_news(agent=request.user, by_email=wanted)
    said = _("You will be written to.") if wanted else _("Your page alone will say it.")
    messages.success(request, said)
    return redirect("account")


@require_POST
@for_roles(Role.TECHNICIAN)
def digest(request: AgentRequest) -> HttpResponse:
    """Choose whether a day's outages of screens are mailed in the evening."""
    wanted = request.POST.get("wanted") == "1"
    choose_digest(agent=request.user, is_wanted=wanted)
    said = (
        _("You will be written to on evenings after an outage.")
        if wanted
        else _("No summary will be sent to you.")
    )
    messages.success(request, said)
    return redirect("account")


@require_POST
@for_roles()
def sound(request: AgentRequest) -> HttpResponse:
    """Choose whether it sounds when somebody arrives; for htmx, the choice as it is now."""
    choose_sound(agent=request.user, is_wanted=request.POST.get("wanted") == "1")
    if request.htmx:
        return render(request, "accounts/sound.html")
    return redirect("my-day")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The agent must press a button: mail programs open links before people do."""
    if request.method != "POST":
        return render(request, "accounts/confirm_address.html")
    agent = confirm_address(token=token)
    if agent is None:
        return render(request, "login/link_over.html", status=410)
    messages.success(request, _("Your e-mail address is confirmed."))
    return redirect("account")


@require_POST
def other_sessions(request: AgentRequest) -> HttpResponse:
    """Log out in all other sessions: on a shared computer or a lost phone."""
    end_sessions(request.user, but=request.session.session_key)
    messages.success(request, _("You are logged out everywhere else."))
    return redirect("account")


@require_POST
def switch_commune(request: AgentRequest) -> HttpResponse:
    """Work for another of one's communes. Forms that other tabs still show of the one before are refused as
    too old: what is typed there would be saved here."""
    asked = request.POST.get("commune")
    membership = next((each for each in request.memberships if str(each.commune_id) == asked), None)
    if membership is None:
        raise Http404
    request.session["commune_id"] = membership.commune_id
    rotate_token(request)
    messages.success(request, _("You now work for %(commune)s.") % {"commune": membership.commune})
    return redirect("home")
