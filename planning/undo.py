"""Undo of a manager's last change to the team; the change is remembered in their session."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from agents.enums import AbsenceKind
from agents.models import Absence, Shift
from agents.requests import AgentRequest
from planning.actions import absences, shifts
from planning.errors import NothingToUndo, ShiftChanged
from planning.forms import helpers_of

KEY = "undo_team"


def remember(request: AgentRequest, text: str, verb: str, **values: Any) -> None:
    """Remember a change. `verb` names the function that undoes it, `values` are its arguments (JSON, kept
    in the session)."""
    request.session[KEY] = {"commune": request.commune.pk, "text": text, "verb": verb, **values}


def remembered(request: AgentRequest) -> str:
    """The text of the change that undo would take back; empty if there is none."""
    last = request.session.get(KEY)
    return last["text"] if last and last["commune"] == request.commune.pk else ""


def undo(request: AgentRequest) -> str:
    """Undo the last change and return its text; raises NothingToUndo, or the error that prevents the undo."""
    text = remembered(request)
    if not text:
        raise NothingToUndo
    last = request.session.pop(KEY)
    VERBS[last["verb"]](request, last)
    return text


def shift_values(shift: Shift) -> dict[str, Any]:
    return {
        "agent": shift.agent_id,
        "site": shift.site_id,
        "starts_at": shift.starts_at.astimezone(UTC).isoformat(),
        "ends_at": shift.ends_at.astimezone(UTC).isoformat(),
    }


def made_shift(shift: Shift) -> dict[str, Any]:
    """A shift as a change left it."""
    return {"id": shift.pk, **shift_values(shift)}


def absence_values(absence: Absence) -> dict[str, Any]:
    return {
        "agent": absence.agent_id,
        "kind": absence.kind,
        "starts_at": absence.starts_at.isoformat(),
        "ends_at": absence.ends_at.isoformat(),
    }


def _shifts(request: AgentRequest, made: list[dict[str, Any]]) -> list[Shift]:
    """The shifts that the change has made, as long as nobody has changed or removed one since."""
    wanted = {values["id"]: values for values in made}
    found = Shift.objects.filter(site__commune=request.commune, pk__in=wanted).select_related("agent", "site")
    if not wanted or len(found) != len(wanted):
        raise NothingToUndo
    if any(made_shift(shift) != wanted[shift.pk] for shift in found):
        raise ShiftChanged
    return list(found)


def _read(request: AgentRequest, last: dict[str, Any]) -> dict[str, Any]:
    agent = helpers_of(request.commune).filter(pk=last["agent"]).first()
    site = request.commune.sites.filter(pk=last["site"]).first() if "site" in last else None
    if agent is None or (site is None and "site" in last):
        raise NothingToUndo
    values = {name: datetime.fromisoformat(last[name]) for name in ("starts_at", "ends_at")}
    return {"agent": agent, **({"site": site} if site else {}), **values}


def _remove_shifts(request: AgentRequest, last: dict[str, Any]) -> None:
    for shift in _shifts(request, last.get("made", [])):
        shifts.remove_shift(shift=shift)


def _change_back(request: AgentRequest, last: dict[str, Any]) -> None:
    (shift,) = _shifts(request, last.get("made", []))
    shifts.change_shift(shift=shift, **_read(request, last))


def _add_again(request: AgentRequest, last: dict[str, Any]) -> None:
    shifts.add_shift(**_read(request, last))


def _remove_absence(request: AgentRequest, last: dict[str, Any]) -> None:
    absence = Absence.objects.filter(pk=last["id"], commune=request.commune).select_related("agent").first()
    if absence is None:
        raise NothingToUndo
    absences.remove_absence(absence=absence)


def _declare_again(request: AgentRequest, last: dict[str, Any]) -> None:
    absences.declare_absence(
        **_read(request, last), kind=AbsenceKind(last["kind"]), commune=request.commune, by=request.user
    )


VERBS: dict[str, Callable[[AgentRequest, dict[str, Any]], None]] = {
    "remove_shifts": _remove_shifts,
    "change_shift": _change_back,
    "add_shift": _add_again,
    "remove_absence": _remove_absence,
    "declare_absence": _declare_again,
}
