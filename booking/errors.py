from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import PermanenceError


class SlotTaken(PermanenceError):
    """Another booking has taken the time. `details["alternatives"]` holds the nearest other offers."""

    code = "slot_taken"
    http_status = 409
    text = _("This time has just been taken.")


class RoomNotFound(SlotTaken):
    """Other appointments have the time, and the search for how they could make room ended at its bound: there
    may be room all the same. `details` as for SlotTaken."""

    code = "room_not_found"
    text = _("Too full at this time to try everything: no room was found.")


@dataclass(frozen=True, slots=True)
class OtherVisit:
    """An appointment that a resident has at the same time, with its instants in the commune's time zone."""

    id: int
    start: datetime
    end: datetime
    site_id: int
    site: str
    service: str

    def __str__(self) -> str:
        where = {"service": self.service, "site": self.site}
        return f"{self.start:%H:%M}–{self.end:%H:%M}, " + gettext("%(service)s, %(site)s") % where


class ResidentBusy(PermanenceError):
    """The resident has another appointment at that time. `details["appointments"]` lists them (OtherVisit).
    Whoever knows that can book all the same."""

    code = "resident_busy"
    http_status = 409
    text = _("This person has another appointment at that time.")

    @classmethod
    def because_of(cls, others: Sequence[OtherVisit]) -> Self:
        named = {"visits": "; ".join(map(str, others))}
        text = gettext("This person has another appointment at that time: %(visits)s.") % named
        return cls(text, appointments=list(others))


class AlreadyBooked(PermanenceError):
    """The same was booked within the last minute. `details["appointment"]` is the id of that appointment."""

    code = "already_booked"
    http_status = 409
    text = _("The same has been booked within the last minute.")


class NotOffered(PermanenceError):
    """The time cannot be offered: closed, past, no helper, or no cabin."""

    code = "not_offered"
    http_status = 422
    text = _("This time cannot be booked.")


class SeriesRefused(PermanenceError):
    """A series of appointments is not possible as a whole. `details["failed"]` lists the dates that are
    not possible, `details["possible"]` those that were."""

    code = "series_refused"
    http_status = 409
    text = _("Not all of these dates are possible, so none was booked.")


class TooLong(PermanenceError):
    code = "too_long"
    text = _("An appointment cannot last longer than two days.")


class TooLate(PermanenceError):
    code = "too_late"
    http_status = 409
    text = _("It is too late for that.")


class TooEarly(PermanenceError):
    """It is too early for this. `details["from_at"]` is the first instant at which it will be possible."""

    code = "too_early"
    http_status = 409
    text = _("It is too early for that.")


class CabinBusy(PermanenceError):
    """The cabin is not free for long enough. `details["until"]`, if known, is when the cabin becomes taken
    (or free)."""

    code = "cabin_busy"
    http_status = 409
    text = _("Another session is still running in this cabin.")


class HelperBusy(PermanenceError):
    """The helper is not free for long enough. `details["until"]`, if known, is when the helper becomes
    taken (or free)."""

    code = "helper_busy"
    http_status = 409
    text = _("This helper is still in another session.")


class StatusRefused(PermanenceError):
    """The appointment's status does not allow this change."""

    code = "status_refused"
    http_status = 409
    text = _("The appointment has changed in the meantime.")


class AlreadyCounted(PermanenceError):
    """The end of an appointment cannot be undone any more: its day is closed, and figures stay."""

    code = "already_counted"
    http_status = 409
    text = _("This visit is already counted. After eight days its end can no longer be changed.")


class NotForMedical(PermanenceError):
    """What came of a session is never noted for a medical service."""

    code = "not_for_medical"
    http_status = 409
    text = _("Nothing is noted about medical appointments.")


class HoldExpired(PermanenceError):
    code = "hold_expired"
    http_status = 409
    text = _("The time is no longer held.")


class ResidentInvalid(PermanenceError):
    code = "resident_invalid"
    text = _("This resident cannot be recorded.")


class ResidentLimited(PermanenceError):
    """The record is kept but not used (GDPR, article 18): nothing is booked, offered or sent with it."""

    code = "resident_limited"
    http_status = 409
    text = _(
        "This record is limited: it is kept, but nothing is booked or sent with it. Lift the limitation "
        "first, on the person's page, under “Rights”."
    )


class IdempotencyKeyReused(PermanenceError):
    code = "idempotency_key_reused"
    text = _("This Idempotency-Key has already been used for another booking.")


class WaitingRefused(PermanenceError):
    code = "waiting_refused"
    text = _("This resident cannot be put on the waiting list for that.")


class NobodyWaits(PermanenceError):
    code = "nobody_waits"
    text = _("At that time you are late for nobody.")


class NotReady(PermanenceError):
    """A commune cannot open yet: something needed is missing, or nothing could be booked."""

    code = "not_ready"
    http_status = 409
    text = _("Something is still missing before the commune can open. This page says what.")
