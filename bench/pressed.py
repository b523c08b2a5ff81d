"""What agents, and callers of the API, send to change something: one request for each name, as a page that
was opened a moment ago sends it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode

from django.test import Client as TestClient
from django.urls import reverse

from agents.models import Absence, Agent, Membership, Shift
from bench.clients import Call, Client
from booking.actions import WaitingRequest, free_now
from booking.enums import AskedBy, LimitedFor, OfferAnswer, Reason
from booking.forms.desk import slot_value
from booking.models import WaitingEntry, WaitingOffer
from booking.pages.free_now import read_free_now
from communes.models import ApiKey, Cabin, Closure
from core.clock import now
from core.roles import Role
from planning.forms import LeavingForm
from planning.replacing import plan_replacements
from privacy.enums import Consent
from privacy.pages.erasing import preview_erasure
from tests.booking.pairs import Hand
from tests.booking.towns import Town
from tests.factories import make_agent

LONGEST_ERROR = 200


@dataclass(frozen=True)
class Press:
    """A button of a page, by the name of its address; `who`: the helper whose page it is, if it is one's."""

    name: str
    sent: dict[str, Any] = field(default_factory=dict)
    args: tuple[int, ...] = ()
    who: Agent | None = None


@dataclass(frozen=True)
class Visitor:
    """An agent who has logged in, or a caller of the API (`key`)."""

    headers: tuple[tuple[str, str], ...] = ()
    key: str = ""

    def send(self, port: int, press: Press) -> str:
        """`200`, `302 …`; `error …` for what is neither a success nor a clean refusal."""
        path, client = reverse(press.name, args=press.args), Client(port)
        if self.key:
            call = Call.json(path, press.sent, self.key)
        else:
            call = Call(path, "POST", urlencode(press.sent, doseq=True).encode(), self.headers)
        try:
            answer = client.fetch(call)
        except (OSError, HTTPException) as error:
            return f"error {type(error).__name__}: {error}"
        finally:
            client.close()
        if 200 <= answer.status < 500:
            return str(answer.status)
        _, _, told = answer.body.decode(errors="replace").partition("<title>")
        return f"error {answer.status}: {' '.join(told.split())[:LONGEST_ERROR]}"


class Visitors:
    """All who act in a town: its helpers, who may do everything, a manager who never leaves, and the API."""

    def __init__(self, town: Town) -> None:
        self.of: dict[int, Visitor] = {}
        self.manager = make_agent(town.commune, Role.DESK, Role.MANAGER)
        Membership.objects.filter(commune=town.commune).update(is_desk=True, is_manager=True)
        town.commune.services.update(lead_min_hours=0)  # the API books as residents do
        key = secrets.token_hex(8)
        ApiKey.objects.create(commune=town.commune, name=key, key_hash=ApiKey.hash(key), created_at=now())
        self.api = Visitor(key=key)

    def who_presses(self, verb: str, hand: Hand) -> tuple[Visitor, Press]:
        press = PRESSED[verb](hand)
        if press.name.startswith("api:"):
            return self.api, press
        agent = press.who or self.manager
        if agent.pk not in self.of:
            self.of[agent.pk] = _logged_in(agent)
        return self.of[agent.pk], press


