"""What the database and the disk say of the installation, read when a monitor asks: numbers of things and
ages in seconds, of nobody in particular."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django_q.models import OrmQ
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from booking.models import WaitingOffer
from core import clock
from core.outage import FAILURES, note
from kiosk.live import open_streams
from kiosk.models import Screen, online_at
from notifications.enums import Channel, State
from notifications.models import Heartbeat, Message
from notifications.pages.health import look
from notifications.sending.sweep import BEGAN, HEARTBEAT
from operation.backups import newest_backup
from operation.version import VERSION
from privacy.looked import writing

LOOKED_BACK = timedelta(hours=24)
"""Messages and offers of so long are counted: what changed today is seen, and the count stays quick."""


class Installation(Collector):
    def collect(self) -> Iterator[Metric]:
        yield _one("permanence_info", "The version that answers.", 1, version=VERSION)
        yield _one("permanence_streams", "Open streams of screens and pages in this process.", open_streams())
        yield from _consultations()
        yield from _backup()
        yield from _pool()
        now = clock.now()
        try:
            yield from [*_health(now), *_sweep(), *_queue(), *_messages(now), *_offers(now), *_screens(now)]
            up = 1
        except FAILURES as error:
            if not note(error):
                raise
            up = 0
        yield _one("permanence_database_up", "1 while the database answers.", up)


def _one(name: str, meaning: str, value: float, **labels: str) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _consultations() -> Iterator[Metric]:
    """Of who looked, in this process since it started: what waits to be written, and what never will be."""
    waiting = writing.waiting
    yield _one("permanence_consultations_waiting", "Consultations still to be written.", len(waiting.rows))
    yield _one("permanence_consultations_lost", "Consultations that were not written.", waiting.lost)


def _backup() -> Iterator[Metric]:
    made_at = newest_backup(settings.BACKUP_FOLDER)
    if made_at is not None:
        age_s = (datetime.now(UTC) - made_at).total_seconds()
        yield _one("permanence_backup_age_seconds", "Since the newest backup in BACKUP_FOLDER.", age_s)


def _pool() -> Iterator[Metric]:
    """Of the connections to PostgreSQL that this process shares; SQLite has none."""
    pool = getattr(connection, "pool", None)
    if not pool:
        return
    stats = pool.get_stats()
    family = GaugeMetricFamily("permanence_pool", "Database connections of this process.", labels=["state"])
    family.add_metric(["open"], stats.get("pool_size", 0))
    family.add_metric(["free"], stats.get("pool_available", 0))
    family.add_metric(["most"], stats.get("pool_max", 0))
    yield family
    waiting = stats.get("requests_waiting", 0)
    yield _one("permanence_pool_waiting", "Requests that wait for a database connection.", waiting)


def _health(now: datetime) -> Iterator[Metric]:
    """As /health tells it."""
    found = look(now=now)
    if found.database != "ok":
        return
    yield _one("permanence_healthy", "1 where /health answers 200.", found.is_ok)
    late_s = found.oldest_overdue_s or 0
    yield _one("permanence_overdue_seconds", "How late the oldest message is that should have left.", late_s)
    yield _one(
        "permanence_provider_alarm", "1 while the account at the provider fails.", found.provider_alarm
    )
    senders = found.refused_senders
    yield _one("permanence_refused_senders", "Communes whose own sender is refused.", senders)
    free = GaugeMetricFamily("permanence_disk_free_bytes", "Room on the disk of a folder.", labels=["of"])
    for of, left in found.free_bytes.items():
        if left is not None:
            free.add_metric([of], left)
    yield free


def _sweep() -> Iterator[Metric]:
    beats = dict(Heartbeat.objects.filter(name__in=[HEARTBEAT, BEGAN]).values_list("name", "at"))
    if HEARTBEAT not in beats:
        return
    age_s = (datetime.now(UTC) - beats[HEARTBEAT]).total_seconds()
    yield _one("permanence_worker_silent_seconds", "Since the worker's last sign of life.", age_s)
    if BEGAN in beats:
        is_over = beats[HEARTBEAT] > beats[BEGAN]
        end = beats[HEARTBEAT] if is_over else datetime.now(UTC)
        took_s = (end - beats[BEGAN]).total_seconds()
        yield _one("permanence_sweep_seconds", "How long the last sweep took, or has run so far.", took_s)


def _queue() -> Iterator[Metric]:
    """django-q writes into `lock` when a task came, less the time after which one that was taken is taken
    again: what was taken has a later instant there."""
    now = datetime.now(UTC)
    rows = OrmQ.objects.values_list("key", "lock")
    came = [at + _taken_again_after(key) for key, at in rows if at is not None]
    waiting = [at for at in came if at <= now]
    yield _one("permanence_queue_tasks", "Tasks that wait in the queue.", len(waiting))
    age_s = (now - min(waiting)).total_seconds() if waiting else 0
    yield _one("permanence_queue_age_seconds", "How long the oldest of them has waited.", age_s)


def _taken_again_after(queue: str) -> timedelta:
    conf: dict[str, Any] = settings.Q_CLUSTER
    return timedelta(seconds=conf["ALT_CLUSTERS"].get(queue, conf)["retry"])


def _messages(now: datetime) -> Iterator[Metric]:
    recent = Message.objects.filter(due_at__gt=now - LOOKED_BACK, due_at__lte=now)
    found = {
        (channel, state): count
        for channel, state, count in recent.order_by().values_list("channel", "state").annotate(Count("pk"))
    }
    meaning = "Messages due in the last 24 hours."
    family = GaugeMetricFamily("permanence_messages", meaning, labels=["channel", "state"])
    for channel in Channel:
        for state in State:
            family.add_metric([channel.value, state.value], found.get((channel.value, state.value), 0))
    yield family


def _offers(now: datetime) -> Iterator[Metric]:
    recent = WaitingOffer.objects.filter(made_at__gt=now - LOOKED_BACK).order_by()
    found = dict(recent.values_list("answer").annotate(Count("pk")))
    meaning = "Offers made from waiting lists in the last 24 hours."
    family = GaugeMetricFamily("permanence_offers", meaning, labels=["answer"])
    for answer in WaitingOffer._meta.get_field("answer").choices or ():
        family.add_metric([str(answer[0])], found.get(answer[0], 0))
    yield family


def _screens(now: datetime) -> Iterator[Metric]:
    counts = Screen.objects.paired().aggregate(
        online=Count("pk", filter=online_at(now)),
        never=Count("pk", filter=Q(last_seen_at=None)),
        all=Count("pk"),
    )
    family = GaugeMetricFamily("permanence_screens", "Paired screens.", labels=["state"])
    family.add_metric(["online"], counts["online"])
    family.add_metric(["offline"], counts["all"] - counts["online"] - counts["never"])
    family.add_metric(["never_seen"], counts["never"])
    yield family
