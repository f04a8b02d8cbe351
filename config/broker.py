"""Kombu's PGMQ transport, connecting with our own connection string.

The stock transport lets the variable DATABASE_URL override the broker's URL, does not quote passwords, and knows no TLS
options. This one passes psycopg exactly what the URL and `conninfo` (of the transport options) say.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from kombu.transport import TRANSPORT_ALIASES, pgmq
from pgmq import PGMQueue, install
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

QUEUE = "seamline"
_LOCK = 5_390_417  # any number that nobody else takes for an advisory lock


class Transport(pgmq.Transport):
    """PGMQ over one psycopg connection string."""

    def _conninfo(self) -> str:
        client: Any = self.client
        return make_conninfo(
            host=client.hostname or "localhost",
            port=client.port or self.default_port,
            dbname=client.virtual_host.lstrip("/") or "postgres",
            user=client.userid or "postgres",
            password=client.password or None,
            application_name="seamline-broker",
            **client.transport_options.get("conninfo", {}),
        )

    def _create_pgmq_client(self) -> PGMQueue:
        owner: Any = self.client
        options: dict[str, Any] = owner.transport_options
        pool = ConnectionPool(
            self._conninfo(),
            min_size=1,
            max_size=options.get("pool_size", 4),
            timeout=options.get("pool_timeout", 5),
            check=ConnectionPool.check_connection,
            open=True,
        )
        seconds = int(options.get("visibility_timeout", pgmq.Channel.default_visibility_timeout))
        client = PGMQueue(conn_string=None, init_extension=False, pool=pool, vt=seconds)
        client._own_pool = True  # so that closing the transport closes the pool
        return client

    def _get_notify_waiter(self) -> Any:
        if self._notify_waiter is None:
            self._notify_waiter = pgmq._NotifyWaiter(self._conninfo())
        return self._notify_waiter


def register() -> None:
    """Make pgmq:// mean the transport above."""
    TRANSPORT_ALIASES["pgmq"] = f"{__name__}:Transport"


def set_up(url: str, extra: dict[str, Any]) -> None:
    """Install PGMQ's schema in the broker's database and make the queue, once; safe beside another start."""
    parts = urlsplit(url)
    with psycopg.connect(
        host=unquote(parts.netloc.rsplit("@", 1)[-1].rsplit(":", 1)[0]),  # .hostname would fold a folder's case
        port=parts.port or 5432,
        dbname=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or "postgres"),
        password=unquote(parts.password or "") or None,
        **extra,
    ) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        release = f"pgmq {install.get_embedded_sql_version()}, installed by Seamline"
        row = connection.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = 'pgmq'"
        ).fetchone()
        if row is not None and row[0] and row[0].endswith("by Seamline") and row[0] != release:
            # PGMQ's SQL has no upgrade path. Messages only wake workers up: the rows in our tables are the truth.
            connection.execute("DROP SCHEMA pgmq CASCADE")
            row = None
        if row is None:
            connection.execute(install.get_embedded_install_sql())
            connection.execute(f"COMMENT ON SCHEMA pgmq IS '{release}'")
        there = connection.execute("SELECT 1 FROM pgmq.meta WHERE queue_name = %s", [QUEUE]).fetchone()
        if there is None:
            connection.execute("SELECT pgmq.create(%s)", [QUEUE])
