"""Making a data folder: initdb into a folder aside, renamed when it is whole."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

from config.embedded.accounts import Account
from config.embedded.address import DATABASE, ELSEWHERE, SUPERUSER, Place
from config.embedded.errors import CannotStart
from config.embedded.programs import Programs, open_to_all
from config.lifeline import die_with_parent

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] '",
    "log_lock_waits": "on",
    "log_min_duration_statement": "2000",
    "cluster_name": "'seamline'",
}
# For databases that live as long as a test run.
THROWAWAY = SETTINGS | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "log_min_duration_statement": "-1",
}
INCLUDE = (
    "\n# Seamline's own settings, written anew at each start; put yours below this line.\ninclude 'seamline.conf'\n"
)


def ready(place: Place, account: Account, programs: Programs, *, throwaway: bool = False) -> bool:
    """Make the data folder if there is none, check it if there is; returns whether it was made."""
    made = not place.data.exists()
    if made:
        _make(place, account, programs, sync=not throwaway)
    else:
        _check(place, programs)
    settings = THROWAWAY if throwaway else SETTINGS
    conf = place.data / "seamline.conf"
    conf.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    account.give(conf)
    return made


def _make(place: Place, account: Account, programs: Programs, *, sync: bool) -> None:
    open_to_all(place.home)
    fresh = place.home / "postgresql.new"  # left by a start that was killed half-way
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    account.give(fresh)
    command = [programs.path("initdb"), "-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "--no-instructions"]
    # The builtin provider: the same order and case on every system, also where libc knows no C.UTF-8.
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [] if sync else ["--no-sync"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=environment(),
        preexec_fn=die_with_parent(signal.SIGKILL),
        **account.identity(),
    )
    if done.returncode:
        reason = " ".join(done.stderr.split()) or f"initdb ended with {done.returncode}"
        raise CannotStart(f"the embedded PostgreSQL could not be made in {place.home}: {reason}")
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write(INCLUDE)
    if place.home != place.var:
        (place.home / "belongs-to").write_text(f"{place.var}\n")
        (place.var / ELSEWHERE).write_text(f"{place.home}\n")
    fresh.rename(place.data)


def _check(place: Place, programs: Programs) -> None:
    try:
        found = int((place.data / "PG_VERSION").read_text().split(".")[0])
    except (OSError, ValueError):
        raise CannotStart(f"{place.data} is not a PostgreSQL data folder: move it away and start again") from None
    if found != programs.major:
        raise CannotStart(_other_version(place, found, programs))
    belongs = place.home / "belongs-to"
    if place.home == place.var or not belongs.exists():
        return
    other = Path(belongs.read_text().strip())
    if other == place.var:
        return
    if (other / ELSEWHERE).exists():
        raise CannotStart(
            f"the data in {place.home} belong to {other}: delete {place.var / ELSEWHERE} to start this copy empty"
        )
    belongs.write_text(f"{place.var}\n")  # the project has moved


def _other_version(place: Place, found: int, programs: Programs) -> str:
    data, sockets = place.data, place.sockets
    return (
        f"the data in {data} were written by PostgreSQL {found}, this Seamline carries {programs.major}. "
        f"Dump them with the programs of PostgreSQL {found} and restore them:\n"
        f"  pg_ctl -D '{data}' -o \"-c listen_addresses='' -k '{data}'\" start\n"
        f"  pg_dump -h '{data}' -U {SUPERUSER} -Fc -f seamline.dump {DATABASE} && pg_ctl -D '{data}' stop\n"
        f"  mv '{data}' '{data}-{found}'   # then start Seamline once, and while it runs:\n"
        f"  pg_restore -h '{sockets}' -U {SUPERUSER} --clean --if-exists -d {DATABASE} seamline.dump"
    )


def environment() -> dict[str, str]:
    """What PostgreSQL's programs are given: nothing of ours (PGDATA, PGOPTIONS and LC_* would change what they do)."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
