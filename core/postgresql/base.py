"""Django's PostgreSQL, which says within a second that the server is away, and at once after that.

A pool alone lets each request wait for its whole time, and tries again later and later, so that it would
come back long after the server.
"""

from contextlib import suppress
from typing import Any

from django.db.backends.postgresql import base

from core.outage import LOG_EVERY_S, disk, outage

TRIES = 20
"""How often a pool is asked (its `timeout` each time) where the server answers, but no connection is free."""
PROBE_EACH = 4


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        outage.refuse()
        try:
            if outage.is_on:
                self._probe(conn_params)
                if self.pool:
                    self.close_pool()  # a new one connects now, not when the old one tries again
            connection = self._connected(conn_params)
        except self.Database.OperationalError as error:
            outage.failed(error)
            raise
        outage.answered()
        return connection

    def _commit(self) -> None:
        has_written = disk.is_on and self._has_written()
        super()._commit()  # type: ignore[misc]  # unknown to the stubs
        # The disk is the server's, so nobody here knows how much room it has. A nearly full one still takes
        # what fits into pages that are there: it counts as mended once no write has failed for a while.
        if has_written:
            disk.answered(quiet_s=LOG_EVERY_S)

    def _has_written(self) -> bool:
        """Whether the present transaction has changed anything: then it has a number."""
        if self.connection is None or self.connection.closed:
            return False
        with suppress(self.Database.Error), self.connection.cursor() as cursor:
            row = cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchone()
            return bool(row and row[0])
        return False

    def _connected(self, conn_params: dict[str, Any]) -> Any:
        if not self.pool:
            return super().get_new_connection(conn_params)
        from psycopg_pool import PoolTimeout

        for turn in range(TRIES):
            with suppress(PoolTimeout):
                return super().get_new_connection({**conn_params})
            if turn % PROBE_EACH == 0:
                self._probe(conn_params)
        return super().get_new_connection(conn_params)

    def _probe(self, conn_params: dict[str, Any]) -> None:
        """Connect without the pool; raises if the server does not answer."""
        params = {name: value for name, value in conn_params.items() if name != "pool"}
        self.Database.connect(**params).close()
