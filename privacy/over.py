"""Rows that are kept no longer: where each kind of `privacy/retention.py` finds its own, and how they go.

A commune of None means what belongs to the installation as a whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import AutoField, BigAutoField, Exists, Model, OuterRef, Q, QuerySet
from django_q.models import Task as QueuedTask

from agents.models import Absence, AbsenceRequest, Agent, PatternDay, Shift, ShiftPattern
from booking.models import Appointment, Resident, SearchesGivenUp, UnmetRequest, VisitRecord, WaitingEntry
from communes.enums import SetupChangeKind
from communes.models import Cabin, Commune, Incident, SetupChange
from kiosk.enums import CommandKind
from kiosk.models import DigestSent, HelpCall, PairingCode, Press, ScreenCommand, ScreenOutage, WrongEntry
from notifications.actions import forget_received, forget_sent
from notifications.models import InboundMessage, Message
from planning.models import RotaPublication
from privacy.forgetting import forget_appointments, forget_residents, forgettable, of_nobody
from privacy.leavers import empty_accounts, to_be_emptied
from privacy.models import Consultation, ConsultationAlarm, ErasedResident, PurgeRun, RightsRequest

type Found = QuerySet[Any]


def delete_rows(rows: Found) -> int:
    """Delete these rows and what refers to them; returns how many of the model itself."""
    return rows.delete()[1].get(rows.model._meta.label, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one table. `kept`: all of the commune that this kind is about; `over`: which of them go, at a
    limit. `forget`: deletes those of the ids that are still over, in one transaction, and returns by table
    how many rows went; None: as the database cascades. `by_app`: a function that the app has registered with
    `core.retention` deletes them, in batches of its own. `is_exact`: nobody else deletes or changes such rows
    unnoticed, so that before, deleted and after add up.
    """

    kept: Callable[[Commune | None], Found]
    over: Callable[[Commune | None, datetime], Found]
    forget: Callable[[Commune | None, list[int], datetime], dict[str, int]] | None = None
    by_app: bool = False
    is_exact: bool = False

    @property
    def table(self) -> str:
        return str(self.kept(None).model._meta.label)

    @property
    def has_numbers(self) -> bool:
        """Whether later rows have higher ids."""
        return isinstance(self.kept(None).model._meta.pk, AutoField | BigAutoField)

    def delete(self, commune: Commune | None, ids: list[int], limit: datetime) -> dict[str, int]:
        if self.forget is not None:
            return self.forget(commune, ids, limit)
        with transaction.atomic():
            locked = self.over(commune, limit).filter(pk__in=ids).order_by("pk")
            still = list(locked.values_list("pk", flat=True))
            rows = self.kept(commune).model._base_manager.filter(pk__in=still)
            return {self.table: delete_rows(rows)}


def dated(kept: Callable[[Commune | None], Found], field: str, **how: Any) -> Rows:
    """Rows with an instant `field`: over once it is at or before the limit."""

    def over(commune: Commune | None, limit: datetime) -> Found:
        return kept(commune).filter(**{f"{field}__lte": limit})

    return Rows(kept=kept, over=over, **how)


def on_day(kept: Callable[[Commune | None], Found], field: str, **how: Any) -> Rows:
    """Rows with a local day `field`: over once the limit is on that day or later."""

    def over(commune: Commune | None, limit: datetime) -> Found:
        return kept(commune).filter(**{f"{field}__lte": limit.date()})

    return Rows(kept=kept, over=over, **how)


# ---- residents ----------------------------------------------------------------------------------------


def _forget_residents(commune: Commune | None, ids: list[int], limit: datetime) -> dict[str, int]:
    assert commune is not None
    gone = forget_residents(commune, ids, limit)
    return {"booking.Resident": gone.residents, "booking.Appointment": gone.appointments}


def _forgettable(commune: Commune | None, limit: datetime) -> Found:
    return forgettable(commune, limit) if commune else Resident.objects.none()


