"""Residents, their appointments with the log of every change, and the waiting list."""

from booking.models.appointments import (
    LONGEST_DAYS,
    MOST_PEOPLE,
    Appointment,
    AppointmentEvent,
    AppointmentQuerySet,
    Delay,
    IdempotencyRecord,
    UnreadEvent,
    actor_kind_choices,
    event_kind_choices,
    origin_choices,
    outcome_choices,
    reason_choices,
    status_choices,
)
from booking.models.contacts import ContactKey, VisitContact
from booking.models.notes import VisitNote, autonomy_choices
from booking.models.records import MonthlySum, VisitRecord
from booking.models.residents import (
    Resident,
    ResidentChange,
    ResidentPhone,
    ResidentQuerySet,
    change_actor_choices,
    limited_for_choices,
    phone_owner_choices,
    reach_by_choices,
    resident_change_kind_choices,
)
from booking.models.searches import SearchesGivenUp
from booking.models.unmet import UnmetRequest, unmet_why_choices
from booking.models.waiting import (
    WaitingEntry,
    WaitingOffer,
    WaitingSearch,
    offer_answer_choices,
    waiting_state_choices,
)

__all__ = [
    "LONGEST_DAYS",
    "MOST_PEOPLE",
    "Appointment",
    "AppointmentEvent",
    "AppointmentQuerySet",
    "ContactKey",
    "Delay",
    "IdempotencyRecord",
    "MonthlySum",
    "Resident",
    "ResidentChange",
    "ResidentPhone",
    "ResidentQuerySet",
    "SearchesGivenUp",
    "UnmetRequest",
    "UnreadEvent",
    "VisitContact",
    "VisitNote",
    "VisitRecord",
    "WaitingEntry",
    "WaitingOffer",
    "WaitingSearch",
    "actor_kind_choices",
    "autonomy_choices",
    "change_actor_choices",
    "event_kind_choices",
    "limited_for_choices",
    "offer_answer_choices",
    "origin_choices",
    "outcome_choices",
    "phone_owner_choices",
    "reach_by_choices",
    "reason_choices",
    "resident_change_kind_choices",
    "status_choices",
    "unmet_why_choices",
    "waiting_state_choices",
]
