"""The slip that a resident takes home: its QR code puts the appointment into the calendar of a phone."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe
from icalendar import Calendar, Event

from booking.models import Appointment


def calendar_entry(appointment: Appointment) -> str:
    """The appointment as iCalendar (RFC 5545): when and where, its number, no name and no service."""
    tz = appointment.commune.tz
    event = Event()
    event.add("uid", f"{appointment.pk}@permanence")
    event.add("dtstamp", appointment.created_at)
    event.add("dtstart", appointment.starts_at.astimezone(tz))
    event.add("dtend", appointment.ends_at.astimezone(tz))
    event.add("summary", f"Mairie : rendez-vous {appointment.number}")
    event.add("location", f"{appointment.site.name}, {appointment.cabin.name}")
    calendar = Calendar()
    calendar.add("prodid", "-//Permanence//FR")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return str(calendar.to_ical(), "utf-8")


def qr_svg(text: str) -> SafeString:
    """The text as a QR code (ISO/IEC 18004), an SVG without inline style."""
    buffer = io.BytesIO()
    segno.make(text, error="l", micro=False).save(
        buffer, kind="svg", xmldecl=False, svgns=True, omitsize=True, svgclass="qr", lineclass=None, border=2
    )
    return mark_safe(buffer.getvalue().decode())  # noqa: S308  (made here, from digits and escaped modules)
