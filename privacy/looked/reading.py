"""What the log of consultations says."""

from django.db.models import Q, QuerySet

from booking.models import Resident
from privacy.models import Consultation


def of_resident(resident: Resident) -> QuerySet[Consultation]:
    """Who looked at this person, also by a record that has been merged into theirs; the latest first, with
    the agent. `get_kind_display` says on what."""
    records = Resident.objects.filter(Q(pk=resident.pk) | Q(merged_into=resident.pk)).values("pk")
    return Consultation.objects.filter(resident__in=records).select_related("agent").order_by("-at", "-id")