RESIDENTS = Rows(
    kept=lambda commune: Resident.objects.filter(commune=commune),
    over=_forgettable,
    forget=_forget_residents,
    is_exact=True,
)


def _lone_visits(commune: Commune | None, limit: datetime) -> Found:
    return of_nobody(commune, limit) if commune else Appointment.objects.none()


def _forget_lone(_commune: Commune | None, ids: list[int], _limit: datetime) -> dict[str, int]:
    return {"booking.Appointment": forget_appointments(ids)}


LONE_VISITS = Rows(
    kept=lambda commune: Appointment.objects.filter(commune=commune, resident=None),
    over=_lone_visits,
    forget=_forget_lone,
)


def _waited(commune: Commune | None, limit: datetime) -> Found:
    rows = WaitingEntry.objects.filter(commune=commune)
    return rows.filter(joined_at__lte=limit, until_on__lte=limit.date())


WAITING = Rows(kept=lambda commune: WaitingEntry.objects.filter(commune=commune), over=_waited)


def _sent(commune: Commune | None) -> Found:
    return Message.objects.filter(commune=commune, resident=None, appointment=None)


def _received(commune: Commune | None) -> Found:
    return InboundMessage.objects.filter(commune=commune, resident=None, appointment=None)


SENT = dated(
    _sent, "created_at", forget=lambda _commune, ids, _limit: {"notifications.Message": forget_sent(ids)}
)
RECEIVED = dated(
    _received,
    "received_at",
    forget=lambda _commune, ids, _limit: {"notifications.InboundMessage": forget_received(ids)},
)
RECORDS = on_day(lambda commune: VisitRecord.objects.filter(commune=commune), "day_on", by_app=True)
UNMET = on_day(lambda commune: UnmetRequest.objects.filter(commune=commune), "asked_on", by_app=True)
GIVEN_UP = Rows(
    kept=lambda commune: SearchesGivenUp.objects.filter(commune=commune),
    over=lambda commune, limit: SearchesGivenUp.objects.filter(commune=commune, on__lt=limit.date()),
    by_app=True,
)

# ---- places and screens -------------------------------------------------------------------------------

FAULTS = dated(lambda commune: Incident.objects.filter(commune=commune), "closed_at", by_app=True)
OUTAGES = dated(
    lambda commune: ScreenOutage.objects.filter(screen__site__commune=commune), "ended_at", by_app=True
)
HELP_CALLS = dated(lambda commune: HelpCall.objects.filter(commune=commune), "called_at")


def _commands(commune: Commune | None) -> Found:
    rows = ScreenCommand.objects.filter(screen__site__commune=commune)
    return rows.exclude(kind=CommandKind.PAIRED)


def _ended_commands(commune: Commune | None, limit: datetime) -> Found:
    return _commands(commune).filter(asked_at__lte=limit).exclude(ended_at=None)


def _pairings(commune: Commune | None) -> Found:
    rows = ScreenCommand.objects.filter(screen__site__commune=commune, kind=CommandKind.PAIRED)
    return rows.exclude(asked_by=None, ended_by=None)


def _without_pairing_agent(commune: Commune | None, ids: list[int], limit: datetime) -> dict[str, int]:
    rows = _pairings(commune).filter(pk__in=ids, asked_at__lte=limit)
    pks = list(rows.values_list("pk", flat=True))
    changed = ScreenCommand.objects.filter(pk__in=pks).update(asked_by=None, ended_by=None)
    return {"kiosk.ScreenCommand": changed}


COMMANDS = Rows(kept=_commands, over=_ended_commands)
PAIRINGS = dated(_pairings, "asked_at", forget=_without_pairing_agent)
"""Since when a screen hangs counts for its figures: the row stays, and who paired it goes."""


def _everywhere[M: Model](model: type[M]) -> Callable[[Commune | None], Found]:
    return lambda commune: model._base_manager.all() if commune is None else model._base_manager.none()


