"""`/metrics`: who may read it, what it counts, and that it tells of nobody."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families as families

from communes.models import Commune, Site
from notifications.enums import Channel, MessageKind, State
from notifications.models import Heartbeat, Message
from tests.factories import TUESDAY
from tests.kiosk.conftest import make_screen

TOKEN = "a token for the monitor"

type Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def with_token(db: None, tuesday: datetime, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def read(token: str = TOKEN) -> Samples:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(answer.content.decode())
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"permanence_{name}", frozenset(labels.items())]


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer another", f"Basic {TOKEN}", "Bearer é"])
def test_without_its_token_the_address_is_unknown(client: Client, shown: str) -> None:
    known = client.get("/metrics", headers={"Authorization": shown})
    unknown = client.get("/metricsx", headers={"Authorization": shown})
    assert known.status_code == unknown.status_code == 404
    assert b"permanence_" not in known.content


@pytest.mark.parametrize("shown", ["Bearer", "Bearer ", f"Bearer {TOKEN}"])
def test_where_no_token_is_set_nobody_may_read(client: Client, settings: Any, shown: str) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": shown}).status_code == 404


def test_a_token_may_have_any_sign(settings: Any) -> None:
    settings.METRICS_TOKEN = "clé de la mairie"
    assert read(settings.METRICS_TOKEN.encode().decode("latin-1"))  # as a server hands bytes over


def test_a_monitor_asks_by_any_name_and_without_https(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["rdv.example.fr"]
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "127.0.0.1:8000"}
    assert client.get("/metrics", headers=headers).status_code == 200


def test_answers_are_counted_by_route_and_hold_no_secret(client: Client) -> None:
    before, route = read(), "/invitation/<str:token>/"
    secret = "secret-of-an-invitation"
    client.get(f"/invitation/{secret}/")
    client.get(f"/{secret}/")
    client.get("/api/v1/sites")
    text = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert secret not in text
    after = read()

    def more(name: str, **labels: str) -> float:
        key = f"permanence_{name}", frozenset(labels.items())
        return after.get(key, 0) - before.get(key, 0)

    seen = sum(more("requests_total", route=route, status=f"{each}xx") for each in (2, 4))
    assert seen == 1
    assert more("requests_total", route="none", status="4xx") == 1
    assert more("requests_total", route="/api/v1/sites", status="4xx") == 1
    assert more("request_seconds_count", kind="page") == 2
    assert more("request_seconds_count", kind="api") == 1


def test_screens_are_online_offline_or_were_never_seen(site: Site) -> None:
    for seen_at in (TUESDAY, TUESDAY - timedelta(seconds=60), TUESDAY - timedelta(minutes=2), None):
        make_screen(site, last_seen_at=seen_at)
    make_screen(site, last_seen_at=TUESDAY, revoked_at=TUESDAY)
    found = read()
    states = [value(found, "screens", state=state) for state in ("online", "offline", "never_seen")]
    assert states == [2, 1, 1]


def test_messages_of_a_day_by_way_and_state(commune: Commune) -> None:
    def message(state: State, due_at: datetime, number: int) -> None:
        Message.objects.create(
            commune=commune,
            kind=MessageKind.REMINDER,
            channel=Channel.SMS,
            state=state,
            cause=f"test:{number}",
            due_at=due_at,
            expires_at=due_at + timedelta(days=1),
            created_at=due_at,
        )

    for number, hours in enumerate((0, 1, 23, 25)):
        message(State.DELIVERED, TUESDAY - timedelta(hours=hours), number)
    message(State.PENDING, TUESDAY - timedelta(minutes=30), 10)
    message(State.PENDING, TUESDAY + timedelta(minutes=30), 11)
    found = read()
    assert value(found, "messages", channel="sms", state="delivered") == 3
    assert value(found, "messages", channel="sms", state="owed") == 1
    assert value(found, "messages", channel="voice", state="failed") == 0
    assert value(found, "overdue_seconds") == 30 * 60


def test_the_worker_its_sweep_and_its_queue(settings: Any) -> None:
    now = datetime.now(UTC)
    retry = timedelta(seconds=settings.Q_CLUSTER["retry"])
    OrmQ.objects.create(key="default", payload="", lock=now - retry - timedelta(seconds=90))
    OrmQ.objects.create(key="long", payload="", lock=now - timedelta(seconds=3600 + 30))
    OrmQ.objects.create(key="default", payload="", lock=now)  # somebody works on it
    Heartbeat.objects.create(name="sweep", at=now - timedelta(seconds=20))
    Heartbeat.objects.create(name="sweep_began", at=now - timedelta(seconds=24))
    found = read()
    assert value(found, "queue_tasks") == 2
    assert value(found, "queue_age_seconds") == pytest.approx(90, abs=30)
    assert value(found, "worker_silent_seconds") == pytest.approx(20, abs=30)
    assert value(found, "sweep_seconds") == pytest.approx(4)

    Heartbeat.objects.filter(name="sweep_began").update(at=now - timedelta(seconds=7))
    assert value(read(), "sweep_seconds") == pytest.approx(7, abs=30)  # it runs


def test_nothing_of_what_is_missing_is_invented() -> None:
    """An empty installation whose worker never ran and that has no backup."""
    names = {name for name, _labels in read()}
    assert "permanence_healthy" in names and "permanence_database_up" in names
    assert not names & {"permanence_sweep_seconds", "permanence_backup_age_seconds"}


def test_the_age_of_the_newest_backup(settings: Any, tmp_path: Any) -> None:
    settings.BACKUP_FOLDER = tmp_path
    made_at = datetime.now(UTC) - timedelta(hours=9)
    (tmp_path / f"permanence-{made_at:%Y%m%dT%H%M%SZ}.tar").touch()
    assert value(read(), "backup_age_seconds") == pytest.approx(9 * 3600, abs=60)


def test_reading_takes_few_queries(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(30):
        make_screen(site, name=f"Borne {number}")
    caplog.set_level(logging.WARNING)
    with CaptureQueriesContext(connection) as asked:
        read()
    assert len(asked) <= 15, [each["sql"] for each in asked]
    assert caplog.messages == []
