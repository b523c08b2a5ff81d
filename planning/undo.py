"""Undo of a manager's last change to the team; the change is remembered in their session."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from agents.enums import AbsenceKind
from agents.models import Absence, PatternDay, Shift
from agents.requests import AgentRequest
from core import clock
from planning.actions import absences, shifts
from planning.actions.news import Telling
from planning.actions.usual_weeks import TakenWeek, untake_usual_week
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


def forget(request: AgentRequest, verb: str) -> None:
    """Offer no undo of a change that this verb would take back, since it can no longer be."""
    if request.session.get(KEY, {}).get("verb") == verb:
        del request.session[KEY]


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


def removed_shift(shift: Shift) -> dict[str, Any]:
    """The values of a shift before it is deleted, with its place in a usual week."""
    published = PatternDay.objects.filter(shift=shift).values_list("pk", flat=True).first()
    return {**shift_values(shift), "pattern_day": published}


def taken_values(done: TakenWeek) -> dict[str, Any]:
    """What taking a week as the usual one did, as the session keeps it."""
    return {"made": done.made, "changed": _plain(done.changed), "left": _plain(done.left)}


def _plain(rows: dict[int, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        str(pk): {
            name: str(value) if isinstance(value, date | time) else value for name, value in row.items()
        }
        for pk, row in rows.items()
    }


def _from_plain(rows: dict[str, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {
        int(pk): {
            **row,
            **{name: time.fromisoformat(row[name]) for name in ("starts", "ends")},
            **{name: date.fromisoformat(row[name]) for name in ("anchor_on", "from_on")},
            "until_on": date.fromisoformat(row["until_on"]) if row["until_on"] else None,
        }
        for pk, row in rows.items()
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
        shifts.remove_shift(shift=shift, telling=_telling(request))


def _telling(request: AgentRequest) -> Telling:
    return Telling(request.user, clock.now())


def _change_back(request: AgentRequest, last: dict[str, Any]) -> None:
    (shift,) = _shifts(request, last.get("made", []))
    shifts.change_shift(shift=shift, **_read(request, last), telling=_telling(request))


def _exchange_back(request: AgentRequest, last: dict[str, Any]) -> None:
    first, second = _shifts(request, last.get("made", []))
    shifts.exchange_shifts(first=first, second=second, telling=_telling(request))


def _add_again(request: AgentRequest, last: dict[str, Any]) -> None:
    shifts.add_shift(**_read(request, last), telling=_telling(request), published_as=last.get("pattern_day"))


def _remove_absence(request: AgentRequest, last: dict[str, Any]) -> None:
    absence = Absence.objects.filter(pk=last["id"], commune=request.commune).select_related("agent").first()
    if absence is None:
        raise NothingToUndo
    absences.remove_absence(absence=absence)


def _declare_again(request: AgentRequest, last: dict[str, Any]) -> None:
    absences.declare_absence(
        **_read(request, last), kind=AbsenceKind(last["kind"]), commune=request.commune, by=request.user
    )


def _untake_week(request: AgentRequest, last: dict[str, Any]) -> None:
    changed, left = _from_plain(last["changed"]), _from_plain(last.get("left", {}))
    untake_usual_week(commune=request.commune, done=TakenWeek(0, last["made"], changed, left))


VERBS: dict[str, Callable[[AgentRequest, dict[str, Any]], None]] = {
    "remove_shifts": _remove_shifts,
    "change_shift": _change_back,
    "exchange_shifts": _exchange_back,
    "add_shift": _add_again,
    "remove_absence": _remove_absence,
    "declare_absence": _declare_again,
    "untake_week": _untake_week,
}
