"""Every action takes the places first, then the commune: whoever books at a place needs the commune next,
and two managers who take them in turns would wait for each other for ever."""

import threading
from collections.abc import Callable
from time import monotonic, sleep

import pytest
from django.db import connection, connections, transaction

from booking.actions.opening import close_commune, open_commune
from communes.models import Commune, Site
from communes.service_actions import add_from_catalogue
from communes.setup_actions import move_place
from notifications.actions.commune_settings import save_settings
from tests.factories import TUESDAY, make_commune, make_site
from transfer.removal import remove_commune

type Act = Callable[[Commune, Site], object]

ACTS: dict[str, Act] = {
    "close": lambda commune, site: close_commune(commune=commune),
    "open": lambda commune, site: open_commune(commune=commune, now=TUESDAY),
    "move": lambda commune, site: move_place(site=site, up=True),
    "save": lambda commune, site: save_settings(commune=commune, changes={"name": "Autre"}, now=TUESDAY),
    "add": lambda commune, site: add_from_catalogue(commune=commune, keys=["caf"]),
    "remove": lambda commune, site: remove_commune(commune=commune),
}


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock for all")
@pytest.mark.parametrize("name", ACTS)
def test_whoever_has_a_place_gets_the_commune_too(name: str) -> None:
    commune = make_commune()
    site = make_site(commune)

    def act() -> None:
        try:
            ACTS[name](commune, site)
        finally:
            connections.close_all()

    thread = threading.Thread(target=act, daemon=True)
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=site.pk)
        thread.start()
        until = monotonic() + 20
        while not waiting() and monotonic() < until:
            sleep(0.02)
        assert waiting()
        assert Commune.objects.select_for_update(nowait=True).get(pk=commune.pk) == commune
    thread.join(20)
    assert not thread.is_alive()
