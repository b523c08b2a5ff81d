"""What to try, as the command prints it."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from booking.enums import LIVE
from booking.models import Appointment
from core.templatetags.times import day_year
from demo.build import Town
from demo.people import COLLEAGUES


def summary(town: Town, password: str) -> str:
    appointments = Appointment.objects.filter(commune=town.commune)
    lines = [
        _("Demonstration: %(name)s, %(date)s") % {"name": town.commune.name, "date": _moment(town)},
        _("%(residents)s residents, %(past)s visits behind, %(coming)s ahead")
        % {
            "residents": town.commune.residents.current().count(),
            "past": appointments.filter(starts_at__lt=town.now).count(),
            "coming": appointments.filter(starts_at__gte=town.now, status__in=LIVE).count(),
        },
        "",
        _("Log in as:"),
        *(f"  {line}" for line in _logins(town, password)),
        "",
        _("To see:"),
        *(f"  {line}" for line in _addresses()),
        "",
        _("A number to look up: %(number)s (Fatima Bensaïd)") % {"number": "06 39 98 12 34"},
    ]
    return "\n".join(lines)


def _moment(town: Town) -> str:
    at = town.commune.local(town.now)
    return f"{day_year(at.date())} {at:%H:%M}"


def _logins(town: Town, password: str) -> list[str]:
    width = max(len(colleague.username) for colleague in COLLEAGUES)
    lines = []
    for colleague in COLLEAGUES:
        agent = town.agents[colleague.username]
        is_known = agent.username in town.new_agents or agent.check_password(password)
        shown = password if is_known else _("(password changed since)")
        lines.append(f"{colleague.username:<{width}}  {shown}  {agent.first_name}, {colleague.does}")
    return lines


def _addresses() -> list[str]:
    pages = (
        ("home", _("the application")),
        ("simulator", _("the phones of the residents")),
        ("screen", _("the screen of a cabin: it shows a code to type in under Screens")),
    )
    lines = []
    for name, what in pages:
        try:
            address = settings.PUBLIC_BASE_URL + reverse(name)
        except NoReverseMatch:
            continue
        lines.append(f"{address}  {what}")
    return lines
