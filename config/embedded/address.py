"""Where the embedded PostgreSQL keeps its data and its socket: a pure function of the var folder.

Every process of the house computes the same answer, whatever its TMPDIR or XDG_RUNTIME_DIR says, so that a command
started from cron finds the server that a login session started.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

SUPERUSER = "postgres"
DATABASE = "seamline"
PORT = 5432  # names the socket file only; the server never listens on TCP
ELSEWHERE = "postgresql.at"  # in var: where the data had to go, when the server's user cannot reach var
ROOTS_LIBRARY = Path("/var/lib/seamline")


@dataclass(frozen=True)
class Place:
    """One embedded server's folders. `keeper` is the uid that var belongs to; the server never runs as uid 0."""

    var: Path
    home: Path
    sockets: Path
    keeper: int

    @property
    def data(self) -> Path:
        """The data folder that initdb makes."""
        return self.home / "postgresql"

    @property
    def socket(self) -> Path:
        """The socket file that clients connect to."""
        return self.sockets / f".s.PGSQL.{PORT}"

    def conninfo(self, database: str = DATABASE) -> dict[str, Any]:
        """Keywords for psycopg.connect."""
        return {"host": str(self.sockets), "port": PORT, "user": SUPERUSER, "dbname": database}


def place(var: Path) -> Place:
    """The place of the embedded server that belongs to this var folder (which need not exist yet)."""
    var = Path(os.path.realpath(var))
    keeper = var.stat().st_uid if var.exists() else os.geteuid()
    home = var if keeper else _home_of_root(var)
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    sockets = Path(f"/tmp/seamline-{keeper}-{name}") if keeper else _runtime() / f"seamline-{name}"  # noqa: S108 -- private, owner-checked by the server's start
    return Place(var=var, home=home, sockets=sockets, keeper=keeper)


def django_database(var: Path) -> dict[str, Any]:
    """Django's settings of the embedded database."""
    where = place(var)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE,
        "USER": SUPERUSER,
        "PASSWORD": "",
        "HOST": str(where.sockets),
        "PORT": str(PORT),
    }


def broker_url(database: dict[str, Any]) -> str:
    """The PGMQ broker inside that database; a socket folder becomes the percent-encoded host."""
    user = quote(str(database.get("USER") or SUPERUSER), safe="")
    password = quote(str(database.get("PASSWORD") or "x"), safe="")  # the transport refuses an empty one
    host = quote(str(database.get("HOST") or "localhost"), safe="")
    name = quote(str(database["NAME"]), safe="")
    return f"pgmq://{user}:{password}@{host}:{database.get('PORT') or PORT}/{name}"


def broker_options(database: dict[str, Any], *, shared: bool) -> dict[str, Any]:
    """Kombu's transport options; a broker that shares the database also shares its TLS and other libpq options."""
    extra = {name: value for name, value in database["OPTIONS"].items() if isinstance(value, str)} if shared else {}
    return {"init_extension": False, "use_notify": True, "wait_time_seconds": 0, "conninfo": extra}


def _home_of_root(var: Path) -> Path:
    """As root: existing data stay where they are; new data go into var if an unprivileged user can reach it."""
    if (var / "postgresql").is_dir():
        return var
    try:
        return Path((var / ELSEWHERE).read_text().strip())
    except OSError:
        pass
    if everybody_may_enter(var):
        return var
    return ROOTS_LIBRARY / hashlib.sha256(os.fsencode(var)).hexdigest()[:12]


def everybody_may_enter(folder: Path) -> bool:
    """Whether each existing folder on the way lets every user through (a new one is made with mode 0755)."""
    return all(bool(step.stat().st_mode & stat.S_IXOTH) for step in (folder, *folder.parents) if step.exists())


def _runtime() -> Path:
    return Path("/run") if Path("/run").is_dir() else Path("/tmp")  # noqa: S108 -- as above
