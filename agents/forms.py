"""Forms about accounts: they check shape; the actions check rules."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
    SetPasswordForm,
)
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.actions.accounts import helpers_of
from agents.guessing import gave_password
from agents.models import Agent, Invitation, Membership, RolesHeld, current
from communes.models import Commune, Service
from core import clock
from core.edit_forms import EditForm
from core.edits import plain
from core.fields import choose_among, read_phone
from core.french_order import in_french_order
from core.insee import phone_region
from core.phones import can_receive_sms, format_national
from core.roles import Role
from core.templatetags.times import day_year


class LoginForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This name and this password do not go together. Capitals count in the password."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        """Whoever has left learns why, once they have given their password."""
        try:
            return super().clean()
        except forms.ValidationError:
            name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password", "")
            closed = Agent.objects.filter(username=name, is_active=False).first()
            if closed is not None and closed.check_password(password):
                raise _closed(closed.left_on) from None
            raise

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        memberships = list(user.memberships.select_related("commune"))
        if memberships and not current(memberships, clock.now):
            raise _closed(max(each.last_on for each in memberships if each.last_on is not None))


def _closed(last_on: date | None) -> forms.ValidationError:
    if last_on is None:
        text = gettext("This account is closed: you can no longer log in. Your manager can tell you more.")
    else:
        text = gettext(
            "This account is closed: your last day was %(day)s. You can no longer log in."
            " Your manager can tell you more."
        ) % {"day": day_year(last_on)}
    return forms.ValidationError(text, code="closed")


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

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not gave_password(self.request, password):
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


class ForgottenForm(forms.Form):
    name = forms.CharField(label=_("User name or e-mail"), max_length=254)


class AddressForm(EditForm, forms.Form):
    """Change the address that can reset the password: the agent must give the password."""

    email = forms.EmailField(label=_("Your e-mail"), max_length=254)
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, agent: Agent, request: HttpRequest, **kwargs: Any) -> None:
        self.agent, self.request = agent, request
        super().__init__(*args, **kwargs)

    def initial_values(self) -> dict[str, Any]:
        return {"email": self.agent.email}

    def wanted_values(self) -> dict[str, Any]:
        return {"email": self.cleaned_data["email"]}

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not gave_password(self.request, password):
            raise forms.ValidationError(_("This is not your password."))
        return password


class PhoneForm(EditForm, forms.Form):
    """The mobile number at which an agent is told of faults; empty: none."""

    phone = forms.CharField(
        label=_("Your mobile number"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("Colleagues and residents do not see it. Empty: no text messages."),
    )

    def __init__(self, *args: Any, agent: Agent, commune: Commune, **kwargs: Any) -> None:
        self.agent, self.commune = agent, commune
        super().__init__(*args, **kwargs)
        self.initial["phone"] = self.shown_value("phone", agent.phone)

    def initial_values(self) -> dict[str, Any]:
        return {"phone": self.agent.phone}

    def wanted_values(self) -> dict[str, Any]:
        return {"phone": self.cleaned_data["phone"]}

    def shown_value(self, name: str, value: Any) -> Any:
        return format_national(value, phone_region(self.commune.insee_code)) if value else value

    def clean_phone(self) -> str:
        """The number in E.164."""
        reading = read_phone(self.cleaned_data["phone"], insee_code=self.commune.insee_code)
        if reading and not can_receive_sms(reading.e164):
            raise forms.ValidationError(
                gettext("This number receives no text messages. Give that of a mobile."), code="landline"
            )
        return reading.e164 if reading else ""


class WorkForm[W: RolesHeld](forms.ModelForm[W]):
    """The roles and skills that somebody has, or will have, in this commune."""

    class Meta:
        fields = (
            "is_desk",
            "is_helper",
            "is_manager",
            "is_technician",
            "is_elected",
            "weekly_hours",
            "skills",
        )
        widgets = {"skills": forms.CheckboxSelectMultiple}
        help_texts = {
            "is_desk": _("Answers the phone, books appointments and notes who arrives."),
            "is_helper": _("Assists residents in the cabins, by skills and shifts."),
            "is_manager": _("Keeps places, services, accounts, the rota and the settings."),
        }

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, skills=commune.services.active())
        if self.initial.get("weekly_hours") is not None:
            self.initial["weekly_hours"] = plain(self.initial["weekly_hours"])  # 35, not 35.00

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in (f"is_{role}" for role in Role)):
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


class MembersField(forms.ModelMultipleChoiceField[Membership]):
    """Memberships, each called after its agent."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.agent)


class HelpersForm(EditForm, forms.Form):
    """Who can help with a service."""

    helpers = MembersField(
        label=_("Helpers"),
        queryset=Membership.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        self.known = (
            helpers_of(service.commune)
            .select_related("agent")
            .order_by(*in_french_order("agent__first_name", "agent__last_name"), "pk")
        )
        self.chosen = list(self.known.filter(skills=service))
        super().__init__(*args, **kwargs)
        field = self.fields["helpers"]
        assert isinstance(field, MembersField)
        field.queryset = self.known
        self.initial["helpers"] = [member.pk for member in self.chosen]

    def initial_values(self) -> dict[str, Any]:
        return {"helpers": self.chosen}


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
