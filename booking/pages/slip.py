"""The slip that a resident takes home: its QR code adds the appointment to a phone's calendar."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe
from icalendar import Event

from booking.models import Appointment


def calendar_entry(appointment: Appointment) -> str:
    """The appointment as iCalendar (RFC 5545), short enough for a QR code that an old phone can read:
    time, site and number, without name or service. Times are in UTC, so that no time zone must be
    defined."""
    event = Event()
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", f"Mairie, RDV {appointment.number}")
    event.add("location", appointment.site.name)
    return str(event.to_ical(), "utf-8")


def qr_svg(text: str) -> SafeString:
    """The text as a QR code (ISO/IEC 18004), an SVG without inline style."""
    buffer = io.BytesIO()
    segno.make(text, error="l", micro=False).save(
        buffer, kind="svg", xmldecl=False, svgns=True, omitsize=True, svgclass="qr", lineclass=None, border=2
    )
    return mark_safe(buffer.getvalue().decode())  # noqa: S308  (made here, from digits and escaped modules)