def _logged_in(agent: Agent) -> Visitor:
    client, token = TestClient(), secrets.token_hex(16)
    client.force_login(agent)
    cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
    headers = {
        "Cookie": cookies,
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return Visitor(tuple(headers.items()))


PRESSED: dict[str, Callable[[Hand], Press]] = {}


def press(make: Callable[[Hand], Press]) -> Callable[[Hand], Press]:
    PRESSED[make.__name__] = make
    return make


# ---- the API ---------------------------------------------------------------------------------------


@press
def book(hand: Hand) -> Press:
    wish = hand.wish()
    who = {"first_name": "Fatima", "last_name": "Bensaïd"}
    sent = {
        "service": wish.service.pk,
        "site": wish.site.pk,
        "start": wish.start.isoformat(),
        "with_helper": wish.with_helper,
        "resident": {**who, "phone": f"06 39 98 12 {hand.random.randrange(100):02d}"},
        "allow_overlap": True,
    }
    return Press("api:create", sent)


@press
def move(hand: Hand) -> Press:
    visit = hand.visit("booked", "arrived")
    site, start = hand.offered(visit.service, with_helper=visit.with_helper, moving=visit)
    return Press("api:move", {"site": site.pk, "start": start.isoformat()}, (visit.pk,))


@press
def cancel(hand: Hand) -> Press:
    return Press("api:cancel", {}, (hand.visit("booked", "arrived", "cancelling").pk,))


# ---- the desk --------------------------------------------------------------------------------------


@press
def desk_hold(hand: Hand) -> Press:
    wish = hand.wish()
    slot = slot_value(wish.site.pk, wish.start)
    return Press("desk-hold", {"service": wish.service.pk, "helper": int(wish.with_helper), "slot": slot})


@press
def desk_confirm(hand: Hand) -> Press:
    return Press("desk-confirm", {"hold": hand.visit("held").pk, "resident": hand.resident().pk})


@press
def desk_move(hand: Hand) -> Press:
    visit = hand.visit("booked", "arrived")
    site, start = hand.offered(visit.service, with_helper=visit.with_helper, moving=visit)
    sent = {"slot": slot_value(site.pk, start), "helper": int(visit.with_helper), "shown": visit.shown}
    return Press("desk-move", sent, (visit.pk,))


@press
def give(hand: Hand) -> Press:
    visit = hand.visit("booked")
    sent = {"resident": hand.resident().pk, "instead_of": visit.resident_id or ""}
    return Press("appointment-give-to", sent, (visit.pk,))


@press
def cancel_with_grace(hand: Hand) -> Press:
    visit = hand.visit("booked", "arrived")
    sent = {"reason": Reason.CANNOT_COME, "asked_by": AskedBy.RESIDENT, "shown": visit.shown}
    return Press("appointment-cancel", sent, (visit.pk,))


def _simple(name: str, *statuses: str, **sent: Any) -> Callable[[Hand], Press]:
    def make(hand: Hand) -> Press:
        visit = hand.visit(*statuses)
        return Press(name, {"shown": visit.shown, **sent}, (visit.pk,))

    return make


PRESSED |= {
    "cancel_now": _simple("appointment-cancel-now", "cancelling"),
    "restore": _simple("appointment-restore", "cancelled", "cancelling"),
    "confirm": _simple("appointment-confirm", "booked"),
    "check_in": _simple("appointment-check-in", "booked", "cancelling"),
    "undo_check_in": _simple("appointment-undo-check-in", "arrived"),
    "end": _simple("appointment-end", "in_session", outcome="solved"),
    "undo_end": _simple("appointment-undo-end", "done"),
    "no_show": _simple("appointment-no-show", "booked", "arrived"),
    "undo_no_show": _simple("appointment-undo-no-show", "no_show"),
}


@press
def walk_in(hand: Hand) -> Press:
    cabin = hand.any_of(Cabin.objects.filter(site__commune=hand.commune))
    sent = {
        "slot": slot_value(cabin.site_id, hand.now),
        "cabin": cabin.pk,
        "resident": hand.resident().pk,
        "choice": f"{hand.service().pk}-{hand.random.choice((0, 1))}",
    }
    return Press("place-begin", sent)


@press
def merge(hand: Hand) -> Press:
    return Press("resident-merge", {"duplicate": hand.resident().pk}, (hand.resident().pk,))


@press
def wait(hand: Hand) -> Press:
    """Having seen what is free, and wanting none of it."""
    until_on = hand.now.date() + timedelta(days=1)
    resident, service = hand.resident(), hand.service()
    wish = WaitingRequest(resident=resident, service=service, with_helper=True, until_on=until_on)
    free = read_free_now(free_now(request=wish, besides=None, now=hand.now), hand.commune)
    sent = {"resident": resident.pk, "service": service.pk, "until_on": until_on, "helper": "1", "party": "1"}
    return Press("waiting-join", {**sent, "anyway": ",".join(each.value for each in free.shown)})


def _answer(name: str) -> Callable[[Hand], Press]:
    def make(hand: Hand) -> Press:
        offers = WaitingOffer.objects.filter(entry__commune=hand.commune, answer=OfferAnswer.PENDING)
        return Press(name, {}, (hand.any_of(offers).entry_id,))

    return make


@press
def erase(hand: Hand) -> Press:
    resident = hand.resident()
    how = {"reason": "asked", "came_by": "desk", "coming": hand.random.choice(("cancel", "keep"))}
    seen = preview_erasure(resident, now=hand.now).shown
    return Press("resident-erase", {**how, "seen": seen, "sure": "1"}, (resident.pk,))


@press
def limit(hand: Hand) -> Press:
    how = {"why": hand.random.choice(LimitedFor.values), "came_by": "desk"}
    return Press(
        "resident-limitation",
        {**how, "coming": hand.random.choice(("cancel", "keep"))},
        (hand.resident().pk,),
    )


@press
def lift(hand: Hand) -> Press:
    limited = hand.commune.residents.exclude(limited_at=None)
    return Press("resident-limitation-lift", {"was_told": "1"}, (hand.any_of(limited).pk,))


@press
def withdraw(hand: Hand) -> Press:
    sent = {"what": hand.random.choice(Consent.values), "came_by": "desk"}
    return Press("resident-consents", sent, (hand.resident().pk,))


PRESSED |= {"accept": _answer("waiting-accept"), "decline": _answer("waiting-decline")}


@press
def wait_no_more(hand: Hand) -> Press:
    return Press("waiting-leave", {}, (hand.any_of(WaitingEntry.objects.filter(commune=hand.commune)).pk,))


# ---- the helper's day ------------------------------------------------------------------------------


def _own(name: str, *statuses: str, **sent: Any) -> Callable[[Hand], Press]:
    def make(hand: Hand) -> Press:
        visit = hand.visit(*statuses)
        if visit.helper is None:
            raise IndexError
        return Press(name, sent, (visit.pk,), visit.helper)

    return make


PRESSED |= {
    "start": _own("my-day-start", "booked", "arrived"),
    "undo_start": _own("my-day-undo-start", "in_session"),
    "extend": _own("my-day-extend", "in_session", minutes="15"),
}


@press
def sick(hand: Hand) -> Press:
    return Press("absence-ask", {"sick": "today"}, who=hand.helper())


# ---- the manager -----------------------------------------------------------------------------------


def _period(hand: Hand) -> dict[str, str]:
    hour, today = hand.random.choice((9, 10, 14, 15)), hand.now.date().isoformat()
    return {"first_on": today, "last_on": today, "starts": f"{hour:02d}:00", "ends": f"{hour + 1:02d}:00"}


@press
def absent(hand: Hand) -> Press:
    return Press("absence-new", {"agent": hand.helper().pk, "kind": "sick", **_period(hand)})


@press
def absent_no_more(hand: Hand) -> Press:
    rows = Absence.objects.filter(commune=hand.commune)
    return Press("absence-delete", {}, (hand.any_of(rows).pk,))


@press
def close(hand: Hand) -> Press:
    return Press("closure-new", {"reason": "works", **_period(hand)}, (hand.site().pk,))


@press
def open_again(hand: Hand) -> Press:
    return Press("closure-lift", {}, (hand.any_of(Closure.objects.filter(site__commune=hand.commune)).pk,))


@press
def add_shift(hand: Hand) -> Press:
    on = hand.now.date() + timedelta(days=hand.random.choice((2, 3)))
    sent = {"agent": hand.helper().pk, "site": hand.site().pk, "on": on}
    return Press("shift-new", {**sent, "starts": "09:00", "ends": hand.random.choice(("12:00", "17:00"))})


@press
def remove_shift(hand: Hand) -> Press:
    return Press("shift-delete", {}, (hand.any_of(Shift.objects.filter(site__commune=hand.commune)).pk,))


@press
def leave(hand: Hand) -> Press:
    rows = Membership.objects.filter(commune=hand.commune, is_helper=True, last_on=None)
    last_on = hand.now.date() + timedelta(days=hand.random.choice((0, 1)))
    return Press("account-leave", {"when": LeavingForm.ON_A_DAY, "last_on": last_on}, (hand.any_of(rows).pk,))


@press
def stay(hand: Hand) -> Press:
    rows = Membership.objects.filter(commune=hand.commune).exclude(last_on=None)
    return Press("account-stay", {}, (hand.any_of(rows).pk,))


@press
def replace(hand: Hand) -> Press:
    plan = plan_replacements(commune=hand.commune, by=hand.helper(), now=hand.now)
    return Press("replacements", {"plan": plan.digest})
