"""Forms about accounts: they check shape; the actions check rules."""

from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
    SetPasswordForm,
)
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Invitation, Membership, RolesHeld
from communes.models import Commune
from core.edit_forms import EditForm
from core.edits import plain
from core.fields import choose_among


class LoginForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This name and this password do not go together. Capitals count in the password."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class OwnPasswordForm(SetPasswordForm[Agent]):
    """An agent chooses their own password, which ends the obligation to change it."""

    def save(self, commit: bool = True) -> Agent:
        agent = super().save(commit=False)
        agent.must_change_password = False
        if commit:
            agent.save(update_fields=["password", "must_change_password"])
        return agent


class NewPasswordForm(OwnPasswordForm, PasswordChangeForm):
    """The same, when the agent must give the old password first."""


class ForgottenForm(forms.Form):
    name = forms.CharField(label=_("User name or e-mail"), max_length=254)


class AddressForm(EditForm, forms.Form):
    """Change the address that can reset the password: the agent must give the password."""

    email = forms.EmailField(label=_("Your e-mail"), max_length=254)
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        self.agent = agent
        super().__init__(*args, **kwargs)

    def initial_values(self) -> dict[str, Any]:
        return {"email": self.agent.email}

    def wanted_values(self) -> dict[str, Any]:
        return {"email": self.cleaned_data["email"]}

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.agent.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


class WorkForm[W: RolesHeld](forms.ModelForm[W]):
    """The roles and skills that somebody has, or will have, in this commune."""

    class Meta:
        fields = ("is_desk", "is_helper", "is_manager", "weekly_hours", "skills")
        widgets = {"skills": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, skills=commune.services.active())
        if self.initial.get("weekly_hours") is not None:
            self.initial["weekly_hours"] = plain(self.initial["weekly_hours"])  # 35, not 35.00

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("is_desk", "is_helper", "is_manager")):
            raise forms.ValidationError(_("Give at least one role."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name != "skills"}


class MembershipForm(EditForm, WorkForm[Membership]):
    class Meta(WorkForm.Meta):
        model = Membership

    def wanted_values(self) -> dict[str, Any]:
        """With the skills that cannot be chosen, since their service is not offered now: they stay."""
        hidden = self.instance.skills.filter(is_active=False) if self.instance.pk else ()
        return {**super().wanted_values(), "skills": [*self.cleaned_data["skills"], *hidden]}


class InvitationForm(WorkForm[Invitation]):
    class Meta(WorkForm.Meta):
        model = Invitation

    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("The link is sent there. Empty: the link is shown once, to be handed over."),
    )

    def __init__(self, *args: Any, by_email: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_email:
            del self.fields["email"]


class AccountForm(forms.ModelForm[Agent]):
    class Meta:
        model = Agent
        fields = ("first_name", "last_name", "username")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = self.fields["last_name"].required = True
        self.fields["username"].label = _("User name")
        self.fields["username"].help_text = _("To log in with; no e-mail is needed.")


class JoinForm(BaseUserCreationForm[Agent], AccountForm):
    """An invited person makes their own account."""

    class Meta(AccountForm.Meta):
        pass
