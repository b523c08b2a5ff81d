"""What they asked for, who looked at them, and traces of their appointments on screens and in news."""

from typing import Any

from django.utils.translation import gettext_lazy

from core.templatetags.times import day_month_year
from kiosk.models import Press
from planning.models import HelperNews, NewsKind
from privacy.held.part import Column, Part, columns, in_file
from privacy.held.person import Person
from privacy.held.values import short_instant
from privacy.looked import of_resident
from privacy.models import RightsRequest


def _requests(person: Person) -> Any:
    rows = RightsRequest.objects.filter(resident__in=person.records)
    return rows.select_related("resident", "opened_by", "closed_by")


def _news(person: Person) -> Any:
    rows = HelperNews.objects.filter(commune=person.resident.commune_id, kind=NewsKind.VISIT)
    return rows.filter(detail__appointment__in=sorted(person.ids)).select_related("agent")


REQUESTS = Part(
    key="requests",
    table="privacy.RightsRequest",
    title=gettext_lazy("What they asked for"),
    rows=_requests,
    columns=(
        *columns(
            came_by=gettext_lazy("how it came"),
            state=gettext_lazy("state"),
            refusal=gettext_lazy("why not"),
            due_on=gettext_lazy("to be answered by"),
            opened_by=gettext_lazy("noted by"),
            closed_at=gettext_lazy("answered on"),
            closed_by=gettext_lazy("answered by"),
        ),
        *in_file("resident right asked_on is_extended opened_at proof"),
    ),
    head=lambda row, _person: f"{row.get_right_display()}, {day_month_year(row.asked_on)}",
)
LOOKED = Part(
    key="who_looked",
    table="privacy.Consultation",
    title=gettext_lazy("Who looked"),
    rows=lambda person: of_resident(person.resident),
    columns=(
        Column("agent"),
        *in_file("kind at stretch_at origin"),
        Column("resident", read=lambda row, _person: row.resident_id),
    ),
    head=lambda row, _person: ", ".join(
        str(each)
        for each in (short_instant(row.at), row.agent and row.agent.short_name, row.get_kind_display())
        if each
    ),
)
NEWS = Part(
    key="news_of_helpers",
    table="planning.HelperNews",
    title=gettext_lazy("What helpers were told of their appointments"),
    rows=_news,
    columns=in_file("agent at detail"),
    head=lambda row, _person: short_instant(row.at),
    on_page=False,
)
PRESSES = Part(
    key="buttons_of_screens",
    table="kiosk.Press",
    title=gettext_lazy("Buttons pressed on screens within the last hour"),
    rows=lambda person: Press.objects.filter(appointment__in=person.ids),
    columns=(Column("appointment", read=lambda row, _person: row.appointment_id), *in_file("key at")),
    head=lambda row, _person: short_instant(row.at),
    on_page=False,
)
