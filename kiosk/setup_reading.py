"""What is there of a commune's screens: they may come later."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from communes.models import Commune
from communes.setup_steps import Gap, Step, StepKey
from kiosk.models import Screen
from kiosk.pairing import screen_address


def screens_step(commune: Commune, now: datetime) -> Step:
    screens = list(Screen.objects.paired().filter(site__commune=commune).select_related("site"))
    link, gaps = reverse("screens"), []
    if not screens:
        gaps.append(
            Gap(
                text=_(
                    "No screen: an agent notes who arrives. On the screen, open the address %(address)s: it "
                    "shows a code of six characters."
                )
                % {"address": screen_address()},
                label=_("Type the code"),
                link=reverse("screen-add"),
            )
        )
    dark = [each for each in screens if not each.is_online(now)]
    gaps += [
        Gap(about=each.name, text=_what_is_dark(each), label=_("See the screens"), link=link) for each in dark
    ]
    has = [_("%(screen)s at %(place)s") % {"screen": each.name, "place": each.site.name} for each in screens]
    return Step(
        key=StepKey.SCREENS,
        title=_("Screens on the cabins"),
        has=has,
        gaps=gaps,
        label=_("See the screens"),
        link=link,
        is_optional=True,
    )


def _what_is_dark(screen: Screen) -> str:
    if screen.last_seen_at is None:
        return _("paired, not seen yet: leave it switched on, with its page open.")
    return _("offline: it shows nothing new.")
