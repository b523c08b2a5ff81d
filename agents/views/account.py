"""The door: login, password, where to land, and for which commune."""

from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.accounts import end_sessions, sessions_of
from agents.enums import Role
from agents.forms import LoginForm, NewPasswordForm
from agents.requests import AgentRequest


class Login(LoginView):
    authentication_form = LoginForm
    redirect_authenticated_user = True


class PasswordChange(PasswordChangeView):
    form_class = NewPasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return response


def home(request: AgentRequest) -> HttpResponse:
    """Everyone lands where their work is."""
    if request.membership is None:
        return render(request, "agents/no_commune.html", status=403)
    roles = request.membership.roles
    if Role.DESK in roles:
        return redirect("desk")
    if Role.HELPER in roles:
        return redirect("my-day")
    return redirect("team")


def account(request: AgentRequest) -> HttpResponse:
    elsewhere = [row for row in sessions_of(request.user) if row.session_key != request.session.session_key]
    return render(request, "agents/account.html", {"elsewhere": len(elsewhere)})


@require_POST
def other_sessions(request: AgentRequest) -> HttpResponse:
    """Log out everywhere else: a shared computer, a lost phone."""
    end_sessions(request.user, but=request.session.session_key)
    messages.success(request, _("You are logged out everywhere else."))
    return redirect("account")


@require_POST
def switch_commune(request: AgentRequest) -> HttpResponse:
    asked = request.POST.get("commune")
    membership = next((each for each in request.memberships if str(each.commune_id) == asked), None)
    if membership is None:
        raise Http404
    request.session["commune_id"] = membership.commune_id
    messages.success(request, _("You now work for %(commune)s.") % {"commune": membership.commune})
    return redirect("home")
