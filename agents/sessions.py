"""The sessions of an agent: shown to them, so that they can log out a lost phone or a shared computer."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from ua_parser import parse

from agents.models import Agent

_DEVICE, _SINCE = "device", "logged_in_at"


@dataclass(frozen=True, slots=True)
class LoginSession:
    """One session. `device` names a browser and an operating system; it is empty if unknown."""

    key: str
    device: str
    since: datetime | None
    is_this_one: bool


def remember_device(session: SessionBase, *, user_agent: str, now: datetime) -> None:
    """Store in the session its browser and operating system, not the whole User-Agent text."""
    known = parse(user_agent)
    families = [part.family for part in (known.user_agent, known.os) if part and part.family != "Other"]
    session[_DEVICE] = ", ".join(families)
    session[_SINCE] = now.isoformat()


def sessions_of(agent: Agent, *, this: str | None) -> list[LoginSession]:
    """The agent's sessions, the one with key `this` first, then the latest. All sessions are read, because
    their agent is known only from their content; a commune has few. Their expiry follows the real
    clock, even when the product's clock is set to another instant."""
    places = []
    for row in Session.objects.filter(expire_date__gt=datetime.now(UTC)):
        data = row.get_decoded()
        if data.get("_auth_user_id") == str(agent.pk):
            since = datetime.fromisoformat(data[_SINCE]) if _SINCE in data else None
            places.append(
                LoginSession(row.session_key, data.get(_DEVICE, ""), since, row.session_key == this)
            )
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(places, key=lambda place: (place.is_this_one, place.since or oldest), reverse=True)


def end_sessions(agent: Agent, *, but: str | None = None) -> int:
    """Log an agent out everywhere, except in the session with key `but`; returns how many sessions ended."""
    keys = [place.key for place in sessions_of(agent, this=but) if not place.is_this_one]
    return Session.objects.filter(session_key__in=keys).delete()[0]
