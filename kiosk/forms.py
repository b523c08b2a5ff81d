"""Forms for agents about a screen, and for residents on one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from communes.models import Cabin, Commune, Site
from core import clock
from core.edit_forms import EditForm
from core.phones import Certainty, can_receive_sms, read_numbers
from kiosk.models import Screen
from kiosk.pairing import CODE_LENGTH, ScreenPosition, screen_values, tidy_code


class PositionField(forms.ChoiceField):
    """A cabin, or a whole site for a screen in a hall."""

    def __init__(self, **kwargs: Any) -> None:
        self._places: dict[str, ScreenPosition] = {}
        super().__init__(label=_("Where it hangs"), **kwargs)

    def offer(self, communes: Sequence[Commune]) -> None:
        """The sites and cabins of these communes; of several, each site with its commune."""
        groups: list[tuple[Any, Any]] = []
        cabins = Cabin.objects.not_retired(clock.now()).filter(site__commune__in=communes)
        order = {commune.pk: number for number, commune in enumerate(communes)}
        sites = Site.objects.filter(commune__in=communes, is_active=True).select_related("commune")
        for site in sorted(sites, key=lambda each: order[each.commune_id]):
            self._places[f"site-{site.pk}"] = ScreenPosition(site)
            own = [cabin for cabin in cabins if cabin.site_id == site.pk]
            self._places |= {f"cabin-{cabin.pk}": ScreenPosition(site, cabin) for cabin in own}
            choices = [(f"cabin-{cabin.pk}", cabin.name) for cabin in own]
            name = f"{site.commune} · {site.short_name}" if len(communes) > 1 else site.short_name
            groups.append((name, [*choices, (f"site-{site.pk}", _("hall, all cabins"))]))
        # Nothing is preselected: with a wrong choice the screen would show another cabin's board.
        self.choices = groups if len(self._places) == 1 else [("", _("Choose a place")), *groups]

    def clean(self, value: Any) -> ScreenPosition:
        return self._places[super().clean(value)]


class CodeForm(forms.Form):
    """The code that a device shows which waits to be paired."""

    code = forms.CharField(
        label=_("Code shown on the screen"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        code = tidy_code(self.cleaned_data["code"])
        if len(code) != CODE_LENGTH:
            raise forms.ValidationError(_("The code has six letters and figures."))
        return code


class PairForm(CodeForm):
    place = PositionField()
    name = forms.CharField(
        label=_("Name of the screen"),
        max_length=60,
        required=False,
        help_text=_("For your list of screens; if you leave it empty, the name of the cabin."),
    )

    def __init__(self, *args: Any, communes: Sequence[Commune], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, PositionField)
        place.offer(communes)


class MessageForm(forms.Form):
    """What a screen is to tell whoever stands there."""

    text = forms.CharField(
        label=_("Message"),
        max_length=140,
        help_text=_("For residents, in plain words: 140 characters at most, no names."),
    )
    until = forms.TimeField(
        label=_("Until which hour, today"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Empty: until you take it back."),
    )

    def __init__(self, *args: Any, now: datetime, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.tz = commune.tz

    def clean_until(self) -> datetime | None:
        """The instant, by the clock of the commune."""
        wanted = self.cleaned_data["until"]
        if wanted is None:
            return None
        until = datetime.combine(self.now.astimezone(self.tz).date(), wanted, self.tz)
        if until <= self.now:
            raise forms.ValidationError(_("This hour has passed today."))
        return until


class ScreenForm(EditForm, forms.ModelForm[Screen]):
    place = PositionField()

    class Meta:
        model = Screen
        fields = ["name", "theme", "plays_sound"]

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, PositionField)
        place.offer([commune])
        place.initial = self.initial_values()["place"]
        self.order_fields(["name", "place", "theme", "plays_sound"])

    def initial_values(self) -> dict[str, Any]:
        return screen_values(self.instance)

    def wanted_values(self) -> dict[str, Any]:
        return {**super().wanted_values(), "place": self.cleaned_data["place"].key}

    def changes(self) -> dict[str, Any]:
        """The arguments of the action."""
        chosen = self.chosen_values()
        return {name: self.cleaned_data[name] for name in chosen}


class TextNumberForm(forms.Form):
    """A number for a text message. If the digits could be one of two numbers, the mobile of the nearer
    country is taken."""

    phone = forms.CharField(max_length=30)

    def __init__(self, *args: Any, commune: Commune, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commune = commune

    def clean_phone(self) -> str:
        """The number in E.164."""
        readings = read_numbers(self.cleaned_data["phone"], insee_code=self.commune.insee_code)
        if len(readings) != 1 or readings[0].certainty not in (Certainty.VALID, Certainty.AMBIGUOUS):
            raise forms.ValidationError(_("This is not a phone number."))
        meant = [each.e164 for each in readings[0].candidates or readings]
        mobiles = [number for number in meant if can_receive_sms(number)]
        if not mobiles:
            raise forms.ValidationError(
                _("This number receives no text messages. Key the number of a mobile.")
            )
        return mobiles[0]