WRONG_ENTRIES = dated(_everywhere(WrongEntry), "at")
PRESSES = dated(_everywhere(Press), "at")
PAIRING_CODES = dated(_everywhere(PairingCode), "expires_at")
DIGESTS = on_day(_everywhere(DigestSent), "on")
FINISHED_TASKS = dated(_everywhere(QueuedTask), "stopped")

# ---- what managers changed ----------------------------------------------------------------------------

_STATES = (SetupChangeKind.OUT_OF_ORDER, SetupChangeKind.IN_ORDER)


def _needed() -> Q:
    """What the figures of cabins go on from: when each was entered, and its latest state."""
    later = SetupChange.objects.filter(record=OuterRef("record"), kind__in=_STATES, at__gt=OuterRef("at"))
    is_of_cabin = Q(record__startswith=f"{Cabin._meta.label_lower}:")
    is_state = Q(kind__in=_STATES) & ~Q(Exists(later))
    return is_of_cabin & (Q(kind=SetupChangeKind.CREATED) | is_state)


def _changes(commune: Commune | None) -> Found:
    return SetupChange.objects.filter(commune=commune)


def _old_changes(commune: Commune | None, limit: datetime) -> Found:
    return _changes(commune).filter(at__lte=limit).exclude(_needed())


def _named_changes(commune: Commune | None) -> Found:
    return _changes(commune).filter(_needed()).exclude(by=None)


def _without_author(commune: Commune | None, ids: list[int], limit: datetime) -> dict[str, int]:
    rows = _named_changes(commune).filter(pk__in=ids, at__lte=limit)
    pks = list(rows.values_list("pk", flat=True))
    return {"communes.SetupChange": SetupChange.objects.filter(pk__in=pks).update(by=None)}


CHANGES = Rows(kept=_changes, over=_old_changes)
CHANGES_NEEDED = dated(_named_changes, "at", forget=_without_author)

# ---- agents -------------------------------------------------------------------------------------------

SHIFTS = dated(lambda commune: Shift.objects.filter(site__commune=commune), "ends_at")
PATTERN_DAYS = dated(lambda commune: PatternDay.objects.filter(site__commune=commune), "ends_at")
PATTERNS = on_day(lambda commune: ShiftPattern.objects.filter(site__commune=commune), "until_on")
ABSENCES = dated(lambda commune: Absence.objects.filter(commune=commune), "ends_at")
LEAVE_REQUESTS = dated(lambda commune: AbsenceRequest.objects.filter(commune=commune), "ends_at")


def _publications(commune: Commune | None) -> Found:
    """But the one that says how far the rota goes."""
    rows = RotaPublication.objects.filter(commune=commune)
    furthest = rows.filter(undone_at=None).order_by("-until", "-at", "-pk").values("pk")[:1]
    return rows.exclude(pk__in=furthest)


PUBLICATIONS = dated(_publications, "at")


def _empty_accounts(_commune: Commune | None, ids: list[int], limit: datetime) -> dict[str, int]:
    return {"agents.Agent": empty_accounts(ids, limit=limit)}


def _left(commune: Commune | None) -> Found:
    return to_be_emptied() if commune is None else Agent.objects.none()


ACCOUNTS = on_day(_left, "left_on", forget=_empty_accounts)

# ---- privacy ------------------------------------------------------------------------------------------

REQUESTS = dated(lambda commune: RightsRequest.objects.filter(commune=commune), "closed_at")
CONSULTATIONS = dated(lambda commune: Consultation.objects.filter(commune=commune), "at")
CONSULTATION_ALARMS = dated(lambda commune: ConsultationAlarm.objects.filter(commune=commune), "at")
RUNS = dated(lambda commune: PurgeRun.objects.filter(commune=commune), "began_at")
ERASED = dated(lambda commune: ErasedResident.objects.filter(commune=commune), "at")
