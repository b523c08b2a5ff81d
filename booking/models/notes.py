"""What came of a session, as whoever helped noted it: codes alone."""

from django.db import models

from booking.models.appointments import Appointment
from booking.national import Autonomy
from communes.enums import Choices


def autonomy_choices() -> Choices:
    return Autonomy.choices


class VisitNote(models.Model):
    """The note at the end of a session: themes, equipment, autonomy and orientation, by the codes of the
    national lists (`booking.national`), in their order. Empty: nobody noted it. There is no text in it, and
    none for medical services. The outcome is the appointment's own (`Appointment.outcome`).

    A note stays when the end of its session is undone, and counts again with the next end.
    """

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="visit_note")
    themes = models.JSONField(default=list, blank=True)
    equipment_used = models.JSONField(default=list, blank=True)
    autonomy = models.CharField(max_length=25, choices=autonomy_choices, blank=True)
    orientation = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"note {self.appointment_id}"
