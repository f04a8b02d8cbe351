"""Whom the server runs as: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import Any

from config.embedded.address import ROOTS_LIBRARY, Place
from config.embedded.errors import CannotStart

NAME = "seamline"


@dataclass(frozen=True)
class Account:
    """A user id and its group."""

    uid: int
    gid: int

    def identity(self) -> dict[str, Any]:
        """Keywords for subprocess that start a program as this account (none needed when we are it)."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: str | os.PathLike[str]) -> None:
        """Make the account the owner of one file or folder."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def for_place(place: Place) -> Account:
    """The account of this server: ourselves; as root the owner of var or of the data, else a user of its own."""
    if os.geteuid():
        return Account(os.geteuid(), os.getegid())
    owner = place.keeper or (place.data.stat().st_uid if place.data.exists() else 0)
    return _of_uid(owner) if owner else unprivileged()


def unprivileged() -> Account:
    """As root: the system user `seamline`, made when missing; `nobody` where users cannot be made."""
    for _ in range(20):
        try:
            entry = pwd.getpwnam(NAME)
        except KeyError:
            if not _make_user():
                break
            time.sleep(0.1)
        else:
            return Account(entry.pw_uid, entry.pw_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL does not run as root and no other user could be made: run as a normal user or set DATABASE_URL"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def _of_uid(uid: int) -> Account:
    try:
        return Account(uid, pwd.getpwuid(uid).pw_gid)
    except KeyError:
        return Account(uid, uid)


def _make_user() -> bool:
    """Try once; another start may hold the lock of the user list, hence the caller's loop."""
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return False
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", str(ROOTS_LIBRARY), "--shell", "/bin/false", NAME]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode in {0, 1, 9, 10}  # made, or the list is locked, or somebody else just made it
