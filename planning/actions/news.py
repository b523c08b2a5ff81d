"""Helpers learn what others change for them: on their page within a minute, by e-mail after some minutes if
they chose that. What is taken back within these minutes is told to nobody."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from agents.models import AbsenceRequest, Agent, Shift
from agents.rules.rota import PlannedShift
from communes.models import Commune
from planning.models import UNDO_FOR, HelperNews, NewsKind, RotaPublication
from planning.rules.stretches import Change, stretches

MOST_LISTED = 20
"""How many stretches of changed shifts one piece of news lists; a helper reads the others in their week."""
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Telling:
    """Who makes a change, and when: the others whom it concerns are told."""

    by: Agent
    now: datetime


def _stored(shift: Shift | PlannedShift | None) -> list[Any] | None:
    """Site, from and until as JSON has them."""
    if shift is None:
        return None
    return [shift.site_id, *(at.astimezone(UTC).isoformat() for at in (shift.starts_at, shift.ends_at))]


def tell_of_publication(
    *,
    record: RotaPublication,
    changes: Iterable[Change],
    known_until: Mapping[int, date],
    now: datetime,
) -> None:
    """One piece of news for each helper for whom something changes. `known_until`: by helper, the last day
    that was published to them before."""
    found: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        for agent_id in {shift.agent_id for shift in change if shift}:
            before, after = (shift if shift and shift.agent_id == agent_id else None for shift in change)
            found[agent_id].append((before, after))
    mailed = _by_email(found)
    HelperNews.objects.bulk_create(
        HelperNews(
            agent_id=agent_id,
            commune=record.commune,
            kind=NewsKind.PUBLISHED,
            detail=_published(own, record.commune, known_until.get(agent_id)),
            at=now,
            mail_at=now + UNDO_FOR if agent_id in mailed else None,
            publication=record,
        )
        for agent_id, own in found.items()
        if agent_id != record.by_id
    )


def _published(own: list[Change], commune: Commune, known_until: date | None) -> dict[str, Any]:
    """What a publication changes for one helper: a number and two days where it only goes further than what
    they know, else each stretch with its number and its last day."""
    days = [new.on for old, new in own if old is None and new is not None]
    if len(days) == len(own) > 1 and (known_until is None or min(days) > known_until):
        return {"further": [len(days), min(days).isoformat(), max(days).isoformat()]}
    listed = stretches(own, commune.tz)
    shown, others = listed[:MOST_LISTED], listed[MOST_LISTED:]
    return {
        "stretches": [
            [_stored(each.before), _stored(each.after), len(each.days), each.days[-1].isoformat()]
            for each in shown
        ],
        "more": sum(len(each.days) for each in others),
    }


def tell_of_shift(
    *, before: Shift | None, after: Shift | None, commune: Commune, telling: Telling | None
) -> None:
    """A shift was added, changed or deleted; nobody is told of what is over, or of what they did themselves.
    Taking back what nobody was written about takes its news back."""
    if telling is None:
        return
    for agent_id in {shift.agent_id for shift in (before, after) if shift}:
        own = (shift if shift and shift.agent_id == agent_id else None for shift in (before, after))
        _tell_of_change(agent_id, *own, commune=commune, telling=telling)


def tell_of_exchange(one: Shift, other: Shift, *, commune: Commune, telling: Telling | None) -> None:
    """Two helpers get each other's shift, given as they were before: as `tell_of_shift`, in one line each."""
    if telling is None:
        return
    for was, becomes in ((one, other), (other, one)):
        _tell_of_change(was.agent_id, was, becomes, commune=commune, telling=telling)


def _tell_of_change(
    agent_id: int, before: Shift | None, after: Shift | None, *, commune: Commune, telling: Telling
) -> None:
    pair = [_stored(shift if shift and shift.ends_at > telling.now else None) for shift in (before, after)]
    if agent_id == telling.by.pk or pair[0] == pair[1]:
        return
    last = HelperNews.objects.filter(
        agent=agent_id, commune=commune, kind=NewsKind.SHIFT, at__gt=telling.now - UNDO_FOR
    ).first()
    if last and last.detail == {"changes": [pair[::-1]]}:
        last.delete()
    else:
        tell([agent_id], commune, NewsKind.SHIFT, {"changes": [pair]}, now=telling.now)


def tell_of_answer(*, asked: AbsenceRequest, now: datetime) -> None:
    detail = {
        "accepted": asked.is_accepted,
        "starts_at": asked.starts_at.isoformat(),
        "ends_at": asked.ends_at.isoformat(),
    }
    tell([asked.agent_id], asked.commune, NewsKind.ABSENCE, detail, now=now)


def tell_of_end(*, commune: Commune, until: date, now: datetime) -> int:
    """Warn the managers, once for each end, that the published weeks end soon. Returns how many were told."""
    detail = {"until": until.isoformat()}
    known = HelperNews.objects.filter(commune=commune, kind=NewsKind.ROTA_ENDS, detail=detail)
    managers = Agent.objects.filter(
        memberships__commune=commune, memberships__is_manager=True, is_active=True
    ).exclude(pk__in=known.values("agent"))
    ids = list(managers.values_list("pk", flat=True))
    tell(ids, commune, NewsKind.ROTA_ENDS, detail, now=now)
    return len(ids)


def tell(
    agent_ids: Collection[int], commune: Commune, kind: NewsKind, detail: dict[str, Any], *, now: datetime
) -> None:
    mailed = _by_email(agent_ids)
    HelperNews.objects.bulk_create(
        HelperNews(
            agent_id=pk,
            commune=commune,
            kind=kind,
            detail=detail,
            at=now,
            mail_at=now + UNDO_FOR if pk in mailed else None,
        )
        for pk in sorted(agent_ids)
    )


def _by_email(agent_ids: Iterable[int]) -> set[int]:
    chosen = Agent.objects.filter(pk__in=list(agent_ids), news_by_email=True, email_confirmed=True)
    return set(chosen.values_list("pk", flat=True))


@transaction.atomic
def mark_read(*, agent: Agent, commune: Commune, now: datetime) -> None:
    HelperNews.objects.filter(agent=agent, commune=commune, read_at=None).update(read_at=now)


def agents_to_mail(*, now: datetime) -> list[int]:
    due = HelperNews.objects.filter(mail_at__lte=now, agent__is_active=True)
    return sorted(set(due.values_list("agent_id", flat=True)))


@transaction.atomic
def claim_mail(*, agent_id: int, now: datetime) -> list[HelperNews]:
    """The news of an agent that are to be mailed now; they are not handed out again."""
    rows = HelperNews.objects.select_for_update(of=("self",)).filter(agent=agent_id, mail_at__lte=now)
    found = list(rows.select_related("agent", "commune").order_by("at", "id"))
    HelperNews.objects.filter(pk__in=[each.pk for each in found]).update(mail_at=None)
    return found


def mail_again(*, news: Iterable[HelperNews], now: datetime) -> None:
    HelperNews.objects.filter(pk__in=[each.pk for each in news]).update(mail_at=now + UNDO_FOR)


def forget_old(*, now: datetime) -> None:
    HelperNews.objects.filter(at__lt=now - KEPT_FOR).delete()
    RotaPublication.objects.filter(at__lt=now - KEPT_FOR).exclude(changes=[]).update(changes=[])
